import JMESPath
import JSON
import Model

/// Makes events of a decoded body: splits batches, names topic and key of each, drops what is not wanted.
struct EventSplitter: Sendable {
    private let split: Expression?
    private let drop: Expression?
    private let topic: Expression?
    private let eventID: Expression?
    /// Hashing costs; only the event ids that name the digest pay for it.
    private let needsDigest: Bool
    private let limit: Int

    /// One request, as expressions see it.
    struct Request {
        var source: String
        var receivedAt: Timestamp
        var headers: JSONValue
        var query: JSONValue
        var body: JSONValue
        /// The bodies of the events, where that is known already; else `split` says.
        var batch: [JSONValue]?

        var document: JSONValue { document(body: body) }

        func document(body: JSONValue, and more: [(String, JSONValue)] = []) -> JSONValue {
            .object(
                [
                    ("source", .string(source)), ("receivedAt", .string(receivedAt.description)), ("headers", headers),
                    ("query", query), ("body", body),
                ] + more
            )
        }
    }

    init(_ settings: SourceSettings, _ preset: Preset?, _ mistakes: inout [SourceError.Mistake]) {
        split = Expression.compiled(settings.split ?? preset?.split, place: "split", mistakes: &mistakes)
        drop = Expression.compiled(settings.drop ?? preset?.drop, place: "drop", mistakes: &mistakes)
        topic = Expression.compiled(settings.topic ?? preset?.topic, place: "topic", mistakes: &mistakes)
        eventID = Expression.compiled(settings.eventID ?? preset?.eventID, place: "eventId", mistakes: &mistakes)
        let words = eventID?.text.split { !($0.isLetter || $0 == "_") } ?? []
        needsDigest = words.contains("digest") || words.contains("index")
        limit = settings.limits.events
    }

    var hasEventID: Bool { eventID != nil }

    /// The events of a request, and how many more were dropped. An expression that fails for an event says nothing
    /// about it: it then has no topic, no key, or stays. Throws `.tooMany` beyond the limit.
    func events(
        of request: Request,
        rawBody: [UInt8],
        makeID: () -> EventID
    ) throws(Refusal) -> (events: [Event], dropped: Int) {
        var items = request.batch ?? [request.body]
        if request.batch == nil, let split, let list = try? split.evaluate(request.document),
            let elements = list.elements
        {
            items = elements
        }
        guard items.count <= limit else { throw .tooMany(of: "events", limit: limit) }
        let digest = needsDigest ? BinaryText.hex.encoded(HashFunction.sha256.digest(rawBody)) : nil
        var events: [Event] = []
        var dropped = 0
        for (index, item) in items.enumerated() {
            let document = request.document(
                body: item,
                and: digest.map { [("digest", .string($0)), ("index", .integer(Int64(index)))] } ?? []
            )
            if let drop, (try? drop.evaluate(document))?.isTrueLike == true {
                dropped += 1
                continue
            }
            events.append(
                Event(
                    id: makeID(),
                    source: request.source,
                    topic: text(topic, in: document),
                    receivedAt: request.receivedAt,
                    headers: request.headers,
                    query: request.query,
                    body: item,
                    key: text(eventID, in: document).map(Self.bounded)
                )
            )
        }
        return (events, dropped)
    }

    /// The expression's text; nil when there is none, or it is empty.
    private func text(_ expression: Expression?, in document: JSONValue) -> String? {
        guard let text = expression.flatMap({ try? $0.evaluate(document) })?.text, !text.isEmpty else { return nil }
        return text
    }

    /// Keys are kept for days, by the million: a long one by its hash.
    private static func bounded(_ key: String) -> String {
        guard key.utf8.count > 200 else { return key }
        return "sha256:" + BinaryText.hex.encoded(HashFunction.sha256.digest(Array(key.utf8)))
    }

    /// Whether a form's field holds anything.
    static func isFilled(_ value: JSONValue?) -> Bool {
        guard let value, !value.isNull else { return false }
        return value.elements.map { $0.contains { isFilled($0) } } ?? (value.stringValue?.isEmpty != true)
    }
}
