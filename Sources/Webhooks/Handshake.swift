/// A request by which a provider checks the address before, between or beside its events: as data, for presets.
/// Its expressions see `{method, headers, query, body}`, with every header and with `body` null where there is none.
public struct Handshake: Sendable, Equatable {
    /// Whether the request has to be verified first.
    public enum Stage: Sendable, Equatable {
        case unverified
        case verified
    }

    public enum Reply: Sendable, Equatable {
        case fixed(FixedAnswer)
        /// `200` with this expression's text and nothing else.
        case text(String)
        /// `200` with a JSON object of one member: base64 of the HMAC-SHA256 of this expression's text, keyed with the
        /// first secret, after `sha256=`.
        case authenticated(String, member: String)
    }

    public var method: String
    public var stage: Stage
    /// When it is this handshake: an expression that has to be true. Nil: always.
    public var when: String?
    /// An expression whose text must equal the source's `verifyToken`.
    public var token: String?
    public var reply: Reply

    public init(
        _ method: String,
        _ stage: Stage = .unverified,
        when: String? = nil,
        token: String? = nil,
        reply: Reply
    ) {
        self.method = method
        self.stage = stage
        self.when = when
        self.token = token
        self.reply = reply
    }
}
