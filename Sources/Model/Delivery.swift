/// The identity of a delivery: given by the store in commit order, growing.
public struct DeliveryID: Hashable, Comparable, Sendable, CustomStringConvertible {
    public let value: Int64

    public init(_ value: Int64) {
        self.value = value
    }

    public static func < (one: DeliveryID, other: DeliveryID) -> Bool { one.value < other.value }

    public var description: String { String(value) }
}

/// One trigger call owed to a destination because an event matched a rule.
/// What it sends and how it is judged was frozen when it was made; later changes of the rules do not touch it.
public struct Delivery: Sendable, Equatable {
    public let id: DeliveryID
    public let event: EventID
    /// The event's source, under which it is accounted.
    public let source: String
    public let rule: String
    public let item: Int
    /// 0 for the first, then counting up with each replay of the same (event, rule, item).
    public let replay: Int
    /// The delivery that this one replays.
    public let replays: DeliveryID?
    public private(set) var destination: String
    public private(set) var queue: String
    public private(set) var lane: Lane
    public let trigger: Trigger
    public let onUnknownOutcome: UnknownOutcomePolicy
    public let policies: DeliveryPolicies
    /// When it is of no more use; nil: never.
    public var expiresAt: Timestamp?
    public var state: DeliveryState
    /// Its place in the order of its queue, with `id`; a retry never changes it.
    public var due: Timestamp
    /// When it is tried again, while `state` is `retrying`.
    public var retryAt: Timestamp?
    /// The call that comes next.
    public var nextCall: CallKind
    /// Attempts that count toward `maxAttempts`.
    public var attempts: Int
    /// All attempts, counted or not: the number of the last one.
    public var attemptsMade: Int

    public init(
        id: DeliveryID,
        event: EventID,
        source: String,
        rule: String,
        item: Int,
        replay: Int,
        replays: DeliveryID? = nil,
        destination: String,
        queue: String,
        trigger: Trigger,
        onUnknownOutcome: UnknownOutcomePolicy,
        policies: DeliveryPolicies = DeliveryPolicies(),
        expiresAt: Timestamp?,
        state: DeliveryState,
        due: Timestamp,
        retryAt: Timestamp? = nil,
        nextCall: CallKind,
        attempts: Int = 0,
        attemptsMade: Int = 0
    ) {
        self.id = id
        self.event = event
        self.source = source
        self.rule = rule
        self.item = item
        self.replay = replay
        self.replays = replays
        self.destination = destination
        self.queue = queue
        self.lane = Lane(destination: destination, queue: queue, snType: trigger.snType, snID: trigger.snID)
        self.trigger = trigger
        self.onUnknownOutcome = onUnknownOutcome
        self.policies = policies
        self.expiresAt = expiresAt
        self.state = state
        self.due = due
        self.retryAt = retryAt
        self.nextCall = nextCall
        self.attempts = attempts
        self.attemptsMade = attemptsMade
    }

    /// The place in the order of the queue.
    public var position: QueuePosition { QueuePosition(due: due, id: id) }

    /// When its event was received, which stands in the event's id.
    public var receivedAt: Timestamp { Timestamp(milliseconds: Int64(event.high >> 16)) }

    /// Gives it to another queue, or another destination: with them its lane is another one.
    public mutating func transfer(to queue: String, of destination: String) {
        self.queue = queue
        self.destination = destination
        lane = Lane(destination: destination, queue: queue, snType: trigger.snType, snID: trigger.snID)
    }
}

/// A place in the order of a queue: by due time, then by id.
public struct QueuePosition: Hashable, Comparable, Sendable {
    public let due: Timestamp
    public let id: DeliveryID

    public init(due: Timestamp, id: DeliveryID) {
        self.due = due
        self.id = id
    }

    public static func < (one: QueuePosition, other: QueuePosition) -> Bool {
        (one.due, one.id) < (other.due, other.id)
    }
}

/// Where a delivery stands.
public enum DeliveryState: String, Sendable, CaseIterable {
    /// Waiting for its turn.
    case ready
    /// A call for it is under way, or was when the process ended.
    case attempting
    /// Will be tried again at `retryAt`; its lane stays busy.
    case retrying
    /// Waiting behind an earlier delivery of its lane.
    case parked
    /// Waiting for a person to decide.
    case held
    /// Terminal: the destination took it.
    case delivered
    /// Terminal: the sandbox took it in place of the destination.
    case dry
    /// Terminal: given up; replayable.
    case dead
    /// Terminal: of no more use before it could be sent.
    case expired
    /// Terminal: called off.
    case cancelled
    /// Terminal: its person must not be messaged, or not so often.
    case suppressed

    public var isTerminal: Bool {
        switch self {
        case .ready, .attempting, .retrying, .parked, .held: false
        case .delivered, .dry, .dead, .expired, .cancelled, .suppressed: true
        }
    }

    /// Whether it still waits to be sent by itself; neither terminal nor held.
    public var isOwed: Bool { !isTerminal && self != .held }

    /// Whether a delivery that ended so may be replayed: what it should have done was not done.
    public var isReplayable: Bool { isTerminal && self != .delivered && self != .dry }

    /// Whether a delivery in this state keeps the later ones of its lane waiting.
    public var keepsLaneBusy: Bool { self == .attempting || self == .retrying }
}

/// A person (`snType` + `snId`) within a queue of a destination, as 64 bits: equal lanes are served in order.
/// Two people whose bits collide are served one after the other, which costs them time and nothing else.
public struct Lane: Hashable, Sendable {
    public let value: Int64

    public init(_ value: Int64) {
        self.value = value
    }

    /// FNV-1a over the four parts, each ended by a zero byte: the same in every process, as a stored value must be.
    public init(destination: String, queue: String, snType: String, snID: String) {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for part in [destination, queue, snType, snID] {
            for byte in part.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
            hash = hash &* 0x0000_0100_0000_01B3
        }
        value = Int64(bitPattern: hash)
    }
}
