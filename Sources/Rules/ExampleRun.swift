import JSON
public import Model

/// What became of one example.
public struct ExampleResult: Sendable {
    public let rule: String
    /// Its place in the rule's `examples:`, from 0.
    public let index: Int
    /// The example's own name; empty when it has none.
    public let name: String
    /// What is not as expected; empty when the example passed.
    public let differences: [Difference]
    /// What the rule made, for whoever writes expectations from it.
    public let deliveries: [DeliveryDraft]
    public let failures: [MappingFailure]

    public var passed: Bool { differences.isEmpty }

    /// One thing that is not as expected.
    public struct Difference: Sendable, Equatable {
        /// `contextParams.total`; `delivery 2: snId` when there are several.
        public var place: String
        /// Nil for nothing.
        public var expected: String?
        public var found: String?

        public init(place: String, expected: String?, found: String?) {
            self.place = place
            self.expected = expected
            self.found = found
        }
    }
}

extension ExampleResult.Difference: CustomStringConvertible {
    /// `snId: expected "15145550199", found nothing`
    public var description: String { "\(place): expected \(expected ?? "nothing"), found \(found ?? "nothing")" }
}

extension RuleSet {
    /// Runs all examples of all rules, in their order. An example's events go through all rules of their source, as in
    /// life, and what the example's own rule makes of them is compared: so one that an earlier rule stops fails.
    public func runExamples() -> [ExampleResult] {
        rules.flatMap { rule in
            rule.definition.examples.enumerated().map { index, example in run(example, of: rule, index: index) }
        }
    }

    private func run(_ example: RuleExample, of rule: Rule, index: Int) -> ExampleResult {
        let mappings = rule.events(of: example).map(map)
        let deliveries = mappings.flatMap(\.deliveries).filter { $0.rule == rule.name }
        let failures = mappings.flatMap(\.failures).filter { $0.rule == rule.name }
        let comparison = ExampleComparison(journeys: rule.trigger.journeys)
        return ExampleResult(
            rule: rule.name,
            index: index,
            name: example.name,
            differences: comparison.differences(example.expect, deliveries, failures),
            deliveries: deliveries,
            failures: failures
        )
    }
}

extension Rule {
    /// The events that an example gives.
    func events(of example: RuleExample) -> [Event] {
        let topic = guards.first(where: \.isOfTopic)?.constants.first
        return example.given.enumerated().map { number, given in
            Event(
                id: EventID(high: 0x7000, low: 0x8000_0000_0000_0000 + UInt64(number)),
                source: given.source ?? definition.sources.first ?? "",
                topic: given.topic ?? topic,
                receivedAt: given.receivedAt,
                headers: given.headers,
                query: given.query,
                body: given.body,
                key: nil
            )
        }
    }
}

/// Compares what was expected with what was made.
private struct ExampleComparison {
    let journeys: Journeys

    typealias Difference = ExampleResult.Difference

    func differences(
        _ expected: Expectation,
        _ deliveries: [DeliveryDraft],
        _ failures: [MappingFailure]
    ) -> [Difference] {
        let failed = failures.map { "a failure at \($0.place): \($0.reason)" }
        switch expected {
        case .failure(let text):
            if failures.contains(where: { text.isEmpty || $0.place.contains(text) || $0.reason.contains(text) }) {
                return []
            }
            let wanted = text.isEmpty ? "a failure" : "a failure with '\(text)'"
            return [Difference(place: "outcome", expected: wanted, found: failed.first ?? count(deliveries.count))]
        case .none:
            if deliveries.isEmpty, failures.isEmpty { return [] }
            return [
                Difference(
                    place: "outcome",
                    expected: "no delivery",
                    found: failed.first ?? count(deliveries.count)
                )
            ]
        case .deliveries(let expected):
            let unexpected = failed.map { Difference(place: "outcome", expected: nil, found: $0) }
            guard expected.count == deliveries.count else {
                let found = count(deliveries.count)
                return unexpected + [Difference(place: "outcome", expected: count(expected.count), found: found)]
            }
            return unexpected
                + zip(expected, deliveries).enumerated().flatMap { number, pair in
                    differences(pair.0, pair.1).map { difference in
                        var difference = difference
                        if expected.count > 1 { difference.place = "delivery \(number + 1): \(difference.place)" }
                        return difference
                    }
                }
        }
    }

    private func count(_ deliveries: Int) -> String {
        switch deliveries {
        case 0: "no delivery"
        case 1: "1 delivery"
        default: "\(deliveries) deliveries"
        }
    }

    private func differences(_ expected: ExpectedDelivery, _ found: DeliveryDraft) -> [Difference] {
        var differences: [Difference] = []
        func compare(_ place: String, _ expected: String?, _ found: String) {
            if let expected, expected != found {
                differences.append(Difference(place: place, expected: quoted(expected), found: quoted(found)))
            }
        }
        compare("snType", expected.snType, found.trigger.snType)
        compare("snId", expected.snID, found.trigger.snID)
        if let journey = expected.journey, journeys.id(of: journey) != found.trigger.journeyID {
            let name = journeys.name(of: found.trigger.journeyID) ?? found.trigger.journeyID
            differences.append(Difference(place: "journey", expected: quoted(journey), found: quoted(name)))
        }
        if let params = expected.contextParams {
            let wanted = JSONValue.object(params.map { ($0.name, .string($0.value)) })
            let made = JSONValue.object(found.trigger.contextParams.map { ($0.name, .string($0.value)) })
            differences += self.differences(wanted, made, "contextParams")
        }
        if let profile = expected.newProfile {
            differences += self.differences(profile, found.trigger.newProfile?.unifiedProfile, "newProfile")
        }
        compare("queue", expected.queue, found.queue)
        compare("destination", expected.destination, found.destination)
        return differences
    }

    private func differences(_ expected: JSONValue?, _ found: JSONValue?, _ place: String) -> [Difference] {
        ValueDifference.between(expected, found, at: place).map { difference in
            Difference(place: difference.place, expected: difference.old.map(text), found: difference.new.map(text))
        }
    }

    private func text(_ value: JSONValue) -> String { String(decoding: value.serialized(), as: UTF8.self) }

    private func quoted(_ text: String) -> String { self.text(.string(text)) }
}
