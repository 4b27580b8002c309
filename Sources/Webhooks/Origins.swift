import Model

/// Which web pages may send to a source: the Fetch standard's CORS protocol, and a check of plain form posts, which that
/// protocol lets through unasked.
struct Origins: Sendable {
    private let allowed: Set<String>

    /// Nil when no origins are given. `https://host` or `https://host:port`, lower case; `*` is any.
    init?(_ origins: [String], mistakes: inout [SourceError.Mistake]) {
        guard !origins.isEmpty else { return nil }
        for origin in origins where origin != "*" && Self.origin(of: origin) != origin {
            mistakes.append(
                SourceError.Mistake(
                    place: "origins",
                    message: "found '\(origin)', expected an origin as browsers send it, without a path: "
                        + (Self.origin(of: origin) ?? "https://www.example.com")
                )
            )
        }
        allowed = Set(origins)
    }

    func allows(_ origin: String) -> Bool {
        allowed.contains(origin) || allowed.contains("*")
    }

    /// Throws `.originNotAllowed` when the request says that it comes from another page. `Origin` counts, and where a
    /// browser leaves it out, `Referer`. A request with neither comes from no page, and passes: what is no browser
    /// could write there what it likes.
    func check(_ webhook: Webhook) throws(Refusal) {
        let origin = webhook.field("Origin") ?? webhook.field("Referer").map { Self.origin(of: $0) ?? "null" }
        if let origin, !allows(trimmed(origin)) { throw .originNotAllowed }
    }

    /// The answer to a preflight; nil when the request is none. Without consent it carries no permissions.
    func preflightAnswer(to webhook: Webhook, methods: [String]) -> Answer? {
        guard webhook.method == "OPTIONS", webhook.field("Origin") != nil,
            webhook.field("Access-Control-Request-Method") != nil
        else { return nil }
        var answer = Answer(204, fields: fields(for: webhook))
        if let origin = webhook.field("Origin"), allows(trimmed(origin)) {
            answer.fields.append(Field("Access-Control-Allow-Methods", methods.joined(separator: ", ")))
            // Whatever header the page asks for harms nobody: no credentials are allowed.
            if let headers = webhook.field("Access-Control-Request-Headers"), headers.utf8.allSatisfy(isListByte) {
                answer.fields.append(Field("Access-Control-Allow-Headers", headers))
            }
            answer.fields.append(Field("Access-Control-Max-Age", "7200"))
        }
        return answer
    }

    /// What every answer to this request carries, so that the page may read it.
    func fields(for webhook: Webhook) -> [Field] {
        guard let origin = webhook.field("Origin").map({ trimmed($0) }), allows(origin) else {
            return [Field("Vary", "Origin")]
        }
        return [Field("Access-Control-Allow-Origin", origin), Field("Vary", "Origin")]
    }

    /// Field names, commas and spaces: nothing that could end the line.
    private func isListByte(_ byte: UInt8) -> Bool {
        isTokenByte(byte) || byte == UInt8(ascii: ",") || byte == UInt8(ascii: " ")
    }

    /// Scheme, host and port of a URL, lower case; nil when it has none.
    private static func origin(of url: String) -> String? {
        let bytes = Array(url.lowercased().utf8)
        guard let colon = bytes.firstIndex(of: UInt8(ascii: ":")), colon > 0,
            bytes[colon...].starts(with: "://".utf8)
        else { return nil }
        let end = bytes[(colon + 3)...].firstIndex { "/?#".utf8.contains($0) } ?? bytes.count
        let authority = bytes[(colon + 3)..<end]
        guard !authority.isEmpty, !authority.contains(UInt8(ascii: "@")) else { return nil }
        return String(decoding: bytes[..<end], as: UTF8.self)
    }
}

/// Which of two media types an `Accept` field prefers (RFC 9110 section 12.5.1).
struct AcceptField {
    private let ranges: [(essence: String, quality: Double)]

    init(_ text: String) {
        ranges = text.split(separator: ",").compactMap { item in
            guard let field = ParameterizedField(trimmed(item)) else { return nil }
            let quality = field.parameters.first { $0.name == "q" }.map { Double($0.value) ?? 0 } ?? 1
            return (field.value.lowercased(), quality)
        }
    }

    /// Whether HTML is named, and JSON is not named before it: what browsers do, and scripts do not.
    var prefersHTML: Bool { quality("text/html") > quality("application/json") }

    var prefersJSON: Bool { quality("application/json") > quality("text/html") }

    /// By name alone: `*/*` says nothing about who asks.
    private func quality(_ essence: String) -> Double {
        ranges.first { $0.essence == essence }?.quality ?? 0
    }
}
