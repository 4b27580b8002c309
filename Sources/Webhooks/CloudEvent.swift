import JSON
import Model

/// A CloudEvent 1.0, in whichever of the HTTP binding's modes it came.
struct CloudEvent {
    enum Content {
        case none
        case json(JSONValue)
        case bytes([UInt8])
    }

    /// Context attributes, extensions too, in the order they came.
    var attributes: [(name: String, value: JSONValue)]
    var content: Content

    /// The event in its JSON form, `data` or `data_base64` included: what rules see as `body`.
    let envelope: JSONValue
}

/// How a request carries CloudEvents (HTTP binding, section 3).
enum CloudEventMode {
    case binary
    case structured
    case batch

    /// By the content type alone, and else by the one header that every binary event has. Nil: it carries none.
    static func of(_ webhook: Webhook, contentType: MediaType?) -> CloudEventMode? {
        if let essence = contentType?.essence {
            if essence.hasPrefix("application/cloudevents-batch") { return .batch }
            if essence.hasPrefix("application/cloudevents") { return .structured }
        }
        return webhook.field("ce-specversion") == nil ? nil : .binary
    }
}

extension CloudEvent {
    /// All events of a request, or none: one bad event of a batch refuses it whole. `body` is already unpacked.
    static func events(
        in webhook: Webhook,
        mode: CloudEventMode,
        contentType: MediaType?,
        body: [UInt8]
    ) throws(Refusal) -> [CloudEvent] {
        switch mode {
        case .binary:
            return [try CloudEvent(binary: webhook, body: body)]
        case .structured:
            guard contentType?.essence == "application/cloudevents+json", contentType?.isUTF8 == true else {
                throw .mediaTypeNotAccepted(found: webhook.field("Content-Type"), accepted: [.cloudevents])
            }
            return [try CloudEvent(structured: try parsedJSON(body))]
        case .batch:
            guard contentType?.essence == "application/cloudevents-batch+json", contentType?.isUTF8 == true else {
                throw .mediaTypeNotAccepted(found: webhook.field("Content-Type"), accepted: [.cloudevents])
            }
            guard let elements = try parsedJSON(body).elements else { throw malformed("a batch is a JSON array") }
            var events: [CloudEvent] = []
            for element in elements { events.append(try CloudEvent(structured: element)) }
            return events
        }
    }

    private static func parsedJSON(_ body: [UInt8]) throws(Refusal) -> JSONValue {
        do {
            return try JSONValue.parse(body)
        } catch {
            throw .undecodableBody(kind: "JSON", reason: error.description)
        }
    }

    private static func malformed(_ reason: String) -> Refusal {
        .undecodableBody(kind: "a CloudEvent", reason: reason)
    }

    // MARK: - Binary mode

    private init(binary webhook: Webhook, body: [UInt8]) throws(Refusal) {
        var attributes: [(name: String, value: JSONValue)] = []
        for field in webhook.fields where field.name.utf8.count > 3 && field.name.lowercased().hasPrefix("ce-") {
            let name = String(field.name.lowercased().dropFirst(3))
            guard !attributes.contains(where: { $0.name == name }) else {
                throw Self.malformed("the header ce-\(name) comes twice")
            }
            attributes.append((name, .string(try Self.headerValue(field.value, of: name))))
        }
        let contentType = webhook.field("Content-Type").map(trimmed)
        if let contentType { attributes.append(("datacontenttype", .string(contentType))) }
        try Self.check(attributes)
        self.attributes = attributes
        content = body.isEmpty ? .none : .bytes(body)
        let members = attributes.map { ($0.name, $0.value) }
        envelope = .object(body.isEmpty ? members : members + [Self.member(for: body, contentType: contentType)])
    }

