import Model

// The destination's token: when it is renewed, and what follows from that.
extension DeliveryEngine {
    /// The name of the setting that holds a destination's tokens, as `NewToken.value` has them.
    public static func tokenSetting(destination: String) -> String { "token/\(destination)" }

    /// The name of the setting that is there from before a renewal is sent until its answer is durable. Refresh tokens
    /// work once: a process that finds it, made for the tokens it has, cannot know whether theirs was used.
    public static func renewalSetting(destination: String) -> String { "token/\(destination)/renewing" }

    // MARK: Asking for one

    /// Starts the token call that is due, if there is one and the quota admits it.
    /// - Returns: whether other calls may start.
    mutating func startTokenCall(at now: Timestamp) -> Bool {
        guard let renewAt = token.renewAt, renewAt <= now else { return token.isUsable(at: now) }
        guard pacer.admission(for: .high, at: now) == .now else { return false }
        let name = Self.renewalSetting(destination: settings.name)
        let id = openTokenCall(.renewal, at: now)
        // In one transaction with the start, which is before the call.
        journal.append(.set(name: name, value: Array(settings.tokenFingerprint.utf8)), for: .intention)
        token.requesting(by: id)
        return false
    }

    /// Starts what a person has authorized, also while the destination is paused or fails.
    mutating func startAuthorization(at now: Timestamp) {
        guard let limit = token.authorizationWanted else { return }
        if isDraining || limit <= now { return token.forgetAuthorization() }
        guard token.request == nil, journal.admitsMore(at: now), pacer.admission(for: .high, at: now) == .now else {
            return
        }
        token.requesting(by: openTokenCall(.authorization, at: now))
    }

    private mutating func openTokenCall(_ request: TokenRequest, at now: Timestamp) -> CallID {
        let call = CallUnderWay(
            token: request,
            parts: [],
            started: now,
            tokenGeneration: token.generation
        )
        return open(call, .token, attempts: [], at: now)
    }

    // MARK: What comes of it

    mutating func tokenCallEnded(_ id: CallID, _ result: CallResult, _ new: NewToken?, at now: Timestamp) {
        guard let call = calls.removeValue(forKey: id), let request = call.token else { return }
        pacer.ended(at: now)
        if let report = result.quota { pacer.learn(report, at: now) }
        finishTokenCall(id, status: result.status, at: now)
        guard token.request == id else { return }
        if let new {
            let name = Self.tokenSetting(destination: settings.name)
            journal.append(.set(name: name, value: new.value), for: .token(id, request, new.life))
        } else {
            tokenCallFailed(request, call, result, at: now)
        }
    }

    private mutating func tokenCallFailed(
        _ request: TokenRequest,
        _ call: CallUnderWay,
        _ result: CallResult,
        at now: Timestamp
    ) {
        var renewAgainAt: Timestamp?
        if case .overQuota(let scope, let told) = result.outcome {
            closeGate(scope, until: told, of: call, at: now)
            renewAgainAt = now
        }
        // Whoever authorizes is told, and decides.
        guard request == .renewal else { return token.requestFailed(renewAgainAt: nil) }
        switch result.outcome {
        case .overQuota:
            break
        case .unsent, .unavailable:
            renewAgainAt = now + settings.breaker.probe
        case .unauthorized, .misconfigured:
            setPause(.configuration(detail: result.summary))
        case .ambiguous:
            setPause(.authorization(detail: "the answer to a renewal was lost, and with it the new token"))
        case .accepted, .unknownProfile, .conflict, .rejected, .partlyRejected:
            setPause(.authorization(detail: "the renewal was refused: \(result.summary)"))
        }
        token.requestFailed(renewAgainAt: renewAgainAt)
    }

    /// What a token call brought is durable, and may be used.
    mutating func tokenIsDurable(_ id: CallID, _ request: TokenRequest, _ life: TokenLife?) {
        guard token.request == id else { return }
        token.obtained(life)
        act(.useToken(id))
        if request == .authorization, pause?.isOurs == true { endPause() }
    }

    /// A token call that is durable is not made after all, or was refused by the store.
    mutating func tokenCallDropped(_ id: CallID, _ request: TokenRequest, at now: Timestamp) {
        guard token.request == id else { return }
        token.requestFailed(renewAgainAt: request == .renewal ? now : nil)
    }

    /// Records the end of a call that was made for no delivery. A renewal's intention has had its answer then.
    mutating func finishTokenCall(_ call: CallID, status: Int?, at now: Timestamp) {
        journal.append(.finish(CallEnd(call: call, ended: now, status: status, attempts: [])), for: .record)
        journal.append(.set(name: Self.renewalSetting(destination: settings.name), value: nil), for: .record)
    }

    // MARK: Beginning, and beginning again

    /// Takes over what there is to call with, at the start, or since other credentials are configured.
    mutating func take(_ standing: TokenStanding, at now: Timestamp) {
        token.take(standing, at: now)
        if case .unauthorized(let reason) = standing { setPause(.authorization(detail: reason)) }
    }
}
