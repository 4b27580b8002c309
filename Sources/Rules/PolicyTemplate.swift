import JSON
import Model

/// What a rule says of its deliveries beside the trigger, compiled: `key`, `deliverBetween`, `atMost`.
struct PolicyTemplate: Sendable {
    struct Hours: Sendable {
        /// Minutes after midnight.
        let from: Int
        let to: Int
        let timeZone: RuleExpression
    }

    /// Nil unless the rule says `cancelWhen`.
    let key: RuleExpression?
    let hours: Hours?
    let atMost: AtMost?
    let timeZones: TimeZones

    func fill(_ scope: inout Scope, rule: Rule, item: Int) throws(MappingError) -> DeliveryPolicies {
        DeliveryPolicies(
            expiresAfter: rule.settings.expiresAfter,
            atMost: atMost,
            hours: try openHours(&scope, rule, item),
            cancelKey: try cancelKey(&scope, rule, item)
        )
    }

    /// The expressions with their places in the rule.
    var expressions: [(place: String, expression: RuleExpression)] {
        [("key", key), ("deliverBetween.timezone", hours?.timeZone)].compactMap { place, expression in
            expression.map { (place, $0) }
        }
    }

    private func openHours(_ scope: inout Scope, _ rule: Rule, _ item: Int) throws(MappingError) -> OpenHours? {
        guard let hours else { return nil }
        let place = "deliverBetween.timezone"
        let value: JSONValue
        do {
            value = try scope.value(of: hours.timeZone)
        } catch {
            throw rule.failure(item, place, error)
        }
        guard let name = value.stringValue else {
            throw rule.failure(item, place, "found \(value.kind.article), expected the name of a time zone")
        }
        guard timeZones[name] != nil else {
            let hint = nearestNameHint(to: name, among: timeZones.names)
            throw rule.failure(item, place, "there is no time zone '\(name)'\(hint)")
        }
        return OpenHours(from: hours.from, to: hours.to, timeZone: name)
    }

    private func cancelKey(_ scope: inout Scope, _ rule: Rule, _ item: Int) throws(MappingError) -> String? {
        guard let key else { return nil }
        do {
            return try scope.key(of: key)
        } catch {
            throw rule.failure(item, "key", error)
        }
    }
}

/// A compiled `cancelWhen:`.
struct CancellingEvent: Sendable {
    let source: String
    let when: RuleExpression
    let key: RuleExpression

    /// The key of what an event calls off; nil when it is no cancelling event, or has no key.
    func key(_ scope: inout Scope, rule: Rule) throws(MappingError) -> String? {
        // The rule's `lets` are about its own events.
        scope.use([])
        do {
            guard try scope.isTrue(when) else { return nil }
        } catch {
            throw rule.failure(0, "cancelWhen.when", error)
        }
        do {
            return try scope.key(of: key)
        } catch {
            throw rule.failure(0, "cancelWhen.key", error)
        }
    }
}

extension Scope {
    /// A value by which two events are held together, as text; nil when there is none.
    fileprivate mutating func key(of expression: RuleExpression) throws(ExpressionFailure) -> String? {
        let value = try value(of: expression)
        return value.isNullOrEmpty ? nil : value.stringValue ?? String(decoding: value.serialized(), as: UTF8.self)
    }
}
