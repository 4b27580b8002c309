public import JSON

/// What a webhook's sender is told: status, header fields and body of the HTTP response.
public struct Answer: Sendable, Equatable {
    public var status: Int
    /// Without `Content-Length`, `Date` and `Connection`, which are the server's to set.
    public var fields: [Field]
    public var body: [UInt8]

    public init(_ status: Int, fields: [Field] = [], body: [UInt8] = []) {
        self.status = status
        self.fields = fields
        self.body = body
    }

    public init(_ status: Int, json: JSONValue) {
        self.init(status, fields: [Field("Content-Type", "application/json")], body: json.serialized())
    }

    public init(_ status: Int, text: String) {
        self.init(status, fields: [Field("Content-Type", "text/plain; charset=utf-8")], body: Array(text.utf8))
    }
}

/// Why a request was refused, for its sender: RFC 9457's `application/problem+json`.
public struct Problem: Sendable, Equatable {
    public var status: Int
    /// The kind of fault in a few words, the same for each of its kind.
    public var title: String
    /// What the sender can mend, in a sentence or two; never a secret.
    public var detail: String
    /// Further header fields that the status wants: `Allow`, `Retry-After`.
    public var fields: [Field]

    public init(_ status: Int, _ title: String, _ detail: String, fields: [Field] = []) {
        self.status = status
        self.title = title
        self.detail = detail
        self.fields = fields
    }

    /// The answer; `id` also stands in the log line of the refusal.
    public func answer(id: String) -> Answer {
        let members: [(String, JSONValue)] = [
            ("type", "about:blank"), ("title", .string(title)), ("status", .integer(Int64(status))),
            ("detail", .string(detail)), ("id", .string(id)),
        ]
        return Answer(
            status,
            fields: [Field("Content-Type", "application/problem+json")] + fields,
            body: JSONValue.object(members).serialized()
        )
    }
}
