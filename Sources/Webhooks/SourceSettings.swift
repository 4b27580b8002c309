/// Everything that an entry of `sources:` may say, as plain values. What is nil or empty comes from the preset, if one
/// is named, and else from the defaults named here.
public struct SourceSettings: Sendable, Equatable {
    /// The key under `sources:`.
    public var name: String
    /// Where it listens, for example `/hooks/shopify`.
    public var path: String
    /// The name of a member of `Preset.all`.
    public var preset: String?
    /// Several while a secret is being rotated: any may match. None: nothing is verified.
    public var secrets: [String]
    /// What a handshake must name (Meta's `hub.verify_token`), or what a signature covers beside the request
    /// (PayPal's webhook id).
    public var verifyToken: String?
    /// The kinds of body that are taken; empty: the preset's, else JSON alone.
    public var accept: [BodyKind]
    /// The methods that carry events; empty: the preset's, else `POST` alone.
    public var methods: [String]
    /// Web origins whose pages may send forms and scripts' requests: `https://www.example.com`. Empty: no CORS answers
    /// and no check of `Origin`.
    public var origins: [String]
    /// Where a browser goes after its form was taken, by `303`.
    public var redirect: String?
    /// The name of a form field which people cannot see; an event that has it filled in is dropped.
    public var honeypot: String?
    /// Kept for `RateLimiter`, which whoever receives the requests runs.
    public var rateLimit: RateLimit?
    /// How senders sign; nil: as the preset says, and without one nothing is verified.
    public var signature: SignatureScheme?
    /// A JMESPath expression: what kind of event this is.
    public var topic: String?
    /// A JMESPath expression: the sender's own identity of the event, by which repeats are known.
    public var eventID: String?
    /// A JMESPath expression over the body: the list of events it carries. Anything but a list is one event.
    public var split: String?
    /// A JMESPath expression: true for an event that is to be dropped.
    public var drop: String?
    /// How long event ids are remembered; nil: the preset's, else three days. Without an event id it means nothing.
    public var dedupe: Duration?
    /// What an accepted request is answered with; nil: the preset's, else `202` and a JSON list of the events.
    public var answer: FixedAnswer?
    /// Whether form names with brackets nest, as PHP has it: `data[email]` becomes `data.email`. Nil: the preset's,
    /// else they are names like any other.
    public var nestedNames: Bool?
    public var limits: BodyLimits

    public init(
        name: String,
        path: String = "/",
        preset: String? = nil,
        secrets: [String] = [],
        verifyToken: String? = nil,
        accept: [BodyKind] = [],
        methods: [String] = [],
        origins: [String] = [],
        redirect: String? = nil,
        honeypot: String? = nil,
        rateLimit: RateLimit? = nil,
        signature: SignatureScheme? = nil,
        topic: String? = nil,
        eventID: String? = nil,
        split: String? = nil,
        drop: String? = nil,
        dedupe: Duration? = nil,
        answer: FixedAnswer? = nil,
        nestedNames: Bool? = nil,
        limits: BodyLimits = BodyLimits()
    ) {
        self.name = name
        self.path = path
        self.preset = preset
        self.secrets = secrets
        self.verifyToken = verifyToken
        self.accept = accept
        self.methods = methods
        self.origins = origins
        self.redirect = redirect
        self.honeypot = honeypot
        self.rateLimit = rateLimit
        self.signature = signature
        self.topic = topic
        self.eventID = eventID
        self.split = split
        self.drop = drop
        self.dedupe = dedupe
        self.answer = answer
        self.nestedNames = nestedNames
        self.limits = limits
    }
}

/// A kind of body, as `accept:` names it.
public enum BodyKind: String, Sendable, CaseIterable {
    /// `application/json`, `application/…+json`, `text/json`; also a body that names no type.
    case json
    /// `application/x-www-form-urlencoded`: an object of its fields; a field that came more than once is a list.
    case form
    /// `multipart/form-data`: the same; a file is an object of `filename`, `contentType`, `size` and `sha256`.
    case multipart
    /// `text/…`: the body is its text.
    case text
    /// CloudEvents 1.0 in binary, structured or batched mode: the body is the event in its JSON form.
    case cloudevents
    /// Whatever is none of the others: its text, or base64 where it is not UTF-8.
    case any
}

/// How much a body may hold. What goes beyond is refused with `413`, and never unpacked first.
public struct BodyLimits: Sendable, Equatable {
    /// Bytes after decompression.
    public var decompressed: Int
    /// Fields of a form.
    public var fields: Int
    /// Parts of a multipart body.
    public var parts: Int
    /// Events in one request.
    public var events: Int

    public init(decompressed: Int = 4 << 20, fields: Int = 10_000, parts: Int = 1_000, events: Int = 10_000) {
        self.decompressed = decompressed
        self.fields = fields
        self.parts = parts
        self.events = events
    }
}

/// An answer that is the same for every accepted request.
public struct FixedAnswer: Sendable, Equatable {
    public var status: Int
    /// Nil for an answer without a body.
    public var contentType: String?
    public var body: String

    public init(_ status: Int, contentType: String? = nil, body: String = "") {
        self.status = status
        self.contentType = contentType
        self.body = body
    }
}
