import Dispatch
import Glibc
import HTTPTypes

@testable import HTTPServer

/// A server on a free port of this machine, with a clock that the test holds.
struct TestServer {
    let server: HTTPServer
    let addresses: [ListenAddress]
    let clock: TestClock
    let refusals: Refusals

    var address: ListenAddress { addresses[0] }

    /// Starts it. Refusals get the ids `id-1`, `id-2` …
    init(
        _ listeners: [String] = ["127.0.0.1:0"],
        limits: Limits = Limits(),
        handler: @escaping HTTPServer.Handler = TestServer.accept,
        configure: (inout ServerConfiguration) -> Void = { _ in }
    ) throws {
        let (clock, refusals) = (TestClock(), Refusals())
        var configuration = ServerConfiguration(listeners: try listeners.map { try ListenAddress($0) }) {
            refusals.nextID()
        }
        configuration.limits = limits
        configuration.clock = clock
        configuration.onRefusal = { refusals.note($0) }
        configure(&configuration)
        server = HTTPServer(configuration, handler: handler)
        addresses = try server.start()
        (self.clock, self.refusals) = (clock, refusals)
    }

    func client(window: Int32? = nil) throws -> TestClient {
        let client = try TestClient(address, window: window)
        client.server = server
        return client
    }

    /// Waits until the figures are as wanted. The bound is a count of looks, and not a time: on a busy machine looks come
    /// seldom, and so does what they wait for.
    func until(_ isSo: (ServerStatistics) -> Bool) async throws {
        for look in 0..<20_000 {
            if isSo(await server.statistics()) { return }
            // Most of what is waited for is there after a few turns of the loop.
            if look < 1_000 { await Task.yield() } else { try await Task.sleep(for: .milliseconds(2)) }
        }
        throw TestClient.Failure(call: "waiting for figures, which are \(await server.statistics())", code: 0)
    }

    /// POST to `/hook` is accepted, its body sent back; other paths are unknown.
    static let accept: HTTPServer.Handler = { request, responder in
        switch (request.path, request.method) {
        case ("/hook", .post): responder.respond(Response(202, body: request.body))
        case ("/hook", _): responder.respond(Response(405, fields: [.allow: "POST"]))
        default: responder.respond(Response(404, text: "no such path"))
        }
    }
}

/// What an observer of refusals was told.
final class Refusals: Sendable {
    private let state = Lock<(ids: Int, noted: [RefusedRequest])>((0, []))

    var reasons: [String] { state.withLock { $0.noted.map(\.reason) } }
    var ids: [String] { state.withLock { $0.noted.map(\.id) } }

    func nextID() -> String {
        state.withLock {
            $0.ids += 1
            return "id-\($0.ids)"
        }
    }

    func note(_ refusal: RefusedRequest) {
        state.withLock { $0.noted.append(refusal) }
    }
}

/// Holds responders until the test lets them answer.
final class Held: Sendable {
    private let responders = Lock<[Responder]>([])

    var count: Int { responders.withLock { $0.count } }

    func hold(_ responder: Responder) { responders.withLock { $0.append(responder) } }

    func takeFirst() -> Responder? { responders.withLock { $0.isEmpty ? nil : $0.removeFirst() } }

    func dropAll() { responders.withLock { $0 = [] } }
}

func post(_ body: String = "", _ fields: String = "") -> String {
    "POST /hook HTTP/1.1\r\nHost: a\r\nContent-Length: \(body.utf8.count)\r\n\(fields)\r\n\(body)"
}

func contents(of path: String) throws -> [UInt8] {
    guard let file = fopen(path, "r") else { throw TestClient.Failure(call: "fopen") }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while case let count = fread(&buffer, 1, buffer.count, file), count > 0 { bytes += buffer[..<count] }
    return bytes
}
