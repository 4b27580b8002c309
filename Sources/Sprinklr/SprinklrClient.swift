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
    public func call(_ kind: CallKind, _ trigger: Trigger, token: String) async -> CallResult {
        switch kind {
        case .trigger, .newProfile:
            let answer = await http.send(settings.triggerCall(kind, trigger, token: token))
            // `triggerJourney` of v2 is told who the person is: nobody is unknown to it.
            let isForKnown = kind == .trigger && settings.api == .v1
            return judge(answer, unknownWhen: isForKnown ? settings.unknownWhen : nil, secrets: [token])
        case .bulk:
            return await bulk([trigger], token: token)
        case .token, .search:
            preconditionFailure("a \(kind) call has no trigger")
        }
    }

    /// Triggers one journey for several people.
    ///
    /// - Precondition: there is at least one trigger, and all are of the same journey.
    public func bulk(_ triggers: [Trigger], token: String) async -> CallResult {
        var call = judge(await http.send(settings.bulkCall(triggers, token: token)), secrets: [token])
        // Which of them were refused is not documented.
        let isTaken = call.status.map { (200...299).contains($0) } ?? false
        if triggers.count > 1, isTaken, call.outcome == .rejected { call.outcome = .partlyRejected }
        return call
    }

    /// One page of the journeys that the token's user may see.
    ///
    /// - Parameter page: from 0.
    public func search(page: Int = 0, size: Int = 100, token: String) async -> JourneySearchResult {
        let answer = await http.send(settings.searchCall(page: page, size: size, token: token))
        return JourneySearchResult(answer: answer, call: judge(answer, secrets: [token]))
    }

    /// Asks for tokens. After a `refreshToken` grant that was not plainly refused, the old token must be taken for used.
    public func requestTokens(_ grant: OAuthGrant, as client: OAuthClient) async -> OAuthResult {
        let answer = await http.send(settings.tokenCall(grant, as: client))
        var call = judge(answer, secrets: [client.clientSecret, grant.secret])
        guard case .accepted = call.outcome, case .answered(let answer) = answer else { return OAuthResult(call: call) }
        guard let tokens = OAuthTokens(body: answer.body) else {
            call.outcome = .rejected
            call.detail = "the answer holds no access_token"
            return OAuthResult(call: call)
        }
        call.detail = ""
        return OAuthResult(call: call, tokens: tokens)
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

extension OAuthGrant {
    var secret: String {
        switch self {
        case .refreshToken(let token): token
        case .authorizationCode(let code): code
        case .clientCredentials: ""
        }
    }
}
