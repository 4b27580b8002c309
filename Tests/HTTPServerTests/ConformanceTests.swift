import Dispatch
import Glibc
import HTTPServer
import Testing

/// The raw HTTP cases that lie beside the repository, sent by the suite's own program over real sockets.
@Suite struct `The raw HTTP conformance suite` {
    private static let folder: String = {
        if let folder = getenv("JOURNEY_GATEWAY_CONFORMANCE") { return String(cString: folder) }
        let components = #filePath.split(separator: "/").dropLast(3)
        return "/" + components.joined(separator: "/") + "/../shared/conformance"
    }()

    private static var canRun: Bool {
        access(folder + "/run_http.py", R_OK) == 0 && system("python3 -c '' 2>/dev/null") == 0
    }

    @Test(.enabled(if: canRun), arguments: [false, true])
    func `passes in every case`(answersLater: Bool) throws {
        let queue = DispatchQueue(label: "answers")
        let test = try TestServer { request, responder in
            if answersLater {
                queue.async { TestServer.accept(request, responder) }
            } else {
                TestServer.accept(request, responder)
            }
        } configure: {
            $0.clock = SystemClock()
        }
        let report = "/tmp/journey-gateway-conformance-\(getpid())-\(answersLater)"
        defer { unlink(report) }
        let command =
            "python3 '\(Self.folder)/run_http.py' --echo --jobs 16 \(test.address) /hook > '\(report)' 2>&1"
        let status = system(command)
        let lines = try contents(of: report).split(separator: "\n")
        #expect(status == 0)
        #expect(lines.filter { $0.hasPrefix("FAIL") } == [])
        #expect(lines.contains { $0.hasPrefix("level must") }, "the suite ran")
        withExtendedLifetime(test) {}
    }

    private func contents(of path: String) throws -> String {
        guard let file = fopen(path, "r") else { throw TestClient.Failure(call: "fopen") }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while case let count = fread(&buffer, 1, buffer.count, file), count > 0 { bytes += buffer[..<count] }
        return String(decoding: bytes, as: UTF8.self)
    }
}
