import Model

/// Whether there is a token to call with: renewed once when it is refused, and once only.
struct TokenState: Sendable {
    enum Phase: Sendable, Equatable {
        case usable
        /// To be renewed, not before then.
        case wanted(Timestamp)
        case renewing(CallID)
    }

    /// What a refused token calls for.
    enum Refusal: Sendable, Equatable {
        /// The call was made with an earlier token, or a renewal is on its way.
        case known
        case renew
        /// A new token is refused as well, or there is none to be had.
        case hopeless
    }

    var canRenew: Bool
    private(set) var phase = Phase.usable
    /// Counts the tokens, so that an answer to a call with an earlier one is told from one with this.
    private(set) var generation = 0
    /// Whether this token is a renewed one that no call has succeeded with.
    private var isUntried = false

    init(canRenew: Bool) {
        self.canRenew = canRenew
    }

    /// From when on a renewal may start; nil when none is wanted, or one is under way.
    var renewAt: Timestamp? {
        if case .wanted(let moment) = phase { moment } else { nil }
    }

    mutating func accepted(generation: Int) {
        if generation == self.generation { isUntried = false }
    }

    mutating func refused(generation: Int, at now: Timestamp) -> Refusal {
        guard generation == self.generation, phase == .usable else { return .known }
        guard canRenew, !isUntried else { return .hopeless }
        phase = .wanted(now)
        return .renew
    }

    mutating func renewing(by call: CallID) {
        phase = .renewing(call)
    }

    /// The renewal did not come to an answer that means anything: another one may.
    mutating func renewAgain(at moment: Timestamp) {
        phase = .wanted(moment)
    }

    mutating func renewed() {
        phase = .usable
        generation += 1
        isUntried = true
    }

    /// A person vouches for the token.
    mutating func reset() {
        phase = .usable
        generation += 1
        isUntried = false
    }
}
