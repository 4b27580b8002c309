/// What a loop's connections share. It belongs to the loop, and is touched only there.
final class LoopContext {
    let limits: Limits
    let shared: Shared
    let mailbox: Mailbox
    let configuration: ServerConfiguration
    /// Nil when no proxy is trusted.
    let forwarding: Forwarding?
    /// This loop's share of `limits.bodiesInFlight`.
    let bodyMemory: Int

    /// The time, read once a turn.
    private(set) var now = Duration.zero
    private(set) var date = DateLine()
    /// Whether the server is going: answers tell clients not to come again.
    var isDraining = false
    var statistics = ServerStatistics()

    /// Where all connections read to. It has room for the largest head that may be kept beside a full read.
    var readBuffer: [UInt8]
    /// Where what is encrypted, or behind a proxy's header, is put before.
    var staging: [UInt8]
    /// An empty buffer with room, lent to whichever connection has something to write.
    var spareOutput: [UInt8] = []

    /// What all loops of a server have in common.
    struct Shared: Sendable {
        /// What handshakes are made with; nil without TLS.
        let tls: Certificates?
        /// Nil when an address may have any number of connections.
        let gate: AddressGate?
        let handler: HTTPServer.Handler
    }

    init(_ configuration: ServerConfiguration, _ shared: Shared, mailbox: Mailbox) {
        self.shared = shared
        self.configuration = configuration
        self.mailbox = mailbox
        limits = configuration.limits
        bodyMemory = configuration.limits.bodiesInFlight / configuration.loops
        let isForwarding = !configuration.trustedProxies.isEmpty || configuration.trustsUnixSockets
        forwarding =
            isForwarding
            ? Forwarding(trusted: configuration.trustedProxies, trustsUnixSockets: configuration.trustsUnixSockets)
            : nil
        let largestHead = RequestLine.longest(limits) + limits.header + 8
        // A read may complete a record of which OpenSSL holds all but the end.
        let completedRecord = shared.tls == nil ? 0 : TLSSession.recordSize
        readBuffer = [UInt8](repeating: 0, count: LoopContext.readSize + largestHead + completedRecord)
        let needsStaging = shared.tls != nil || configuration.expectsProxyHeader
        staging = [UInt8](repeating: 0, count: needsStaging ? LoopContext.readSize : 0)
    }

    /// Whether what this peer says of others is believed.
    func isTrustedProxy(_ peer: IPAddress?) -> Bool {
        forwarding?.isTrusted(peer) ?? false
    }

    func readClock() {
        now = configuration.clock.now()
        date.update(secondsSince1970: configuration.clock.secondsSince1970())
    }

    /// What one read takes at most, and what a connection may keep unserved.
    static let readSize = 64 << 10
}
