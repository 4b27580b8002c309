import Dispatch
import Glibc
import HTTPServer
import Testing

/// One way after the other: each opens many connections at once.
@Suite(.serialized) struct `The raw HTTP conformance suite` {
    enum Way { case atOnce, later, overTLS }

    @Test(.enabled(if: RawHTTPSuite.canRun && TestCertificates.canBeMade), arguments: [Way.atOnce, .later, .overTLS])
    func `passes in every case`(answered way: Way) async throws {
        let queue = DispatchQueue(label: "answers")
        let certificates = try TestCertificates()
        let test = try TestServer { request, responder in
            if way == .later {
                queue.async { TestServer.accept(request, responder) }
            } else {
                TestServer.accept(request, responder)
            }
        } configure: {
            $0.clock = SystemClock()
            if way == .overTLS { $0.tls = TLSConfiguration(certificates: [certificates.certificate("one")]) }
        }
        let options = ["--echo", "--jobs", "16", "--timeout", "30"] + (way == .overTLS ? ["--tls"] : [])
        let (status, lines) = try await RawHTTPSuite.run(options + ["\(test.address)", "/hook"])
        #expect(status == 0)
        #expect(lines.filter { $0.hasPrefix("FAIL") } == [])
        #expect(lines.contains { $0.hasPrefix("level must") }, "the suite ran")
        withExtendedLifetime(test) {}
    }
}

/// The raw HTTP cases that lie beside the repository, sent by the suite's own program over real sockets.
enum RawHTTPSuite {
    private static let folder: String = {
        if let folder = getenv("JOURNEY_GATEWAY_CONFORMANCE") { return String(cString: folder) }
        let components = #filePath.split(separator: "/").dropLast(3)
        return "/" + components.joined(separator: "/") + "/../shared/conformance"
    }()

    static var canRun: Bool {
        access(folder + "/run_http.py", R_OK) == 0 && system("python3 -c '' 2>/dev/null") == 0
    }

    /// - Returns: The program's status, and the lines of its report.
    static func run(_ arguments: [String]) async throws -> (status: Int32, lines: [Substring]) {
        let report = "/tmp/journey-gateway-conformance-\(getpid())-\(UInt32.random(in: 0...9_999_999))"
        defer { unlink(report) }
        let command = "python3 '\(folder)/run_http.py' \(arguments.joined(separator: " ")) > '\(report)' 2>&1"
        // It takes its time, in which the other tests want the threads that tests run on.
        let status = await withCheckedContinuation { continuation in
            DispatchQueue.global().async { continuation.resume(returning: system(command)) }
        }
        return (status, String(decoding: try contents(of: report), as: UTF8.self).split(separator: "\n"))
    }
}
