import Dispatch
import Glibc
import Model

/// Sends HTTP calls through libcurl, each at most once, over connections that are kept for the next.
///
/// libcurl's multi interface runs on one serial queue: a Dispatch source watches the epoll descriptor that holds all of
/// its sockets, a Dispatch timer its time-outs. Redirects are not followed. One client serves any number of hosts and
/// callers; keep one for each set of `HTTPClientSettings`.
public actor HTTPClient {
    /// Of an answer beyond its call's `bodyLimit`, so many bytes are read and thrown away to keep the connection.
    public static let discardLimit = 1_024 * 1_024

    private let executor: QueueExecutor
    private let machinery: Machinery
    private var curl: CurlMulti { machinery.curl }
    private var armed: DispatchTime?
    private var underWay: [CurlMulti.Ticket: @Sendable (HTTPResult) -> Void] = [:]
    private var isClosed = false
    private var closing: [CheckedContinuation<Void, Never>] = []

    public nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// - Throws: `HTTPClientError` when the system is out of descriptors or memory.
    public init(_ settings: HTTPClientSettings = HTTPClientSettings()) throws(HTTPClientError) {
        let executor = QueueExecutor(label: "journey-gateway.http-client")
        let curl = try CurlMulti(settings)
        let readable = DispatchSource.makeReadSource(fileDescriptor: curl.descriptor, queue: executor.queue)
        let timer = DispatchSource.makeTimerSource(queue: executor.queue)
        self.executor = executor
        machinery = Machinery(curl: curl, readable: readable, timer: timer)
        readable.setEventHandler { @Sendable [weak self] in
            self?.assumeIsolated { client in client.proceed { $0.actOnReadySockets() } }
        }
        // Dispatch watches the descriptor until the cancel handler has run; only then may its number be used again.
        let descriptor = curl.descriptor
        readable.setCancelHandler { @Sendable in _ = Glibc.close(descriptor) }
        timer.setEventHandler { @Sendable [weak self] in
            self?.assumeIsolated { client in
                client.armed = nil
                client.proceed { $0.actOnTimeout() }
            }
        }
        readable.activate()
        timer.activate()
    }

    /// Sends a call and calls back, on the client's queue, with its complete answer. The callback must only hand over.
    public nonisolated func send(_ call: HTTPCall, _ completion: @escaping @Sendable (HTTPResult) -> Void) {
        executor.queue.async { @Sendable in
            self.assumeIsolated { client in
                client.proceed { client.start(call, $0.nextTicket(), onChunk: nil, completion) }
            }
        }
    }

    /// Sends a call and waits for its complete answer. Cancelling the task gives the call up.
    public func send(_ call: HTTPCall) async -> HTTPResult {
        await perform(call, onChunk: nil)
    }

    /// Like `send`, but the body of a 2xx answer goes to `onChunk` as it comes, and nothing of it is kept or cut.
    /// The body of any other answer is in the result.
    ///
    /// - Parameter onChunk: called on the client's queue; it must not block.
    public func stream(_ call: HTTPCall, onChunk: @escaping @Sendable ([UInt8]) -> Void) async -> HTTPResult {
        await perform(call, onChunk: onChunk)
    }

    /// Refuses further calls, and returns when none is under way any more: at the latest after `limit`, when those
    /// still unanswered are given up as `cancelled`.
    public func close(within limit: Duration) async {
        isClosed = true
        guard !underWay.isEmpty else { return }
        executor.queue.asyncAfter(deadline: .now() + .milliseconds(Int(clamping: limit.milliseconds))) {
            self.assumeIsolated { $0.giveUpAll() }
        }
        await withCheckedContinuation { closing.append($0) }
    }

    // MARK: - On the queue

    private func perform(_ call: HTTPCall, onChunk: (@Sendable ([UInt8]) -> Void)?) async -> HTTPResult {
        let ticket = curl.nextTicket()
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                proceed { _ in start(call, ticket, onChunk: onChunk) { continuation.resume(returning: $0) } }
            }
        } onCancel: {
            // Behind the job that registers the continuation, which is on the queue or has already run there.
            executor.queue.async { self.assumeIsolated { $0.giveUp(ticket, "the caller gave up") } }
        }
    }

    private func start(
        _ call: HTTPCall,
        _ ticket: CurlMulti.Ticket,
        onChunk: (@Sendable ([UInt8]) -> Void)?,
        _ completion: @escaping @Sendable (HTTPResult) -> Void
    ) {
        if isClosed { return completion(.failed(HTTPFailure(.closed, "the client is closed"))) }
        if let fault = call.fault { return completion(.failed(HTTPFailure(.invalid, fault))) }
        underWay[ticket] = completion
        curl.start(call, ticket, onChunk: onChunk)
    }

    /// Lets libcurl do one thing, then all that follows from it: finished calls are answered, the timer is set.
    private func proceed(_ act: (CurlMulti) -> Void) {
        act(curl)
        for (ticket, result) in curl.takeFinished() { finish(ticket, result) }
        setTimer()
    }

    private func finish(_ ticket: CurlMulti.Ticket, _ result: HTTPResult) {
        underWay.removeValue(forKey: ticket)?(result)
        guard isClosed, underWay.isEmpty else { return }
        for continuation in closing { continuation.resume() }
        closing = []
    }

    private func giveUp(_ ticket: CurlMulti.Ticket, _ message: String) {
        guard underWay[ticket] != nil, let written = curl.giveUp(ticket) else { return }
        finish(ticket, .failed(HTTPFailure(.cancelled, written: written, message)))
    }

    private func giveUpAll() {
        for ticket in underWay.keys.sorted() { giveUp(ticket, "the client was closed before the answer came") }
    }

    /// The timer may fire earlier than libcurl wants, which costs a turn, but never later. So it is set anew only when
    /// the next time-out comes before the one that is set: with calls following each other, that is seldom.
    private func setTimer() {
        guard let deadline = curl.deadline else { return }
        if let armed, armed <= deadline { return }
        armed = deadline
        machinery.timer.schedule(deadline: deadline, leeway: .milliseconds(1))
    }
}

