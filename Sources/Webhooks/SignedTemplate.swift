import JMESPath
import JSON
import Model

/// What a signature covers, for example `{timestamp}.{body}`: text with names in braces.
///
///     {body}             the raw body                      {id}         the field of `idHeader`
///     {timestamp}        as it stands in the request       {method}     POST
///     {url}              the URL as it was called          {secret}     the secret's text (for bare hashes)
///     {url.decoded}      its percent-codes decoded, but %3F            {verifyToken}
///     {url.withPort}     with the port, if need be the usual one       {header.NAME}
///     {url.withoutPort}  without a port                    {crc32}      of the body, in decimal
///     {form}             a form's names and values, sorted and run together (Twilio)
///     {body.EXPRESSION}  a JMESPath expression's value in the decoded body
struct SignedTemplate: Sendable {
    private enum Piece: Sendable {
        case text([UInt8])
        case variable(Variable)
        case header(String)
        case bodyValue(Expression)
    }

    enum Variable: String, Sendable, CaseIterable {
        case body, timestamp, id, method, url, form, secret, verifyToken, crc32
        case decodedURL = "url.decoded"
        case urlWithPort = "url.withPort"
        case urlWithoutPort = "url.withoutPort"
    }

    /// What the names stand for in one request.
    struct Values {
        var webhook: Webhook
        var timestamp: String?
        var id: String?
        var secret: String
        var verifyToken: String?
        /// The body as a form; nil when it is none.
        var form: FormFields?
        /// The body as JSON or a form; nil when it cannot be decoded.
        var decodedBody: JSONValue?
    }

    private let pieces: [Piece]

    /// Throws a sentence about the first name that means nothing.
    init(_ text: String) throws(Malformed) {
        var pieces: [Piece] = []
        var rest = text[...]
        while let open = rest.firstIndex(of: "{") {
            if open > rest.startIndex { pieces.append(.text(Array(rest[..<open].utf8))) }
            guard let close = rest[open...].firstIndex(of: "}") else { throw Malformed("'{' without '}'") }
            pieces.append(try Self.piece(String(rest[rest.index(after: open)..<close])))
            rest = rest[rest.index(after: close)...]
        }
        if !rest.isEmpty { pieces.append(.text(Array(rest.utf8))) }
        guard !pieces.isEmpty else { throw Malformed("it is empty") }
        self.pieces = pieces
    }

    struct Malformed: Error, CustomStringConvertible {
        let description: String

        init(_ description: String) {
            self.description = description
        }
    }

    private static func piece(_ name: String) throws(Malformed) -> Piece {
        if let variable = Variable(rawValue: name) { return .variable(variable) }
        if name.hasPrefix("header."), name.utf8.count > 7 { return .header(String(name.dropFirst(7))) }
        if name.hasPrefix("body.") {
            do {
                return .bodyValue(try Expression(String(name.dropFirst(5))))
            } catch {
                throw Malformed("{\(name)}: \(error.message)")
            }
        }
        let known = Variable.allCases.map { "{\($0.rawValue)}" }.joined(separator: " ")
        throw Malformed("{\(name)} means nothing here; known are \(known) {header.NAME} {body.EXPRESSION}")
    }

    func contains(_ variable: Variable) -> Bool {
        pieces.contains { if case .variable(variable) = $0 { true } else { false } }
    }

    /// Whether it reads the body's values, so that the body has to be decoded first.
    var readsDecodedBody: Bool {
        pieces.contains { if case .bodyValue = $0 { true } else { false } }
    }

    /// The signed bytes of one request; nil when something that they need is missing.
    func bytes(_ values: Values) -> [UInt8]? {
        // Most sign the body alone: it need not be copied.
        if pieces.count == 1, case .variable(.body) = pieces[0] { return values.webhook.body }
        var bytes: [UInt8] = []
        for piece in pieces {
            switch piece {
            case .text(let text): bytes += text
            case .header(let name):
                guard let value = values.webhook.field(name) else { return nil }
                bytes += trimmed(value).utf8
            case .bodyValue(let expression):
                guard let body = values.decodedBody, let value = try? expression.evaluate(body), let text = value.text
                else { return nil }
                bytes += text.utf8
            case .variable(let variable):
                guard append(variable, of: values, to: &bytes) else { return nil }
            }
        }
        return bytes
    }

    private func append(_ variable: Variable, of values: Values, to bytes: inout [UInt8]) -> Bool {
        let url = values.webhook.url
        let text: String?
        switch variable {
        case .body:
            bytes += values.webhook.body
            return true
        case .timestamp: text = values.timestamp
        case .id: text = values.id
        case .method: text = values.webhook.method
        case .url: text = url
        case .decodedURL: text = PercentCoding.decoded(url, except: UInt8(ascii: "?"))
        case .urlWithPort: text = Self.url(url, hasPort: true)
        case .urlWithoutPort: text = Self.url(url, hasPort: false)
        case .form: text = values.form?.runTogether ?? ""
        case .secret: text = values.secret
        case .verifyToken: text = values.verifyToken
        case .crc32: text = String(checksum(values.webhook.body))
        }
        guard let text else { return false }
        bytes += text.utf8
        return true
    }

    /// The URL with the port of its scheme if it names none, or without any port.
    private static func url(_ url: String, hasPort: Bool) -> String {
        let bytes = Array(url.utf8)
        guard let colon = bytes.firstIndex(of: UInt8(ascii: ":")), bytes[colon...].starts(with: "://".utf8) else {
            return url
        }
        let start = colon + 3
        let end = bytes[start...].firstIndex { "/?#".utf8.contains($0) } ?? bytes.count
        let hostEnd =
            bytes[start..<end].lastIndex { !(0x30...0x39).contains($0) }
            .flatMap { bytes[$0] == UInt8(ascii: ":") ? $0 : nil } ?? end
        let host = bytes[..<hostEnd]
        let port: [UInt8] =
            if !hasPort {
                []
            } else if hostEnd < end {
                Array(bytes[hostEnd..<end])
            } else {
                Array((url.utf8.starts(with: "https:".utf8) ? ":443" : ":80").utf8)
            }
        return String(decoding: host + port + bytes[end...], as: UTF8.self)
    }
}

extension JSONValue {
    /// A string, or a number's or boolean's text; nil for null, arrays and objects.
    var text: String? {
        switch kind {
        case .string: stringValue
        case .number: number?.lexeme
        case .boolean: boolValue == true ? "true" : "false"
        case .null, .array, .object: nil
        }
    }
}

/// Without the spaces and tabs round it, which are no part of a field's value (RFC 9110 section 5.5).
func trimmed(_ text: some StringProtocol) -> String {
    let isPadding: (UInt8) -> Bool = { $0 == 0x20 || $0 == 0x09 }
    let whole = Substring(text)
    var rest = whole.utf8
    while rest.first.map(isPadding) == true { rest.removeFirst() }
    while rest.last.map(isPadding) == true { rest.removeLast() }
    return rest.count == whole.utf8.count ? String(text) : String(Substring(rest))
}
