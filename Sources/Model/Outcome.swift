/// What one call of the destination came to, by class. Which class an answer belongs to is the destination's API to
/// say; what follows from it is the delivery engine's.
public enum Outcome: Sendable, Equatable {
    /// 2xx without `errors`.
    case accepted(trackingID: String?)
    /// The destination does not know the person; answered to `trigger` only.
    case unknownProfile
    /// 401: the token is not, or no longer, valid.
    case unauthorized
    /// Our configuration is at fault (403 that is not about quota, 405, 411, 415, 421): no call can succeed.
    case misconfigured
    /// The quota is used up: nothing was done.
    case overQuota(QuotaScope, until: Timestamp?)
    /// 409.
    case conflict
    /// Any other 4xx, 3xx, or 2xx with `errors`: it will not be taken.
    case rejected
    /// A call for several people: 2xx with `errors`, which does not say whom they concern.
    case partlyRejected
    /// 500, 503: the destination could not, for now. `retryAfter` as it asked.
    case unavailable(retryAfter: Duration?)
    /// No byte of the request was written (DNS, refused connection, TLS).
    case unsent
    /// The request was partly or wholly written and no complete answer came; or 408, 502, 504.
    case ambiguous
}

extension Outcome {
    /// The name under which attempts are stored, counted and shown.
    public var name: String {
        switch self {
        case .accepted: "accepted"
        case .unknownProfile: "unknown-profile"
        case .unauthorized: "unauthorized"
        case .misconfigured: "misconfigured"
        case .overQuota: "over-quota"
        case .conflict: "conflict"
        case .rejected: "rejected"
        case .partlyRejected: "partly-rejected"
        case .unavailable: "unavailable"
        case .unsent: "unsent"
        case .ambiguous: "ambiguous"
        }
    }

    /// The names of those after which nobody knows whether the person was reached.
    public static let unclearNames: Set<String> = ["ambiguous", "partly-rejected"]
}

/// Which of the destination's quotas an answer names.
public enum QuotaScope: String, Sendable {
    case second
    case hour
    /// The answer does not say.
    case unknown
}

/// The result of one call, as it is judged and kept.
public struct CallResult: Sendable, Equatable {
    public var outcome: Outcome
    /// The HTTP status; nil when no complete answer came.
    public var status: Int?
    /// The first 2 KiB of the answer's body, or what went wrong, for the story.
    public var detail: String
    /// What the answer's headers say of the quota, whatever the outcome.
    public var quota: QuotaReport?

    public init(outcome: Outcome, status: Int? = nil, detail: String = "", quota: QuotaReport? = nil) {
        self.outcome = outcome
        self.status = status
        self.detail = detail
        self.quota = quota
    }
}

/// `X-RateLimit-Limit`, `-Remaining` and `-Reset` of an answer.
public struct QuotaReport: Sendable, Equatable {
    public var limit: Int?
    public var remaining: Int?
    public var resetsAt: Timestamp?

    public init(limit: Int? = nil, remaining: Int? = nil, resetsAt: Timestamp? = nil) {
        self.limit = limit
        self.remaining = remaining
        self.resetsAt = resetsAt
    }
}
