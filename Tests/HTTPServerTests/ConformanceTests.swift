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
        let lines = String(decoding: try contents(of: report), as: UTF8.self).split(separator: "\n")
        #expect(status == 0)
        #expect(lines.filter { $0.hasPrefix("FAIL") } == [])
        #expect(lines.contains { $0.hasPrefix("level must") }, "the suite ran")
        withExtendedLifetime(test) {}
    }
}
