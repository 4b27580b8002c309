/// The sandbox's OAuth: one live pair of tokens, whose refresh token works once.
struct TokenDesk {
    struct Pair: Equatable {
        let access: String
        let refresh: String
        let expires: Duration
    }

    /// Begins every token of the sandbox, so that it knows its own.
    private static let prefix = "sandbox-"
    /// So many foreign refresh tokens are remembered as used.
    private static let foreignLimit = 1_000

    private let settings: SandboxSettings
    private var live: Pair?
    private var issued = 0
    private var used: Set<String> = []
    private var code: (text: String, expires: Duration)?

    init(_ settings: SandboxSettings) {
        self.settings = settings
    }

    /// Whether an API call with this access token is let in.
    func accepts(_ token: String, at now: Duration) -> Bool {
        if token.hasPrefix(Self.prefix) { return live.map { $0.access == token && now < $0.expires } ?? false }
        return settings.token.map { $0 == token } ?? !token.isEmpty
    }

    /// A code as the browser brings it back; it lives ten minutes and works once.
    mutating func issueCode(at now: Duration) -> String {
        issued += 1
        code = ("\(Self.prefix)code-\(issued)", now + .seconds(600))
        return code?.text ?? ""
    }

    /// Answers a form of `POST /oauth/token`. One pair is live: giving one ends the one before.
    mutating func exchange(_ form: [String: String], at now: Duration) throws(TokenFault) -> Pair {
        guard let id = form["client_id"], settings.key.map({ $0 == id }) ?? !id.isEmpty,
            let secret = form["client_secret"], settings.clientSecret.map({ $0 == secret }) ?? !secret.isEmpty
        else { throw TokenFault(status: 401, error: "invalid_client", description: "Bad client credentials") }
        switch form["grant_type"] {
        case "refresh_token":
            guard let token = form["refresh_token"], use(refreshToken: token) else {
                throw TokenFault(status: 400, error: "invalid_grant", description: "Invalid refresh token")
            }
        case "authorization_code":
            guard let code, form["code"] == code.text, now < code.expires else {
                throw TokenFault(status: 400, error: "invalid_grant", description: "code has expired")
            }
            self.code = nil
        case "client_credentials": break
        default:
            throw TokenFault(status: 400, error: "unsupported_grant_type", description: "Unsupported grant type")
        }
        issued += 1
        let pair = Pair(
            access: "\(Self.prefix)access-\(issued)",
            refresh: "\(Self.prefix)refresh-\(issued)",
            expires: now + settings.tokenLifetime
        )
        live = pair
        return pair
    }

    /// Neither token of the live pair works any more.
    mutating func revoke() { live = nil }

    private mutating func use(refreshToken token: String) -> Bool {
        if token.hasPrefix(Self.prefix) { return live?.refresh == token }
        guard settings.refreshToken.map({ $0 == token }) ?? !token.isEmpty, !used.contains(token),
            used.count < Self.foreignLimit
        else { return false }
        used.insert(token)
        return true
    }
}

/// Why no token was given.
struct TokenFault: Error, Equatable {
    let status: Int
    let error: String
    let description: String
}
