/// What a provider's webhooks are like, in the same words in which a source can be described by hand.
/// Whatever a source's own settings say wins.
public struct Preset: Sendable {
    /// What `preset:` names.
    public let name: String
    /// Who sends, and what, in a sentence.
    public let summary: String
    /// What the settings mean here: which secret, which further keys, what to beware of.
    public let setup: String
    /// In order of preference: those that read the first place which is filled are tried, and any may match.
    public var signatures: [SignatureScheme] = []
    public var accept: [BodyKind] = [.json]
    public var methods: [String] = ["POST"]
    public var handshakes: [Handshake] = []
    /// Expressions over an event's document: `{source, receivedAt, headers, query, body}`, and for the event id also
    /// `digest` (hexadecimal SHA-256 of the raw body) and `index` (within the request, from 0).
    public var topic: String?
    public var eventID: String?
    public var split: String?
    public var drop: String?
    public var dedupe: Duration = .seconds(3 * 86_400)
    /// What accepted requests are answered with; the first whose condition, an expression, is true or absent.
    /// Empty: `202` and a JSON list.
    public var answers: [(when: String?, answer: FixedAnswer)] = []
    /// Names of a form with brackets nest.
    public var nestedNames = false
    /// A form of this one field is the JSON in it.
    public var payloadField: String?
    /// Fields of a form that hold JSON, to be read in place.
    public var jsonFields: [String] = []

    /// All presets, in the order in which they are shown.
    public static let all: [Preset] = shops + messaging + forms + marketing + work + generic

    /// The preset of this name.
    public static func named(_ name: String) -> Preset? {
        all.first { $0.name == name }
    }
}

extension FixedAnswer {
    /// `200` and nothing else: for providers that read a body, or that want exactly this status.
    static let empty = FixedAnswer(200)
}
