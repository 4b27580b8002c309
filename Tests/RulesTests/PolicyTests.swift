import JSON
import Model
import Testing

@testable import Rules

@Suite struct `What a rule says beside its trigger` {
    private static let zones = RuleVocabulary(timeZones: .load())

    private func cart(_ change: (inout RuleDefinition) -> Void = { _ in }) -> RuleDefinition {
        rule("cart") {
            $0.when = "topic == 'checkouts/create'"
            $0.delay = .seconds(3_600)
            $0.key = "body.token"
            $0.cancelWhen = CancellationDefinition(
                source: "shop",
                when: "topic == 'orders/create'",
                key: "body.checkout_token"
            )
            change(&$0)
        }
    }

    @Test func `gives a delivery the key by which it may be called off`() throws {
        let mapping = try RuleSet([cart()]).map(
            event(topic: "checkouts/create", #"{"phone": "1", "token": "t-1"}"#)
        )
        #expect(mapping.deliveries.map(\.policies.cancelKey) == ["t-1"])
        #expect(mapping.cancellations == [])
    }

    @Test func `makes an event call off the deliveries of another rule`() throws {
        let rules = try RuleSet([cart()])
        let mapping = try rules.map(event(#"{"checkout_token": "t-1"}"#))
        #expect(mapping.cancellations == [Cancellation(rule: "cart", key: "t-1", remembered: .seconds(3_600))])
        #expect(mapping.deliveries == [])
        #expect(try rules.map(event(#"{"checkout_token": null}"#)).cancellations == [])
        #expect(try rules.map(event(topic: "orders/paid", #"{"checkout_token": "t-1"}"#)).cancellations == [])
        #expect(try rules.map(event(source: "till", #"{"checkout_token": "t-1"}"#)).cancellations == [])
        // A number and its text are the same key.
        #expect(try rules.map(event(#"{"checkout_token": 17}"#)).cancellations.map(\.key) == ["17"])
    }

    @Test func `asks rules of any source whether an event calls off`() throws {
        let other = cart { $0.cancelWhen?.source = "till" }
        let rules = try RuleSet([other])
        #expect(try rules.map(event(source: "till", #"{"checkout_token": "x"}"#)).cancellations.count == 1)
    }

    @Test func `fails an event that cannot be asked`() throws {
        let rules = try RuleSet([cart { $0.cancelWhen?.when = "contains(body.n, 'x')" }])
        let mapping = try rules.map(event(#"{"n": 1}"#))
        #expect(mapping.failures.map(\.place) == ["cancelWhen.when"])
    }

    @Test func `moves a delivery to the hours of its person`() throws {
        let rules = try RuleSet(
            [
                rule {
                    $0.deliverBetween = DeliveryHours(from: "08:00", to: "21:00", timezone: "body.zone")
                    $0.expiresAfter = .seconds(86_400)
                }
            ],
            vocabulary: Self.zones
        )
        // The event is received at 2026-01-31T09:30:00.123Z.
        func delay(_ zone: String) throws -> Duration? {
            try rules.map(event(#"{"phone": "1", "zone": "\#(zone)"}"#)).deliveries.first?.delay
        }
        #expect(try delay("Europe/Berlin") == .zero)
        // 04:30 there: three and a half hours to go, less the milliseconds.
        #expect(try delay("America/Toronto") == .milliseconds(12_600_000 - 123))
        // 22:30 there: the next morning.
        #expect(try delay("Pacific/Auckland") == .milliseconds(34_200_000 - 123))
        let delivery = try #require(rules.map(event(#"{"phone": "1", "zone": "UTC"}"#)).deliveries.first)
        #expect(delivery.policies.hours == OpenHours(from: 480, to: 1_260, timeZone: "UTC"))
        #expect(delivery.policies.expiresAfter == .seconds(86_400))
        let unknown = try rules.map(event(#"{"phone": "1", "zone": "Europe/Berln"}"#))
        #expect(
            unknown.failures.map(\.reason) == ["there is no time zone 'Europe/Berln'; did you mean 'Europe/Berlin'?"]
        )
        let missing = try rules.map(event(#"{"phone": "1"}"#))
        #expect(missing.failures.map(\.reason) == ["found null, expected the name of a time zone"])
    }

    @Test func `opens over midnight, and where clocks are changed`() throws {
        let zones = TimeZones.load()
        func opening(_ hours: OpenHours, _ moment: String) throws -> String {
            try zones.opening(hours, #require(Timestamp(rfc3339: moment))).description
        }
        let night = OpenHours(from: 1_320, to: 360, timeZone: "Europe/Berlin")
        #expect(try opening(night, "2026-01-31T22:00:00Z") == "2026-01-31T22:00:00.000Z")
        #expect(try opening(night, "2026-01-31T04:59:59.999Z") == "2026-01-31T04:59:59.999Z")
        #expect(try opening(night, "2026-01-31T05:00:00Z") == "2026-01-31T21:00:00.000Z")
        // On 29 March 2026, 02:00 becomes 03:00: what opens at 02:30 opens at 03:30.
        let skipped = OpenHours(from: 150, to: 720, timeZone: "Europe/Berlin")
        #expect(try opening(skipped, "2026-03-29T00:30:00Z") == "2026-03-29T01:30:00.000Z")
        let morning = OpenHours(from: 480, to: 1_260, timeZone: "Europe/Berlin")
        #expect(try opening(morning, "2026-03-28T20:00:00Z") == "2026-03-29T06:00:00.000Z")
        #expect(try opening(morning, "2026-10-24T19:00:00Z") == "2026-10-25T07:00:00.000Z")
    }

    @Test func `limits how often a person is messaged`() throws {
        let rules = try RuleSet([rule { $0.atMost = Frequency(times: 2, per: .seconds(60)) }])
        let delivery = try #require(rules.map(event(#"{"phone": "1"}"#)).deliveries.first)
        #expect(delivery.policies.atMost == AtMost(times: 2, per: .seconds(60)))
    }

    @Test func `is explained`() throws {
        let rules = try RuleSet(
            [
                cart {
                    $0.atMost = Frequency(times: 1, per: .seconds(7 * 86_400))
                    $0.deliverBetween = DeliveryHours(from: "08:00", to: "21:00", timezone: "'Europe/Berlin'")
                }
            ],
            vocabulary: Self.zones
        )
        let text = try rules.explain(event(topic: "checkouts/create", #"{"phone": "1", "token": "t-1"}"#)).text()
        for line in [
            "at most 1 to a person in 7d", "between 08:00 and 21:00, Europe/Berlin", "called off by key t-1",
            "key: body.token",
        ] {
            #expect(text.contains(line), "\(line) in \(text)")
        }
        let order = try rules.explain(event(#"{"checkout_token": "t-1"}"#))
        #expect(order.text().contains("calls off deliveries of rule cart with key t-1, also what comes within 1h"))
        #expect(
            order.json()["cancellations"]?.elements?.first
                == ["rule": "cart", "key": "t-1", "remembered": "1h"] as JSONValue
        )
    }
}
