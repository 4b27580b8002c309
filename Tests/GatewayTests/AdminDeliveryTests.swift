import EventStore
import JSON
import Model
import Testing

@testable import Gateway

/// The admin API over a store that no gateway has open, as the command line uses it.
@Suite struct `The admin API, of deliveries` {
    private let store = InMemoryEventStore()
    private let now = Timestamp(milliseconds: 1_800_000_000_000)
    private var api: AdminAPI { AdminAPI(store: store, now: { [now] in now }) }

    /// Appends a delivery for each person.
    @discardableResult
    private func append(_ people: [String], queue: String = "default", rule: String = "rule") throws -> [DeliveryID] {
        var random = SystemRandomNumberGenerator()
        var ids = EventIDGenerator()
        let events = people.map { person in
            MappedEvent(
                event: Event(
                    id: ids.next(at: now, using: &random),
                    source: "shop",
                    topic: nil,
                    receivedAt: now,
                    headers: [:],
                    query: [:],
                    body: [:],
                    key: nil
                ),
                mapping: Mapping(deliveries: [
                    DeliveryDraft(
                        rule: rule,
                        queue: queue,
                        trigger: Trigger(snType: "SMS", snID: person, journeyID: "64ad5aaeda4f3f1b3fea3eda")
                    )
                ])
            )
        }
        guard
            case .received(let appended)? = try store.commit([.receive(Receipt(source: "shop", events: events))]).first
        else { return [] }
        return appended.flatMap { appended -> [DeliveryID] in
            if case .accepted(_, let deliveries, _) = appended { deliveries.map(\.id) } else { [] }
        }
    }

    private func ask(
        _ path: String,
        _ query: [String: String] = [:],
        method: String = "POST"
    ) throws -> (status: Int, body: JSONValue) {
        let answer = api.answer(AdminAPI.Request(method, path, query: query))
        return (answer.status, try JSONValue.parse(answer.body))
    }

    private func states() throws -> [DeliveryState] {
        try store.deliveries(DeliveryFilter(), from: .after(0), limit: 1_000).elements.map(\.state)
    }

    private func kill(_ id: DeliveryID) throws {
        let call = CallID(destination: "sprinklr", number: id.value)
        let end = AttemptEnd(
            delivery: id,
            number: 1,
            outcome: "rejected",
            detail: "",
            state: .dead,
            nextCall: .trigger,
            attempts: 1
        )
        _ = try store.commit([
            .start(CallStart(call: call, kind: .trigger, started: now, attempts: [(id, 1)])),
            .finish(CallEnd(call: call, ended: now, status: 400, attempts: [end])),
        ])
    }

    @Test func `are held, released and cancelled by id`() throws {
        let ids = try append(["Ana", "Ben"])
        let held = try ask("/api/deliveries/hold", ["id": "\(ids[0]),\(ids[1])"])
        #expect(held.body == ["found": 2, "changed": 2, "underWay": 0] as JSONValue)
        #expect(try states() == [.held, .held])
        #expect(try ask("/api/deliveries/release", ["id": "\(ids[0])"]).body["changed"] == 1)
        #expect(try ask("/api/deliveries/cancel", ["id": "\(ids[1])"]).body["changed"] == 1)
        #expect(try states() == [.ready, .cancelled])
        // What has ended cannot be changed.
        #expect(try ask("/api/deliveries/hold", ["id": "\(ids[1])"]).status == 409)
        #expect(try ask("/api/deliveries/hold", ["id": "17"]).status == 404)
        #expect(try ask("/api/deliveries/hold", ["id": "x"]).status == 400)
    }

    @Test func `are changed by filter, a page at a time`() throws {
        try append(["Ana", "Ben", "Ana", "Cem", "Ana"])
        var query = ["snId": "Ana", "limit": "2"]
        let first = try ask("/api/deliveries/cancel", query).body
        #expect(first["changed"] == 2)
        query["after"] = first["after"]?.number?.lexeme
        let second = try ask("/api/deliveries/cancel", query).body
        #expect(second["changed"] == 1)
        #expect(second["after"] == nil)
        #expect(try states() == [.cancelled, .ready, .cancelled, .ready, .cancelled])
    }

    @Test func `are not all changed by an oversight`() throws {
        try append(["Ana"])
        #expect(try ask("/api/deliveries/cancel").status == 400)
        #expect(try ask("/api/deliveries/cancel", ["state": "delivered"]).status == 400)
        #expect(try ask("/api/deliveries/forget", ["all": "true"]).status == 404)
        #expect(try states() == [.ready])
        #expect(try ask("/api/deliveries/cancel", ["all": "true"]).body["changed"] == 1)
    }

