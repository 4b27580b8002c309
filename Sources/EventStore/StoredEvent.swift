public import Model

/// An event as it lies in the store, with what the rules made of it.
public struct StoredEvent: Sendable {
    public var event: Event
    public var outcome: MappingOutcome
    public var failures: [MappingFailure]
    /// How many deliveries it made when it came; replays are not among them.
    public var deliveryCount: Int
    /// Its place in the order of commits, as in `PageStart`.
    public var place: Int64

    public init(event: Event, outcome: MappingOutcome, failures: [MappingFailure], deliveryCount: Int, place: Int64) {
        self.event = event
        self.outcome = outcome
        self.failures = failures
        self.deliveryCount = deliveryCount
        self.place = place
    }

    /// The event without its payload.
    public var summary: EventSummary {
        EventSummary(
            id: event.id,
            source: event.source,
            topic: event.topic,
            receivedAt: event.receivedAt,
            key: event.key,
            outcome: outcome,
            failures: failures,
            deliveryCount: deliveryCount,
            place: place
        )
    }
}

/// A line in a list of events.
public struct EventSummary: Sendable, Equatable {
    public var id: EventID
    public var source: String
    public var topic: String?
    public var receivedAt: Timestamp
    public var key: String?
    public var outcome: MappingOutcome
    public var failures: [MappingFailure]
    public var deliveryCount: Int
    public var place: Int64

    public init(
        id: EventID,
        source: String,
        topic: String?,
        receivedAt: Timestamp,
        key: String?,
        outcome: MappingOutcome,
        failures: [MappingFailure],
        deliveryCount: Int,
        place: Int64
    ) {
        self.id = id
        self.source = source
        self.topic = topic
        self.receivedAt = receivedAt
        self.key = key
        self.outcome = outcome
        self.failures = failures
        self.deliveryCount = deliveryCount
        self.place = place
    }
}

/// An event with all that came of it: the answer to "did this start the journey, and if not, why?"
public struct EventStory: Sendable {
    public var event: StoredEvent
    /// Every delivery made for it, in the order they were made, each with its attempts.
    public var deliveries: [(delivery: Delivery, attempts: [Attempt])]

    public init(event: StoredEvent, deliveries: [(delivery: Delivery, attempts: [Attempt])]) {
        self.event = event
        self.deliveries = deliveries
    }
}

/// What one queue of a destination has, by state.
public struct Backlog: Sendable, Equatable {
    public var destination: String
    public var queue: String
    /// Without states that have none. Terminal ones count all there ever were.
    public var counts: [DeliveryState: Int]
    /// The earliest due time of those ready or retrying.
    public var oldestDue: Timestamp?

    public init(destination: String, queue: String, counts: [DeliveryState: Int], oldestDue: Timestamp?) {
        self.destination = destination
        self.queue = queue
        self.counts = counts
        self.oldestDue = oldestDue
    }

    /// Deliveries that wait to be sent by themselves.
    public var owed: Int { counts.filter(\.key.isOwed).values.reduce(0, +) }

    /// Deliveries that wait for a person to decide.
    public var held: Int { counts[.held, default: 0] }
}
