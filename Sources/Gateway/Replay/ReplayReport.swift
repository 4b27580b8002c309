public import JSON
import Model
import Rules

/// What comparisons came to, for a terminal and for programs.
public struct ReplayReport: Sendable {
    public private(set) var events = 0
    public private(set) var new = 0
    public private(set) var gone = 0
    public private(set) var changed = 0
    public private(set) var same = 0
    public private(set) var failed = 0
    public private(set) var missing = 0

    public init() {}

    public mutating func add(_ comparison: ReplayComparison) {
        events += 1
        failed += comparison.failures.count
        missing += comparison.missing.count
        for finding in comparison.findings {
            switch finding {
            case .new: new += 1
            case .gone: gone += 1
            case .changed: changed += 1
            case .same: same += 1
            }
        }
    }

    /// `3 events: 1 delivery new, 0 gone, 1 changed, 2 the same, 0 mapping failures; 1 is missing`
    public var summary: String {
        "\(events) \(events == 1 ? "event" : "events"): \(new) \(new == 1 ? "delivery" : "deliveries") new, \(gone) gone, "
            + "\(changed) changed, \(same) the same, \(failed) mapping \(failed == 1 ? "failure" : "failures"); "
            + "\(missing) \(missing == 1 ? "is" : "are") missing"
    }
}

extension ReplayComparison {
    /// The event, and a line for each thing that is not as it was; fields below what changed.
    public var text: String {
        var lines = ["\(event.receivedAt)  \(event.id)  \(event.source)  \(event.topic ?? "-")"]
        for finding in findings {
            switch finding {
            case .new(let draft): lines.append("  + new: " + Self.line(draft.rule, draft.trigger))
            case .gone(let past):
                lines.append("  - gone: " + Self.line(past.rule, past.trigger) + ", " + past.standing)
            case .changed(let draft, let past, let differences):
                lines.append("  ~ changed: " + Self.line(draft.rule, draft.trigger) + ", " + past.standing)
                lines += differences.map { "      \($0.place): \(Self.shown($0.old)) → \(Self.shown($0.new))" }
            case .same: break
            }
        }
        lines += failures.map { "  ! rule \($0.rule), \($0.place): \($0.reason)" }
        return lines.joined(separator: "\n")
    }

    /// The same, as one value.
    public var json: JSONValue {
        .object([
            ("event", .string(event.id.description)), ("findings", .array(findings.compactMap(Self.json))),
            ("failures", .array(failures.map(\.json))), ("missing", .integer(Int64(missing.count))),
        ])
    }

    private static func json(_ finding: Finding) -> JSONValue? {
        func value(_ kind: String, _ rule: String, _ item: Int, _ more: [(String, JSONValue)]) -> JSONValue {
            .object([("finding", .string(kind)), ("rule", .string(rule)), ("item", .integer(Int64(item)))] + more)
        }
        func was(_ past: PastDelivery) -> [(String, JSONValue)] {
            [("delivery", .string(past.id)), ("state", .string(past.state.rawValue))]
        }
        switch finding {
        case .new(let draft): return value("new", draft.rule, draft.item, [("trigger", draft.trigger.frozen)])
        case .gone(let past): return value("gone", past.rule, past.item, was(past) + [("trigger", past.trigger.frozen)])
        case .changed(let draft, let past, let differences):
            let fields = differences.map { difference in
                JSONValue.object([
                    ("place", .string(difference.place)), ("old", difference.old ?? .null),
                    ("new", difference.new ?? .null),
                ])
            }
            return value("changed", draft.rule, draft.item, was(past) + [("differences", .array(fields))])
        case .same: return nil
        }
    }

    private static func line(_ rule: String, _ trigger: Trigger) -> String {
        "rule \(rule): \(trigger.snType) \(trigger.snID), journey \(trigger.journeyID)"
    }

    private static func shown(_ value: JSONValue?) -> String { value?.description ?? "nothing" }
}

extension PastDelivery {
    /// `delivery 12 delivered`
    fileprivate var standing: String { "delivery \(id) \(state.rawValue)" }
}
