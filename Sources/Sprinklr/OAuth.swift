import JSON
public import Model

/// What the token endpoint wants to know of us besides the key.
public struct OAuthClient: Sendable {
    public var clientSecret: String
    /// As it was registered for the key.
    public var redirectURI: String

    public init(clientSecret: String, redirectURI: String) {
        self.clientSecret = clientSecret
        self.redirectURI = redirectURI
    }
}

/// What is given for a token.
public enum OAuthGrant: Sendable, Equatable {
    /// Works once: the answer brings the next one, and this one is dead from then on.
    case refreshToken(String)
    /// What the browser brought back from `authorizeURL`; lives 10 minutes.
    case authorizationCode(String)
    case clientCredentials
}

/// A pair of tokens, as the token endpoint answered.
public struct OAuthTokens: Sendable, Equatable {
    public var accessToken: String
    /// Nil for `clientCredentials`.
    public var refreshToken: String?
    /// How long the access token lives, from the answer on; nil when the answer does not say.
    public var lifetime: Duration?

    public init(accessToken: String, refreshToken: String?, lifetime: Duration?) {
        self.accessToken = accessToken
        self.refreshToken = refreshToken
        self.lifetime = lifetime
    }

    /// Reads the body of a 2xx answer; nil when it holds no access token.
    /// `expires_in` is a number in the API's examples and a string in its table: both are read.
    init?(body: [UInt8]) {
        guard let value = try? JSONValue.parse(body), let accessToken = value["access_token"]?.stringValue,
            !accessToken.isEmpty
        else { return nil }
        self.accessToken = accessToken
        let refreshToken = value["refresh_token"]?.stringValue
        self.refreshToken = refreshToken?.isEmpty == true ? nil : refreshToken
        let seconds = value["expires_in"]?.number?.int64Value ?? value["expires_in"]?.stringValue.flatMap { Int64($0) }
        lifetime = seconds.flatMap { $0 > 0 ? .seconds($0) : nil }
    }
}

/// What came of a token call.
public struct OAuthResult: Sendable, Equatable {
    /// `outcome` is `accepted` exactly when `tokens` is there. `detail` never holds a token.
    public var call: CallResult
    public var tokens: OAuthTokens?

    public init(call: CallResult, tokens: OAuthTokens? = nil) {
        self.call = call
        self.tokens = tokens
    }

    init(of answer: HTTPResult, _ call: CallResult) {
        self.init(call: call)
        guard case .accepted = call.outcome, case .answered(let answer) = answer else { return }
        tokens = OAuthTokens(body: answer.body)
        if tokens == nil { self.call.outcome = .rejected }
        self.call.detail = tokens == nil ? "the answer holds no access_token" : ""
    }
}

extension OAuthClient {
    /// The form that asks for a token; secrets go in the body, because a query ends in logs.
    func form(for grant: OAuthGrant, key: String) -> [UInt8] {
        var pairs = [("client_id", key), ("client_secret", clientSecret)]
        switch grant {
        case .refreshToken(let token):
            pairs += [("redirect_uri", redirectURI), ("grant_type", "refresh_token"), ("refresh_token", token)]
        case .authorizationCode(let code):
            pairs += [("redirect_uri", redirectURI), ("grant_type", "authorization_code"), ("code", code)]
        case .clientCredentials:
            pairs += [("grant_type", "client_credentials")]
        }
        return Array(formURLEncoded(pairs).utf8)
    }
}

/// `application/x-www-form-urlencoded`, with every byte escaped that RFC 3986 does not call unreserved.
func formURLEncoded(_ pairs: [(String, String)]) -> String {
    pairs.map { "\(percentEncoded($0))=\(percentEncoded($1))" }.joined(separator: "&")
}

private func percentEncoded(_ text: String) -> String {
    let digits = Array("0123456789ABCDEF".unicodeScalars)
    var encoded = String.UnicodeScalarView()
    for byte in text.utf8 {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
            UInt8(ascii: "~"):
            encoded.append(Unicode.Scalar(byte))
        default:
            encoded.append(contentsOf: ["%", digits[Int(byte >> 4)], digits[Int(byte & 15)]])
        }
    }
    return String(encoded)
}
