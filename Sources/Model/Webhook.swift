/// One HTTP request as it reached a source, before anything was believed or decoded.
public struct Webhook: Sendable {
    /// The method as it came, for example `POST`.
    public var method: String
    /// The whole URL as the sender called it: what providers sign. `https://gateway.example.com/hooks/shop?a=1`.
    public var url: String
    /// The path alone, percent-encoded as it came: `/hooks/shop`.
    public var path: String
    /// What follows the first `?`, undecoded; empty when there is none.
    public var query: String
    /// The header fields in the order they came.
    public var fields: [Field]
    /// The body as it came: still compressed, exactly the bytes that a signature covers.
    public var body: [UInt8]
    /// The sender's address without port, after trusted proxies: `203.0.113.7`, `2001:db8::1`.
    public var peer: String
    public var receivedAt: Timestamp

    public init(
        method: String,
        url: String,
        path: String,
        query: String = "",
        fields: [Field] = [],
        body: [UInt8] = [],
        peer: String = "",
        receivedAt: Timestamp
    ) {
        self.method = method
        self.url = url
        self.path = path
        self.query = query
        self.fields = fields
        self.body = body
        self.peer = peer
        self.receivedAt = receivedAt
    }

    /// The value of the first field of this name, compared without case.
    public func field(_ name: String) -> String? {
        fields.first { $0.isNamed(name) }?.value
    }

    /// The values of all fields of this name, compared without case, in their order.
    public func values(of name: String) -> [String] {
        fields.filter { $0.isNamed(name) }.map(\.value)
    }
}

/// One header field: a name and its value without surrounding white space.
public struct Field: Hashable, Sendable {
    public var name: String
    public var value: String

    public init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }

    /// Whether the name is this one; names are ASCII and compare without case (RFC 9110 section 5.1).
    public func isNamed(_ other: String) -> Bool {
        guard name.utf8.count == other.utf8.count else { return false }
        return zip(name.utf8, other.utf8).allSatisfy { $0 == $1 || $0.asciiLowercased == $1.asciiLowercased }
    }
}

extension UInt8 {
    /// The ASCII lower-case letter of an upper-case one; any other byte unchanged.
    fileprivate var asciiLowercased: UInt8 {
        (0x41...0x5A).contains(self) ? self | 0x20 : self
    }
}
