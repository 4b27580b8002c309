import EventStore
import Model
import Testing

@Suite struct `A store of any kind follows its deliveries` {
    @Test(arguments: StoreKind.allCases)
    func `calls of one run of the machine are found by its own clock, others by the wall clock`(kind: StoreKind) throws
    {
        let test = try kind.open()
        let start = Samples().now
        func begin(_ number: Int64, wall seconds: Int64, _ boot: String?, _ uptime: Int64 = 0) throws {
            let call = CallStart(
                call: CallID(destination: "sprinklr", number: number),
                kind: .token,
                started: start + .seconds(seconds),
                bootTime: boot.map { BootTime(boot: $0, sinceBoot: .seconds(uptime)) },
                attempts: []
            )
            _ = try test.store.commit([.start(call)])
        }
        try begin(1, wall: 0, nil)
        try begin(2, wall: 100, "before", 900)
        try begin(3, wall: 10, "before", 910)
        // The clock was set back by 50 s before the second of these, and forward before the third.
        try begin(4, wall: 110, "now", 10)
        try begin(5, wall: 61, "now", 11)
        try begin(6, wall: 7_200, "now", 12)
        try test.reopen()
        func found(_ seconds: Int64, _ boot: String?, _ uptime: Int64 = 0) throws -> [Int64] {
            let bootTime = boot.map { BootTime(boot: $0, sinceBoot: .seconds(uptime)) }
            return try test.store.calls(destination: "sprinklr", since: start + .seconds(seconds), bootTime: bootTime)
                .map(\.id.number)
        }
        #expect(try found(7_000, "now", 11) == [5, 6])
        #expect(try found(50, "now", 0) == [2, 4, 5, 6])
        #expect(try found(50, "now", 13) == [2])
        #expect(try found(0, "next", 5) == [1, 2, 3, 4, 5, 6])
        #expect(try found(100, nil) == [2, 4, 6])
        let all = try test.store.calls(destination: "sprinklr", since: start)
        #expect(all.map(\.bootTime?.sinceBoot) == [nil, 900, 910, 10, 11, 12].map { $0.map { .seconds($0) } })
    }

    @Test(arguments: StoreKind.allCases)
    func `an attempt is there before its call, and its outcome after it`(kind: StoreKind) throws {
        let test = try kind.open()
        var samples = Samples()
        let delivery = try test.deliveries(samples.receipt())[0]
        #expect(try test.start(delivery, at: samples.now).map(\.state) == [.attempting])
        try test.reopen()

        let ambiguous = try test.store.attempting(destination: "sprinklr")
        #expect(ambiguous.map(\.id) == [delivery.id])
        #expect(ambiguous[0].attemptsMade == 1)
        let open = try #require(try test.store.attempts(of: delivery.id).first)
        #expect(open.outcome == nil && open.ended == nil && open.started == samples.now)
        #expect(try test.ready() == [])

        let end = samples.now + .milliseconds(250)
        let (moved, promoted) = try test.finish(delivery, at: end, as: .delivered, detail: "sent")
        #expect(moved.map(\.state) == [.delivered])
        #expect(promoted == [])
        let story = try #require(try test.store.story(of: delivery.event))
        #expect(story.deliveries.map(\.delivery) == moved)
        let attempt = try #require(story.deliveries[0].attempts.first)
        #expect(attempt.outcome == "accepted" && attempt.status == 204 && attempt.detail == "sent")
        #expect(attempt.ended == end)
        #expect(try test.store.attempting(destination: "sprinklr") == [])
    }

    @Test(arguments: StoreKind.allCases)
    func `calls are the memory of the quota`(kind: StoreKind) throws {
        let test = try kind.open()
        var samples = Samples()
        let start = samples.now
        #expect(try test.store.lastCall(destination: "sprinklr") == 0)
        for number in 1...3 as ClosedRange<Int64> {
            let call = CallID(destination: "sprinklr", number: number)
            samples.now = start + .seconds(number)
            _ = try test.store.commit([
                .start(CallStart(call: call, kind: .token, started: samples.now, attempts: [])),
                .finish(CallEnd(call: call, ended: samples.now + .milliseconds(5), status: 200, attempts: [])),
            ])
        }
        let open = CallID(destination: "sprinklr", number: 4)
        _ = try test.store.commit([.start(CallStart(call: open, kind: .search, started: samples.now, attempts: []))])
        try test.reopen()
        let calls = try test.store.calls(destination: "sprinklr", since: start + .seconds(2))
        #expect(calls.map(\.id.number) == [2, 3, 4])
        #expect(calls.map(\.status) == [200, 200, nil])
        #expect(calls[0].ended == start + .milliseconds(2_005))
        #expect(calls[2].kind == .search && calls[2].ended == nil)
        #expect(try test.store.lastCall(destination: "sprinklr") == 4)
        #expect(try test.store.calls(destination: "other", since: start) == [])
        #expect(throws: StoreError.self) {
            try test.store.commit([.start(CallStart(call: open, kind: .search, started: start, attempts: []))])
        }
        let never = CallID(destination: "sprinklr", number: 9)
        #expect(throws: StoreError.self) {
            try test.store.commit([.finish(CallEnd(call: never, ended: start, status: nil, attempts: []))])
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `no attempt starts for what was cancelled, held or sent meanwhile`(kind: StoreKind) throws {
        let test = try kind.open()
        var samples = Samples()
        let cancelled = try test.deliveries(samples.receipt(people: ["+491"]))[0]
        let held = try test.deliveries(samples.receipt(people: ["+492"]))[0]
        let open = try test.deliveries(samples.receipt(people: ["+493"]))[0]
        try test.move([cancelled], from: [.ready], to: .cancelled)
        try test.move([held], from: [.ready], to: .held)
        let start = CallStart(
            call: CallID(destination: "sprinklr", number: 1),
            kind: .bulk,
            started: samples.now,
            attempts: [(cancelled.id, 1), (held.id, 1), (open.id, 1)]
        )
        guard case .moved(let started, _)? = try test.store.commit([.start(start)]).first else {
            Issue.record("no effect")
            return
        }
        #expect(started.map(\.id) == [open.id])
        #expect(try test.state(cancelled) == .cancelled)
        #expect(try test.state(held) == .held)
        #expect(try test.store.attempts(of: cancelled.id) == [])
    }

