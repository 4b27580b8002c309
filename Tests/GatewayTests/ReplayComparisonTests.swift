import JSON
import Model
import Rules
import Testing

@testable import Gateway

@Suite struct `Replaying an event under other rules` {
    private static let journey = "64ad5aaeda4f3f1b3fea3eda"

    private func rules(_ changes: ((inout RuleDefinition) -> Void)...) throws -> RuleSet {
        try RuleSet(
            changes.enumerated().map { number, change in
                var rule = RuleDefinition(
                    name: "r\(number + 1)",
                    sources: ["shop"],
                    trigger: TriggerDefinition(journey: Self.journey, snType: "SMS", snID: "{{ body.phone }}")
                )
                change(&rule)
                return rule
            }
        )
    }

    private func story(_ deliveries: String...) throws -> JSONValue {
        try JSONValue.parse(
            """
            {"id": "0190a5e4-7c00-7abc-8def-0123456789ab", "source": "shop", "topic": "orders/create",
             "receivedAt": "2026-01-31T09:30:00.123Z", "key": null, "headers": {}, "query": {},
             "body": {"phone": "15145550199", "name": "Ana"}, "deliveries": [\(deliveries.joined(separator: ","))]}
            """
        )
    }

    private func delivery(
        _ id: Int,
        rule: String = "r1",
        replay: Int = 0,
        snID: String = "15145550199",
        state: DeliveryState = .delivered
    ) -> String {
        """
        {"id": \(id), "rule": "\(rule)", "item": 0, "replay": \(replay), "destination": "sprinklr", "queue": "default",
         "state": "\(state.rawValue)", "trigger": {"snType": "SMS", "snId": "\(snID)", "journeyId": "\(Self.journey)",
         "contextParams": {}}}
        """
    }

    @Test func `finds nothing where nothing has changed`() throws {
        let comparison = try ReplayComparison(story: story(delivery(1)), rules: rules { _ in })
        #expect(!comparison.isDifferent && comparison.missing.isEmpty)
    }

    @Test func `shows what is new, gone and changed, field by field`() throws {
        let new = try rules(
            { $0.trigger.contextParams = [ContextParamDefinition("name", "{{ body.name }}")] },
            { $0.trigger.snID = "{{ body.name }}" }
        )
        let comparison = try ReplayComparison(
            story: story(delivery(1), delivery(2, rule: "old", snID: "x")),
            rules: new
        )
        #expect(
            comparison.text == """
                2026-01-31T09:30:00.123Z  0190a5e4-7c00-7abc-8def-0123456789ab  shop  orders/create
                  ~ changed: rule r1: SMS 15145550199, journey \(Self.journey), delivery 1 delivered
                      contextParams.name: nothing → "Ana"
                  + new: rule r2: SMS Ana, journey \(Self.journey)
                  - gone: rule old: SMS x, journey \(Self.journey), delivery 2 delivered
                """
        )
        #expect(comparison.missing.map(\.rule) == ["r2"])
        #expect(comparison.json["findings"]?[0]?["differences"]?[0]?["place"] == "contextParams.name")
        var report = ReplayReport()
        report.add(comparison)
        #expect(
            report.summary
                == "1 event: 1 delivery new, 1 gone, 1 changed, 0 the same, 0 mapping failures; 1 is missing"
        )
    }

    @Test func `takes a rule by another name for the same, and sends nobody the same journey twice`() throws {
        let comparison = try ReplayComparison(story: story(delivery(1, rule: "former")), rules: rules { _ in })
        #expect(comparison.missing.isEmpty)
        #expect(comparison.text.contains(#"rule: "former" → "r1""#))
    }

    @Test(arguments: DeliveryState.allCases)
    func `misses what was given up, and nothing else that was made`(state: DeliveryState) throws {
        let comparison = try ReplayComparison(story: story(delivery(1, state: state)), rules: rules { _ in })
        #expect(comparison.missing.count == (state == .dead ? 1 : 0))
    }

    @Test func `looks at the last replay of a delivery`() throws {
        let deliveries = [delivery(1, state: .dead), delivery(2, replay: 1)]
        let comparison = try ReplayComparison(story: story(deliveries[0], deliveries[1]), rules: rules { _ in })
        #expect(comparison.missing.isEmpty && !comparison.isDifferent)
    }

    @Test func `shows what a rule cannot fill in any more`() throws {
        let comparison = try ReplayComparison(
            story: story(delivery(1)),
            rules: rules { $0.trigger.snID = "{{ body.mobile }}" }
        )
        #expect(comparison.text.contains("  - gone: rule r1"))
        #expect(comparison.text.contains("  ! rule r1, trigger.snId: it is empty"))
    }
}
