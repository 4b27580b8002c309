/// The request line and header section of a request: the bytes as they came, and where in them everything stands.
struct RequestHead: Sendable {
    /// From the request line to the empty line that ends the header section.
    var bytes: [UInt8]
    var method: Slice
    var target: RequestTarget
    var version: HTTPVersion
    var fields: [FieldLine]
    /// The value of the one `Host` field; nil when an HTTP/1.0 request has none.
    var host: Slice?
    var framing: BodyFraming
    /// Whether the peer lets the connection be used again.
    var isPersistent: Bool
    /// Whether the peer waits for `100 Continue` before it sends the body.
    var expectsContinue: Bool
}

/// A range of bytes in a request's head.
struct Slice: Sendable, Equatable {
    var start: UInt32
    var end: UInt32

    init(_ start: Int, _ end: Int) {
        self.start = UInt32(truncatingIfNeeded: start)
        self.end = UInt32(truncatingIfNeeded: end)
    }

    var range: Range<Int> { Int(start)..<Int(end) }
    var count: Int { Int(end - start) }
    var isEmpty: Bool { start == end }
}

/// Where a field line's name and its value, without surrounding white space, stand.
struct FieldLine: Sendable, Equatable {
    var name: Slice
    var value: Slice
}

/// The versions that this server speaks.
public enum HTTPVersion: Sendable, Equatable {
    case http10
    /// 1.1, and later minor versions, which RFC 9110 section 2.5 has a server treat as its own.
    case http11
}

/// A request target's form (RFC 9112 section 3.2) and parts.
struct RequestTarget: Sendable, Equatable {
    enum Form: Sendable, Equatable {
        /// `/path?query`
        case origin
        /// `http://host/path?query`
        case absolute
        /// `host:port`, for CONNECT
        case authority
        /// `*`, for OPTIONS
        case asterisk
    }

    var form: Form
    var whole: Slice
    /// Empty with an absolute form that has no path, and with the forms that never have one.
    var path: Slice
    /// What follows the `?`; nil without one.
    var query: Slice?
    /// With the absolute and the authority form.
    var authority: Slice?
}

/// How the end of a request's body is found (RFC 9112 section 6.3).
enum BodyFraming: Sendable, Equatable {
    /// Exactly this many bytes; 0 when neither length nor coding was given.
    case length(Int)
    case chunked
}
