import JSON
import Model

/// A body, read.
struct DecodedBody {
    /// As what it was read.
    var kind: BodyKind
    var value: JSONValue
    /// The bodies of its events, where the kind itself says which they are: a CloudEvents batch.
    var batch: [JSONValue]?
    /// Whether it came from a form in a page, which wants an answer that people can read.
    var isForm: Bool { kind == .form || kind == .multipart }
}

/// Reads bodies by their `Content-Type` and `Content-Encoding`, as far as a source takes them.
struct BodyDecoder: Sendable {
    var accept: [BodyKind]
    var nestedNames: Bool
    var payloadField: String?
    var jsonFields: [String]
    var limits: BodyLimits

    func decode(_ webhook: Webhook) throws(Refusal) -> DecodedBody {
        let contentType = webhook.field("Content-Type").flatMap { MediaType($0) }
        if accept.contains(.cloudevents), let mode = CloudEventMode.of(webhook, contentType: contentType) {
            return try cloudEvents(in: webhook, mode: mode, contentType: contentType)
        }
        guard let kind = kind(of: webhook, contentType: contentType) else {
            throw .mediaTypeNotAccepted(found: webhook.field("Content-Type"), accepted: accept)
        }
        switch kind {
        case .json: return DecodedBody(kind: kind, value: try json(unpacked(webhook)))
        case .form, .multipart:
            return DecodedBody(kind: kind, value: try formValue(of: try form(of: webhook, kind, contentType)))
        case .text: return DecodedBody(kind: kind, value: .string(try text(unpacked(webhook), contentType)))
        case .any, .cloudevents: return DecodedBody(kind: kind, value: Self.whatever(webhook.body))
        }
    }

    /// The body as a form, for signatures that cover its fields; nil when it is none.
    func form(of webhook: Webhook) -> FormFields? {
        guard let contentType = webhook.field("Content-Type").flatMap({ MediaType($0) }),
            contentType.essence == "application/x-www-form-urlencoded"
        else { return nil }
        return try? form(of: webhook, .form, contentType)
    }

    // MARK: - Which kind

    /// The kind that fits best of those which are accepted; nil when none does.
    private func kind(of webhook: Webhook, contentType: MediaType?) -> BodyKind? {
        let named: BodyKind? =
            switch contentType?.essence {
            // RFC 9110 section 8.3 lets us look at the data when no type is given; JSON is what it mostly is.
            case nil: webhook.field("Content-Type") == nil ? .json : nil
            case "application/x-www-form-urlencoded": .form
            case "multipart/form-data": .multipart
            case _ where contentType?.isJSON == true: .json
            case let essence? where essence.hasPrefix("text/"): .text
            default: nil
            }
        if let named, accept.contains(named) { return named }
        return accept.contains(.any) ? .any : nil
    }

    // MARK: - Each kind

    private func cloudEvents(
        in webhook: Webhook,
        mode: CloudEventMode,
        contentType: MediaType?
    ) throws(Refusal) -> DecodedBody {
        let events = try CloudEvent.events(
            in: webhook,
            mode: mode,
            contentType: contentType,
            body: try unpacked(webhook)
        )
        let bodies = events.map(\.envelope)
        return DecodedBody(kind: .cloudevents, value: mode == .batch ? .array(bodies) : bodies[0], batch: bodies)
    }

    private func json(_ bytes: [UInt8]) throws(Refusal) -> JSONValue {
        do {
            return try JSONValue.parse(bytes)
        } catch {
            throw .undecodableBody(kind: "JSON", reason: error.description)
        }
    }

    private func form(of webhook: Webhook, _ kind: BodyKind, _ contentType: MediaType?) throws(Refusal) -> FormFields {
        let body = try unpacked(webhook)
        if kind == .multipart {
            return try FormFields(multipart: body, boundary: contentType?.parameter("boundary"), limit: limits.parts)
        }
        return try FormFields(urlEncoded: body, limit: limits.fields)
    }

    private func formValue(of form: FormFields) throws(Refusal) -> JSONValue {
        if let payloadField, form.fields.count == 1, let payload = form.text(payloadField) {
            return try json(Array(payload.utf8))
        }
        let value = form.object(nesting: nestedNames)
        guard !jsonFields.isEmpty, let members = value.members else { return value }
        var read: [(String, JSONValue)] = []
        for (name, value) in members {
            guard jsonFields.contains(name), let text = value.stringValue else {
                read.append((name, value))
                continue
            }
            read.append((name, try json(Array(text.utf8))))
        }
        return .object(read)
    }

    private func text(_ bytes: [UInt8], _ contentType: MediaType?) throws(Refusal) -> String {
        if contentType?.isUTF8 == false {
            guard ["iso-8859-1", "latin1"].contains(contentType?.parameter("charset")?.lowercased()) else {
                throw .undecodableBody(kind: "text", reason: "its charset is not UTF-8")
            }
            return String(String.UnicodeScalarView(bytes.map { Unicode.Scalar($0) }))
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw .undecodableBody(kind: "text", reason: "it is not UTF-8")
        }
        return text
    }

    /// The bytes as they came, not even unpacked: their text, or base64 where they are not UTF-8.
    private static func whatever(_ bytes: [UInt8]) -> JSONValue {
        .string(String(validating: bytes, as: UTF8.self) ?? BinaryText.base64.encoded(bytes))
    }

    // MARK: - Compression

    /// The body without its `Content-Encoding`. One coding is taken off; nobody sends two.
    private func unpacked(_ webhook: Webhook) throws(Refusal) -> [UInt8] {
        let names = webhook.values(of: "Content-Encoding").flatMap { $0.split(separator: ",") }.map { trimmed($0) }
            .filter { !$0.isEmpty && $0.lowercased() != "identity" }
        guard let name = names.first else {
            guard webhook.body.count <= limits.decompressed else { throw .bodyTooLarge(limit: limits.decompressed) }
            return webhook.body
        }
        guard names.count == 1, let coding = ContentCoding(name) else {
            throw .contentEncodingNotAccepted(found: names.joined(separator: ", "))
        }
        switch coding.inflate(webhook.body, limit: limits.decompressed) {
        case .whole(let bytes): return bytes
        case .tooLarge: throw .bodyTooLarge(limit: limits.decompressed)
        case .malformed(let reason): throw .undecodableBody(kind: name, reason: reason)
        }
    }
}
