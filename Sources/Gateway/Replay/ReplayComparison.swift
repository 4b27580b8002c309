public import JSON
public import Model
public import Rules

/// What rules make of an event of the past, held against what was made of it then.
public struct ReplayComparison: Sendable {
    public enum Finding: Sendable {
        /// Nothing like it was made then.
        case new(DeliveryDraft)
        /// It was made then, and would not be now.
        case gone(PastDelivery)
        /// It was made with other values. What asks the same journey for the same person is the same delivery, whatever
        /// its rule is called now.
        case changed(DeliveryDraft, from: PastDelivery, [ValueDifference])
        case same(DeliveryDraft, as: PastDelivery)
    }

    public let event: Event
    /// In the order of the rules; what is gone comes last.
    public let findings: [Finding]
    public let failures: [MappingFailure]

    /// - Parameter story: The event as the admin API tells of it.
    public init(story: JSONValue, rules: RuleSet) throws {
        event = try Event(story: story)
        let mapping = rules.map(event)
        failures = mapping.failures
        var past = try PastDelivery.latest(of: story)
        var matches: [PastDelivery?] = mapping.deliveries.map { draft in
            past.firstIndex { $0.rule == draft.rule && $0.item == draft.item }.map { past.remove(at: $0) }
        }
        for (place, draft) in mapping.deliveries.enumerated() where matches[place] == nil {
            matches[place] = past.firstIndex { $0.reaches(as: draft) }.map { past.remove(at: $0) }
        }
        findings =
            zip(mapping.deliveries, matches).map { draft, past in
                guard let past else { return .new(draft) }
                let differences = ValueDifference.between(past.comparable, draft.comparable, at: "")
                return differences.isEmpty ? .same(draft, as: past) : .changed(draft, from: past, differences)
            } + past.map(Finding.gone)
    }

    /// What is owed now: made by these rules, and neither delivered, nor waiting, nor decided against. A dead letter
    /// is made anew.
    public var missing: [DeliveryDraft] {
        findings.compactMap { finding in
            switch finding {
            case .new(let draft): draft
            case .changed(let draft, let past, _), .same(let draft, let past): past.state == .dead ? draft : nil
            case .gone: nil
            }
        }
    }

    /// All that these rules make, whatever was made then.
    public var drafts: [DeliveryDraft] {
        findings.compactMap { finding in
            switch finding {
            case .new(let draft), .changed(let draft, _, _), .same(let draft, _): draft
            case .gone: nil
            }
        }
    }

    /// Whether anything is not as it was.
    public var isDifferent: Bool {
        !failures.isEmpty
            || findings.contains { finding in
                if case .same = finding { false } else { true }
            }
    }
}

extension PastDelivery {
    fileprivate var comparable: JSONValue { trigger.comparable(rule: rule, queue: queue, destination: destination) }
}

extension DeliveryDraft {
    fileprivate var comparable: JSONValue { trigger.comparable(rule: rule, queue: queue, destination: destination) }
}

extension Trigger {
    fileprivate func comparable(rule: String, queue: String, destination: String) -> JSONValue {
        let place: [(String, JSONValue)] = [
            ("rule", .string(rule)), ("queue", .string(queue)), ("destination", .string(destination)),
        ]
        return .object(place + (frozen.members ?? []).map { ($0.key, $0.value) })
    }
}