    @Test func `are moved to another queue`() throws {
        try append(["Ana", "Ben"])
        #expect(try ask("/api/deliveries/move", ["all": "true"]).status == 400)
        #expect(try ask("/api/deliveries/move", ["snId": "Ana", "toQueue": "slow"]).body["changed"] == 1)
        #expect(try store.ready(destination: "sprinklr", queue: "slow", after: nil, limit: 9).count == 1)
        #expect(try store.inconsistencies() == [])
    }

    @Test func `are replayed once, and only those that were given up`() throws {
        let ids = try append(["Ana", "Ben", "Cem"])
        for id in ids[..<2] { try kill(id) }
        #expect(try ask("/api/deliveries/replay", ["queue": "default"]).body["changed"] == 2)
        #expect(try ask("/api/deliveries/replay", ["queue": "default"]).body["changed"] == 0)
        #expect(try ask("/api/deliveries/replay", ["id": "\(ids[2])"]).status == 409)
        #expect(try states() == [.dead, .dead, .ready, .ready, .ready])
        let list = try ask("/api/deliveries", method: "GET").body["deliveries"]?.elements ?? []
        #expect(list.prefix(2).map { $0["replays"]?.number?.int64Value } == [ids[1].value, ids[0].value])
        // One that was cancelled only when it is asked for.
        _ = try ask("/api/deliveries/cancel", ["id": "\(ids[2])"])
        #expect(try ask("/api/deliveries/replay", ["state": "cancelled"]).body["changed"] == 1)
    }

    @Test func `rest with their queue or rule until it is resumed`() throws {
        #expect(try ask("/api/pause", ["queue": "campaigns"]).body["destinations"]?.elements == ["sprinklr"])
        #expect(try store.settings(prefix: "pause/").keys.sorted() == ["pause/sprinklr/campaigns"])
        _ = try ask("/api/pause", ["rule": "welcome"])
        try append(["Ana"], rule: "welcome")
        #expect(try states() == [.held])
        let pauses = try ask("/api/pauses", method: "GET").body
        #expect(pauses == ["rules": ["welcome"], "destinations": ["sprinklr/campaigns"]] as JSONValue)
        _ = try ask("/api/resume", ["rule": "welcome"])
        _ = try ask("/api/resume", ["queue": "campaigns"])
        #expect(
            try ask("/api/pauses", method: "GET").body == ["rules": [], "destinations": []] as JSONValue
        )
    }

    @Test func `are kept from people on the list`() throws {
        #expect(try ask("/api/suppressions", ["snId": "Ana", "snType": "SMS"]).body["changed"] == true)
        #expect(try ask("/api/suppressions", ["snId": "Ana", "snType": "SMS"]).body["changed"] == false)
        #expect(try ask("/api/suppressions", ["snId": "Ben"]).body["changed"] == true)
        #expect(try ask("/api/suppressions").status == 400)
        try append(["Ana", "Ben", "Cem"])
        #expect(try states() == [.suppressed, .suppressed, .ready])
        let list = try ask("/api/suppressions", method: "GET").body["suppressions"]?.elements ?? []
        #expect(list.map { $0["snId"]?.stringValue } == ["Ben", "Ana"])
        #expect(list.map { $0["snType"]?.stringValue } == [nil, "SMS"])
        #expect(try ask("/api/suppressions", ["snId": "Ben"], method: "DELETE").body["changed"] == true)
        try append(["Ben"])
        #expect(try states().last == .ready)
    }
}

@Suite struct `The rate of arrivals` {
    private let key = ArrivalRates.Key(destination: "d", queue: "q")

    @Test func `is taken over the last minutes`() {
        var rates = ArrivalRates()
        var now = Timestamp(milliseconds: 0)
        #expect(rates.perHour(key) == 0)
        for made in stride(from: 0, through: 1_200, by: 10) {
            rates.note([key: made], at: now)
            now = now + .seconds(10)
        }
        #expect(rates.perHour(key) == 3_600)
        // Nothing came for the whole span.
        for _ in 0..<61 {
            rates.note([key: 1_200], at: now)
            now = now + .seconds(10)
        }
        #expect(rates.perHour(key) == 0)
    }

    @Test func `begins anew when the clock is set back, and is never negative`() {
        var rates = ArrivalRates()
        rates.note([key: 5], at: Timestamp(milliseconds: 100_000))
        rates.note([key: 9], at: Timestamp(milliseconds: 50_000))
        #expect(rates.perHour(key) == 0)
        rates.note([key: 2], at: Timestamp(milliseconds: 60_000))
        #expect(rates.perHour(key) == 0)
    }
}
