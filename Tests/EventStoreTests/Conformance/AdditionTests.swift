import EventStore
import JSON
import Model
import Testing

@Suite struct `Deliveries of an event of the past` {
    private func drafts(_ names: String...) -> [DeliveryDraft] {
        names.map { name in
            let trigger = Trigger(snType: "SMS", snID: name, journeyID: "j")
            return DeliveryDraft(
                rule: "rule-" + name,
                trigger: trigger,
                policies: DeliveryPolicies(expiresAfter: .seconds(60))
            )
        }
    }

    private func add(
        _ drafts: [DeliveryDraft],
        to event: EventID,
        isForced: Bool = false,
        at now: Timestamp,
        _ test: StoreUnderTest
    ) throws -> [Delivery] {
        let addition = Addition(event: event, drafts: drafts, isForced: isForced, at: now)
        guard case .moved(let made, _)? = try test.store.commit([.add(addition)]).first else { return [] }
        return made
    }

    @Test(arguments: StoreKind.allCases)
    func `are made at the end of the order, once, and each as a replay`(kind: StoreKind) throws {
        let test = try kind.open()
        var samples = Samples()
        let old = try test.deliveries(samples.receipt())[0]
        let now = samples.now + .seconds(500)
        let made = try add(drafts("a", "b"), to: old.event, at: now, test)
        #expect(made.map(\.trigger.snID) == ["a", "b"])
        #expect(made.map(\.replay) == [1, 1])
        #expect(made.allSatisfy { $0.state == .ready && $0.due >= now && $0.expiresAt == now + .seconds(60) })
        #expect(made.allSatisfy { $0.event == old.event && $0.source == old.source })
        try test.reopen()
        #expect(try add(drafts("a", "b"), to: old.event, at: now, test) == [])
        #expect(try add(drafts("b", "c"), to: old.event, at: now, test).map(\.trigger.snID) == ["c"])
        #expect(try test.store.story(of: old.event)?.deliveries.count == 4)
        #expect(try test.store.inconsistencies() == [])
    }

    @Test(arguments: StoreKind.allCases)
    func `are not made where the like was, unless it was given up or that is asked for`(kind: StoreKind) throws {
        let test = try kind.open()
        var samples = Samples()
        let old = try test.deliveries(samples.receipt())[0]
        var renamed = DeliveryDraft(rule: "another name", destination: old.destination, trigger: old.trigger)
        #expect(try add([renamed], to: old.event, at: samples.now, test) == [], "it waits")
        try test.start(old, at: samples.now)
        try test.finish(old, at: samples.now, as: .delivered, outcome: "accepted")
        #expect(try add([renamed], to: old.event, at: samples.now, test) == [], "it was delivered")
        renamed.trigger.contextParams = [ContextParam("more", "x")]
        #expect(try add([renamed], to: old.event, at: samples.now, test) == [], "the same journey, the same person")
        let forced = try add([renamed], to: old.event, isForced: true, at: samples.now, test)
        #expect(forced.map(\.rule) == ["another name"])

        let dead = try test.deliveries(samples.receipt())[0]
        try test.start(dead, at: samples.now)
        try test.finish(dead, at: samples.now, as: .dead, outcome: "rejected")
        let same = DeliveryDraft(rule: dead.rule, destination: dead.destination, trigger: dead.trigger)
        #expect(try add([same], to: dead.event, at: samples.now, test).map(\.replay) == [1])
        #expect(try add([same], to: dead.event, at: samples.now, test) == [])
    }

    @Test(arguments: StoreKind.allCases)
    func `are none of an event that is not there`(kind: StoreKind) throws {
        let test = try kind.open()
        let nobody = EventID(high: 1, low: 2)
        #expect(throws: StoreError.self) {
            try test.store.commit([
                .add(Addition(event: nobody, drafts: drafts("a"), isForced: false, at: Samples().now))
            ])
        }
    }
}
