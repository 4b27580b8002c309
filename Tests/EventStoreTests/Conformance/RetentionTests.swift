import EventStore
import Model
import Testing

@Suite struct `A store of any kind forgets what is past its time` {
    private static let day: Duration = .seconds(86_400)
    private static let retention = Retention(delivered: day * 30, unmatched: day * 7, deadLetters: day * 90)

    /// Sweeps until nothing is left to do. Answers how many events went.
    private func sweep(_ test: StoreUnderTest, at now: Timestamp, _ retention: Retention = retention) throws -> Int {
        var removed = 0
        for _ in 0..<100 {
            let step = try test.store.sweep(at: now, retention: retention)
            removed += step.removed
            if step.isLapComplete && step.removed == 0 && step.cleared == 0 { return removed }
        }
        Issue.record("the sweep never ends")
        return removed
    }

    @Test(arguments: StoreKind.allCases)
    func `each class of events goes after its own window`(kind: StoreKind) throws {
        let test = try kind.open()
        var samples = Samples()
        let start = samples.now
        let unmatched = samples.receipt(people: [])
        let failed = Receipt(
            source: "shop",
            events: [
                samples.event(people: [], failures: [MappingFailure(rule: "r", item: 0, place: "p", reason: "x")])
            ]
        )
        let receipts = [unmatched, failed] + (1...5).map { samples.receipt(people: ["+49\($0)"]) }
        let made = try receipts.flatMap { try test.deliveries($0) }
        for (delivery, state) in zip(made, [DeliveryState.delivered, .dead]) {
            try test.start(delivery, at: start)
            try test.finish(delivery, at: start, as: state)
        }
        try test.move([made[2]], from: [.ready], to: .cancelled)
        try test.move([made[3]], from: [.ready], to: .held)
        let books = try test.store.accounts()

        func left() throws -> [Int] {
            try receipts.indices.filter { try test.store.event(receipts[$0].events[0].event.id) != nil }
        }
        #expect(try sweep(test, at: start + Self.day * 6) == 0)
        #expect(try sweep(test, at: start + Self.day * 8) == 1)
        #expect(try left() == [1, 2, 3, 4, 5, 6])
        try test.reopen()
        #expect(try sweep(test, at: start + Self.day * 31) == 2)
        #expect(try left() == [1, 3, 5, 6])
        #expect(try sweep(test, at: start + Self.day * 1_000) == 2)
        // What is held, or owed, stays for ever.
        #expect(try left() == [5, 6])
        #expect(try test.store.delivery(made[0].id) == nil)
        #expect(try test.store.attempts(of: made[0].id) == [])
        // The books go on from where they were.
        #expect(try test.store.accounts() == books)
        #expect(try test.store.inconsistencies() == [])
    }

    @Test(arguments: StoreKind.allCases)
    func `a late end counts from its last attempt`(kind: StoreKind) throws {
        let test = try kind.open()
        var samples = Samples()
        let start = samples.now
        let delivery = try test.deliveries(samples.receipt())[0]
        let late = start + Self.day * 100
        try test.start(delivery, at: late)
        try test.finish(delivery, at: late, as: .dead)
        #expect(try sweep(test, at: late + Self.day * 89) == 0)
        #expect(try sweep(test, at: late + Self.day * 90) == 1)
    }

    @Test(arguments: StoreKind.allCases)
    func `a step looks at no more than it is told, and the next goes on`(kind: StoreKind) throws {
        let test = try kind.open()
        var samples = Samples()
        let start = samples.now
        for _ in 0..<10 { try test.append(samples.receipt(people: [])) }
        var small = Self.retention
        small.stepSize = 4
        let later = start + Self.day * 8
        let steps = try (0..<3).map { _ in try test.store.sweep(at: later, retention: small) }
        #expect(steps.map(\.removed) == [4, 4, 2])
        #expect(steps.map(\.isLapComplete) == [false, false, true])
    }

    @Test(arguments: StoreKind.allCases)
    func `ids, numbers and order go on after all has gone`(kind: StoreKind) throws {
        let test = try kind.open()
        var samples = Samples()
        let start = samples.now
        let first = try test.deliveries(samples.receipt(key: "1"))[0]
        try test.start(first, at: start)
        try test.finish(first, at: start, as: .delivered)
        let calls = try test.store.lastCall(destination: "sprinklr")
        #expect(try sweep(test, at: start + Self.day * 365) == 1)
        try test.reopen()
        samples.now = start - .seconds(60)
        let second = try test.deliveries(samples.receipt())[0]
        #expect(second.id > first.id)
        #expect(second.due >= first.due)
        #expect(try test.store.lastCall(destination: "sprinklr") == calls)
    }

    @Test(arguments: StoreKind.allCases)
    func `a key lives for its window, though its event is gone, and no longer`(kind: StoreKind) throws {
        let test = try kind.open()
        var samples = Samples()
        let start = samples.now
        let receipt = samples.receipt(key: "1", people: [], dedupe: Self.day * 20)
        try test.append(receipt)
        samples.now = start + Self.day * 10
        #expect(try sweep(test, at: samples.now) == 1)
        try test.reopen()
        #expect(try test.append(samples.receipt(key: "1")).first?.event == receipt.events[0].event.id)
        samples.now = start + Self.day * 20
        _ = try sweep(test, at: samples.now)
        #expect(try test.append(samples.receipt(key: "1")).first?.isAccepted == true)
    }

    @Test(arguments: StoreKind.allCases)
    func `calls go, but for the last of each destination`(kind: StoreKind) throws {
        let test = try kind.open()
        let start = Samples().now
        for number in 1...3 as ClosedRange<Int64> {
            let call = CallID(destination: "sprinklr", number: number)
            let started = CallStart(call: call, kind: .token, started: start + .seconds(number), attempts: [])
            _ = try test.store.commit([.start(started)])
        }
        _ = try sweep(test, at: start + Self.day * 3)
        #expect(try test.store.calls(destination: "sprinklr", since: start).map(\.id.number) == [3])
    }
}
