/// What is to be committed: one request's events, one step of a delivery, one setting.
/// The store applies the changes of a batch in their order, in one transaction, and answers each with an `Effect`.
public enum Change: Sendable {
    /// What one request leaves. Answered by `.received`.
    case receive(Receipt)
    /// Requests that left nothing else. Answered by `.done`.
    case count([Account: Int])
    /// A call is about to be made: its row, and its deliveries `attempting`. Answered by `.moved`: those that are
    /// `attempting` there may be sent. One that was neither `ready` nor `retrying` any more is left out; one whose person
    /// must not be messaged, or not so often, is `suppressed`. When that leaves none of its attempts there is no row; a call without attempts (token, search) has one.
    case start(CallStart)
    /// A call has ended. A cancel, hold or suppression noted meanwhile takes the place of `ready` and `retrying`.
    /// Answered by `.moved`.
    case finish(CallEnd)
    /// Deliveries change their state without a call (parked, held, released, expired, cancelled, suppressed).
    /// Those that are not in one of the states of `from` any more stay as they are; one that is `attempting`, if `from`
    /// has that, keeps a note until its attempt ends. One to be parked whose lane is free stays ready, as promoted.
    /// Answered by `.moved`.
    case move(Move)
    /// Deliveries that are `ready` or `retrying` get another place in the order, and are `ready`. They leave their lane
    /// meanwhile. Answered by `.moved`.
    case postpone([Postponement])
    /// Deliveries that wait or are held are given to another queue or destination, where they are `ready`, or held as
    /// before. Answered by `.moved`.
    case transfer(Transfer)
    /// Deliveries that ended undelivered are made anew, at the end of their lanes, each as a delivery of its own. One
    /// that has been replayed before is left out. Answered by `.moved` with the new ones.
    case replay([DeliveryID], at: Timestamp)
    /// Deliveries that rules make now of an event of the past are made, each as a replay of its own. Answered by
    /// `.moved` with those that are.
    case add(Addition)
    /// A setting: OAuth pair, pauses, suppression list. Nil removes it. Answered by `.done`.
    case set(name: String, value: [UInt8]?)
}

/// What a committed change led to.
public enum Effect: Sendable {
    case done
    /// For each event of the receipt, in its order.
    case received([Appended])
    /// `promoted`: the first parked delivery of each lane that became free, now ready; it joins its queue's window.
    /// `moved`: the deliveries that did change, as they are now.
    case moved([Delivery], promoted: [Delivery])
}

/// What became of one event of a receipt.
public enum Appended: Sendable {
    /// It is on disk, with these deliveries. `moved`: earlier ones that it called off, and those that come in their
    /// places in the lanes, all as they are now.
    case accepted(EventID, deliveries: [Delivery], moved: [Delivery] = [])
    /// Its key is known: this is the event that came first, and the number of deliveries it made.
    case duplicate(of: EventID, deliveries: Int)

    public var event: EventID {
        switch self {
        case .accepted(let id, _, _), .duplicate(let id, _): id
        }
    }
}

/// The events of one request, mapped.
public struct Receipt: Sendable {
    public var source: String
    public var events: [MappedEvent]
    /// Events that were dropped on purpose (honeypot, a batch's items of no interest).
    public var dropped: Int
    /// How long the keys of these events are remembered; nil: they are not.
    public var dedupe: Duration?

    public init(source: String, events: [MappedEvent], dropped: Int = 0, dedupe: Duration? = nil) {
        self.source = source
        self.events = events
        self.dropped = dropped
        self.dedupe = dedupe
    }
}

public struct MappedEvent: Sendable {
    public var event: Event
    public var mapping: Mapping

    public init(event: Event, mapping: Mapping) {
        self.event = event
        self.mapping = mapping
    }
}

public struct CallStart: Sendable, Equatable {
    public var call: CallID
    public var kind: CallKind
    public var started: Timestamp
    /// The same by the machine's own clock, where that is known.
    public var bootTime: BootTime?
    /// Each delivery with the number of the attempt this is for it.
    public var attempts: [(delivery: DeliveryID, number: Int)]

