/// An HTTP/1.1 server.
///
/// ```swift
/// let server = HTTPServer(configuration) { request, responder in
///     responder.respond(Response(202))
/// }
/// let addresses = try server.start()
/// …
/// await server.drain(within: .seconds(8))
/// ```
public final class HTTPServer: Sendable {
    /// Called on the connection's event loop, for one request of a connection at a time, in their order. It must not
    /// block: what takes long answers later, from another thread.
    public typealias Handler = @Sendable (Request, Responder) -> Void

    private let configuration: ServerConfiguration
    private let handler: Handler
    private let loops = Lock<[EventLoop]>([])
    private let certificates = Lock<Certificates?>(nil)

    public init(_ configuration: ServerConfiguration, handler: @escaping Handler) {
        self.configuration = configuration
        self.handler = handler
    }

    deinit {
        for loop in loops.withLock({ $0 }) { loop.stopSoon() }
    }

    /// Listens, and serves from then on. With several loops each has its own socket on each port, and the kernel spreads
    /// the connections; Unix sockets and inherited ones belong to the first loop.
    /// - Returns: The addresses that the listeners have, with the real ports, in the order of the configuration.
    /// - Throws: When an address cannot be had, for example because it is in use, or a certificate cannot be used. Nothing
    ///   listens then.
    public func start() throws(ServerStartError) -> [ListenAddress] {
        precondition(configuration.loops > 0, "a server has a loop")
        precondition(loops.withLock(\.isEmpty), "a server starts once")
        let tls: Certificates?
        do throws(TLSError) {
            tls = try configuration.tls.map { configuration throws(TLSError) in try Certificates(configuration) }
        } catch {
            throw .certificate(error)
        }
        certificates.withLock { $0 = tls }
        do throws(SystemError) {
            return try listen(tls)
        } catch {
            throw .system(error)
        }
    }

    private func listen(_ tls: Certificates?) throws(SystemError) -> [ListenAddress] {
        var addresses = configuration.listeners
        var started: [(EventLoop, [Listener])] = []
        let shared = LoopContext.Shared(tls: tls, gate: AddressGate(configuration.limits), handler: handler)
        for number in 0..<configuration.loops {
            let loop = try EventLoop(configuration, number: number, shared)
            var listeners: [Listener] = []
            for (index, address) in configuration.listeners.enumerated() where number == 0 || address.isInternet {
                let listener = try Listener(
                    // A port that the kernel chose for the first loop is what the others share.
                    addresses[index],
                    index: index,
                    backlog: configuration.backlog,
                    sharesPort: configuration.loops > 1
                )
                addresses[index] = listener.address
                listeners.append(listener)
            }
            started.append((loop, listeners))
        }
        for (loop, listeners) in started { try loop.start(listeners) }
        let running = started.map(\.0)
        loops.withLock { $0 = running }
        return addresses
    }

    /// Stops: no new connections, requests under way are finished and answered with `Connection: close`, idle connections
    /// are closed.
    ///
    /// Returns when all connections are gone, at the latest after `patience`; what is left then is cut.
    public func drain(within patience: Duration) async {
        await withTaskGroup { group in
            for loop in loops.withLock({ $0 }) {
                group.addTask { await loop.drain(within: patience) }
            }
        }
    }

    /// Uses new certificates, or the same files read again, for all handshakes from now on. Connections that are open stay.
    /// - Precondition: The server was started with TLS.
    /// - Throws: When they cannot be used; then the old ones stay.
    public func reload(_ tls: TLSConfiguration) throws(TLSError) {
        guard let certificates = certificates.withLock({ $0 }) else {
            preconditionFailure("a server that speaks no TLS has no certificates")
        }
        try certificates.replace(by: tls)
    }

    /// What the server is doing now.
    public func statistics() async -> ServerStatistics {
        var sum = ServerStatistics()
        for loop in loops.withLock({ $0 }) { sum += await loop.statistics }
        return sum
    }
}

/// Why a server cannot start.
public enum ServerStartError: Error, Equatable, CustomStringConvertible {
    case system(SystemError)
    case certificate(TLSError)

    public var description: String {
        switch self {
        case .system(let error): error.description
        case .certificate(let error): error.description
        }
    }
}

/// Figures of a server, for metrics and tests.
public struct ServerStatistics: Sendable, Equatable {
    /// Connections open now, and of them:
    public var connections = 0
    /// between two requests,
    public var idle = 0
    /// in a request's header section, or newly accepted,
    public var readingHeader = 0
    public var readingBody = 0
    /// waiting for the handler's answer, or being streamed to,
    public var handling = 0
    /// with an answer that the peer has not taken yet,
    public var writing = 0
    /// refused, and being read until the peer stops.
    public var lingering = 0

    /// Bytes of bodies held for requests arriving and being handled.
    public var bodyBytes = 0

    /// Since the start:
    public var accepted = 0
    public var requests = 0
    public var refused = 0
    /// Connections closed to make room for new ones.
    public var evicted = 0
    /// Connections closed at once, because all were busy, or by the limits for an address.
    public var turnedAway = 0

    public init() {}

    static func += (sum: inout ServerStatistics, other: ServerStatistics) {
        sum.connections += other.connections
        sum.idle += other.idle
        sum.readingHeader += other.readingHeader
        sum.readingBody += other.readingBody
        sum.handling += other.handling
        sum.writing += other.writing
        sum.lingering += other.lingering
        sum.bodyBytes += other.bodyBytes
        sum.accepted += other.accepted
        sum.requests += other.requests
        sum.refused += other.refused
        sum.evicted += other.evicted
        sum.turnedAway += other.turnedAway
    }
}
