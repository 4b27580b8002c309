import Model
import Sprinklr
import Testing

@Suite(.timeLimit(.minutes(1))) struct `A call` {
    private let client: HTTPClient

    init() throws {
        var settings = HTTPClientSettings()
        settings.proxy = .none
        client = try HTTPClient(settings)
    }

    private static let methodsAndBodies = [("POST", "{\"a\":1}"), ("POST", ""), ("DELETE", ""), ("GET", "")]

    @Test(arguments: methodsAndBodies, [true, false])
    func `is written once, though a reused connection ends after it was read`(
        call: (method: String, body: String),
        byReset: Bool
    ) async throws {
        let server = try ScriptedServer { connection in
            connection.readRequest()
            connection.write("HTTP/1.1 204 No Content\r\n\r\n")
            connection.readRequest()
            if byReset { connection.reset() }
        }
        let call = HTTPCall(call.method, server.url, body: Array(call.body.utf8))
        #expect(await client.send(call).answer?.status == 204)
        let failure = try #require(await client.send(call).failure)
        #expect(failure.reason == .broken)
        #expect(failure.written == .wholly)
        #expect(server.requests.count == 2)
        #expect(server.headCount == 2)
    }

    @Test func `is not repeated when only its header was read`() async throws {
        let server = try ScriptedServer { connection in
            connection.readRequest()
            connection.write("HTTP/1.1 204 No Content\r\n\r\n")
            _ = connection.readHead()
            connection.reset()
        }
        let call = HTTPCall("POST", server.url, body: [UInt8](repeating: 0x78, count: 16_000_000))
        #expect(await client.send(call).answer?.status == 204)
        let failure = try #require(await client.send(call).failure)
        #expect(failure.reason == .broken)
        #expect(failure.written == .partly)
        #expect(server.headCount == 2)
    }

    @Test func `finds a new connection when the kept one was closed meanwhile`() async throws {
        let (closed, signal) = AsyncStream.makeStream(of: Void.self)
        let server = try ScriptedServer { connection in
            connection.readRequest()
            connection.write("HTTP/1.1 204 No Content\r\n\r\n")
            connection.end()
            signal.yield()
        }
        let call = HTTPCall("POST", server.url, body: [1])
        #expect(await client.send(call).answer?.status == 204)
        _ = await closed.first { true }
        #expect(await client.send(call).answer?.status == 204)
        #expect(server.requests.count == 2)
        #expect(server.connectionCount == 2)
    }

    /// Every byte position of an answer at which the connection may end.
    @Test(arguments: [true, false])
    func `whose answer breaks off has none`(byReset: Bool) async throws {
        let answer = Array("HTTP/1.1 200 OK\r\nContent-Length: 9\r\nX: y\r\n\r\n{\"a\":1}\r\n".utf8)
        let server = try ScriptedServer { connection in
            guard let request = connection.readRequest() else { return }
            let count = Int(request.text) ?? 0
            connection.write(Array(answer.prefix(count)))
            if byReset { connection.reset() }
        }
        let headLength = answer.count - 9
        for count in answer.indices {
            let result = await client.send(HTTPCall("POST", server.url, body: Array(String(count).utf8)))
            let failure = try #require(result.failure, "after \(count) bytes")
            #expect([.broken, .malformed].contains(failure.reason), "after \(count) bytes")
            #expect(failure.written == .wholly, "after \(count) bytes")
            // A reset may overtake what was written before it.
            if !byReset { #expect(failure.status == (count < headLength ? nil : 200), "after \(count) bytes") }
        }
        #expect(server.requests.count == answer.count)
    }

    @Test func `whose connection is reset after its first bytes was written in part`() async throws {
        let server = try ScriptedServer { connection in
            connection.read(count: 1)
            connection.reset()
        }
        let body = [UInt8](repeating: 0x78, count: 16_000_000)
        let failure = try #require(await client.send(HTTPCall("POST", server.url, body: body)).failure)
        #expect(failure.reason == .broken)
        #expect(failure.written == .partly)
        #expect(server.connectionCount == 1)
    }

    @Test func `that was answered before it was wholly read has its answer`() async throws {
        let server = try ScriptedServer { connection in
            _ = connection.readHead()
            connection.write("HTTP/1.1 413 Too Large\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")
            connection.waitForEnd()
        }
        let body = [UInt8](repeating: 0x78, count: 16_000_000)
        #expect(await client.send(HTTPCall("POST", server.url, body: body)).answer?.status == 413)
    }

    @Test(arguments: [
        "garbage\r\n\r\n", "\r\n\r\n", "HTTP/1.1\r\n\r\n", "HTTP/1.1 abc OK\r\n\r\n", "HTTP/9.9 200 OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "{\"status\":\"SUCCESS\"}", "\0\0\0\0",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
    ])
    func `that is answered with no HTTP has no answer`(garbage: String) async throws {
        let server = try ScriptedServer { connection in
            connection.readRequest()
            connection.write(garbage)
        }
        let failure = try #require(await client.send(HTTPCall("POST", server.url, body: [1])).failure)
        #expect(failure.written == .wholly)
        #expect(server.requests.count == 1)
    }

    @Test func `has no answer in a header without end`() async throws {
        let server = try ScriptedServer { connection in
            connection.readRequest()
            connection.write("HTTP/1.1 200 OK\r\n")
            for number in 0..<10_000 { connection.write("X-\(number): \(String(repeating: "x", count: 100))\r\n") }
        }
        let failure = try #require(await client.send(HTTPCall("POST", server.url)).failure)
        #expect(failure.reason == .malformed)
        #expect(failure.written == .wholly)
    }

    @Test(arguments: ["", "HTTP/1.1 ", "HTTP/1.1 200 OK\r\nX: ", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab"])
    func `has no answer in one that is too slow`(beginning: String) async throws {
        let server = try ScriptedServer { connection in
            connection.readRequest()
            connection.write(beginning)
            connection.waitForEnd()
        }
        // The time-out is what is tested; it is long enough for a busy machine to write the request.
        let call = HTTPCall("POST", server.url, body: [1], timeout: .seconds(1))
        let failure = try #require(await client.send(call).failure)
        #expect(failure.reason == .timeout)
        #expect(failure.written == .wholly)
    }

    @Test func `that nobody accepts was not written`() async throws {
        let failure = try #require(await client.send(HTTPCall("POST", "http://127.0.0.1:\(try closedPort())")).failure)
        #expect(failure.reason == .connect)
        #expect(failure.written == .nothing)
    }

    @Test func `to a name without an address was not written`() async throws {
        // RFC 6761 §6.4: names under .invalid never resolve.
        let failure = try #require(await client.send(HTTPCall("POST", "http://nowhere.invalid/")).failure)
        #expect(failure.reason == .resolve)
        #expect(failure.written == .nothing)
    }

    @Test func `to a server that does not speak TLS was not written`() async throws {
        let server = try ScriptedServer { connection in
            connection.read(count: 5)
            connection.write("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
        }
        let failure = try #require(await client.send(HTTPCall("POST", "https://127.0.0.1:\(server.port)")).failure)
        #expect(failure.reason == .tls)
        #expect(failure.written == .nothing)
    }

    @Test func `that hangs in the TLS handshake was not written`() async throws {
        let server = try ScriptedServer { $0.waitForEnd() }
        let call = HTTPCall("POST", "https://127.0.0.1:\(server.port)", connectTimeout: .milliseconds(200))
        let failure = try #require(await client.send(call).failure)
        #expect(failure.reason == .timeout)
        #expect(failure.written == .nothing)
    }
}
