import Webhooks

extension SourceSettings {
    /// Reads an entry of `sources:`.
    init(name: String, _ section: ConfigSection, _ problems: inout [ConfigProblem]) {
        self.init(name: name)
        path = section.read("path", .path, &problems) ?? ""
        section.require("path", &problems)
        preset = section.text("preset", &problems)
        secrets = section.oneOrMore("secret", of: .secret, &problems).map(\.reveal)
        verifyToken = section.secret("verifyToken", &problems)?.reveal
        signature = SignatureScheme(source: section, &problems)
        accept = section.list("accept", of: .choice, &problems)
        methods = section.list("methods", of: .method, &problems)
        origins = section.list("origins", of: .origin, &problems)
        redirect = section.read("redirect", .redirect, &problems)
        honeypot = section.text("honeypot", &problems)
        rateLimit = section.section(ifPresent: "rateLimit", &problems).map { RateLimit($0, &problems) }
        topic = section.text("topic", &problems)
        eventID = section.text("eventId", &problems)
        split = section.text("split", &problems)
        drop = section.text("drop", &problems)
        dedupe = section.duration("dedupe", in: .milliseconds(1)...Duration.seconds(90 * 86_400), &problems)
        answer = section.section(ifPresent: "answer", &problems).map { FixedAnswer($0, &problems) }
        nestedNames = section.read("nestedNames", .boolean, &problems)
        limits = BodyLimits(section.section("limits", &problems), &problems)
    }
}

extension RateLimit {
    /// Reads `rateLimit:`.
    fileprivate init(_ section: ConfigSection, _ problems: inout [ConfigProblem]) {
        let perSecond = section.integer("perSecond", in: 1...1_000_000, &problems)
        section.require("perSecond", &problems)
        let burst = section.integer("burst", in: 1...1_000_000, &problems)
        let scope = section.choice("by", default: Scope.address, &problems)
        self.init(perSecond: Double(perSecond ?? 1), burst: burst.map(Double.init), by: scope)
    }
}

extension FixedAnswer {
    /// Reads `answer:`.
    fileprivate init(_ section: ConfigSection, _ problems: inout [ConfigProblem]) {
        self.init(section.integer("status", default: 200, in: 200...299, &problems))
        contentType = section.text("contentType", &problems)
        body = section.read("body", .text, default: "", &problems)
    }
}

extension BodyLimits {
    /// Reads a source's `limits:`.
    fileprivate init(_ section: ConfigSection, _ problems: inout [ConfigProblem]) {
        self.init()
        let bytes = ByteCount(bytes: 1)...ByteCount(bytes: 1 << 40)
        let usual = ByteCount(bytes: decompressed)
        decompressed = section.size("decompressed", default: usual, in: bytes, &problems).bytes
        fields = section.integer("fields", default: fields, in: 1...1_000_000, &problems)
        parts = section.integer("parts", default: parts, in: 1...1_000_000, &problems)
        events = section.integer("events", default: events, in: 1...1_000_000, &problems)
    }
}

extension ConfigReading where Value == String {
    fileprivate static var method: Self {
        let methods = ["POST", "PUT", "PATCH", "GET", "DELETE"]
        return .choice(methods.map { ($0, $0) })
    }

    /// A web origin as browsers send it (RFC 6454): scheme, host and port, no path; or `*`.
    fileprivate static var origin: Self {
        ConfigReading(kind: .text, expected: "an origin such as https://www.example.com, without a path") { text in
            for scheme in ["https://", "http://"] where text.hasPrefix(scheme) {
                let authority = text.dropFirst(scheme.count)
                let isAuthority = authority.utf8.allSatisfy { (0x21...0x7E).contains($0) } && !authority.contains("/")
                return isAuthority && !authority.isEmpty ? text : nil
            }
            return text == "*" ? text : nil
        }
    }

    /// What can stand in `Location`: a URL, or a path on this host.
    fileprivate static var redirect: Self {
        ConfigReading(kind: .text, expected: "a URL such as https://www.example.com/thanks, or a path") { text in
            let begins = ["https://", "http://", "/"].contains { text.hasPrefix($0) }
            return begins && text.utf8.allSatisfy { (0x21...0x7E).contains($0) } ? text : nil
        }
    }
}
