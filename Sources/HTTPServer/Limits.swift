/// How much a peer may send, and how long it may take. Sizes are in bytes.
///
/// Each limit is applied while bytes arrive: nothing beyond it is stored.
public struct Limits: Sendable, Equatable {
    /// The largest body of a request, after its transfer coding was removed. Beyond it: 413.
    public var body = 4 << 20
    /// The bytes of all body parts that a server holds at once, for requests arriving and being handled. Beyond it: 503.
    public var bodiesInFlight = 256 << 20
    /// All field lines of a header section together. Beyond it: 431. Trailers and chunk extensions have the same limit each.
    public var header = 32 << 10
    /// One field line. Beyond it: 431.
    public var field = 16 << 10
    /// The number of field lines of a header or trailer section. Beyond it: 431.
    public var fieldCount = 128
    /// The request target. Beyond it: 414.
    public var target = 8 << 10
    /// The method's name. Beyond it: 501.
    public var method = 32

    /// From a request's first byte (on a new connection: from its acceptance) to the end of its header section. Beyond it: 408.
    public var headerTimeout: Duration = .seconds(10)
    /// A body has this long to arrive, and longer only as it keeps `bodyRate` on average. Beyond it: 408.
    public var bodyTimeout: Duration = .seconds(30)
    /// The least bytes a second a body must arrive at, once `bodyTimeout` is over.
    public var bodyRate = 1 << 10
    /// From the first byte of a request to its last, however well its body keeps the rate; looked at each time that
    /// `bodyTimeout` is over. Beyond it: 408.
    public var requestTimeout: Duration = .seconds(300)
    /// Between an answer and the next request. Beyond it the connection is closed.
    public var idleTimeout: Duration = .seconds(75)
    /// What was answered must be taken by the peer in this time, or longer as it keeps `writeRate`. Beyond it the connection is reset.
    public var writeTimeout: Duration = .seconds(30)
    /// The least bytes a second a peer must read at, once `writeTimeout` is over.
    public var writeRate = 1 << 10
    /// How long what a refused peer still sends is read and thrown away, so that it gets to read why.
    public var lingerTimeout: Duration = .seconds(2)

    /// Connections open at once. At the limit the one that has been idle longest is closed for the new one; when all are
    /// busy, the new one is closed.
    public var connections = 20_000
    /// Connections that one address, or one IPv6 /64, may have open at once; nil for any number. What is beyond it is
    /// closed at once. Trusted proxies may have any number, of this and the next.
    public var connectionsPerAddress: Int?
    /// Connections that one address, or one IPv6 /64, may make in a second; nil for any number.
    public var newConnectionsPerAddress: Int?
    /// What a streaming response may have waiting for its peer before its writer has to wait.
    public var streamBuffer = 64 << 10

    public init() {}
}
