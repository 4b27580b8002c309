import JMESPath
import JSON
import Model
import Testing

@testable import Rules

/// A JSON value of a text that is known to be JSON.
func json(_ text: String) throws -> JSONValue { try JSONValue.parse(text) }

func event(
    source: String = "shop",
    topic: String? = "orders/create",
    headers: JSONValue = .object([]),
    _ body: String = "{}"
) throws -> Event {
    Event(
        id: EventID(high: 0x0190_A5E4_7C00_7ABC, low: 0x8DEF_0123_4567_89AB),
        source: source,
        topic: topic,
        receivedAt: Timestamp(milliseconds: 1_769_851_800_123),
        headers: headers,
        query: .object([]),
        body: try json(body),
        key: nil
    )
}

/// A rule of source `shop` that triggers one journey for `body.phone`; `change` makes of it what a test needs.
func rule(_ name: String = "order", change: (inout RuleDefinition) -> Void = { _ in }) -> RuleDefinition {
    var rule = RuleDefinition(
        name: name,
        sources: ["shop"],
        trigger: TriggerDefinition(
            journey: "64ad5aaeda4f3f1b3fea3eda",
            snType: "SMS",
            snID: "{{ body.phone }}"
        )
    )
    change(&rule)
    return rule
}

/// What rules are refused for; empty when they are taken.
func problems(_ rules: [RuleDefinition], _ vocabulary: RuleVocabulary = RuleVocabulary()) -> [RuleProblem] {
    do throws(RuleProblems) {
        return try RuleSet(rules, vocabulary: vocabulary).warnings
    } catch {
        return error.problems
    }
}
