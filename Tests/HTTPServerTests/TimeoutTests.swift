import Testing

@testable import HTTPServer

@Suite struct `Time-outs` {
    @Test func `end a request whose header does not come`() async throws {
        let test = try TestServer()
        let client = try test.client()
        try client.send("POST /hook HTTP/1.1\r\nHost:")
        try await test.until { $0.readingHeader == 1 }
        // A byte now and then does not put it off.
        test.clock.advance(by: .seconds(9))
        try client.send(" ")
        try await client.seen(by: test)
        test.clock.advance(by: .milliseconds(999))
        #expect(await test.server.statistics().refused == 0)
        test.clock.advance(by: .milliseconds(1))
        #expect(try client.response().status == 408)
        #expect(try client.isEnded())
        #expect(test.refusals.reasons == ["headerTimeout"])
    }

    @Test func `end a connection that never says anything, without a word`() async throws {
        let test = try TestServer()
        let client = try test.client()
        try await test.until { $0.readingHeader == 1 }
        test.clock.advance(by: .seconds(10))
        #expect(try client.isEnded())
        #expect(test.refusals.reasons.isEmpty)
    }

    @Test func `end an idle connection, counted from its last answer`() async throws {
        let test = try TestServer()
        let client = try test.client()
        for _ in 0..<3 {
            try client.send(post("x"))
            #expect(try client.response().status == 202)
            try await test.until { $0.idle == 1 }
            test.clock.advance(by: .seconds(74))
        }
        #expect(await test.server.statistics().connections == 1)
        test.clock.advance(by: .seconds(1))
        #expect(try client.isEnded())
    }

    @Test func `end a body that comes too slowly, and no other`() async throws {
        var limits = Limits()
        limits.bodyRate = 100
        let test = try TestServer(limits: limits)
        let (slow, fast) = (try test.client(), try test.client())
        for client in [slow, fast] {
            try client.send("POST /hook HTTP/1.1\r\nHost: a\r\nContent-Length: 20000\r\n\r\nx")
        }
        try await test.until { $0.readingBody == 2 }
        // 30 s of patience, and 10 ms for each byte: 3,000 bytes are good for a minute.
        try fast.send([UInt8](repeating: 0x61, count: 3_000))
        try await test.until { $0.bodyBytes == 3_002 }
        test.clock.advance(by: .seconds(31))
        #expect(try slow.response().status == 408)
        #expect(await test.server.statistics().readingBody == 1)
        test.clock.advance(by: .seconds(30))
        #expect(try fast.response().status == 408)
        #expect(test.refusals.reasons == ["bodyTimeout", "bodyTimeout"])
    }

    @Test func `end a request that takes too long as a whole, however steadily it comes`() async throws {
        var limits = Limits()
        limits.bodyRate = 1
        limits.requestTimeout = .seconds(60)
        let test = try TestServer(limits: limits)
        let client = try test.client()
        try client.send("POST /hook HTTP/1.1\r\nHost: a\r\nContent-Length: 20000\r\n\r\n")
        try client.send([UInt8](repeating: 0x61, count: 10_000))
        try await test.until { $0.bodyBytes == 10_000 }
        test.clock.advance(by: .seconds(30))
        #expect(await test.server.statistics().readingBody == 1)
        test.clock.advance(by: .seconds(30))
        #expect(try client.response().status == 408)
    }

    @Test func `cut off a client that does not take its answer`() async throws {
        var limits = Limits()
        limits.writeRate = .max
        let answer = [UInt8](repeating: 0x61, count: 20_000_000)
        let test = try TestServer(limits: limits) { _, responder in responder.respond(Response(200, body: answer)) }
        let client = try test.client(window: 65_536)
        try client.send(post())
        try await test.until { $0.writing == 1 }
        // A second more than its patience: what the kernel still takes at even the highest rate earns it a moment.
        test.clock.advance(by: .seconds(31))
        #expect(await test.server.statistics().connections == 0)
        #expect(throws: TestClient.Failure.self) { try client.response() }
    }

    @Test func `let a refused client read why, but not for ever`() async throws {
        let test = try TestServer()
        let client = try test.client()
        try client.send("BAD\r\n\r\n")
        try await test.until { $0.lingering == 1 }
        try client.send("more of it")
        test.clock.advance(by: .seconds(2))
        try await test.until { $0.connections == 0 }
        #expect(try client.response().status == 400)
    }

    @Test func `do not touch a request that its handler is slow to answer`() async throws {
        let held = Held()
        let test = try TestServer { _, responder in held.hold(responder) }
        let client = try test.client()
        try client.send(post())
        try await test.until { $0.handling == 1 }
        test.clock.advance(by: .seconds(3_600))
        held.takeFirst()?.respond(Response(200))
        #expect(try client.response().status == 200)
    }
}

extension TestClient {
    /// Waits until the server has read all that this client sent: on the same loop, what another connection sends
    /// afterwards is read in the same turn or a later one.
    fileprivate func seen(by test: TestServer) async throws {
        let other = try test.client()
        try other.send(post("", "Connection: close\r\n"))
        _ = try other.response()
    }
}

@Suite struct `The queues of deadlines` {
    private func queues() -> Deadlines {
        var limits = Limits()
        limits.idleTimeout = .seconds(60)
        limits.headerTimeout = .seconds(10)
        return Deadlines(limits)
    }

    @Test func `expire in the order of their moments, whatever their kind`() {
        var deadlines = queues()
        deadlines.set(7, Wait(for: .idle, since: .seconds(0)))
        deadlines.set(3, Wait(for: .idle, since: .seconds(1)))
        deadlines.set(9, Wait(for: .header, since: .seconds(2)))
        #expect(deadlines.next == .seconds(12))
        #expect(deadlines.takeExpired(at: .seconds(11)) == nil)
        let first = deadlines.takeExpired(at: .seconds(12))
        #expect(first?.descriptor == 9)
        #expect(first?.kind == .header)
        #expect(deadlines.next == .seconds(60))
        #expect(deadlines.takeExpired(at: .seconds(61))?.descriptor == 7)
        #expect(deadlines.takeExpired(at: .seconds(61))?.descriptor == 3)
        #expect(deadlines.next == nil)
    }

    @Test func `know who has waited longest, also after others left`() {
        var deadlines = queues()
        for descriptor in 1...5 as ClosedRange<Int32> {
            deadlines.set(descriptor, Wait(for: .idle, since: .seconds(Int(descriptor))))
        }
        deadlines.set(1, nil)
        deadlines.set(3, Wait(for: .header, since: .seconds(6)))
        deadlines.set(2, Wait(for: .idle, since: .seconds(7)))
        #expect(deadlines.oldest(.idle) == 4)
        deadlines.set(4, nil)
        #expect(deadlines.oldest(.idle) == 5)
        deadlines.set(5, nil)
        #expect(deadlines.oldest(.idle) == 2)
        deadlines.set(2, nil)
        #expect(deadlines.oldest(.idle) == nil)
        #expect(deadlines.oldest(.header) == 3)
        #expect(deadlines.oldest(.write) == nil)
    }
}
