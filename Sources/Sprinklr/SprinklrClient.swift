import JSON
public import Model

/// Calls a destination's API: delivery → HTTP call → outcome.
///
/// Every method makes one call, at most once, and every one of them draws on the destination's quota.
public struct SprinklrClient: Sendable {
    public let settings: SprinklrSettings
    private let http: HTTPClient
    private let now: @Sendable () -> Timestamp

    /// - Parameter now: the clock against which `Retry-After` and its kin are read.
    public init(_ settings: SprinklrSettings, http: HTTPClient, now: @escaping @Sendable () -> Timestamp) {
        self.settings = settings
        self.http = http
        self.now = now
    }

    /// Triggers a journey for one person: `trigger` or `newProfile`; `bulk` is a packed call of one.
    ///
    /// - Parameter completion: called on the HTTP client's queue; it must only hand over.
    public func call(
        _ kind: CallKind,
        _ trigger: Trigger,
        token: String,
        _ completion: @escaping @Sendable (CallResult) -> Void
    ) {
        switch kind {
        case .trigger, .newProfile:
            // `triggerJourney` of v2 is told who the person is: nobody is unknown to it.
            let isForKnown = kind == .trigger && settings.api == .v1
            http.send(settings.triggerCall(kind, trigger, token: token)) { answer in
                completion(judge(answer, unknownWhen: isForKnown ? settings.unknownWhen : nil, secrets: [token]))
            }
        case .bulk:
            bulk([trigger], token: token, completion)
        case .token, .search:
            preconditionFailure("a \(kind) call has no trigger")
        }
    }

    /// Triggers one journey for several people. The callback as for `call`.
    ///
    /// - Precondition: there is at least one trigger, and all are of the same journey.
    public func bulk(
        _ triggers: [Trigger],
        token: String,
        _ completion: @escaping @Sendable (CallResult) -> Void
    ) {
        http.send(settings.bulkCall(triggers, token: token)) { answer in
            var call = judge(answer, secrets: [token])
            // Which of them were refused is not documented.
            let isTaken = call.status.map { (200...299).contains($0) } ?? false
            if triggers.count > 1, isTaken, call.outcome == .rejected { call.outcome = .partlyRejected }
            completion(call)
        }
    }

    /// One page of the journeys that the token's user may see.
    ///
    /// - Parameter page: from 0.
    public func search(page: Int = 0, size: Int = 100, token: String) async -> JourneySearchResult {
        let answer = await http.send(settings.searchCall(page: page, size: size, token: token))
        return JourneySearchResult(answer: answer, call: judge(answer, secrets: [token]))
    }

    /// Asks for tokens. After a `refreshToken` grant that was not plainly refused, the old token must be taken for used.
    /// The callback as for `call`.
    public func requestTokens(
        _ grant: OAuthGrant,
        as client: OAuthClient,
        _ completion: @escaping @Sendable (OAuthResult) -> Void
    ) {
        http.send(settings.tokenCall(grant, as: client)) { answer in
            completion(OAuthResult(of: answer, judge(answer, secrets: [client.clientSecret, grant.secret])))
        }
    }

    /// Shorter ones are placeholders, as for the sandbox, and stand in words that have nothing to do with them.
    private static let shortestSecret = 6

    private func judge(
        _ result: HTTPResult,
        unknownWhen: SprinklrSettings.UnknownWhen? = nil,
        secrets: [String]
    ) -> CallResult {
        var call = CallResult(of: result, unknownWhen: unknownWhen, at: now())
        // What is kept of an answer is shown to people and stored; an answer may well repeat what it was sent.
        for secret in secrets + [settings.key] where secret.utf8.count >= Self.shortestSecret {
            call.detail = call.detail.replacing(secret, with: "***")
        }
        return call
    }
}

/// The same for those who wait in a task.
extension SprinklrClient {
    public func call(_ kind: CallKind, _ trigger: Trigger, token: String) async -> CallResult {
        await withCheckedContinuation { waiting in
            call(kind, trigger, token: token) { waiting.resume(returning: $0) }
        }
    }

    public func bulk(_ triggers: [Trigger], token: String) async -> CallResult {
        await withCheckedContinuation { waiting in
            bulk(triggers, token: token) { waiting.resume(returning: $0) }
        }
    }

    public func requestTokens(_ grant: OAuthGrant, as client: OAuthClient) async -> OAuthResult {
        await withCheckedContinuation { waiting in
            requestTokens(grant, as: client) { waiting.resume(returning: $0) }
        }
    }
}

extension OAuthGrant {
    var secret: String {
        switch self {
        case .refreshToken(let token): token
        case .authorizationCode(let code): code
        case .clientCredentials: ""
        }
    }
}
