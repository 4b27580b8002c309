import JSON

/// One request to the sandbox.
struct SandboxRequest: Sendable {
    var method: String
    /// Without the query.
    var path: String
    /// What follows the first `?`; empty without one.
    var query: String
    /// The header fields in the order they came.
    var fields: [(name: String, value: String)]
    var body: [UInt8]

    /// The value of the first field of this name, compared without case.
    func field(_ name: String) -> String? {
        let name = name.lowercased()
        return fields.first { $0.name.lowercased() == name }?.value
    }
}

/// What the sandbox answers, and when.
struct SandboxReply: Sendable, Equatable {
    enum Form: Sendable, Equatable {
        case answer(SandboxAnswer)
        /// These bytes as they are, then the end of the connection.
        case raw([UInt8])
        /// The end of the connection without an answer.
        case drop
    }

    var form: Form
    var delay = Duration.zero
}

struct SandboxAnswer: Sendable, Equatable {
    struct Field: Sendable, Equatable {
        var name: String
        var value: String
    }

    var status: Int
    var fields: [Field] = []
    var body: [UInt8] = []

    func with(_ name: String, _ value: String) -> SandboxAnswer {
        var answer = self
        answer.fields.append(Field(name: name, value: value))
        return answer
    }
}

/// The shapes that the API's document, and its gateways, give their answers.
extension SandboxAnswer {
    static let noContent = SandboxAnswer(status: 204)

    static func json(_ status: Int, _ value: JSONValue) -> SandboxAnswer {
        SandboxAnswer(status: status, body: value.serialized()).with("Content-Type", "application/json")
    }

    /// `{"data":[],"errors":[{"id","code","message"}]}`
    static func error(_ status: Int, _ code: String, _ message: String, id: Int) -> SandboxAnswer {
        let error: [(String, JSONValue)] = [
            ("id", .string("sandbox-\(id)")), ("code", .string(code)), ("message", .string(message)),
        ]
        return json(status, .object([("data", .array([])), ("errors", .array([.object(error)]))]))
    }

    /// A gateway's own refusal, by name: `<h1>Developer Inactive</h1>`.
    static func mashery(_ status: Int, _ code: String, _ detail: String, _ heading: String) -> SandboxAnswer {
        SandboxAnswer(status: status, body: Array("<h1>\(heading)</h1>".utf8))
            .with("X-Mashery-Error-Code", code)
            .with("X-Error-Detail-Header", detail)
            .with("Content-Type", "text/xml")
    }

    /// The answer to a call with a profile. The id is three ids of 24 hexadecimal digits.
    static func triggered(call number: Int) -> SandboxAnswer {
        let digits = String(number, radix: 16)
        let id = String(repeating: "0", count: max(0, 24 - digits.count)) + digits
        let data: [(String, JSONValue)] = [
            ("status", "SUCCESS"), ("message", "Triggered Successfully"), ("trackingId", .string("\(id)_\(id)_\(id)")),
        ]
        return json(200, .object([("data", .object(data)), ("errors", .array([]))]))
    }
}
