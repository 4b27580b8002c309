import Model
import Sprinklr
import Testing

@Suite(.timeLimit(.minutes(1))) struct `The HTTP client` {
    private let client: HTTPClient

    init() throws {
        var settings = HTTPClientSettings()
        settings.proxy = .none
        client = try HTTPClient(settings)
    }

    @Test func `writes method, path, fields and body as they are given`() async throws {
        let server = try ScriptedServer.answering("HTTP/1.1 204 No Content\r\n\r\n")
        let call = HTTPCall(
            "POST",
            server.url + "/a/b?c=d",
            fields: [Field("Key", "k"), Field("X-Empty", "")],
            body: Array("{}".utf8)
        )
        let result = await client.send(call)
        #expect(result == .answered(HTTPAnswer(status: 204)))
        let request = try #require(server.requests.first)
        #expect(request.line == "POST /a/b?c=d HTTP/1.1")
        #expect(request.field("Key") == "k")
        #expect(request.field("X-Empty") == "")
        #expect(request.field("Host") == "127.0.0.1:\(server.port)")
        #expect(request.field("Content-Length") == "2")
        #expect(request.field("Expect") == nil)
        #expect(request.field("Transfer-Encoding") == nil)
        #expect(request.text == "{}")
    }

    @Test(arguments: ["POST", "PUT", "PATCH", "DELETE"])
    func `says that a body is empty`(method: String) async throws {
        let server = try ScriptedServer.answering("HTTP/1.1 204 No Content\r\n\r\n")
        _ = await client.send(HTTPCall(method, server.url))
        let request = try #require(server.requests.first)
        #expect(request.line == "\(method) / HTTP/1.1")
        #expect(request.field("Content-Length") == "0")
    }

    @Test func `sends GET and HEAD without a body`() async throws {
        let server = try ScriptedServer.answering("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        for method in ["GET", "HEAD", "GET"] { _ = await client.send(HTTPCall(method, server.url)) }
        #expect(server.requests.map(\.line) == ["GET / HTTP/1.1", "HEAD / HTTP/1.1", "GET / HTTP/1.1"])
        #expect(server.requests.allSatisfy { $0.field("Content-Length") == nil })
    }

    @Test func `never sends a large body in chunks`() async throws {
        let server = try ScriptedServer.answering("HTTP/1.1 204 No Content\r\n\r\n")
        let body = (0..<1_000_000).map { UInt8(truncatingIfNeeded: $0) }
        let result = await client.send(HTTPCall("POST", server.url, body: body))
        #expect(result == .answered(HTTPAnswer(status: 204)))
        #expect(server.requests.first?.field("Content-Length") == "1000000")
        #expect(server.requests.first?.body == body)
    }

    @Test func `uses a connection again`() async throws {
        let server = try ScriptedServer.answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        for number in 1...5 {
            let result = await client.send(HTTPCall("POST", server.url, body: Array("call \(number)".utf8)))
            #expect(result.answer?.body == Array("ok".utf8))
        }
        #expect(server.requests.map(\.text) == (1...5).map { "call \($0)" })
        #expect(server.connectionCount == 1)
    }

    @Test func `keeps many calls under way at once`() async throws {
        let server = try ScriptedServer.answering("HTTP/1.1 204 No Content\r\n\r\n")
        let statuses = await withTaskGroup(of: Int?.self) { group in
            for number in 1...100 {
                group.addTask { await client.send(HTTPCall("POST", server.url, body: [UInt8(number)])).answer?.status }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(statuses == Array(repeating: 204, count: 100))
        let bodies: [UInt8] = server.requests.flatMap(\.body).sorted()
        #expect(bodies == Array(1...100))
    }

    @Test func `keeps the answer's fields in their order`() async throws {
        let server = try ScriptedServer.answering(
            "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
                + "HTTP/1.1 429 Slow Down\r\nX-B:  1 \r\nx-a: 2\r\nX-B: 3\r\nX-Folded: a\r\n b\r\nContent-Length: 0\r\n\r\n"
        )
        let answer = try #require(await client.send(HTTPCall("GET", server.url)).answer)
        #expect(answer.status == 429)
        #expect(
            answer.fields == [
                Field("X-B", "1"), Field("x-a", "2"), Field("X-B", "3"), Field("X-Folded", "a b"),
                Field("Content-Length", "0"),
            ]
        )
        #expect(answer.field("X-A") == "2")
    }

    @Test func `leaves trailers out of the fields`() async throws {
        let server = try ScriptedServer.answering(
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nX-Late: 1\r\n\r\n"
        )
        let answer = try #require(await client.send(HTTPCall("GET", server.url)).answer)
        #expect(answer.body == Array("ok".utf8))
        #expect(answer.field("X-Late") == nil)
    }

    @Test func `keeps so much of a long body, and the connection`() async throws {
        let body = String(repeating: "x", count: 100_000)
        let server = try ScriptedServer.answering("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n" + body)
        var call = HTTPCall("GET", server.url)
        call.bodyLimit = 10
        for _ in 1...2 {
            let answer = try #require(await client.send(call).answer)
            #expect(answer.isCut)
            #expect(answer.body == Array("xxxxxxxxxx".utf8))
        }
        #expect(server.connectionCount == 1)
    }

    @Test func `cuts an answer without end`() async throws {
        let server = try ScriptedServer { connection in
            connection.readRequest()
            connection.write("HTTP/1.1 200 OK\r\n\r\n")
            let chunk = [UInt8](repeating: 0x78, count: 64 * 1_024)
            for _ in 0..<1_024 { connection.write(chunk) }
        }
        let answer = try #require(await client.send(HTTPCall("GET", server.url)).answer)
        #expect(answer.isCut)
        #expect(answer.body.count == 64 * 1_024)
    }

    @Test(arguments: [301, 302, 303, 307, 308])
    func `follows no redirect`(status: Int) async throws {
        let server = try ScriptedServer.answering(
            "HTTP/1.1 \(status) Elsewhere\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n"
        )
        let answer = try #require(await client.send(HTTPCall("POST", server.url)).answer)
        #expect(answer.status == status)
        #expect(answer.field("Location") == "/elsewhere")
        #expect(server.requests.count == 1)
    }

    @Test func `refuses what would end a header line`() async throws {
        let server = try ScriptedServer.answering("HTTP/1.1 204 No Content\r\n\r\n")
        let calls = [
            HTTPCall("POST", server.url, fields: [Field("Authorization", "Bearer a\r\nX-Evil: 1")]),
            HTTPCall("POST", server.url, fields: [Field("X-Evil: 1\r\nX", "1")]),
            HTTPCall("POST", server.url, fields: [Field("", "1")]),
            HTTPCall("POST /evil HTTP/1.1\r\n", server.url),
            HTTPCall("POST", server.url + "/\r\nX-Evil: 1"),
        ]
        for call in calls {
            let failure = try #require(await client.send(call).failure)
            #expect(failure.reason == .invalid)
            #expect(failure.written == .nothing)
        }
        #expect(server.connectionCount == 0)
    }

    @Test(arguments: ["ftp://127.0.0.1/", "http://", "not a url", "file:///etc/passwd", ""])
    func `refuses what is no URL of HTTP`(url: String) async throws {
        let failure = try #require(await client.send(HTTPCall("GET", url)).failure)
        #expect(failure.written == .nothing)
        #expect(failure.reason == .invalid)
    }

    @Test func `streams the body of a success as it comes`() async throws {
        let server = try ScriptedServer { connection in
            connection.readRequest()
            connection.write("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n")
            for number in 1...3 {
                connection.write("data: \(number)\n\n")
            }
        }
        let (chunks, continuation) = AsyncStream.makeStream(of: [UInt8].self)
        var call = HTTPCall("GET", server.url)
        call.timeout = nil
        call.bodyLimit = 4
        let answer = try #require(await client.stream(call) { continuation.yield($0) }.answer)
        continuation.finish()
        #expect(answer == HTTPAnswer(status: 200, fields: [Field("Content-Type", "text/event-stream")]))
        let text = await chunks.reduce(into: [UInt8]()) { $0 += $1 }
        #expect(String(decoding: text, as: UTF8.self) == "data: 1\n\ndata: 2\n\ndata: 3\n\n")
    }

    @Test func `keeps the body of a refusal instead of streaming it`() async throws {
        let server = try ScriptedServer.answering("HTTP/1.1 401 No\r\nContent-Length: 2\r\n\r\nno")
        let answer = try #require(
            await client.stream(HTTPCall("GET", server.url)) { _ in Issue.record("streamed a refusal") }.answer
        )
        #expect(answer.body == Array("no".utf8))
    }

    @Test func `talks through a Unix socket`() async throws {
        let path = "/tmp/journey-gateway-\(UInt64.random(in: 0 ... .max)).sock"
        let server = try ScriptedServer(path: path) { connection in
            while connection.readRequest() != nil { connection.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok") }
        }
        for _ in 1...2 {
            let call = HTTPCall("POST", "http://gateway/api/pause", socketPath: path, body: Array("{}".utf8))
            #expect(await client.send(call).answer?.body == Array("ok".utf8))
        }
        #expect(server.requests.map(\.line) == Array(repeating: "POST /api/pause HTTP/1.1", count: 2))
        #expect(server.connectionCount == 1)
        let absent = HTTPCall("GET", "http://gateway/", socketPath: path + ".absent")
        let failure = try #require(await client.send(absent).failure)
        #expect(failure.reason == .connect)
        #expect(failure.written == .nothing)
    }

    @Test func `gives a call up when its task is cancelled`() async throws {
        let (arrived, signal) = AsyncStream.makeStream(of: Void.self)
        let server = try ScriptedServer { connection in
            connection.readRequest()
            signal.yield()
            connection.waitForEnd()
        }
        let task = Task { await client.send(HTTPCall("POST", server.url, body: [1])) }
        _ = await arrived.first { true }
        task.cancel()
        let failure = try #require(await task.value.failure)
        #expect(failure.reason == .cancelled)
        #expect(failure.written == .wholly)
    }

    @Test func `a task that is cancelled already sends nothing`() async throws {
        let server = try ScriptedServer.answering("HTTP/1.1 204 No Content\r\n\r\n")
        let failure = await Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return await client.send(HTTPCall("POST", server.url)).failure
        }.value
        #expect(failure?.reason == .cancelled)
        #expect(failure?.written == .nothing)
        #expect(server.requests.isEmpty)
    }

    @Test func `closing waits for the answers that come in time`() async throws {
        let (arrived, signal) = AsyncStream.makeStream(of: Void.self)
        let (released, release) = AsyncStream.makeStream(of: Void.self)
        let server = try ScriptedServer { connection in
            connection.readRequest()
            signal.yield()
            wait(for: released)
            connection.write("HTTP/1.1 204 No Content\r\n\r\n")
        }
        async let result = client.send(HTTPCall("POST", server.url))
        _ = await arrived.first { true }
        async let closed: Void = client.close(within: .seconds(60))
        release.yield()
        await closed
        #expect(await result == .answered(HTTPAnswer(status: 204)))
        let refused = await client.send(HTTPCall("POST", server.url))
        #expect(refused.failure?.reason == .closed)
        #expect(refused.failure?.written == .nothing)
        #expect(server.requests.count == 1)
    }

    @Test func `closing gives up what is unanswered at its end`() async throws {
        let (arrived, signal) = AsyncStream.makeStream(of: Void.self)
        let server = try ScriptedServer { connection in
            connection.readRequest()
            signal.yield()
            connection.waitForEnd()
        }
        async let result = client.send(HTTPCall("POST", server.url))
        _ = await arrived.first { true }
        await client.close(within: .milliseconds(1))
        let failure = try #require(await result.failure)
        #expect(failure.reason == .cancelled)
        #expect(failure.written == .wholly)
    }
}

extension HTTPResult {
    var answer: HTTPAnswer? {
        if case .answered(let answer) = self { answer } else { nil }
    }

    var failure: HTTPFailure? {
        if case .failed(let failure) = self { failure } else { nil }
    }
}
