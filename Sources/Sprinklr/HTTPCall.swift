public import Model

/// One HTTP request, to be written at most once.
public struct HTTPCall: Sendable {
    /// `GET` and `HEAD` carry no body; every other method does, with its `Content-Length`, be it 0.
    public var method: String
    /// An absolute `http` or `https` URL. Through `socketPath` its host is only a name.
    public var url: String
    /// The Unix socket that answers for the URL; nil: the host and port of the URL.
    public var socketPath: String?
    /// Without `Host`, `Content-Length`, `Transfer-Encoding` and `Expect`, which are the client's to set.
    public var fields: [Field]
    public var body: [UInt8]
    /// From the call to the end of its answer; nil: as long as it takes.
    public var timeout: Duration?
    /// From the call to an established connection, TLS included.
    public var connectTimeout: Duration
    /// The bytes of the answer's body that are kept. What follows is read and thrown away, up to
    /// `HTTPClient.discardLimit`; beyond that the connection is cut.
    public var bodyLimit: Int

    public init(
        _ method: String,
        _ url: String,
        socketPath: String? = nil,
        fields: [Field] = [],
        body: [UInt8] = [],
        timeout: Duration? = .seconds(15),
        connectTimeout: Duration = .seconds(10),
        bodyLimit: Int = 64 * 1_024
    ) {
        self.method = method
        self.url = url
        self.socketPath = socketPath
        self.fields = fields
        self.body = body
        self.timeout = timeout
        self.connectTimeout = connectTimeout
        self.bodyLimit = bodyLimit
    }

    var carriesBody: Bool { method != "GET" && method != "HEAD" }

    /// Whether the URL's host is this machine, by name or by number.
    var isToLoopback: Bool {
        guard let start = url.firstRange(of: "://")?.upperBound else { return false }
        let authority = url[start...].prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        let place = authority.lastIndex(of: "@").map { authority[authority.index(after: $0)...] } ?? authority
        return BaseURL.host(of: place).map(BaseURL.isLoopback) ?? false
    }

    /// What makes this call unfit to be written; nil when nothing does.
    ///
    /// A line break in a token or a path would end the header line it stands in, and begin another.
    var fault: String? {
        func isOneLine(_ text: String) -> Bool { !text.utf8.contains { $0 < 0x20 && $0 != 0x09 || $0 == 0x7F } }
        func isToken(_ text: String) -> Bool {
            !text.isEmpty && text.utf8.allSatisfy { (0x21...0x7E).contains($0) && !Self.separators.contains($0) }
        }
        if !isToken(method) { return "the method \(method.debugDescription) is not a token" }
        if !isOneLine(url) { return "the URL holds a control character" }
        for field in fields {
            if !isToken(field.name) { return "the field name \(field.name.debugDescription) is not a token" }
            if !isOneLine(field.value) { return "the value of \(field.name) holds a control character" }
        }
        return nil
    }

    // RFC 9110 §5.6.2: what a token may not hold.
    private static let separators = Set(#"(),/:;<=>?@[\]{}""#.utf8)
}

/// What came of a call.
public enum HTTPResult: Sendable, Equatable {
    case answered(HTTPAnswer)
    case failed(HTTPFailure)
}

/// A complete answer.
public struct HTTPAnswer: Sendable, Equatable {
    public var status: Int
    /// The header fields in the order they came; no trailers.
    public var fields: [Field]
    /// The first bytes of the body, at most the call's `bodyLimit`.
    public var body: [UInt8]
    /// Whether there was more than `body` holds.
    public var isCut: Bool

    public init(status: Int, fields: [Field] = [], body: [UInt8] = [], isCut: Bool = false) {
        self.status = status
        self.fields = fields
        self.body = body
        self.isCut = isCut
    }

    /// The value of the first field of this name, compared without case.
    public func field(_ name: String) -> String? {
        fields.first { $0.isNamed(name) }?.value
    }
}

/// Why there is no complete answer, and how much of the request had left by then.
public struct HTTPFailure: Sendable, Equatable, Error {
    public enum Reason: String, Sendable, CaseIterable {
        /// The call could not be written as HTTP.
        case invalid
        /// The client is closed.
        case closed
        /// The calling task was cancelled, or the client closed meanwhile.
        case cancelled
        /// The host's name has no address.
        case resolve
        /// Nobody accepted the connection.
        case connect
        /// No trusted connection, or our certificate was not accepted.
        case tls
        /// The proxy did not let us through.
        case proxy
        /// `timeout` or `connectTimeout` went by.
        case timeout
        /// The connection ended before the answer did.
        case broken
        /// What came is not HTTP, or beyond its bounds.
        case malformed
    }

    /// How much of the request was handed to the network.
    public enum Written: String, Sendable, CaseIterable {
        /// Not one byte: the destination cannot have seen the call.
        case nothing
        case partly
        case wholly
    }

    public var reason: Reason
    public var written: Written
    /// The status, where the answer's head came and its body did not.
    public var status: Int?
    /// What happened, for a person.
    public var message: String

    public init(_ reason: Reason, written: Written = .nothing, status: Int? = nil, _ message: String) {
        self.reason = reason
        self.written = written
        self.status = status
        self.message = message
    }
}
