import EventStore
import JSON
import Model
import Testing

@Suite struct `A store of any kind keeps what it receives` {
    @Test(arguments: StoreKind.allCases)
    func `an event comes back as it was given`(kind: StoreKind) throws {
        let test = try kind.open()
        var samples = Samples()
        let body = try JSONValue.parse(#"{"total": 19.90, "name": "Zoë \ud83d\ude00", "tags": [], "none": null}"#)
        let failure = MappingFailure(rule: "upsell", item: 2, place: "trigger.snId", reason: "is empty")
        let mapped = samples.event(key: "1001", people: ["+491", "+492"], body: body, failures: [failure])
        try test.append(Receipt(source: "shop", events: [mapped]))
        try test.reopen()

        let stored = try #require(try test.store.event(mapped.event.id))
        #expect(stored.event.body == body)
        #expect(stored.event.body["total"]?.number?.lexeme == "19.90")
        #expect(stored.event.headers == mapped.event.headers)
        #expect(stored.event.query == [:])
        #expect(stored.event.topic == "orders/create")
        #expect(stored.event.key == "1001")
        #expect(stored.event.receivedAt == samples.now)
        #expect(stored.outcome == .failed)
        #expect(stored.failures == [failure])
        #expect(stored.deliveryCount == 2)
        let unknown = EventID(high: 1, low: 1)
        #expect(try test.store.event(unknown) == nil)
        #expect(try test.store.story(of: unknown) == nil)
    }

    @Test(arguments: StoreKind.allCases)
    func `a delivery freezes its trigger and is due after its delay`(kind: StoreKind) throws {
        let test = try kind.open()
        var samples = Samples()
        var mapped = samples.event(delay: .seconds(60))
        let profile = NewProfile(mode: .always, unifiedProfile: ["name": "Zoë", "age": 7])
        mapped.mapping.deliveries[0].trigger.newProfile = profile
        mapped.mapping.deliveries[0].expiresAt = samples.now + .seconds(600)
        mapped.mapping.deliveries[0].onUnknownOutcome = .hold
        let made = try test.deliveries(Receipt(source: "shop", events: [mapped]))
        try test.reopen()

        let delivery = try #require(made.first)
        let stored = try #require(try test.store.delivery(delivery.id))
        #expect(stored == delivery)
        #expect(stored.trigger == mapped.mapping.deliveries[0].trigger)
        #expect(stored.due == samples.now + .seconds(60))
        #expect(stored.expiresAt == samples.now + .seconds(600))
        #expect(stored.onUnknownOutcome == .hold)
        #expect(stored.nextCall == .newProfile)
        #expect(stored.state == .ready)
        #expect(stored.event == mapped.event.id)
    }

    @Test(arguments: StoreKind.allCases)
    func `a later receipt never becomes due before an earlier one, though the clock goes back`(kind: StoreKind) throws {
        let test = try kind.open()
        var samples = Samples()
        let first = try test.deliveries(samples.receipt())
        samples.now = samples.now - .seconds(30)
        let second = try test.deliveries(samples.receipt())
        try test.reopen()
        let third = try test.deliveries(samples.receipt())
        #expect(try test.ready() == (first + second + third).map(\.id))
        #expect(second[0].due == first[0].due)
        #expect(third[0].due == first[0].due)
    }

    @Test(arguments: StoreKind.allCases)
    func `the same key again is a duplicate of the first, for as long as the window`(kind: StoreKind) throws {
        let test = try kind.open()
        var samples = Samples()
        let first = samples.receipt(key: "1001", people: ["+491", "+492"])
        try test.append(first)
        try test.reopen()

        samples.now = samples.now + .seconds(3_599)
        guard case .duplicate(let of, let count)? = try test.append(samples.receipt(key: "1001")).first else {
            Issue.record("taken twice")
            return
        }
        #expect(of == first.events[0].event.id)
        #expect(count == 2)
        #expect(try test.append(samples.receipt(key: "1001", source: "other")).first?.isAccepted == true)
        #expect(try test.append(samples.receipt(key: "1001", dedupe: nil)).first?.isAccepted == true)
        #expect(try test.append(samples.receipt(key: nil), samples.receipt(key: nil)).allSatisfy(\.isAccepted))

        samples.now = samples.now + .seconds(1)
        let anew = samples.receipt(key: "1001")
        #expect(try test.append(anew).first?.isAccepted == true)
        #expect(try test.append(samples.receipt(key: "1001")).first?.event == anew.events[0].event.id)
    }

    @Test(arguments: StoreKind.allCases)
    func `the same key twice in one batch is a duplicate too`(kind: StoreKind) throws {
        let test = try kind.open()
        var samples = Samples()
        let appended = try test.append(samples.receipt(key: "a"), samples.receipt(key: "b"), samples.receipt(key: "a"))
        #expect(appended.map(\.isAccepted) == [true, true, false])
        #expect(appended[2].event == appended[0].event)
        #expect(try test.ready().count == 2)
    }

    @Test(arguments: StoreKind.allCases)
    func `a batch that fails leaves nothing, not even its keys`(kind: StoreKind) throws {
        let test = try kind.open()
        var samples = Samples()
        let kept = samples.receipt(key: "kept")
        try test.append(kept)
        let books = try test.store.accounts()
        let lost = samples.receipt(key: "lost")
        let set = Change.set(name: "lost", value: [1])
        var twice = samples.receipt(key: "other")
        twice.events = [kept.events[0]]
        twice.dedupe = nil
        #expect(throws: StoreError.self) {
            try test.store.commit([.receive(lost), set, .receive(twice)])
        }
        #expect(try test.store.event(lost.events[0].event.id) == nil)
        #expect(try test.store.setting("lost") == nil)
        #expect(try test.store.accounts() == books)
        #expect(try test.append(lost).first?.isAccepted == true)
        // The ids follow those of the last commit that was kept.
        #expect(try test.ready() == [DeliveryID(1), DeliveryID(2)])
        #expect(try test.store.inconsistencies() == [])
    }

