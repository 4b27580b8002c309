public import Model

/// How long an access token is good for.
public struct TokenLife: Sendable, Equatable {
    /// From then on it is renewed.
    public var renewsAt: Timestamp
    /// From then on no call is made with it.
    public var expiresAt: Timestamp

    public init(renewsAt: Timestamp, expiresAt: Timestamp) {
        self.renewsAt = renewsAt
        self.expiresAt = expiresAt
    }

    /// Renewed for the last tenth of its life, and no more than five minutes ahead.
    public init(obtained: Timestamp, lifetime: Duration) {
        let ahead = Duration.milliseconds(min(300_000, lifetime.milliseconds / 10))
        expiresAt = obtained + lifetime
        renewsAt = expiresAt - ahead
    }
}

/// What the destination's calls can be made with.
public enum TokenStanding: Sendable, Equatable {
    /// There is an access token; without a life, it is good until it is refused.
    case usable(TokenLife?)
    /// There is none yet, and what it takes to get one.
    case missing
    /// There is none, and only a person can change that: why.
    case unauthorized(reason: String)
}

/// A token that was obtained: how the store keeps it, and how long it is good for.
public struct NewToken: Sendable, Equatable {
    public var value: [UInt8]
    public var life: TokenLife?

    public init(value: [UInt8], life: TokenLife?) {
        self.value = value
        self.life = life
    }
}

/// Whether there is a token to call with: renewed before it expires, and once when it is refused.
struct TokenState: Sendable {
    /// What a refused token calls for.
    enum Refusal: Sendable, Equatable {
        /// The call was made with an earlier token, or a renewal is on its way.
        case known
        case renew
        /// A new token is refused as well, or there is none to be had.
        case hopeless
    }

    var canRenew: Bool
    /// The token call under way; until it has ended, and what it brought is durable, no other call starts.
    private(set) var request: CallID?
    /// Until when a person's authorization may start.
    private(set) var authorizationWanted: Timestamp?
    /// Counts the tokens, so that an answer to a call with an earlier one is told from one with this.
    private(set) var generation = 0
    private(set) var life: TokenLife?
    /// When it is to be renewed, or that is to be tried again.
    private var wantedAt: Timestamp?
    /// Whether there is none, or it was refused.
    private var isUseless = false
    /// Whether this token is a renewed one that no call has succeeded with.
    private var isUntried = false

    init(canRenew: Bool) {
        self.canRenew = canRenew
    }

    /// From when on a renewal may start; nil when none is wanted, or one is under way.
    var renewAt: Timestamp? { canRenew && request == nil ? wantedAt : nil }

    func isUsable(at now: Timestamp) -> Bool {
        request == nil && !isUseless && (life.map { now < $0.expiresAt } ?? true)
    }

    /// Goes on with what there is, whatever was before.
    mutating func take(_ standing: TokenStanding, at now: Timestamp) {
        request = nil
        generation += 1
        isUntried = false
        switch standing {
        case .usable(let life):
            adopt(life)
        case .missing:
            life = nil
            isUseless = true
            wantedAt = now
        case .unauthorized:
            life = nil
            isUseless = true
            wantedAt = nil
        }
    }

    mutating func accepted(generation: Int) {
        if generation == self.generation { isUntried = false }
    }

    mutating func refused(generation: Int, at now: Timestamp) -> Refusal {
        guard generation == self.generation, request == nil, !isUseless else { return .known }
        guard canRenew, !isUntried else { return .hopeless }
        isUseless = true
        wantedAt = now
        return .renew
    }

    mutating func wantAuthorization(until limit: Timestamp) {
        authorizationWanted = limit
    }

    mutating func forgetAuthorization() {
        authorizationWanted = nil
    }

    mutating func requesting(by call: CallID) {
        request = call
        authorizationWanted = nil
    }

    /// The token call has brought nothing; a renewal may be tried again from then on.
    mutating func requestFailed(renewAgainAt moment: Timestamp?) {
        request = nil
        if let moment { wantedAt = moment }
    }

    /// What the token call brought is durable.
    mutating func obtained(_ life: TokenLife?) {
        request = nil
        generation += 1
        isUntried = true
        adopt(life)
    }

    /// A person vouches for the token, or for what is given for the next.
    mutating func reset(at now: Timestamp) {
        guard request == nil else { return }
        generation += 1
        isUntried = false
        if isUseless { wantedAt = now }
    }

    private mutating func adopt(_ life: TokenLife?) {
        self.life = life
        isUseless = false
        wantedAt = life?.renewsAt
    }
}