    public init(
        call: CallID,
        kind: CallKind,
        started: Timestamp,
        bootTime: BootTime? = nil,
        attempts: [(delivery: DeliveryID, number: Int)]
    ) {
        self.call = call
        self.kind = kind
        self.started = started
        self.bootTime = bootTime
        self.attempts = attempts
    }

    public static func == (one: CallStart, other: CallStart) -> Bool {
        one.call == other.call && one.kind == other.kind && one.started == other.started
            && one.bootTime == other.bootTime
            && one.attempts.elementsEqual(other.attempts) { $0 == $1 }
    }
}

public struct CallEnd: Sendable, Equatable {
    public var call: CallID
    public var ended: Timestamp
    public var status: Int?
    public var attempts: [AttemptEnd]

    public init(call: CallID, ended: Timestamp, status: Int?, attempts: [AttemptEnd]) {
        self.call = call
        self.ended = ended
        self.status = status
        self.attempts = attempts
    }
}

/// How a call ended for one delivery, and what the delivery is from now on.
public struct AttemptEnd: Sendable, Equatable {
    public var delivery: DeliveryID
    public var number: Int
    /// `Outcome.name`.
    public var outcome: String
    public var detail: String
    public var state: DeliveryState
    public var nextCall: CallKind
    public var retryAt: Timestamp?
    /// Attempts that count, with this one if it does.
    public var attempts: Int

    public init(
        delivery: DeliveryID,
        number: Int,
        outcome: String,
        detail: String,
        state: DeliveryState,
        nextCall: CallKind,
        retryAt: Timestamp? = nil,
        attempts: Int
    ) {
        self.delivery = delivery
        self.number = number
        self.outcome = outcome
        self.detail = detail
        self.state = state
        self.nextCall = nextCall
        self.retryAt = retryAt
        self.attempts = attempts
    }
}

public struct Move: Sendable, Equatable {
    public var deliveries: [DeliveryID]
    public var from: Set<DeliveryState>
    public var to: DeliveryState
    /// When it was decided. A held delivery that becomes ready has this as its due, and its expiry counts from then.
    public var at: Timestamp?

    public init(_ deliveries: [DeliveryID], from: Set<DeliveryState>, to: DeliveryState, at: Timestamp? = nil) {
        self.deliveries = deliveries
        self.from = from
        self.to = to
        self.at = at
    }
}

public struct Postponement: Sendable, Equatable {
    public var delivery: DeliveryID
    public var due: Timestamp

    public init(_ delivery: DeliveryID, due: Timestamp) {
        self.delivery = delivery
        self.due = due
    }
}

public struct Transfer: Sendable, Equatable {
    public var deliveries: [DeliveryID]
    /// Nil: each keeps its own.
    public var queue: String?
    /// Nil: each keeps its own.
    public var destination: String?

    public init(_ deliveries: [DeliveryID], queue: String?, destination: String?) {
        self.deliveries = deliveries
        self.queue = queue
        self.destination = destination
    }

    /// Whether it takes this delivery to another place than it is in.
    public func moves(_ delivery: Delivery) -> Bool {
        (queue ?? delivery.queue, destination ?? delivery.destination) != (delivery.queue, delivery.destination)
    }
}

/// Deliveries that rules make now of an event that is kept.
public struct Addition: Sendable, Equatable {
    public var event: EventID
    public var drafts: [DeliveryDraft]
    /// Whether one is made although its like is there and was not given up: so a person may be messaged twice.
    public var isForced: Bool
    /// When it was decided: their expiry counts from then.
    public var at: Timestamp

    public init(event: EventID, drafts: [DeliveryDraft], isForced: Bool, at: Timestamp) {
        self.event = event
        self.drafts = drafts
        self.isForced = isForced
        self.at = at
    }
}
