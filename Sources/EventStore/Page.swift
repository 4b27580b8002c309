public import Model

/// A part of a list that is too long to be shown at once.
public struct Page<Element: Sendable>: Sendable {
    public var elements: [Element]
    /// Where the next page begins; nil when nothing is left in that direction.
    public var next: PageStart?

    public init(_ elements: [Element], next: PageStart?) {
        self.elements = elements
        self.next = next
    }

    /// How many rows are looked at for one page at most, so that no filter makes one read a long one.
    public static var scanLimit: Int { 20_000 }
}

/// Where a page begins, and which way it goes. Numbers are places in the order in which things were committed; they
/// mean nothing but that, and stay valid for good.
public enum PageStart: Sendable, Hashable {
    /// The newest first.
    case newest
    /// Older than this place, newest first.
    case before(Int64)
    /// Newer than this place, oldest first: for following.
    case after(Int64)
}

/// Which events are asked for; nil and empty mean any.
public struct EventFilter: Sendable, Equatable {
    public var source: String?
    public var outcome: MappingOutcome?
    /// Received at this time or later.
    public var since: Timestamp?
    /// Found, as it is written, in the body's JSON, the topic, or the sender's key.
    public var text: String?

    public init(source: String? = nil, outcome: MappingOutcome? = nil, since: Timestamp? = nil, text: String? = nil) {
        self.source = source
        self.outcome = outcome
        self.since = since
        self.text = text
    }
}

/// Which deliveries are asked for; nil and empty mean any.
public struct DeliveryFilter: Sendable, Equatable {
    public var states: Set<DeliveryState>
    public var destination: String?
    public var queue: String?
    public var source: String?
    public var rule: String?
    public var event: EventID?
    /// The person's id, whichever its channel.
    public var snID: String?
    /// Of events received at this time or later.
    public var since: Timestamp?
    /// Of events received before this time.
    public var until: Timestamp?

    public init(
        states: Set<DeliveryState> = [],
        destination: String? = nil,
        queue: String? = nil,
        source: String? = nil,
        rule: String? = nil,
        event: EventID? = nil,
        snID: String? = nil,
        since: Timestamp? = nil,
        until: Timestamp? = nil
    ) {
        self.states = states
        self.destination = destination
        self.queue = queue
        self.source = source
        self.rule = rule
        self.event = event
        self.snID = snID
        self.since = since
        self.until = until
    }

    /// Whether a delivery is one of those asked for.
    public func matches(_ delivery: Delivery) -> Bool {
        (states.isEmpty || states.contains(delivery.state))
            && (destination == nil || destination == delivery.destination)
            && (queue == nil || queue == delivery.queue)
            && (source == nil || source == delivery.source)
            && (rule == nil || rule == delivery.rule)
            && (event == nil || event == delivery.event)
            && (snID == nil || snID == delivery.trigger.snID)
            && (since.map { delivery.receivedAt >= $0 } ?? true)
            && (until.map { delivery.receivedAt < $0 } ?? true)
    }
}
