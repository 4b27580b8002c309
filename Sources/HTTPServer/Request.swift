public import HTTPTypes

/// One request, complete: head and body are there, and its framing was unambiguous.
///
/// Head and body are kept as they came. What is asked of the head is looked up there; `fields` builds its value each time.
public struct Request: Sendable {
    let head: RequestHead
    let trailer: Trailer
    let connection: ConnectionInfo
    /// What a trusted proxy says; nil without one.
    let origin: Origin?
    /// The body without its transfer coding; still compressed if it came so.
    public let body: [UInt8]

    init(_ message: RequestDecoder.Message, from connection: ConnectionInfo, origin: Origin? = nil) {
        head = message.head
        trailer = message.trailer
        body = message.body
        self.connection = connection
        self.origin = origin
    }

    /// The sender's address: the peer's, or what a trusted proxy says of it; nil on a Unix socket.
    public var address: IPAddress? { origin?.address ?? connection.address }

    /// How the sender called: `https` with TLS, or when a trusted proxy says so.
    public var scheme: Scheme { origin?.scheme ?? (connection.isTLS ? .https : .http) }

    /// Host and port as the sender called them: the target's own authority if it has one, else `Host`; a trusted proxy's
    /// word goes before both. Empty when nobody said.
    public var authority: String {
        // RFC 9112 section 3.2.2: with an absolute target, Host does not count.
        origin?.authority ?? (head.target.authority ?? head.host).map(text) ?? ""
    }

    public enum Scheme: String, Sendable {
        case http, https
    }

    /// The method as it came; compared with case (RFC 9110 section 9.1).
    public var method: HTTPRequest.Method {
        // The parser let only tokens through, so the initialiser takes it.
        HTTPRequest.Method(text(head.method)) ?? .get
    }

    /// The request target as it came, whatever its form.
    public var target: String { text(head.target.whole) }

    /// The target's path, percent-encoded as it came: `/hooks/shop`. `/` for an absolute form without one, `*` for OPTIONS
    /// of the whole server, empty for CONNECT.
    public var path: String {
        switch head.target.form {
        case .origin: text(head.target.path)
        case .absolute: head.target.path.isEmpty ? "/" : text(head.target.path)
        case .asterisk: "*"
        case .authority: ""
        }
    }

    /// What follows the first `?` of the target, undecoded; nil without one.
    public var query: String? { head.target.query.map(text) }

    /// The whole URL as the sender called it: `https://gateway.example.com/hooks/shop?a=1`.
    public var url: String {
        scheme.rawValue + "://" + authority + path + (query.map { "?" + $0 } ?? "")
    }

    public var version: HTTPVersion { head.version }

    /// The header fields in the order they came. Built anew by each call: keep it when several are wanted.
    public var fields: HTTPFields {
        HTTPFields(head.fields, in: head.bytes)
    }

    /// The fields that followed a chunked body; they are not merged into `fields` (RFC 9110 section 6.5.1).
    public var trailerFields: HTTPFields {
        HTTPFields(trailer.fields, in: trailer.bytes)
    }

    /// The header fields in the order they came, as plain texts, read from the head one by one.
    public var rawFields: RawFields {
        RawFields(bytes: head.bytes, lines: head.fields)
    }

    /// The value of the first header field of this name, compared without case.
    public func field(_ name: String) -> String? {
        rawFields.first(named: name)
    }

    /// The peer's or, behind a trusted proxy, the sender's address without port: `203.0.113.7`, `2001:db8::1`; empty on a
    /// Unix socket.
    public var peer: String { origin?.address?.description ?? connection.peer }

    /// Whether the connection itself is TLS, whatever a proxy says.
    public var isTLS: Bool { connection.isTLS }

    /// What the client showed of itself; nil without TLS, or when it showed nothing.
    public var clientCertificate: ClientCertificate? { connection.clientCertificate }

    /// Which of the configured listeners took the connection, counted from 0.
    public var listener: Int { connection.listener }

    private func text(_ slice: Slice) -> String {
        String(decoding: head.bytes[slice.range], as: UTF8.self)
    }
}

/// What a connection knows of its peer, the same for all its requests.
struct ConnectionInfo: Sendable {
    /// The other end's address; nil on a Unix socket.
    var address: IPAddress? { didSet { peer = address?.description ?? "" } }
    /// The address as text, written once for all requests.
    private(set) var peer: String
    var isTLS: Bool
    var clientCertificate: ClientCertificate?
    var listener: Int

    init(address: IPAddress? = nil, isTLS: Bool = false, listener: Int) {
        self.address = address
        peer = address?.description ?? ""
        self.isTLS = isTLS
        self.listener = listener
    }
}

/// The field lines behind a chunked body's last chunk.
struct Trailer: Sendable {
    var bytes: [UInt8] = []
    var fields: [FieldLine] = []
}

/// Header fields in the order they came, each made when it is asked for.
public struct RawFields: RandomAccessCollection, Sendable {
    let bytes: [UInt8]
    let lines: [FieldLine]

    public var startIndex: Int { 0 }
    public var endIndex: Int { lines.count }

    public subscript(position: Int) -> (name: String, value: String) {
        let line = lines[position]
        return (
            String(decoding: bytes[line.name.range], as: UTF8.self),
            String(decoding: bytes[line.value.range], as: UTF8.self)
        )
    }

    /// The value of the first field of this name, compared without case.
    public func first(named name: String) -> String? {
        for line in lines where bytes.span.extracting(line.name.range).equalsIgnoringCase(text: name) {
            return String(decoding: bytes[line.value.range], as: UTF8.self)
        }
        return nil
    }
}

extension HTTPFields {
    fileprivate init(_ lines: [FieldLine], in bytes: [UInt8]) {
        self.init()
        reserveCapacity(lines.count)
        for line in lines {
            let name = String(decoding: bytes[line.name.range], as: UTF8.self)
            // The parser let only tokens through as names, so this never leaves one out.
            guard let name = HTTPField.Name(name) else { continue }
            append(HTTPField(name: name, lenientValue: bytes[line.value.range]))
        }
    }
}
