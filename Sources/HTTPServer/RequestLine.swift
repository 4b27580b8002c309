/// The first line of a request (RFC 9112 section 3): method, target, version.
struct RequestLine: Sendable, Equatable {
    var method: Slice
    var target: RequestTarget
    var version: HTTPVersion

    /// The most bytes that a line within the limits can have.
    static func longest(_ limits: Limits) -> Int {
        limits.method + 1 + limits.target + " HTTP/1.1".utf8.count
    }

    /// Reads a line of which the scanner has let through only visible characters and spaces.
    init(_ line: Range<Int>, in bytes: Span<UInt8>, limits: Limits) throws(Refusal) {
        // RFC 9112 section 3 lets a server take any white space as a separator. Exactly one space is taken here: what
        // others see as part of the target must not be a separator to us.
        let methodEnd = bytes.extracting(..<line.upperBound).firstIndex(of: .space, from: line.lowerBound)
        guard let methodEnd else { throw .malformedRequestLine }
        let targetEnd = bytes.extracting(..<line.upperBound).firstIndex(of: .space, from: methodEnd + 1)
        guard let targetEnd else { throw .malformedRequestLine }
        guard methodEnd > line.lowerBound, targetEnd > methodEnd + 1 else { throw .malformedRequestLine }
        guard methodEnd - line.lowerBound <= limits.method else { throw .methodTooLong }
        guard targetEnd - methodEnd - 1 <= limits.target else { throw .targetTooLong }
        method = Slice(line.lowerBound, methodEnd)
        let methodName = bytes.extracting(method.range)
        guard methodName.all(.token) else { throw .malformedMethod }
        version = try HTTPVersion(bytes.extracting(targetEnd + 1..<line.upperBound))
        target = try RequestTarget(methodEnd + 1..<targetEnd, in: bytes, method: methodName)
    }
}

extension HTTPVersion {
    /// Reads `HTTP/` digit `.` digit, in capitals (RFC 9112 section 2.3).
    fileprivate init(_ text: Span<UInt8>) throws(Refusal) {
        guard text.count == 8, ByteSet.digit.contains(text[5]), text[6] == UInt8(ascii: "."),
            ByteSet.digit.contains(text[7])
        else { throw .malformedVersion }
        var index = 0
        for byte in "HTTP/".utf8 {
            guard text[index] == byte else { throw .malformedVersion }
            index += 1
        }
        guard text[5] == UInt8(ascii: "1") else { throw .unsupportedVersion }
        self = text[7] == UInt8(ascii: "0") ? .http10 : .http11
    }
}

extension RequestTarget {
    /// Reads a target in the form that the method allows.
    fileprivate init(_ range: Range<Int>, in bytes: Span<UInt8>, method: Span<UInt8>) throws(Refusal) {
        let first = bytes[range.lowerBound]
        whole = Slice(range.lowerBound, range.upperBound)
        if method.equals("CONNECT") {
            // RFC 9112 section 3.2.3: the port must be there.
            let authority = bytes.extracting(range)
            guard Authority.isValid(authority), authority.endsInPort else { throw .malformedTarget }
            throw .connectUnsupported
        }
        if first == UInt8(ascii: "/") {
            form = .origin
            authority = nil
            (path, query) = try RequestTarget.pathAndQuery(range, in: bytes)
        } else if first == UInt8(ascii: "*") {
            // RFC 9112 section 3.2.4: for OPTIONS of the server as a whole, and nothing else.
            guard range.count == 1, method.equals("OPTIONS") else { throw .malformedTarget }
            form = .asterisk
            authority = nil
            path = Slice(range.lowerBound, range.lowerBound)
            query = nil
        } else {
            form = .absolute
            guard let start = RequestTarget.authorityStart(range, in: bytes) else { throw .malformedTarget }
            var end = start
            while end < range.upperBound, bytes[end] != UInt8(ascii: "/"), bytes[end] != UInt8(ascii: "?") { end += 1 }
            // RFC 9110 section 4.2.1: an http URL with an empty host is refused; 4.2.4: so is one with user information.
            guard end > start, Authority.isValid(bytes.extracting(start..<end)) else { throw .malformedTarget }
            authority = Slice(start, end)
            (path, query) = try RequestTarget.pathAndQuery(end..<range.upperBound, in: bytes)
        }
    }

