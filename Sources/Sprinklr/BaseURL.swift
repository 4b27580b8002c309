/// Where a destination's API begins: scheme, host, and the environment's segment where there is one.
/// `https://api2.sprinklr.com`, `https://api3.sprinklr.com/prod2`. Never ends in a slash.
public struct BaseURL: Sendable, Hashable, CustomStringConvertible {
    public let description: String
    /// Without brackets, port and letter case.
    public let host: String
    /// Scheme, host and port, where the host's own `/` is.
    public var origin: String {
        let start = description.firstRange(of: "://")?.upperBound ?? description.startIndex
        return String(description[..<start] + description[start...].prefix { $0 != "/" })
    }

    /// - Throws: `BaseURLError`, a sentence for the author of the config.
    public init(_ text: String) throws(BaseURLError) {
        if text.utf8.contains(where: { $0 == UInt8(ascii: "{") || $0 == UInt8(ascii: "}") }) {
            // A literal `{env}` is a documented cause of status 421.
            throw BaseURLError("put the environment in place of the braces, or leave the segment out for Production")
        }
        guard text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw BaseURLError("only printable ASCII without blanks can stand in a URL")
        }
        let lowered = text.lowercased()
        let isEncrypted = lowered.hasPrefix("https://")
        guard isEncrypted || lowered.hasPrefix("http://") else {
            throw BaseURLError("it must begin with https://")
        }
        let rest = text.dropFirst(isEncrypted ? 8 : 7)
        guard !rest.contains("?"), !rest.contains("#") else {
            throw BaseURLError("it ends with the path: no query and no fragment")
        }
        let authority = rest.prefix { $0 != "/" }
        guard !authority.contains("@") else {
            throw BaseURLError("credentials do not belong here: use key and token or oauth")
        }
        guard let host = Self.host(of: authority) else { throw BaseURLError("it names no host") }
        guard isEncrypted || Self.isLoopback(host) else {
            throw BaseURLError("the token would be sent in the clear: use https:// (http:// is for this machine only)")
        }
        var path = rest.dropFirst(authority.count)
        while path.last == "/" { path.removeLast() }
        self.host = host
        description = (isEncrypted ? "https://" : "http://") + authority.lowercased() + path
    }

    /// The host of `host:port` or `[host]:port`, in lower case; nil when it is neither.
    static func host(of authority: Substring) -> String? {
        if authority.first == "[" {
            guard let end = authority.firstIndex(of: "]") else { return nil }
            let port = authority[authority.index(after: end)...]
            return port.isEmpty || isPort(port) ? authority.dropFirst().prefix { $0 != "]" }.lowercased() : nil
        }
        let host = authority.prefix { $0 != ":" }
        let port = authority.dropFirst(host.count)
        return !host.isEmpty && (port.isEmpty || isPort(port)) ? host.lowercased() : nil
    }

    private static func isPort(_ text: Substring) -> Bool {
        let digits = text.dropFirst()
        return text.first == ":" && digits.utf8.allSatisfy { (0x30...0x39).contains($0) }
            && UInt16(digits).map { $0 > 0 } ?? false
    }

    static func isLoopback(_ host: String) -> Bool {
        if host == "localhost" || host.hasSuffix(".localhost") || host == "::1" { return true }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }
}

/// Why a text is no base URL, as the end of a sentence about it.
public struct BaseURLError: Error, Equatable, CustomStringConvertible {
    public let description: String

    init(_ description: String) {
        self.description = description
    }
}
