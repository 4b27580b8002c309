/// All that a server is told.
public struct ServerConfiguration: Sendable {
    /// Where to listen; at least one.
    public var listeners: [ListenAddress]
    public var limits = Limits()
    /// How TLS is spoken on all internet listeners; nil for plain HTTP. Unix sockets are always plain.
    public var tls: TLSConfiguration?
    /// Whether each connection to an internet listener begins with a proxy's header: the PROXY protocol, version 1 or 2.
    /// One that does not is closed, and so is one that comes from none of the trusted proxies.
    public var expectsProxyHeader = false
    /// The proxies whose `Forwarded` and `X-Forwarded-*` fields, and proxy's headers, are believed.
    public var trustedProxies: [AddressBlock] = []
    /// Whether whoever connects to a Unix socket is such a proxy.
    public var trustsUnixSockets = false
    /// How many event loops share the connections, each on a queue of its own.
    public var loops = 1
    /// Connections that may wait for their acceptance, as the kernel counts them.
    public var backlog = 1_024
    /// Makes the ids by which refusals are found in the log.
    public var makeID: @Sendable () -> String
    /// Told of each request that the server refused by itself, on the connection's loop.
    public var onRefusal: @Sendable (RefusedRequest) -> Void = { _ in }
    /// What time-outs are measured with.
    public var clock: any ServerClock = .system

    /// - Parameter makeID: Makes the ids of refusals: unique enough to be found in a log.
    public init(listeners: [ListenAddress], makeID: @escaping @Sendable () -> String) {
        self.listeners = listeners
        self.makeID = makeID
    }
}

/// A request that the server answered by itself, because it was no acceptable HTTP or beyond a limit.
public struct RefusedRequest: Sendable {
    /// What was wrong, a word for each kind: `bodyTooLarge`, `headerTimeout`.
    public let reason: String
    public let status: Int
    /// The `id` that the client was told.
    public let id: String
    /// The peer's address, not what a proxy says of it; nil on a Unix socket.
    public let peer: IPAddress?
    /// Which of the configured listeners took the connection, counted from 0.
    public let listener: Int
}
