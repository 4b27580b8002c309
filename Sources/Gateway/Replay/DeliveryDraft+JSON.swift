import JSON
import Model

/// A delivery that rules plan, as the command line gives it to the admin API.
extension DeliveryDraft {
    var json: JSONValue {
        var members: [(String, JSONValue)] = [
            ("rule", .string(rule)), ("item", .integer(Int64(item))), ("destination", .string(destination)),
            ("queue", .string(queue)), ("trigger", trigger.frozen), ("delay", .integer(delay.milliseconds)),
            ("onUnknownOutcome", .string(onUnknownOutcome.rawValue)),
        ]
        if let policies = policies.frozen { members.append(("policies", policies)) }
        return .object(members)
    }

    /// Reads what `json` wrote; nil for anything else.
    init?(json value: JSONValue) {
        guard let rule = value["rule"]?.stringValue, let item = value["item"]?.number?.int64Value,
            let destination = value["destination"]?.stringValue, let queue = value["queue"]?.stringValue,
            let trigger = Trigger(frozen: value["trigger"] ?? .null),
            let delay = value["delay"]?.number?.int64Value,
            let policy = value["onUnknownOutcome"]?.stringValue.flatMap(UnknownOutcomePolicy.init(rawValue:))
        else { return nil }
        self.init(
            rule: rule,
            item: Int(clamping: item),
            destination: destination,
            queue: queue,
            trigger: trigger,
            delay: .milliseconds(delay),
            onUnknownOutcome: policy,
            policies: DeliveryPolicies(frozen: value["policies"] ?? .null)
        )
    }
}
