public import HTTPTypes

/// What a handler answers.
///
/// The server adds `Date` and what frames the message; `Content-Length`, `Transfer-Encoding`, `Connection` and `Date`
/// among the fields are left out, but for `Connection: close`, which closes the connection after this response.
public struct Response: Sendable, Equatable {
    /// A final status, 200 to 599.
    public var status: Int
    public var fields: HTTPFields
    /// Not sent in answer to HEAD, nor with status 204 or 304.
    public var body: [UInt8]

    public init(_ status: Int, fields: HTTPFields = HTTPFields(), body: [UInt8] = []) {
        self.status = status
        self.fields = fields
        self.body = body
    }

    /// A response with a body of this media type.
    public init(_ status: Int, _ contentType: String, body: [UInt8]) {
        self.init(status, fields: [.contentType: contentType], body: body)
    }

    /// A response of plain text.
    public init(_ status: Int, text: String) {
        self.init(status, "text/plain; charset=utf-8", body: Array(text.utf8))
    }

    /// RFC 9457's `application/problem+json`.
    /// - Parameters:
    ///   - title: The kind of fault in a few words, the same for each of its kind.
    ///   - detail: What the sender can mend.
    ///   - id: Names this one occurrence; it also stands in the log.
    public static func problem(
        _ status: Int,
        _ title: String,
        _ detail: String,
        id: String,
        fields: HTTPFields = HTTPFields()
    ) -> Response {
        var body: [UInt8] = []
        body.append(contentsOf: #"{"type":"about:blank","title":"#.utf8)
        body.appendJSONString(title)
        body.append(contentsOf: #","status":\#(status),"detail":"#.utf8)
        body.appendJSONString(detail)
        body.append(contentsOf: #","id":"#.utf8)
        body.appendJSONString(id)
        body.append(UInt8(ascii: "}"))
        var fields = fields
        fields[.contentType] = "application/problem+json"
        return Response(status, fields: fields, body: body)
    }
}

extension [UInt8] {
    /// Appends a JSON string (RFC 8259 section 7).
    fileprivate mutating func appendJSONString(_ text: String) {
        append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                append(UInt8(ascii: "\\"))
                append(byte)
            case 0..<0x20:
                append(contentsOf: (byte < 0x10 ? "\\u000" : "\\u00").utf8)
                append(contentsOf: String(byte, radix: 16).utf8)
            default:
                append(byte)
            }
        }
        append(UInt8(ascii: "\""))
    }
}