    /// HTTP binding section 3.1.3.2: percent-encoded UTF-8, decoded once; quotes round a value are an old habit.
    private static func headerValue(_ text: String, of name: String) throws(Refusal) -> String {
        var bytes = Array(trimmed(text).utf8)
        if bytes.count >= 2, bytes.first == UInt8(ascii: "\""), bytes.last == UInt8(ascii: "\"") {
            var isEscaped = false
            bytes = bytes.dropFirst().dropLast().filter { byte in
                isEscaped = byte == UInt8(ascii: "\\") && !isEscaped
                return !isEscaped
            }
        }
        for index in bytes.indices where bytes[index] == UInt8(ascii: "%") {
            guard PercentCoding.code(at: index, of: bytes[...]) != nil else {
                throw malformed("the header ce-\(name) has a percent sign without two hexadecimal digits")
            }
        }
        guard let value = String(validating: PercentCoding.decoded(bytes[...]), as: UTF8.self) else {
            throw malformed("the header ce-\(name) is not UTF-8")
        }
        return value
    }

    /// `data` when the bytes are JSON that says so, or text; else `data_base64`.
    private static func member(for body: [UInt8], contentType: String?) -> (String, JSONValue) {
        let type = contentType.flatMap { MediaType($0) }
        if contentType == nil || type?.isJSON == true, let data = try? JSONValue.parse(body) { return ("data", data) }
        let isText = contentType == nil || type?.isTextual == true
        if isText, let text = String(validating: body, as: UTF8.self) { return ("data", .string(text)) }
        return ("data_base64", .string(BinaryText.base64.encoded(body)))
    }

    // MARK: - Structured mode

    private init(structured value: JSONValue) throws(Refusal) {
        guard let members = value.members else { throw Self.malformed("an event is a JSON object") }
        var attributes: [(name: String, value: JSONValue)] = []
        var data: JSONValue?
        var base64: JSONValue?
        for (name, value) in members {
            switch name {
            case "data": data = value
            case "data_base64" where !value.isNull: base64 = value
            // JSON format section 2.2: null is the same as absent.
            case _ where value.isNull: continue
            default: attributes.append((name, value))
            }
        }
        try Self.check(attributes)
        content = try Self.content(data: data, base64: base64)
        self.attributes = attributes
        let hasNoNulls = attributes.count + (data == nil ? 0 : 1) + (base64 == nil ? 0 : 1) == members.count
        envelope =
            hasNoNulls
            ? value
            : .object(members.filter { $0.key == "data" || !$0.value.isNull }.map { ($0.key, $0.value) })
    }

    private static func content(data: JSONValue?, base64: JSONValue?) throws(Refusal) -> Content {
        guard let base64 else { return data.map(Content.json) ?? .none }
        guard data == nil else { throw malformed("'data' and 'data_base64' exclude each other") }
        guard let text = base64.stringValue, let bytes = BinaryText.base64.decoded(text) else {
            throw malformed("'data_base64' is not base64")
        }
        return .bytes(bytes)
    }

    // MARK: - Attributes

    /// CloudEvents 1.0 section 3: what has to be there, and of which type.
    private static func check(_ attributes: [(name: String, value: JSONValue)]) throws(Refusal) {
        let core = ["specversion", "id", "source", "type", "datacontenttype", "dataschema", "subject", "time"]
        var texts: [String: String] = [:]
        for (name, value) in attributes {
            switch value.kind {
            case .object, .array, .null: throw malformed("the attribute '\(name)' has no type that attributes may have")
            case .string: texts[name] = value.stringValue
            case .number, .boolean:
                guard !core.contains(name) else { throw malformed("the attribute '\(name)' must be a string") }
            }
        }
        for name in core.prefix(4) where (texts[name] ?? "").isEmpty {
            throw malformed("the attribute '\(name)' is missing or empty")
        }
        guard texts["specversion"] == "1.0" else { throw malformed("its specversion is not 1.0") }
        for name in core.dropFirst(4) where texts[name]?.isEmpty == true {
            throw malformed("the attribute '\(name)' is empty")
        }
        if let time = texts["time"] {
            let bytes = Array(time.utf8)
            guard bytes.count > 10, bytes[10] | 0x20 == UInt8(ascii: "t"), Timestamp(rfc3339: time) != nil else {
                throw malformed("the attribute 'time' is no RFC 3339 date-time")
            }
        }
    }
}

extension MediaType {
    /// Types whose bytes are text in whatever subtype: XML and its family too.
    var isTextual: Bool {
        isUTF8
            && (essence.hasPrefix("text/") || essence == "application/xml" || essence.hasSuffix("+xml")
                || essence == "application/x-www-form-urlencoded")
    }
}
