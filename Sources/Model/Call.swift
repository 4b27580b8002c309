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

/// One HTTP call to a destination. The last hour of these is the quota's memory.
public struct Call: Sendable, Equatable {
    public let id: CallID
    public let kind: CallKind
    public let started: Timestamp
    /// Nil while it is under way, or when the process ended meanwhile.
    public var ended: Timestamp?
    public var status: Int?

    public init(id: CallID, kind: CallKind, started: Timestamp, ended: Timestamp? = nil, status: Int? = nil) {
        self.id = id
        self.kind = kind
        self.started = started
        self.ended = ended
        self.status = status
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
