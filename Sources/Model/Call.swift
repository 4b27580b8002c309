/// Which operation of the destination's API a call is. All of them draw on the quota.
public enum CallKind: String, Sendable, CaseIterable {
    /// `trigger`, for a person whom the destination knows.
    case trigger
    /// `triggerWithNewProfile`.
    case newProfile
    /// Several people in one call.
    case bulk
    /// An OAuth token request.
    case token
    /// The list of journeys.
    case search
}

/// The identity of a call: counting up for each destination. Only the destination's one sender gives it.
public struct CallID: Hashable, Sendable {
    public let destination: String
    public let number: Int64

    public init(destination: String, number: Int64) {
        self.destination = destination
        self.number = number
    }
}

/// A moment by the machine's own clock, which runs on while it sleeps, and which nobody sets.
public struct BootTime: Hashable, Sendable {
    /// Tells one run of the machine from another.
    public let boot: String
    public let sinceBoot: Duration

    public init(boot: String, sinceBoot: Duration) {
        self.boot = boot
        self.sinceBoot = sinceBoot
    }

    public static func - (moment: BootTime, span: Duration) -> BootTime {
        BootTime(boot: moment.boot, sinceBoot: moment.sinceBoot - span)
    }

    /// How long ago another moment was; nil when that was in another run of the machine.
    public func since(_ other: BootTime) -> Duration? {
        boot == other.boot ? sinceBoot - other.sinceBoot : nil
    }
}

/// One HTTP call to a destination. The last hour of these is the quota's memory.
public struct Call: Sendable, Equatable {
    public let id: CallID
    public let kind: CallKind
    public private(set) var started: Timestamp
    /// When it started by the machine's own clock, where that is known.
    public let bootTime: BootTime?
    /// Nil while it is under way, or when the process ended meanwhile.
    public var ended: Timestamp?
    public var status: Int?

    public init(
        id: CallID,
        kind: CallKind,
        started: Timestamp,
        bootTime: BootTime? = nil,
        ended: Timestamp? = nil,
        status: Int? = nil
    ) {
        self.id = id
        self.kind = kind
        self.started = started
        self.bootTime = bootTime
        self.ended = ended
        self.status = status
    }

    /// The call as it is to be counted now: a wall clock that has been set since makes it neither older nor younger,
    /// as long as the machine runs.
    public func timed(at now: Timestamp, bootTime: BootTime?) -> Call {
        guard let started = self.bootTime, let age = bootTime?.since(started) else { return self }
        let jump = (now - age).since(self.started)
        var call = self
        call.started = self.started + jump
        call.ended = ended.map { $0 + jump }
        return call
    }
}

/// One call as it concerned one delivery.
public struct Attempt: Sendable, Equatable {
    public let delivery: DeliveryID
    /// Counting from 1 within the delivery.
    public let number: Int
    public let call: CallID
    public let kind: CallKind
    public let started: Timestamp
    /// Nil while it is under way, or when the process ended meanwhile.
    public var ended: Timestamp?
    /// `Outcome.name`; nil as `ended`.
    public var outcome: String?
    public var status: Int?
    /// The first 2 KiB of the answer, or what went wrong.
    public var detail: String

    public init(
        delivery: DeliveryID,
        number: Int,
        call: CallID,
        kind: CallKind,
        started: Timestamp,
        ended: Timestamp? = nil,
        outcome: String? = nil,
        status: Int? = nil,
        detail: String = ""
    ) {
        self.delivery = delivery
        self.number = number
        self.call = call
        self.kind = kind
        self.started = started
        self.ended = ended
        self.outcome = outcome
        self.status = status
        self.detail = detail
    }
}
