import JSON
import Model

/// A compiled rule: event → what to trigger, or mapping failures.
///
/// It is asked in three steps. Its guards are the comparisons of `when` with constants: where one does not hold, nothing
/// else is evaluated. `each` gives the elements; without it there is one. For each, `when` decides, and the templates
/// are filled.
///
/// A class, so that handing it on counts one reference and not one for each of its parts.
final class Rule: Sendable {
    /// The definition it was made from, with the defaults that hold for it.
    let definition: RuleDefinition
    let guards: [Guard]
    let bindings: [Binding]
    let when: RuleExpression?
    let each: RuleExpression?
    let trigger: TriggerTemplate
    let newProfile: NewProfileTemplate?
    let policies: PolicyTemplate
    let cancelling: CancellingEvent?
    let settings: DeliverySettings
    let limits: MappingLimits

    init(
        definition: RuleDefinition,
        guards: [Guard],
        bindings: [Binding],
        when: RuleExpression?,
        each: RuleExpression?,
        trigger: TriggerTemplate,
        newProfile: NewProfileTemplate?,
        policies: PolicyTemplate,
        cancelling: CancellingEvent?,
        settings: DeliverySettings,
        limits: MappingLimits
    ) {
        self.definition = definition
        self.guards = guards
        self.bindings = bindings
        self.when = when
        self.each = each
        self.trigger = trigger
        self.newProfile = newProfile
        self.policies = policies
        self.cancelling = cancelling
        self.settings = settings
        self.limits = limits
    }

    var name: String { definition.name }

    /// What a delivery of this rule is given without looking at the event.
    struct DeliverySettings: Sendable {
        let queue: String
        let destination: String
        let delay: Duration
        let expiresAfter: Duration?
        let onUnknownOutcome: UnknownOutcomePolicy
    }

    /// Asks the rule, and adds what it makes of the event to the mapping. Whether it matched at least once: a later rule
    /// is not asked when it also says `stop`.
    func apply(to event: Event, _ scope: inout Scope, into mapping: inout Mapping) -> Bool {
        guard unmetGuard(for: scope.document) == nil else { return false }
        scope.use(bindings)
        guard each != nil else { return fill(item: 0, event: event, &scope, into: &mapping) }
        var matched = false
        do throws(MappingError) {
            for (index, element) in try elements(&scope).enumerated() {
                var inner = Scope(document: scope.document.with(item: element), bindings: bindings)
                if fill(item: index, event: event, &inner, into: &mapping) { matched = true }
            }
        } catch {
            mapping.failures.append(error.failure)
        }
        return matched
    }

    /// The first guard that does not hold.
    func unmetGuard(for document: JSONValue) -> Guard? { guards.first { !$0.holds(for: document) } }

    /// The elements of `each`; one, null, without it.
    func elements(of document: JSONValue) throws(MappingError) -> [JSONValue] {
        var scope = Scope(document: document, bindings: bindings)
        return try elements(&scope)
    }

    private func elements(_ scope: inout Scope) throws(MappingError) -> [JSONValue] {
        guard let each else { return [.null] }
        let value: JSONValue
        do {
            value = try scope.value(of: each)
        } catch {
            throw failure(0, "each", error)
        }
        if value.isNull { return [] }
        guard let elements = value.elements else {
            throw failure(0, "each", "found \(value.kind.article), expected an array")
        }
        guard elements.count <= limits.items else {
            throw failure(0, "each", "found \(elements.count) elements, expected at most \(limits.items)")
        }
        return elements
    }

    private func fill(item: Int, event: Event, _ scope: inout Scope, into mapping: inout Mapping) -> Bool {
        do throws(MappingError) {
            guard try matches(&scope, item: item) else { return false }
        } catch {
            mapping.failures.append(error.failure)
            return false
        }
        do throws(MappingError) {
            let delivery = try delivery(&scope, item: item, event: event)
            // Most events make a few.
            if mapping.deliveries.isEmpty { mapping.deliveries.reserveCapacity(8) }
            mapping.deliveries.append(delivery)
        } catch {
            mapping.failures.append(error.failure)
        }
        return true
    }

    func matches(_ scope: inout Scope, item: Int) throws(MappingError) -> Bool {
        guard let when else { return true }
        do {
            return try scope.isTrue(when)
        } catch {
            throw failure(item, "when", error)
        }
    }

    func delivery(_ scope: inout Scope, item: Int, event: Event) throws(MappingError) -> DeliveryDraft {
        let trigger = try trigger.fill(&scope, rule: self, item: item)
        guard trigger.weight <= limits.triggerBytes else {
            throw failure(item, "trigger", "it is larger than \(limits.triggerBytes) bytes")
        }
        let policies = try policies.fill(&scope, rule: self, item: item)
        var delay = settings.delay
        if let hours = policies.hours {
            delay = self.policies.timeZones.opening(hours, event.receivedAt + delay).since(event.receivedAt)
        }
        return DeliveryDraft(
            rule: name,
            item: item,
            destination: settings.destination,
            queue: settings.queue,
            trigger: trigger,
            delay: delay,
            expiresAt: settings.expiresAfter.map { event.receivedAt + $0 },
            onUnknownOutcome: settings.onUnknownOutcome,
            policies: policies
        )
    }

    /// What an event calls off of this rule's deliveries.
    func cancellation(by event: Event, _ scope: inout Scope) throws(MappingError) -> Cancellation? {
        guard let cancelling, cancelling.source == event.source else { return nil }
        guard let key = try cancelling.key(&scope, rule: self) else { return nil }
        return Cancellation(rule: name, key: key, remembered: settings.delay)
    }

    // MARK: Failures

    func failure(_ item: Int, _ place: String, _ reason: String) -> MappingError {
        MappingError(failure: MappingFailure(rule: name, item: item, place: place, reason: reason))
    }

    func failure(_ item: Int, _ place: String, _ failure: ExpressionFailure) -> MappingError {
        self.failure(item, failure.binding.map { "lets." + $0 } ?? place, failure.reason)
    }
}

/// A mapping failure on its way to the mapping.
struct MappingError: Error {
    let failure: MappingFailure
}

extension JSONValue {
    /// JMESPath's truth: false, null, and whatever is empty are not.
    var isTruthy: Bool { kind == .boolean ? boolValue == true : !isNullOrEmpty }

    /// The document of an event with the element that is looked at.
    func with(item: JSONValue) -> JSONValue {
        .object((members ?? []).map { ($0.key, $0.value) } + [("item", item)])
    }
}

extension JSONKind {
    /// `an array`, for messages.
    var article: String {
        switch self {
        case .array, .object: "an " + rawValue
        case .null: rawValue
        case .boolean, .number, .string: "a " + rawValue
        }
    }
}
