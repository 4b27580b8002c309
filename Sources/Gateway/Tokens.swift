import Delivery
import JSON
import Model
import Sprinklr

/// What a destination is called with.
enum Credentials: Sendable {
    /// An access token that somebody else renews.
    case token(String)
    /// - Parameters:
    ///   - refreshToken: what the first token is obtained with; nil before a person has authorized.
    ///   - fingerprint: changes when what the first token is obtained with does.
    case oauth(OAuthClient, refreshToken: Secret?, fingerprint: String)
}

/// The tokens of one destination. What was obtained and stored wins over what is configured, until that changes.
struct Tokens: Sendable {
    private let credentials: Credentials
    /// The pair in use; nil: none was obtained yet.
    private var pair: StoredTokens?
    /// Pairs that calls brought and that are not durable yet.
    private var obtained: [CallID: StoredTokens] = [:]
    /// How it looked when this began.
    let standing: TokenStanding

    /// - Parameters:
    ///   - stored: the setting of `DeliveryEngine.tokenSetting`.
    ///   - renewing: the setting of `DeliveryEngine.renewalSetting`.
    init(_ credentials: Credentials, stored: [UInt8]?, renewing: [UInt8]?) {
        self.credentials = credentials
        guard case .oauth(_, let refreshToken, let fingerprint) = credentials else {
            standing = .usable(nil)
            return
        }
        pair = stored.flatMap(StoredTokens.init(value:)).flatMap { $0.fingerprint == fingerprint ? $0 : nil }
        if renewing == Array(fingerprint.utf8) {
            standing = .unauthorized(
                reason: "the gateway ended while the token was being renewed, and the new one may be lost"
            )
        } else if let pair {
            standing = .usable(pair.life)
        } else if refreshToken != nil {
            standing = .missing
        } else {
            standing = .unauthorized(reason: "nobody has authorized the gateway yet")
        }
    }

    /// What stands in `Authorization`.
    var accessToken: String {
        switch credentials {
        case .token(let token): token
        case .oauth: pair?.accessToken ?? ""
        }
    }

    /// What a token call of this kind needs; nil when there is nothing to give.
    func exchange(_ grant: OAuthGrant) -> TokenExchange? {
        guard case .oauth(let client, _, let fingerprint) = credentials else { return nil }
        return TokenExchange(grant: grant, client: client, fingerprint: fingerprint)
    }

    /// The exchange that renews; nil when there is nothing to renew with.
    func renewal() -> TokenExchange? {
        guard case .oauth(_, let configured, _) = credentials else { return nil }
        return (pair?.refreshToken ?? configured?.reveal).flatMap { exchange(.refreshToken($0)) }
    }

    /// Keeps what a call brought until it is durable.
    mutating func keep(_ new: NewToken, of call: CallID) {
        obtained = [call: StoredTokens(value: new.value)].compactMapValues { $0 }
    }

    /// Calls are made with what this call brought from now on.
    mutating func use(_ call: CallID) {
        pair = obtained.removeValue(forKey: call) ?? pair
    }

    func hasCredentials(_ other: Credentials) -> Bool {
        switch (credentials, other) {
        case (.token(let one), .token(let other)): one == other
        case (.oauth(_, _, let one), .oauth(_, _, let other)): one == other
        case (.token, .oauth), (.oauth, .token): false
        }
    }

    /// The same tokens, under credentials that have changed in what tokens do not depend on.
    func with(_ credentials: Credentials) -> Tokens {
        var tokens = Tokens(credentials, stored: pair?.value, renewing: nil)
        tokens.obtained = obtained
        return tokens
    }
}

/// One token call: what is given, as whom.
struct TokenExchange: Sendable {
    let grant: OAuthGrant
    let client: OAuthClient
    let fingerprint: String

    /// What the call brought; nil unless it was accepted.
    func newToken(of result: OAuthResult, at now: Timestamp) -> NewToken? {
        guard let tokens = result.tokens else { return nil }
        var given: String?
        // RFC 6749 §6: an answer without a refresh token leaves the one that was given in force.
        if case .refreshToken(let token) = grant { given = token }
        let pair = StoredTokens(
            accessToken: tokens.accessToken,
            refreshToken: tokens.refreshToken ?? given,
            life: tokens.lifetime.map { TokenLife(obtained: now, lifetime: $0) },
            fingerprint: fingerprint
        )
        return NewToken(value: pair.value, life: pair.life)
    }
}

/// A pair of tokens as its setting holds it.
struct StoredTokens: Sendable, Equatable {
    var accessToken: String
    var refreshToken: String?
    var life: TokenLife?
    /// That of the credentials it was obtained under.
    var fingerprint: String

    init(accessToken: String, refreshToken: String?, life: TokenLife?, fingerprint: String) {
        self.accessToken = accessToken
        self.refreshToken = refreshToken
        self.life = life
        self.fingerprint = fingerprint
    }

    /// Nil for anything that `value` did not write.
    init?(value: [UInt8]) {
        guard let json = try? JSONValue.parse(value), let accessToken = json["accessToken"]?.stringValue,
            let fingerprint = json["fingerprint"]?.stringValue
        else { return nil }
        self.accessToken = accessToken
        self.fingerprint = fingerprint
        refreshToken = json["refreshToken"]?.stringValue
        let renewsAt = json["renewsAt"]?.number?.int64Value
        let expiresAt = json["expiresAt"]?.number?.int64Value
        if let renewsAt, let expiresAt {
            life = TokenLife(
                renewsAt: Timestamp(milliseconds: renewsAt),
                expiresAt: Timestamp(milliseconds: expiresAt)
            )
        }
    }

    var value: [UInt8] {
        var members: [(String, JSONValue)] = [
            ("accessToken", .string(accessToken)), ("fingerprint", .string(fingerprint)),
        ]
        if let refreshToken { members.append(("refreshToken", .string(refreshToken))) }
        if let life {
            members.append(("renewsAt", .integer(life.renewsAt.milliseconds)))
            members.append(("expiresAt", .integer(life.expiresAt.milliseconds)))
        }
        return JSONValue.object(members).serialized()
    }
}