    @Test(arguments: StoreKind.allCases)
    func `a retry keeps its place, and is found by its time`(kind: StoreKind) throws {
        let test = try kind.open()
        var samples = Samples()
        let first = try test.deliveries(samples.receipt(people: ["+491"]))[0]
        let second = try test.deliveries(samples.receipt(people: ["+492"]))[0]
        for (delivery, wait) in [(first, 20), (second, 10)] {
            try test.start(delivery, at: samples.now)
            try test.finish(
                delivery,
                at: samples.now,
                as: .retrying,
                outcome: "unavailable",
                status: 503,
                retryAt: samples.now + .seconds(wait)
            )
        }
        try test.reopen()
        let retrying = try test.store.retrying(destination: "sprinklr")
        #expect(retrying.map(\.id) == [second.id, first.id])
        #expect(retrying[1].retryAt == samples.now + .seconds(20))
        #expect(retrying.map(\.due) == [second.due, first.due])
        #expect(retrying.map(\.attempts) == [1, 1])
        #expect(try test.store.backlogs().map(\.oldestDue) == [first.due])

        let again = try test.start(first, number: 2, at: samples.now)
        #expect(again.map(\.retryAt) == [nil])
        let back = try test.finish(first, number: 2, at: samples.now, as: .ready, outcome: "over-quota", status: 429)
        #expect(back.moved.map(\.due) == [first.due])
        #expect(back.moved.map(\.attemptsMade) == [2])
        #expect(try test.ready() == [first.id])
    }

    @Test(arguments: StoreKind.allCases)
    func `what a person asks for during an attempt is noted, and what was sent stays sent`(kind: StoreKind) throws {
        let test = try kind.open()
        var samples = Samples()
        let endings: [(end: DeliveryState, noted: DeliveryState, left: DeliveryState)] = [
            (.delivered, .cancelled, .delivered), (.dead, .cancelled, .dead), (.retrying, .cancelled, .cancelled),
            (.ready, .held, .held), (.retrying, .suppressed, .suppressed),
        ]
        for (number, ending) in endings.enumerated() {
            let delivery = try test.deliveries(samples.receipt(people: ["+49\(number)"]))[0]
            try test.start(delivery, at: samples.now)
            let asked = try test.move([delivery], from: [.ready, .attempting], to: ending.noted)
            #expect(asked.moved == [])
            #expect(try test.state(delivery) == .attempting)
            try test.reopen()
            let ended = try test.finish(delivery, at: samples.now, as: ending.end, retryAt: samples.now)
            #expect(ended.moved.map(\.state) == [ending.left], "\(ending)")
        }
        #expect(try test.store.inconsistencies() == [])
    }

    @Test(arguments: StoreKind.allCases)
    func `a move leaves alone what is in another state`(kind: StoreKind) throws {
        let test = try kind.open()
        var samples = Samples()
        let ready = try test.deliveries(samples.receipt(people: ["+491"]))[0]
        let held = try test.deliveries(samples.receipt(people: ["+492"]))[0]
        try test.move([held], from: [.ready], to: .held)
        let (moved, _) = try test.move([ready, held], from: [.held], to: .cancelled)
        #expect(moved.map(\.id) == [held.id])
        #expect(try test.state(ready) == .ready)
        #expect(throws: StoreError.self) { try test.move([held], from: [.cancelled], to: .ready) }
    }

    @Test(arguments: StoreKind.allCases)
    func `a released delivery goes to the end of the line`(kind: StoreKind) throws {
        let test = try kind.open()
        var samples = Samples()
        let first = try test.deliveries(samples.receipt())[0]
        let second = try test.deliveries(samples.receipt())[0]
        try test.move([first], from: [.ready], to: .held)
        let released = try test.move([first], from: [.held], to: .ready).moved
        #expect(released.map(\.state) == [.ready])
        let third = try test.deliveries(samples.receipt())[0]
        try test.reopen()
        let fourth = try test.deliveries(samples.receipt())[0]
        #expect(try test.ready() == [second.id, first.id, third.id, fourth.id])
    }

    @Test(arguments: StoreKind.allCases)
    func `a long answer is cut to 2 KiB of whole characters`(kind: StoreKind) throws {
        let test = try kind.open()
        var samples = Samples()
        let delivery = try test.deliveries(samples.receipt())[0]
        try test.start(delivery, at: samples.now)
        try test.finish(delivery, at: samples.now, as: .dead, detail: "x" + String(repeating: "ö", count: 2_000))
        let detail = try #require(try test.store.attempts(of: delivery.id).first?.detail)
        #expect(detail == "x" + String(repeating: "ö", count: 1_023))
    }
}