    /// Where the authority begins behind `http://` or `https://`; the scheme's case does not count (RFC 3986 section 3.1).
    private static func authorityStart(_ range: Range<Int>, in bytes: Span<UInt8>) -> Int? {
        for scheme in ["http://", "https://"] as [StaticString] where range.count > scheme.utf8CodeUnitCount {
            let end = range.lowerBound + scheme.utf8CodeUnitCount
            if bytes.extracting(range.lowerBound..<end).equalsIgnoringCase(scheme) { return end }
        }
        return nil
    }

    /// Splits at the first `?`. A `#` belongs to no class: a fragment is never sent (RFC 9112 section 3.2).
    private static func pathAndQuery(
        _ range: Range<Int>,
        in bytes: Span<UInt8>
    ) throws(Refusal) -> (path: Slice, query: Slice?) {
        var end = range.lowerBound
        while end < range.upperBound, ByteSet.path.contains(bytes[end]) { end += 1 }
        let path = Slice(range.lowerBound, end)
        guard end < range.upperBound else { return (path, nil) }
        guard bytes[end] == UInt8(ascii: "?"), bytes.extracting(end + 1..<range.upperBound).all(.query) else {
            throw .malformedTarget
        }
        return (path, Slice(end + 1, range.upperBound))
    }
}

extension Span<UInt8> {
    /// Whether a valid authority ends in a port that is not empty.
    fileprivate var endsInPort: Bool {
        var index = count
        while index > 0, ByteSet.digit.contains(self[index - 1]) { index -= 1 }
        return index < count && index > 0 && self[index - 1] == .colon
    }
}

/// Host and port, as `Host` and targets have them (RFC 9110 section 7.2, RFC 3986 section 3.2).
enum Authority {
    /// Whether the bytes are a host name, an IPv4 address or a bracketed IPv6 address, and a port if there is one. User
    /// information is refused.
    static func isValid(_ text: Span<UInt8>) -> Bool {
        guard text.count > 0, let hostEnd = text[0] == UInt8(ascii: "[") ? literalEnd(text) : nameEnd(text) else {
            return false
        }
        guard hostEnd < text.count else { return true }
        return text[hostEnd] == .colon && isPort(text.extracting((hostEnd + 1)...))
    }

    /// A port may be empty; a number beyond 65535 is none.
    private static func isPort(_ text: Span<UInt8>) -> Bool {
        guard text.count <= 5 else { return false }
        var port = 0
        for index in text.indices {
            guard ByteSet.digit.contains(text[index]) else { return false }
            port = port * 10 + Int(text[index] - 0x30)
        }
        return port <= 65_535
    }

    /// The end of a `reg-name` or IPv4 address: what stands before the port; nil when there is none, or it is malformed.
    private static func nameEnd(_ text: Span<UInt8>) -> Int? {
        var index = 0
        while index < text.count, text[index] != .colon {
            guard ByteSet.host.contains(text[index]) else { return nil }
            if text[index] == UInt8(ascii: "%") {
                guard index + 2 < text.count, ByteSet.hexDigit.contains(text[index + 1]),
                    ByteSet.hexDigit.contains(text[index + 2])
                else { return nil }
            }
            index += 1
        }
        return index == 0 ? nil : index
    }

    /// The end of a bracketed IPv6 address; nil when it is malformed.
    private static func literalEnd(_ text: Span<UInt8>) -> Int? {
        guard let bracket = text.firstIndex(of: UInt8(ascii: "]")) else { return nil }
        let address = String(text.extracting(1..<bracket))
        // An IPv4 address has no colon, and does not stand in brackets.
        return address.utf8.contains(.colon) && IPAddress(address) != nil ? bracket + 1 : nil
    }
}
