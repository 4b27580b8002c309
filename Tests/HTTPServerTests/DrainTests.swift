import Testing

@testable import HTTPServer

@Suite struct `A drain` {
    @Test func `closes idle connections and those that have not begun, and listens no more`() async throws {
        let test = try TestServer()
        let (idle, fresh) = (try test.client(), try test.client())
        try idle.send(post("x"))
        #expect(try idle.response().status == 202)
        try await test.until { $0.idle == 1 && $0.readingHeader == 1 }
        await test.server.drain(within: .seconds(5))
        #expect(try idle.isEnded())
        #expect(try fresh.isEnded())
        #expect(throws: TestClient.Failure.self) { try test.client() }
    }

    @Test func `lets requests under way finish, and tells their clients to come no more`() async throws {
        let held = Held()
        let test = try TestServer { _, responder in held.hold(responder) }
        let (answered, arriving) = (try test.client(), try test.client())
        try answered.send(post("x") + post("the next request"))
        try arriving.send("POST /hook HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\na")
        try await test.until { $0.handling == 1 && $0.readingBody == 1 }

        async let drained: Void = test.server.drain(within: .seconds(5))
        #expect(try await test.refusesConnections())
        held.takeFirst()?.respond(Response(201))
        let first = try answered.response()
        #expect(first.status == 201)
        #expect(first.has("connection: close"))
        #expect(try answered.isEnded())

        try arriving.send("bc")
        try await test.until { _ in held.count == 1 }
        held.takeFirst()?.respond(Response(202))
        #expect(try arriving.response().has("connection: close"))
        #expect(try arriving.isEnded())
        // The first client had more to say, so the server lingers for it, as long as its clock allows.
        try await test.until { $0.connections == 1 && $0.lingering == 1 }
        test.clock.advance(by: .seconds(2))
        await drained
        #expect(await test.server.statistics().connections == 0)
    }

    @Test func `cuts off what is left when its time is over`() async throws {
        let held = Held()
        let test = try TestServer { _, responder in held.hold(responder) }
        let client = try test.client()
        try client.send(post())
        try await test.until { $0.handling == 1 }
        async let drained: Void = test.server.drain(within: .seconds(5))
        #expect(try await test.refusesConnections())
        test.clock.advance(by: .seconds(5))
        await drained
        #expect(try client.isEnded())
        held.takeFirst()?.respond(Response(200))
    }

    @Test func `of a server without connections is over at once`() async throws {
        let test = try TestServer(configure: { $0.loops = 2 })
        await test.server.drain(within: .seconds(5))
        #expect(await test.server.statistics() == ServerStatistics())
    }
}

extension TestServer {
    /// Waits until the listener is gone.
    fileprivate func refusesConnections() async throws -> Bool {
        for _ in 0..<100_000 {
            do { _ = try client() } catch { return true }
            await Task.yield()
        }
        return false
    }
}
