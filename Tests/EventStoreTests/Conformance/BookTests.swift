import EventStore
import Model
import SeededRandom
import Testing

@Suite struct `A store of any kind keeps its books` {
    @Test(arguments: StoreKind.allCases)
    func `every request, event and delivery is in them once`(kind: StoreKind) throws {
        let test = try kind.open()
        var samples = Samples()
        var batch = samples.receipt(key: "1", people: ["+491", "+492"])
        batch.events.append(samples.event(key: "1"))
        batch.events.append(samples.event(key: "2", people: []))
        batch.dropped = 3
        let made = try test.deliveries(batch)
        try test.append(Receipt(source: "form", events: [], dropped: 1))
        _ = try test.store.commit([
            .count([
                Account(source: "shop", entry: .requests): 3, Account(source: "shop", entry: .answered): 1,
                Account(source: "shop", entry: .refused("signature")): 2,
            ])
        ])
        try test.start(made[0], at: samples.now)
        try test.finish(made[0], at: samples.now, as: .delivered)
        try test.reopen()

        let books = try test.store.accounts()
        #expect(books["shop", .requests] == 4)
        #expect(books["shop", .decoded] == 1)
        #expect(books["shop", .answered] == 1)
        #expect(books["shop", .refused("signature")] == 2)
        #expect(books["shop", .events] == 6)
        #expect(books["shop", .duplicates] == 1)
        #expect(books["shop", .dropped] == 3)
        #expect(books["shop", .accepted(.matched)] == 1)
        #expect(books["shop", .accepted(.unmatched)] == 1)
        #expect(books["shop", .made(queue: "default")] == 2)
        #expect(books["shop", .state(.ready, queue: "default")] == 1)
        #expect(books["shop", .state(.delivered, queue: "default")] == 1)
        #expect(books["shop", .state(.attempting, queue: "default")] == 0)
        #expect(books["form", .dropped] == 1)
        #expect(books.imbalances() == [])
        #expect(try test.store.inconsistencies() == [])
    }

    @Test(arguments: StoreKind.allCases)
    func `events and deliveries are counted by the store alone`(kind: StoreKind) throws {
        let test = try kind.open()
        for entry in [Account.Entry.accepted(.matched), .made(queue: "default"), .state(.held, queue: "default")] {
            #expect(throws: StoreError.self) {
                try test.store.commit([.count([Account(source: "shop", entry: entry): 1])])
            }
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `a backlog says what is owed and held, by queue`(kind: StoreKind) throws {
        let test = try kind.open()
        var samples = Samples()
        let normal = try (0..<3).map { try test.deliveries(samples.receipt(people: ["+49\($0)"]))[0] }
        samples.now = samples.now + .seconds(5)
        try test.append(samples.receipt(queue: "transactional"))
        try test.move([normal[0]], from: [.ready], to: .held)
        try test.start(normal[1], at: samples.now)
        try test.finish(normal[1], at: samples.now, as: .retrying, retryAt: samples.now)
        try test.reopen()
        let backlogs = try test.store.backlogs()
        #expect(backlogs.map(\.queue) == ["default", "transactional"])
        #expect(backlogs[0].counts == [.held: 1, .retrying: 1, .ready: 1])
        #expect(backlogs[0].owed == 2 && backlogs[0].held == 1)
        #expect(backlogs[0].oldestDue == normal[1].due)
        #expect(backlogs[1].oldestDue == samples.now)
    }

    /// Whatever happens in whatever order, the books are what a count of the rows says, and no lane is stranded.
    @Test(arguments: [1, 2, 3] as [UInt64], StoreKind.allCases)
    func `they balance after every step of a random walk`(seed: UInt64, kind: StoreKind) throws {
        let test = try kind.open()
        var walk = RandomWalk(seed: seed)
        for step in 0..<150 {
            try walk.step(test)
            if step % 10 == 0 { #expect(try test.store.inconsistencies() == [], "seed \(seed), step \(step)") }
            if step % 60 == 59 { try test.reopen() }
        }
        #expect(try test.store.inconsistencies() == [])
        #expect(walk.statesSeen.count >= 9, "the walk went to few places: \(walk.statesSeen)")
    }

    @Test(arguments: [4, 5] as [UInt64])
    func `all kinds of store tell the same story of the same walk`(seed: UInt64) throws {
        let tests = try StoreKind.allCases.map { try $0.open() }
        let stories = try tests.map { test in
            var walk = RandomWalk(seed: seed)
            for _ in 0..<150 { try walk.step(test) }
            let deliveries = try test.store.deliveries(DeliveryFilter(), from: .newest, limit: 1_000).elements
            let attempts = try deliveries.flatMap { try test.store.attempts(of: $0.id) }
            return (deliveries, attempts, try test.store.accounts(), try test.store.backlogs())
        }
        for story in stories.dropFirst() {
            #expect(story.0 == stories[0].0)
            #expect(story.1 == stories[0].1)
            #expect(story.2 == stories[0].2)
            #expect(story.3 == stories[0].3)
        }
    }
}

/// Takes random steps, each of which the contract allows.
struct RandomWalk {
    private var random: SplitMix64
    private var samples = Samples()
    private var known: [Delivery] = []
    private(set) var statesSeen: Set<DeliveryState> = []

    init(seed: UInt64) {
        random = SplitMix64(seed: seed)
    }

    mutating func step(_ test: StoreUnderTest) throws {
        samples.now = samples.now + .milliseconds(Int64.random(in: -5...500, using: &random))
        switch Int.random(in: 0..<10, using: &random) {
        case 0...3:
            let people = (0..<Int.random(in: 0...3, using: &random)).map { _ in
                "+49\(Int.random(in: 0..<4, using: &random))"
            }
            let key = "\(Int.random(in: 0..<40, using: &random))"
            known += try test.deliveries(samples.receipt(key: key, people: people, dedupe: .seconds(10)))
        case 4...6: try call(test)
        default:
            let to: [DeliveryState] = [.parked, .parked, .held, .ready, .cancelled, .expired, .suppressed]
            let chosen = known.shuffled(using: &random).prefix(Int.random(in: 1...3, using: &random))
            let state = to.randomElement(using: &random) ?? .held
            let from: Set<DeliveryState> = state == .ready ? [.held] : [.ready, .retrying, .parked, .held]
            try test.move(Array(chosen), from: state == .parked ? [.ready] : from, to: state)
        }
        for delivery in known { statesSeen.formUnion(try test.state(delivery).map { [$0] } ?? []) }
    }

    /// A call for something that is ready or retrying, or the end of one that is under way.
    private mutating func call(_ test: StoreUnderTest) throws {
        let stored = try known.compactMap { try test.store.delivery($0.id) }
        guard
            let delivery = stored.filter({ [.ready, .retrying, .attempting].contains($0.state) })
                .randomElement(using: &random)
        else { return }
        if delivery.state == .attempting {
            let states: [DeliveryState] = [.delivered, .delivered, .dead, .retrying, .ready, .dry]
            try test.finish(
                delivery,
                number: delivery.attemptsMade,
                at: samples.now,
                as: states.randomElement(using: &random) ?? .dead,
                retryAt: samples.now + .seconds(1)
            )
        } else {
            try test.start(delivery, number: delivery.attemptsMade + 1, at: samples.now)
        }
    }
}
