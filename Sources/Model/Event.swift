public import JSON

/// One thing that happened, as a source reported it.
public struct Event: Sendable {
    public let id: EventID
    /// The name of the source.
    public let source: String
    /// What kind of event the sender says it is, for example `orders/create`.
    public let topic: String?
    public let receivedAt: Timestamp
    /// An object: lower-case name → value; several fields of one name are joined by `, `. Without credentials.
    public let headers: JSONValue
    /// An object: parameter → text, or a list of texts when it came more than once.
    public let query: JSONValue
    /// The decoded body, or one item of a batch.
    public let body: JSONValue
    /// The sender's own identity of this event, unique within the source; nil when it has none.
    public let key: String?

    public init(
        id: EventID,
        source: String,
        topic: String?,
        receivedAt: Timestamp,
        headers: JSONValue,
        query: JSONValue,
        body: JSONValue,
        key: String?
    ) {
        self.id = id
        self.source = source
        self.topic = topic
        self.receivedAt = receivedAt
        self.headers = headers
        self.query = query
        self.body = body
        self.key = key
    }

    /// What expressions see: `source`, `id`, `topic`, `receivedAt`, `headers`, `query`, `body`.
    public var document: JSONValue {
        .object(members: [
            ("source", .string(source)), ("id", .string(id.description)),
            ("topic", topic.map(JSONValue.string) ?? .null), ("receivedAt", .string(receivedAt.description)),
            ("headers", headers), ("query", query), ("body", body),
        ])
    }
}
