/// What the rules of a source made of one event.
public struct Mapping: Sendable {
    /// What is to be sent, in the order of the rules and their items.
    public var deliveries: [DeliveryDraft]
    /// The rules that matched and could not be filled in.
    public var failures: [MappingFailure]
    /// The deliveries of earlier events that this one calls off, and for a while those of later ones.
    public var cancellations: [Cancellation]

    public init(
        deliveries: [DeliveryDraft] = [],
        failures: [MappingFailure] = [],
        cancellations: [Cancellation] = []
    ) {
        self.deliveries = deliveries
        self.failures = failures
        self.cancellations = cancellations
    }

    /// One failed rule makes the event failed, though its other deliveries still go.
    public var outcome: MappingOutcome {
        if !failures.isEmpty { .failed } else if deliveries.isEmpty { .unmatched } else { .matched }
    }
}

public enum MappingOutcome: String, Sendable, CaseIterable {
    case matched
    case unmatched
    case failed
}

/// That an event calls off the deliveries of a rule with a key.
public struct Cancellation: Sendable, Hashable {
    public var rule: String
    /// Equals `DeliveryPolicies.cancelKey` of what it calls off.
    public var key: String
    /// How long it is remembered, for deliveries whose event comes after it.
    public var remembered: Duration

    public init(rule: String, key: String, remembered: Duration) {
        self.rule = rule
        self.key = key
        self.remembered = remembered
    }
}

/// Why one rule could not be filled in for one event; kept with the event.
public struct MappingFailure: Sendable, Equatable {
    public var rule: String
    /// The element of `each:`, from 0; 0 without `each:`.
    public var item: Int
    /// Where in the rule: `trigger.snId`, `trigger.contextParams.total`.
    public var place: String
    /// What went wrong, for the rule's author.
    public var reason: String

    public init(rule: String, item: Int, place: String, reason: String) {
        self.rule = rule
        self.item = item
        self.place = place
        self.reason = reason
    }
}

/// A delivery as a rule plans it, before the store gives it an id and a place in the order.
public struct DeliveryDraft: Sendable, Equatable {
    public var rule: String
    /// The element of `each:`, from 0; 0 without `each:`.
    public var item: Int
    public var destination: String
    public var queue: String
    public var trigger: Trigger
    /// How long after the event's receipt it becomes due.
    public var delay: Duration
    /// When it is of no more use; nil: never.
    public var expiresAt: Timestamp?
    public var onUnknownOutcome: UnknownOutcomePolicy
    public var policies: DeliveryPolicies

    public init(
        rule: String,
        item: Int = 0,
        destination: String = "sprinklr",
        queue: String = "default",
        trigger: Trigger,
        delay: Duration = .zero,
        expiresAt: Timestamp? = nil,
        onUnknownOutcome: UnknownOutcomePolicy = .retry,
        policies: DeliveryPolicies = DeliveryPolicies()
    ) {
        self.rule = rule
        self.item = item
        self.destination = destination
        self.queue = queue
        self.trigger = trigger
        self.delay = delay
        self.expiresAt = expiresAt
        self.onUnknownOutcome = onUnknownOutcome
        self.policies = policies
    }
}

/// What becomes of a delivery whose call may or may not have reached the journey.
public enum UnknownOutcomePolicy: String, Sendable, CaseIterable {
    /// Send it again: the person may be messaged twice.
    case retry
    /// Keep it for a person to decide.
    case hold
}
