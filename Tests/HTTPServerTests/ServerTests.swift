import Dispatch
import Glibc
import HTTPTypes
import Testing

@testable import HTTPServer

@Suite struct `The server` {
    @Test func `answers requests on one connection, in their order, also when they come together`() throws {
        let test = try TestServer()
        let client = try test.client()
        try client.send(post("one") + post("two") + "GET /nowhere HTTP/1.1\r\nHost: a\r\n\r\n" + post("three"))
        #expect(try client.response().text == "one")
        #expect(try client.response().text == "two")
        #expect(try client.response().status == 404)
        #expect(try client.response().text == "three")
        try client.send(post("four"))
        #expect(try client.response().text == "four")
    }

    @Test func `keeps the order of pipelined requests that are answered later, from other threads`() async throws {
        let held = Held()
        let test = try TestServer { _, responder in held.hold(responder) }
        let client = try test.client()
        try client.send((1...20).map { post("\($0)") }.joined())
        for number in 1...20 {
            try await test.until { _ in held.count == 1 }
            let responder = try #require(held.takeFirst())
            DispatchQueue.global().async { responder.respond(Response(200, text: "\(number)")) }
            #expect(try client.response().text == "\(number)")
        }
        #expect(await test.server.statistics().requests == 20)
    }

    @Test func `writes a complete head, with the date and the length`() throws {
        let test = try TestServer()
        let client = try test.client()
        try client.send(post("abc"))
        #expect(
            try client.head()
                == "HTTP/1.1 202 Accepted\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\nContent-Length: 3"
        )
    }

    @Test(arguments: [(200, true), (204, false), (304, false), (404, true)])
    func `frames each status as it must be`(status: Int, hasLength: Bool) throws {
        let test = try TestServer { _, responder in
            let fields: HTTPFields = [.contentLength: "7", .transferEncoding: "chunked", .date: "x", .eTag: "\"t\""]
            responder.respond(Response(status, fields: fields, body: Array("abc".utf8)))
        }
        let client = try test.client()
        for method in ["GET", "HEAD"] {
            try client.send("\(method) / HTTP/1.1\r\nHost: a\r\n\r\n")
            let response = try client.response(toHead: method == "HEAD")
            #expect(response.status == status)
            #expect(response.value("content-length") == (hasLength ? "3" : nil))
            #expect(response.value("transfer-encoding") == nil)
            #expect(response.value("etag") == "\"t\"")
            #expect(response.text == (hasLength && method == "GET" ? "abc" : ""))
        }
        try client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(try client.response().status == status)
    }

    @Test func `answers OPTIONS of the server as a whole by itself`() throws {
        let client = try TestServer().client()
        try client.send("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(try client.response().status == 204)
    }

    @Test func `closes when the client asks for it, and says so`() throws {
        let client = try TestServer().client()
        try client.send(post("", "Connection: close\r\n"))
        #expect(try client.response().has("connection: close"))
        #expect(try client.isEnded())
    }

    @Test func `closes when the handler asks for it`() throws {
        let test = try TestServer { _, responder in responder.respond(Response(200, fields: [.connection: "Close"])) }
        let client = try test.client()
        try client.send(post() + post())
        #expect(try client.response().has("connection: close"))
        #expect(try client.isEnded())
    }

    @Test func `keeps an HTTP/1.0 connection only when it is asked to`() throws {
        let test = try TestServer()
        let client = try test.client()
        try client.send("POST /hook HTTP/1.0\r\nConnection: keep-alive\r\nContent-Length: 1\r\n\r\nx")
        #expect(try client.response().has("connection: keep-alive"))
        try client.send("POST /hook HTTP/1.0\r\nContent-Length: 1\r\n\r\nx")
        #expect(try client.response().has("connection: close"))
        #expect(try client.isEnded())
    }

    @Test func `answers what was sent completely before the client stopped sending`() throws {
        let client = try TestServer().client()
        try client.send(post("abc"))
        client.endSending()
        #expect(try client.response().text == "abc")
        #expect(try client.isEnded())
    }

    @Test func `refuses half a request when the client stops sending`() throws {
        let test = try TestServer()
        let client = try test.client()
        try client.send("POST /hook HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nab")
        client.endSending()
        #expect(try client.response().status == 400)
        #expect(test.refusals.reasons == ["incomplete"])
    }

    @Test func `says 100 Continue to a client that waits for it`() throws {
        let client = try TestServer().client()
        try client.send("POST /hook HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n")
        #expect(try client.response().status == 100)
        try client.send("abc")
        #expect(try client.response().text == "abc")
    }

    @Test func `explains a refusal as a problem with an id that its observer has too`() throws {
        let test = try TestServer()
        let client = try test.client()
        try client.send("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n")
        let response = try client.response()
        #expect(response.status == 400)
        #expect(response.value("content-type") == "application/problem+json")
        #expect(
            response.text == #"{"type":"about:blank","title":"Bad request","status":400,"#
                + #""detail":"A request has one Host field only (RFC 9112, 3.2).","id":"id-1"}"#
        )
        #expect(test.refusals.reasons == ["repeatedHost"])
        #expect(test.refusals.ids == ["id-1"])
        #expect(try client.isEnded())
    }

    @Test func `serves nothing behind a refused request`() async throws {
        let test = try TestServer()
        let client = try test.client()
        try client.send(post("one") + "BAD\r\n\r\n" + post("two"))
        #expect(try client.response().text == "one")
        #expect(try client.response().status == 400)
        #expect(try client.isEnded())
        #expect(await test.server.statistics().requests == 1)
    }

    @Test func `answers a client that is refused while it sends a large body`() throws {
        var limits = Limits()
        limits.body = 1_000
        let client = try TestServer(limits: limits).client()
        try client.send("POST /hook HTTP/1.1\r\nHost: a\r\nContent-Length: 3000000\r\n\r\n")
        try client.send([UInt8](repeating: 0x61, count: 3_000_000))
        #expect(try client.response().status == 413)
    }

    @Test func `answers 500 when a handler lets go of its responder`() async throws {
        let held = Held()
        let test = try TestServer { request, responder in
            if request.body.isEmpty { held.hold(responder) }
        }
        let client = try test.client()
        try client.send(post("dropped at once"))
        #expect(try client.response().status == 500)
        try client.send(post())
        try await test.until { _ in held.count == 1 }
        held.dropAll()
        #expect(try client.response().status == 500)
        #expect(test.refusals.reasons == ["unanswered", "unanswered"])
    }

    @Test func `takes the first answer to a request and no other`() throws {
        let test = try TestServer { request, responder in
            responder.respond(Response(200, body: request.body))
            responder.respond(Response(201))
            DispatchQueue.global().async { responder.respond(Response(202)) }
        }
        let client = try test.client()
        for number in 1...50 {
            try client.send(post("\(number)"))
            let response = try client.response()
            #expect(response.status == 200)
            #expect(response.text == "\(number)")
        }
    }

    @Test func `drops an answer whose client is gone`() async throws {
        let held = Held()
        let test = try TestServer { _, responder in held.hold(responder) }
        var client: TestClient? = try test.client()
        try client?.send(post() + post())
        try await test.until { _ in held.count == 1 }
        client = nil
        let other = try test.client()
        try other.send(post("", "Connection: close\r\n"))
        try await test.until { _ in held.count == 2 }
        held.takeFirst()?.respond(Response(201))
        held.takeFirst()?.respond(Response(202))
        #expect(try other.response().status == 202)
    }

    @Test func `gives a large body whole to a client that reads late`() async throws {
        var body = [UInt8](repeating: 0x61, count: 8_000_000)
        for index in stride(from: 0, to: body.count, by: 997) { body[index] = UInt8(index % 251) }
        let expected = body
        let test = try TestServer { _, responder in responder.respond(Response(200, body: expected)) }
        let client = try test.client(window: 65_536)
        try client.send(post() + post())
        try await test.until { $0.writing == 1 }
        #expect(try client.response().body == expected)
        #expect(try client.response().body == expected)
    }

    @Test func `reads no further requests of a client that does not take its answers`() async throws {
        let answer = [UInt8](repeating: 0x61, count: 100_000)
        let test = try TestServer { _, responder in responder.respond(Response(200, body: answer)) }
        let client = try test.client(window: 65_536)
        try client.send(String(repeating: post(), count: 100))
        try await test.until { $0.writing == 1 }
        #expect(await test.server.statistics().requests < 100)
        for _ in 0..<100 { #expect(try client.response().body.count == 100_000) }
    }

    @Test func `listens on IPv4, IPv6 and a Unix socket at once`() throws {
        let path = "/tmp/journey-gateway-test-\(getpid())-\(UInt32.random(in: 0...9_999_999)).sock"
        let test = try TestServer(["127.0.0.1:0", "[::1]:0", "unix:\(path)?mode=640"]) { request, responder in
            responder.respond(Response(200, text: "\(request.listener) \(request.peer)"))
        }
        #expect(test.addresses.count == 3)
        for (address, answer) in zip(test.addresses, ["0 127.0.0.1", "1 ::1", "2 "]) {
            let client = try TestClient(address)
            try client.send(post())
            #expect(try client.response().text == answer)
        }
        var status = stat()
        #expect(stat(path, &status) == 0)
        #expect(status.st_mode & 0o777 == 0o640)
    }

    @Test func `replaces the socket file of a server that is gone, and takes its own along`() async throws {
        let path = "/tmp/journey-gateway-test-\(getpid())-\(UInt32.random(in: 0...9_999_999)).sock"
        let stale = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let isBound = withUnsafePointer(to: &address) { address in
            address.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(stale, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        #expect(isBound == 0)
        close(stale)

        let test = try TestServer(["unix:\(path)"])
        let client = try test.client()
        try client.send(post("abc"))
        #expect(try client.response().text == "abc")
        #expect(throws: ServerStartError.self) { try TestServer(["unix:\(path)"]) }

        await test.server.drain(within: .seconds(5))
        #expect(access(path, F_OK) != 0)
    }

    @Test func `takes over a socket that listens already`() throws {
        let number = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        #expect(throws: ServerStartError.self) { try TestServer(["fd:\(number)"]) }
        #expect(listen(number, 16) == 0)
        let test = try TestServer(["fd:\(number)"]) {
            TestServer.accept($0, $1)
        } configure: {
            $0.loops = 2
        }
        #expect(test.address.isInternet)
        let client = try TestClient(.internet(IPAddress(ipv4: 0x7F00_0001), port: test.address.port))
        try client.send(post("x"))
        #expect(try client.response().status == 202)
    }

    @Test func `answers HEAD without a body, also when it refuses it`() throws {
        let test = try TestServer()
        for request in ["HEAD / HTTP/1.1\r\nHost: a b\r\n\r\n", "HEAD / HTTP/1.1\r\nHost: a\r\nExpect: x\r\n\r\n"] {
            let client = try test.client()
            try client.send(request)
            #expect(try (400...417).contains(client.response(toHead: true).status))
            #expect(try client.isEnded())
        }
        let client = try test.client()
        try client.send("HEAD / HTTP/1.1\r\nHost: a\r\n\r\nBAD\r\n\r\n")
        #expect(try client.response(toHead: true).status == 404)
        #expect(try client.response().text.contains("request line"))
    }

    @Test func `says why it cannot listen`() throws {
        let test = try TestServer()
        let error = #expect(throws: ServerStartError.self) { try TestServer([test.address.description]) }
        #expect(error?.description == "bind \(test.address): Address already in use")
    }

    @Test func `shares its connections among several loops`() throws {
        let test = try TestServer(configure: { $0.loops = 3 })
        for number in 0..<30 {
            let client = try test.client()
            try client.send(post("\(number)"))
            #expect(try client.response().text == "\(number)")
        }
    }
}
