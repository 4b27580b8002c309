import CEpoll
import Dispatch

/// One queue, and all that lives on it: listeners, connections, their time-outs, and the way answers come back.
///
/// The queue is driven by one Dispatch source on an epoll instance, which watches everything else. The actor's executor is
/// the queue, so the source's handler enters it without a hop.
actor EventLoop {
    private nonisolated let executor: QueueExecutor
    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    private let configuration: ServerConfiguration
    private let context: LoopContext
    private let mailbox: Mailbox
    private let epoll: Epoll
    private var source: (any DispatchSourceRead)?
    private var timer: (any ServerTimer)?
    /// What the timer is set to.
    private var timerMoment: Duration?

    private var listeners: [Listener] = []
    /// When listeners that were put aside for want of descriptors are tried again.
    private var acceptsAgainAt: Duration?
    /// By descriptor.
    private var connections: [Connection?] = []
    private var connectionCount = 0
    private var generation: UInt32 = 0
    private var deadlines: Deadlines
    /// What is left of `handshakesPerTurn`.
    private var handshakesLeft = 0
    private var events = [epoll_event](repeating: epoll_event(), count: EventLoop.eventsPerTurn)

    /// When a drain gives up, and who waits for it.
    private var drainDeadline: Duration?
    private var drained: [CheckedContinuation<Void, Never>] = []

    init(
        _ configuration: ServerConfiguration,
        number: Int,
        _ shared: LoopContext.Shared
    ) throws(SystemError) {
        executor = QueueExecutor(label: "http-loop-\(number)")
        self.configuration = configuration
        mailbox = try Mailbox()
        epoll = try Epoll()
        context = LoopContext(configuration, shared, mailbox: mailbox)
        deadlines = Deadlines(configuration.limits)
    }

    /// Serves from now on.
    nonisolated func start(_ listeners: [Listener]) throws(SystemError) {
        let result: Result<Void, SystemError> = executor.queue.sync {
            assumeIsolated { loop in
                do throws(SystemError) {
                    return .success(try loop.begin(listeners))
                } catch {
                    return .failure(error)
                }
            }
        }
        try result.get()
    }

    /// Cuts everything off, soon.
    nonisolated func stopSoon() {
        executor.queue.async { self.assumeIsolated { $0.stop() } }
    }

    /// See `HTTPServer.drain(within:)`.
    func drain(within patience: Duration) async {
        context.readClock()
        context.isDraining = true
        stopListening()
        for case let connection? in connections {
            connection.drain()
            settle(connection)
        }
        if connectionCount > 0 {
            drainDeadline = context.now + patience
            setTimer()
            await withCheckedContinuation { drained.append($0) }
        }
        stop()
    }

    var statistics: ServerStatistics {
        var statistics = context.statistics
        for case let connection? in connections { connection.count(into: &statistics) }
        return statistics
    }

    // MARK: The queue's work

    private func begin(_ listeners: [Listener]) throws(SystemError) {
        self.listeners = listeners
        context.readClock()
        let watched = [mailbox.wakeUp.number] + listeners.map(\.number)
        for number in watched {
            guard epoll.add(ConnectionID(descriptor: number, generation: 0), .input) else { throw .last("epoll_ctl") }
        }
        let source = DispatchSource.makeReadSource(
            fileDescriptor: epoll.descriptor.number,
            queue: executor.queue
        )
        source.setEventHandler { @Sendable in self.assumeIsolated { $0.run() } }
        // Dispatch watches the descriptor until this handler has run, so it is kept open for as long.
        source.setCancelHandler { @Sendable [epoll] in withExtendedLifetime(epoll) {} }
        source.activate()
        self.source = source
        timer = configuration.clock.makeTimer(on: executor.queue) { @Sendable [weak self] in
            self?.assumeIsolated { $0.timerFired() }
        }
    }

    /// Handles what has happened, and what happens meanwhile. Bounded, so that timers and other work on the queue get
    /// their turn: Dispatch calls again while there is more.
    private func run() {
        var handled = 0
        for turn in 0..<EventLoop.turnsPerCall where handled < EventLoop.eventsPerCall {
            // Coming back through Dispatch costs two switches of threads; a busy loop waits a moment for its next events.
            let count = epoll.take(&events, waiting: turn == 0 ? 0 : EventLoop.patience)
            if count == 0 { break }
            context.readClock()
            handshakesLeft = EventLoop.handshakesPerTurn
            for index in 0..<count { handle(events[index]) }
            handled += count
        }
        expire()
        setTimer()
    }

    private func handle(_ event: epoll_event) {
        let id = event.id
        if id.generation == 0 {
            if id.descriptor == mailbox.wakeUp.number {
                deliverMessages()
            } else if let listener = listeners.first(where: { $0.number == id.descriptor }) {
                accept(from: listener)
            }
        } else if let connection = connection(id) {
            if connection.isShakingHands {
                // Epoll reports it again in the next turn.
                guard handshakesLeft > 0 else { return }
                handshakesLeft -= 1
            }
            if event.isBroken {
                connection.broke()
            } else {
                if event.hasOutput { connection.writable() }
                if event.hasInput { connection.readable() }
            }
            settle(connection)
        }
    }

    private func deliverMessages() {
        for message in mailbox.takeAll() {
            guard let connection = connection(message.connection) else { continue }
            connection.receive(message.content)
            settle(connection)
        }
    }

    /// Nil when it is closed, also when its descriptor is in use again.
    private func connection(_ id: ConnectionID) -> Connection? {
        guard Int(id.descriptor) < connections.count, let connection = connections[Int(id.descriptor)],
            connection.id == id
        else { return nil }
        return connection
    }

    /// Acts on what a connection wants after something happened on it.
    private func settle(_ connection: Connection) {
        if connection.isClosed { return remove(connection) }
        deadlines.set(connection.id.descriptor, connection.waiting)
        let wanted = connection.wantedInterest
        if wanted != connection.interest {
            epoll.change(connection.id, to: wanted)
            connection.interest = wanted
        }
    }

    private func remove(_ connection: Connection) {
        let descriptor = connection.id.descriptor
        guard self.connection(connection.id) != nil else { return }
        deadlines.set(descriptor, nil)
        connections[Int(descriptor)] = nil
        connectionCount -= 1
        if acceptsAgainAt != nil { acceptsAgainAt = context.now }
        if connectionCount == 0 {
            for waiter in drained { waiter.resume() }
            drained = []
        }
    }

    // MARK: Accepting

    private func accept(from listener: Listener) {
        for _ in 0..<EventLoop.acceptsPerEvent {
            switch listener.accept() {
            case .connection(let descriptor, let peer):
                admit(descriptor, from: peer, listener)
            case .gone:
                continue
            case .none:
                return
            case .exhausted:
                if !evict() { return pauseAccepting() }
            }
        }
    }

    /// Takes a connection in. One that is turned away is closed: its descriptor goes with this call.
    private func admit(_ descriptor: consuming FileDescriptor, from peer: IPAddress?, _ listener: Listener) {
        let isInternet = listener.address.isInternet
        let awaitsProxyHeader = isInternet && configuration.expectsProxyHeader
        // What a proxy says before the first byte is believed, so nobody else may say it.
        guard !awaitsProxyHeader || context.isTrustedProxy(peer) else { return }
        var ticket: AddressGate.Ticket?
        if let gate = context.shared.gate, let peer, !context.isTrustedProxy(peer) {
            ticket = gate.admit(peer, at: context.now)
            guard ticket != nil else { return context.statistics.turnedAway += 1 }
        }
        guard connectionCount < max(1, configuration.limits.connections / configuration.loops) || evict() else {
            return context.statistics.turnedAway += 1
        }
        var session: TLSSession?
        if isInternet, let certificates = context.shared.tls {
            session = TLSSession(certificates.current)
            // Without memory for TLS there is no connection, and above all no plain one.
            guard session != nil else { return }
        }
        generation = generation == .max ? 1 : generation + 1
        let number = Int(descriptor.number)
        let transport = Transport(descriptor, session: session, awaitsProxyHeader: awaitsProxyHeader)
        let info = ConnectionInfo(address: peer, isTLS: session != nil, listener: listener.index)
        let connection = Connection(transport, ticket, generation: generation, info: info, context: context)
        guard epoll.add(connection.id, connection.interest) else { return }
        while connections.count <= number { connections.append(nil) }
        connections[number] = connection
        connectionCount += 1
        context.statistics.accepted += 1
        settle(connection)
    }

    /// Closes the connection that can best be spared: the one idle longest, or else the one that has kept us waiting for a
    /// request longest.
    private func evict() -> Bool {
        guard let descriptor = deadlines.oldest(.idle) ?? deadlines.oldest(.header),
            let connection = connections[Int(descriptor)]
        else { return false }
        context.statistics.evicted += 1
        connection.close()
        remove(connection)
        return true
    }

    /// Without descriptors or memory, a listener would be reported as ready for ever. It is put aside until a connection
    /// closes, or a little while has passed.
    private func pauseAccepting() {
        acceptsAgainAt = context.now + EventLoop.acceptPause
        for listener in listeners { epoll.change(ConnectionID(descriptor: listener.number, generation: 0), to: []) }
    }

    private func resumeAccepting() {
        acceptsAgainAt = nil
        for listener in listeners { epoll.change(ConnectionID(descriptor: listener.number, generation: 0), to: .input) }
    }

    // MARK: Time

    private func timerFired() {
        timerMoment = nil
        context.readClock()
        expire()
        setTimer()
    }

    private func expire() {
        let now = context.now
        while let (descriptor, kind) = deadlines.takeExpired(at: now) {
            guard let connection = connections[Int(descriptor)] else { continue }
            connection.expire(kind)
            settle(connection)
        }
        if let moment = acceptsAgainAt, moment <= now { resumeAccepting() }
        if let moment = drainDeadline, moment <= now {
            drainDeadline = nil
            closeAll()
        }
    }

    /// Sets the timer to the next moment at which something expires. A timer that is set too early is left so.
    private func setTimer() {
        let moments = [deadlines.next, acceptsAgainAt, drainDeadline].compactMap(\.self)
        guard let next = moments.min(), timerMoment.map({ next < $0 }) ?? true else { return }
        timerMoment = next
        timer?.set(to: next)
    }

    // MARK: Ending

    private func stop() {
        stopListening()
        closeAll()
        timer?.cancel()
        timer = nil
        source?.cancel()
        source = nil
    }

    private func stopListening() {
        acceptsAgainAt = nil
        // Each is closed with its last reference, which is this one: epoll forgets it then.
        listeners = []
    }

    private func closeAll() {
        for case let connection? in connections {
            connection.close()
            remove(connection)
        }
    }

    /// Bounds for one call of the source's handler.
    private static let turnsPerCall = 64
    private static let eventsPerCall = 8 * eventsPerTurn
    private static let eventsPerTurn = 512
    /// In milliseconds.
    private static let patience: Int32 = 1
    private static let acceptsPerEvent = 64
    /// A TLS connection with a full handshake costs 0.5 ms of processor time with an ECDSA key (P-256) and 0.8 ms with RSA
    /// (2048 bits), of which signing is 0.02 and 0.29 ms. That is too little to be worth another thread, and too much to
    /// be done for a whole crowd at a stretch: with a few in each turn, other connections wait some 5 ms for it at most.
    private static let handshakesPerTurn = 8
    private static let acceptPause = Duration.milliseconds(200)
}

/// Runs an actor on a serial queue.
final class QueueExecutor: SerialExecutor {
    let queue: DispatchQueue

    init(label: String) {
        queue = DispatchQueue(label: label)
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { job.runSynchronously(on: self.asUnownedSerialExecutor()) }
    }

    func checkIsolated() {
        dispatchPrecondition(condition: .onQueue(queue))
    }
}
