import Glibc
import Testing

@testable import HTTPServer

@Suite struct `A server at its limits` {
    @Test func `closes the connection that has been idle longest for a new one`() async throws {
        var limits = Limits()
        limits.connections = 3
        let held = Held()
        let test = try TestServer(limits: limits) { request, responder in
            if request.body.isEmpty { held.hold(responder) } else { TestServer.accept(request, responder) }
        }
        let busy = try test.client()
        try busy.send(post())
        try await test.until { $0.handling == 1 }
        let (oldest, newer) = (try test.client(), try test.client())
        for client in [newer, oldest, newer] {
            try client.send(post("x"))
            #expect(try client.response().status == 202)
            test.clock.advance(by: .milliseconds(1))
        }
        let another = try test.client()
        try another.send(post("y"))
        #expect(try another.response().status == 202)
        #expect(try oldest.isEnded())
        try newer.send(post("z"))
        #expect(try newer.response().status == 202)
        held.takeFirst()?.respond(Response(200))
        #expect(try busy.response().status == 200)
        #expect(await test.server.statistics().evicted == 1)
    }

    @Test func `turns a new connection away when all are busy`() async throws {
        var limits = Limits()
        limits.connections = 2
        let held = Held()
        let test = try TestServer(limits: limits) { _, responder in held.hold(responder) }
        let clients = [try test.client(), try test.client()]
        for client in clients { try client.send(post()) }
        try await test.until { $0.handling == 2 }
        #expect(try test.client().isEnded())
        for _ in clients { held.takeFirst()?.respond(Response(200)) }
        for client in clients { #expect(try client.response().status == 200) }
    }

    @Test func `holds no more of all bodies together than it may, and says 503`() async throws {
        var limits = Limits()
        limits.bodiesInFlight = 10_000
        let held = Held()
        let test = try TestServer(limits: limits) { request, responder in
            if request.body.count == 6_000 { held.hold(responder) } else { TestServer.accept(request, responder) }
        }
        let big = try test.client()
        try big.send(post(String(repeating: "x", count: 6_000)))
        try await test.until { $0.handling == 1 && $0.bodyBytes == 6_000 }
        let tooMuch = try test.client()
        try tooMuch.send("POST /hook HTTP/1.1\r\nHost: a\r\nContent-Length: 6000\r\n\r\n")
        try tooMuch.send(String(repeating: "y", count: 5_000))
        let refused = try tooMuch.response()
        #expect(refused.status == 503)
        #expect(refused.value("retry-after") == "1")
        let small = try test.client()
        try small.send(post("small"))
        #expect(try small.response().status == 202)
        held.takeFirst()?.respond(Response(200))
        #expect(try big.response().status == 200)
        try await test.until { $0.bodyBytes == 0 }
    }

    @Test func `lets an address have so many connections, and no more`() async throws {
        var limits = Limits()
        limits.connectionsPerAddress = 2
        let test = try TestServer(limits: limits)
        var clients = [try test.client(), try test.client()]
        try await test.until { $0.connections == 2 }
        #expect(try test.client().isEnded())
        clients.removeLast()
        try await test.until { $0.connections == 1 }
        let next = try test.client()
        for client in clients + [next] {
            try client.send(post("x"))
            #expect(try client.response().status == 202)
        }
        #expect(await test.server.statistics().turnedAway == 1)
    }

    @Test func `lets an address make so many connections in a second, and no more`() async throws {
        var limits = Limits()
        limits.newConnectionsPerAddress = 2
        let test = try TestServer(limits: limits)
        for _ in 0..<2 {
            for _ in 0..<2 {
                let client = try test.client()
                try client.send(post("x", "Connection: close\r\n"))
                #expect(try client.response().status == 202)
            }
            #expect(try test.client().isEnded())
            test.clock.advance(by: .seconds(1))
        }
    }

    @Test func `lets trusted proxies have any number of connections`() throws {
        var limits = Limits()
        limits.connectionsPerAddress = 1
        let test = try TestServer(limits: limits) {
            TestServer.accept($0, $1)
        } configure: {
            $0.trustedProxies = [AddressBlock("127.0.0.0/8")].compactMap(\.self)
        }
        for client in [try test.client(), try test.client()] {
            try client.send(post("x"))
            #expect(try client.response().status == 202)
        }
    }

    @Test func `takes an IPv6 network of 64 bits for one address`() throws {
        var limits = Limits()
        limits.connectionsPerAddress = 1
        let gate = try #require(AddressGate(limits))
        func isAdmitted(_ text: String) throws -> Bool {
            let ticket = gate.admit(try #require(IPAddress(text)), at: .zero)
            return ticket != nil
        }
        let ticket = gate.admit(try #require(IPAddress("2001:db8::1")), at: .zero)
        #expect(try !isAdmitted("2001:db8::ffff:0:0:2"))
        #expect(try isAdmitted("2001:db8:0:1::1"))
        #expect(try isAdmitted("192.0.2.1"))
        _ = consume ticket
        #expect(try isAdmitted("2001:db8::ffff:0:0:2"))
        #expect(AddressGate(Limits()) == nil)
    }

    @Test func `answers each limit with its own status`() throws {
        let cases: [(String, Int)] = [
            ("GET /\(String(repeating: "a", count: 8_192)) HTTP/1.1\r\nHost: a\r\n\r\n", 414),
            ("GET / HTTP/1.1\r\nHost: a\r\nX: \(String(repeating: "a", count: 16_384))\r\n\r\n", 431),
            ("GET / HTTP/1.1\r\nHost: a\r\n\(String(repeating: "X: y\r\n", count: 128))\r\n", 431),
            ("POST /hook HTTP/1.1\r\nHost: a\r\nContent-Length: 4194305\r\n\r\n", 413),
            ("\(String(repeating: "A", count: 33)) / HTTP/1.1\r\nHost: a\r\n\r\n", 501),
        ]
        let test = try TestServer()
        for (request, status) in cases {
            let client = try test.client()
            try client.send(request)
            #expect(try client.response().status == status)
            #expect(try client.isEnded())
        }
    }
}
