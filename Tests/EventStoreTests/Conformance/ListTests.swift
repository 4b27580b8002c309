import EventStore
import JSON
import Model
import Testing

@Suite struct `A store of any kind can be searched` {
    @Test(arguments: StoreKind.allCases)
    func `events are listed a page at a time, either way`(kind: StoreKind) throws {
        let test = try kind.open()
        var samples = Samples()
        var ids: [EventID] = []
        for _ in 0..<7 {
            let receipt = samples.receipt()
            ids.append(receipt.events[0].event.id)
            try test.append(receipt)
        }
        let first = try test.store.events(EventFilter(), from: .newest, limit: 3)
        #expect(first.elements.map(\.id) == ids[4...].reversed())
        let next = try #require(first.next)
        let second = try test.store.events(EventFilter(), from: next, limit: 3)
        #expect(second.elements.map(\.id) == ids[1...3].reversed())
        let last = try test.store.events(EventFilter(), from: try #require(second.next), limit: 3)
        #expect(last.elements.map(\.id) == [ids[0]])
        #expect(last.next == nil)

        let following = try test.store.events(EventFilter(), from: .after(first.elements[2].place), limit: 9)
        #expect(following.elements.map(\.id) == Array(ids[5...]))
        #expect(following.next == nil)
    }

    @Test(arguments: StoreKind.allCases)
    func `a filter looks at source, outcome, time and text`(kind: StoreKind) throws {
        let test = try kind.open()
        var samples = Samples()
        let start = samples.now
        let failure = MappingFailure(rule: "r", item: 0, place: "p", reason: "x")
        let order = samples.event(key: "k-77", body: ["name": "Zoë", "note": "100% wool"])
        try test.append(Receipt(source: "shop", events: [order]))
        samples.now = start + .seconds(60)
        let form = samples.event(source: "form", people: [])
        let failed = samples.event(source: "form", failures: [failure])
        try test.append(Receipt(source: "form", events: [form, failed]))
        func found(_ filter: EventFilter) throws -> [EventID] {
            try test.store.events(filter, from: .newest, limit: 10).elements.map(\.id)
        }
        #expect(try found(EventFilter(source: "form")) == [failed.event.id, form.event.id])
        #expect(try found(EventFilter(outcome: .failed)) == [failed.event.id])
        #expect(try found(EventFilter(source: "form", outcome: .unmatched)) == [form.event.id])
        #expect(try found(EventFilter(since: start + .seconds(1))) == [failed.event.id, form.event.id])
        #expect(try found(EventFilter(text: "Zoë")) == [order.event.id])
        #expect(try found(EventFilter(text: "100% w")) == [order.event.id])
        #expect(try found(EventFilter(text: "k-77")) == [order.event.id])
        #expect(try found(EventFilter(text: "orders/create")).count == 3)
        #expect(try found(EventFilter(text: "100_ w")) == [])
    }

    @Test(arguments: StoreKind.allCases)
    func `deliveries are found by state, queue, rule, person and event`(kind: StoreKind) throws {
        let test = try kind.open()
        var samples = Samples()
        let one = samples.receipt(people: ["+491", "+492"])
        let made = try test.deliveries(one)
        let other = try test.deliveries(samples.receipt(people: ["+491"], queue: "campaigns"))
        try test.start(made[0], at: samples.now)
        try test.finish(made[0], at: samples.now, as: .dead)
        try test.move([made[1]], from: [.ready], to: .held)
        func found(_ filter: DeliveryFilter, from start: PageStart = .newest, limit: Int = 10) throws -> [DeliveryID] {
            try test.store.deliveries(filter, from: start, limit: limit).elements.map(\.id)
        }
        #expect(try found(DeliveryFilter()) == [other[0].id, made[1].id, made[0].id])
        #expect(try found(DeliveryFilter(states: [.dead])) == [made[0].id])
        #expect(try found(DeliveryFilter(states: [.dead, .held])) == [made[1].id, made[0].id])
        #expect(try found(DeliveryFilter(states: [.dead, .held]), from: .after(0), limit: 1) == [made[0].id])
        #expect(try found(DeliveryFilter(states: [.ready])) == [other[0].id])
        #expect(try found(DeliveryFilter(queue: "campaigns")) == [other[0].id])
        #expect(try found(DeliveryFilter(snID: "+491")) == [other[0].id, made[0].id])
        #expect(try found(DeliveryFilter(event: one.events[0].event.id)) == [made[1].id, made[0].id])
        #expect(try found(DeliveryFilter(states: [.held], event: one.events[0].event.id)) == [made[1].id])
        #expect(try found(DeliveryFilter(rule: "none")) == [])
        #expect(try found(DeliveryFilter(rule: "welcome"), from: .before(made[1].id.value)) == [made[0].id])
    }
}