/// What holds for all calls of a client.
public struct HTTPClientSettings: Sendable {
    public enum Proxy: Sendable, Equatable {
        /// As `https_proxy`, `HTTPS_PROXY`, `http_proxy`, `all_proxy` and `no_proxy` say.
        case environment
        case none
        /// `http://user:password@host:port`; also `https`, `socks5` and `socks5h`.
        case url(String)
    }

    /// Files in PEM.
    public struct ClientCertificate: Sendable, Equatable {
        public var certificatePath: String
        public var keyPath: String
        public var keyPassword: String?

        public init(certificatePath: String, keyPath: String, keyPassword: String? = nil) {
            self.certificatePath = certificatePath
            self.keyPath = keyPath
            self.keyPassword = keyPassword
        }
    }

    public var proxy = Proxy.environment
    /// A PEM file of the authorities to trust instead of the system's.
    public var authoritiesPath: String?
    public var clientCertificate: ClientCertificate?
    /// Connections at once; further calls wait for one, and their time-outs run meanwhile.
    public var maxConnections = 256
    /// A connection idle for longer is not used again: the destination may be closing it just now.
    public var maxIdle = Duration.seconds(30)
    public var userAgent = "journey-gateway"

    public init() {}
}

/// The client could not be made.
public struct HTTPClientError: Error, CustomStringConvertible {
    public let description: String
}

/// What a client works with. It goes when the last reference to the client does, and so when no handler is inside it;
/// then it is of no matter on which thread libcurl is cleaned up.
private final class Machinery {
    let curl: CurlMulti
    let timer: any DispatchSourceTimer
    private let readable: any DispatchSourceRead

    init(curl: CurlMulti, readable: any DispatchSourceRead, timer: any DispatchSourceTimer) {
        self.curl = curl
        self.readable = readable
        self.timer = timer
    }

    deinit {
        curl.cleanUp()
        readable.cancel()
        timer.cancel()
    }
}