    @Test(arguments: StoreKind.allCases)
    func `the window of a queue is read in its order, from any place`(kind: StoreKind) throws {
        let test = try kind.open()
        var samples = Samples()
        let late = try test.deliveries(samples.receipt(delay: .seconds(9)))
        let others = try test.deliveries(samples.receipt(queue: "campaigns"))
        let first = try test.deliveries(samples.receipt(people: ["+491", "+492"]))
        samples.now = samples.now + .seconds(1)
        let second = try test.deliveries(samples.receipt())
        #expect(try test.ready() == (first + second + late).map(\.id))
        #expect(try test.ready(queue: "campaigns") == others.map(\.id))
        #expect(try test.ready(limit: 2) == first.map(\.id))
        #expect(try test.ready(after: first[1].position) == (second + late).map(\.id))
        #expect(try test.ready(after: late[0].position) == [])
        #expect(try test.store.ready(destination: "elsewhere", queue: "default", after: nil, limit: 9) == [])
    }

    @Test(arguments: StoreKind.allCases)
    func `settings are kept, replaced and removed`(kind: StoreKind) throws {
        let test = try kind.open()
        _ = try test.store.commit([
            .set(name: "pause.sprinklr", value: [1]), .set(name: "pause.other", value: []),
            .set(name: "oauth.sprinklr", value: [3]),
        ])
        _ = try test.store.commit([.set(name: "oauth.sprinklr", value: [4]), .set(name: "none", value: nil)])
        try test.reopen()
        #expect(try test.store.setting("oauth.sprinklr") == [4])
        #expect(try test.store.settings(prefix: "pause.") == ["pause.sprinklr": [1], "pause.other": []])
        _ = try test.store.commit([.set(name: "pause.sprinklr", value: nil)])
        #expect(try test.store.setting("pause.sprinklr") == nil)
    }
}

extension Appended {
    var isAccepted: Bool {
        if case .accepted = self { true } else { false }
    }

    var deliveries: [Delivery] {
        if case .accepted(_, let deliveries, _) = self { deliveries } else { [] }
    }
}
