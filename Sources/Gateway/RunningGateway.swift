import CEpoll
import Delivery
import Dispatch
import EventStore
import HTTPServer
public import Logging
public import Model
public import ServiceLifecycle
import Rules
import Sprinklr

/// A gateway from its config to its end: puts the parts together, runs until it is told to stop, and drains.
public final class RunningGateway: Service, LiveGateway {
    private let options: GatewayOptions
    private let inForce: Lock<LoadedConfig>
    private let journal: Journal
    private let store: SQLiteEventStore
    private let writer: Writer
    private let destinations: Destinations
    private let pipeline: Pipeline
    /// Where webhooks arrive.
    private let door: HTTPServer
    private let startedAt = SystemClock.now()
    private let condition = Lock(Condition())

    private struct Condition {
        var listening: [String] = []
        var isDraining = false
        var connections = 0
        var storeFailure: StoreError?
        /// By destination.
        var queues: [String: [GatewayStatus.Queue]] = [:]
    }

    /// Reads the config and opens the store; nothing is listened to, and nothing sent, before `run`.
    ///
    /// - Throws: `ConfigProblems`, `StoreError`, or `StartError`.
    public init(_ options: GatewayOptions, logger: Logger) throws {
        let loaded = try options.load()
        let config = loaded.config
        // Before anything is opened that could have the number of a socket which was not passed on.
        try config.refuseStrangeSockets(in: options.environment)
        let journal = Journal(logger: logger, follower: options.follower)
        let notify: @Sendable (Notice) -> Void = { journal.note($0) }
        for warning in config.warnings { notify(.operation(.note("\(warning)"))) }
        store = try SQLiteEventStore(path: config.makeStoreFolder())
        writer = Writer(store: store)
        try config.refuseToOrphan(try store.backlogs())
        let destinations = try Destinations(
            config.destinations,
            store: store,
            writer: writer,
            now: SystemClock.now,
            opening: TimeZones.system.opening,
            notify: notify
        )
        pipeline = Pipeline(
            routes: Routes(config),
            writer: writer,
            now: SystemClock.now,
            deliver: { destinations.handOver($0, moved: $1) },
            notify: notify
        )
        let descriptors = Descriptors.forConnections()
        if config.limits.connections > descriptors {
            notify(.operation(.note("limits.connections is \(descriptors): the process may open no more (ulimit -n)")))
        }
        door = Self.makeDoor(config, atMost: descriptors, pipeline)
        self.options = options
        inForce = Lock(loaded)
        self.journal = journal
        self.destinations = destinations
    }

    /// Serves and delivers until the task is told to shut down gracefully; then drains within the config's `drain`.
    public func run() async throws {
        let config = inForce.withLock(\.config)
        let admin = makeAdmin(config)
        try await withThrowingTaskGroup { group in
            group.addTask { try await self.destinations.run() }
            try listen(door, "webhooks")
            try listen(admin, "admin API")
            group.addTask { await self.keepHouse() }
            try await gracefulShutdown()
            await drain(admin, within: config.drain)
            group.cancelAll()
        }
        await writer.close()
        try store.close()
        await journal.flush()
    }

    private func listen(_ server: HTTPServer, _ purpose: String) throws {
        for address in try server.start() {
            condition.withLock { $0.listening.append(address.description) }
            journal.note(.operation(.listening(address: address.description, purpose: purpose)))
        }
    }

    /// Requests and calls under way end at the same time, each within the whole of the patience.
    private func drain(_ admin: HTTPServer, within patience: Duration) async {
        condition.withLock { $0.isDraining = true }
        journal.note(.operation(.draining))
        async let answered: Void = door.drain(within: patience)
        async let delivered: Void = destinations.drain(within: patience)
        _ = await (answered, delivered)
        await admin.drain(within: .milliseconds(500))
    }

    // MARK: The two servers

    private static func makeDoor(
        _ config: GatewayConfig,
        atMost connections: Int,
        _ pipeline: Pipeline
    ) -> HTTPServer {
        var configuration = ServerConfiguration(listeners: config.listen, makeID: { pipeline.makeID() })
        configuration.tls = config.tls
        configuration.limits = config.limits
        configuration.limits.connections = min(connections, config.limits.connections)
        configuration.trustedProxies = config.trustedProxies
        configuration.expectsProxyHeader = config.proxyProtocol
        configuration.onRefusal = { pipeline.refused($0) }
        return HTTPServer(configuration) { request, responder in pipeline.receive(request, responder) }
    }

    private func makeAdmin(_ config: GatewayConfig) -> HTTPServer {
        let settings = AdminServer.Settings(
            listen: config.admin.listen,
            token: config.admin.token,
            isMetricsOpen: config.admin.metricsAreOpen,
            socketPath: config.socketPath(overridden: options.socketPath)
        )
        let api = AdminAPI(store: store, live: self)
        return AdminServer(settings, api: api, makeID: { [pipeline] in pipeline.makeID() }).makeServer()
    }

    // MARK: Keeping house

    /// Once a second: writes what was only counted, looks after the store, sweeps what is past its time, has end what
    /// expired, rereads certificates that have changed, and reloads the config when it is watched. Ends when the task is
    /// cancelled.
    private func keepHouse() async {
        var rates = ArrivalRates()
        var sweeper = Sweeper(store: store, retention: inForce.withLock(\.config.retention))
        let expirySweep = ExpirySweep(store: store) { [destinations] in destinations.ask($0, $1, $2) }
        var watcher = options.watches ? FileWatcher(inForce.withLock(\.files), in: options.environment) : nil
        var certificates = FileWatcher(inForce.withLock(\.config.certificateFiles), in: options.environment)
        let clock = ContinuousClock()
        var ticks = 0
        var crowd = 0
        while (try? await clock.sleep(for: .seconds(1))) != nil {
            ticks += 1
            writer.tick()
            noteStore(writer.failure)
            let statistics = await door.statistics()
            condition.withLock { $0.connections = statistics.connections }
            crowd = max(crowd, statistics.connections)
            if crowd >= Self.crowd, statistics.connections < crowd / 2 {
                // The allocator keeps what a crowd has used; the machine gets it back.
                malloc_trim(0)
                crowd = statistics.connections
            }
            await sweeper.step(at: SystemClock.now())
            expirySweep.begin(at: SystemClock.now())
            if ticks % 10 == 1 { await forecast(&rates) }
            if ticks % 60 == 0 { checkBooks() }
            if watcher?.hasChanged() == true {
                _ = reload()
                watcher = FileWatcher(inForce.withLock(\.files), in: options.environment)
            }
            let files = inForce.withLock(\.config.certificateFiles)
            if files != certificates.paths || certificates.hasChanged() {
                certificates = FileWatcher(files, in: options.environment)
                rereadCertificates()
            }
        }
    }

    /// So many connections at once leave memory behind that is worth giving back.
    private static let crowd = 1_000

    /// Files that are replaced one by one do not fit together for a moment: the certificates in use stay until they do.
    private func rereadCertificates() {
        guard let tls = inForce.withLock(\.config.tls) else { return }
        do throws(TLSError) {
            try door.reload(tls)
            journal.note(.operation(.certificatesReread))
        } catch {
            journal.note(.operation(.certificatesRefused(reason: error.description)))
        }
    }

    private func noteStore(_ failure: StoreError?) {
        let before = condition.withLock { condition in
            defer { condition.storeFailure = failure }
            return condition.storeFailure
        }
        switch (before, failure) {
        case (nil, let failure?): journal.note(.operation(.storeFailed(failure.description)))
        case (_?, nil): journal.note(.operation(.storeRecovered))
        default: break
        }
    }

    /// What each queue has to send, and when it will have: for those who look at the status.
    private func forecast(_ rates: inout ArrivalRates) async {
        guard let backlogs = try? store.backlogs() else { return }
        let made = backlogs.map { backlog in
            (
                ArrivalRates.Key(destination: backlog.destination, queue: backlog.queue),
                backlog.counts.values.reduce(0, +)
            )
        }
        rates.note(Dictionary(made) { $0 + $1 }, at: SystemClock.now())
        let queues = await destinations.forecasts(backlogs, rates)
        condition.withLock { $0.queues = queues }
    }

    private func checkBooks() {
        guard let accounts = try? store.accounts() else { return }
        for sentence in accounts.imbalances() { journal.note(.operation(.imbalance(sentence))) }
    }

    // MARK: LiveGateway

    public func status() -> GatewayStatus {
        let condition = condition.withLock { $0 }
        return GatewayStatus(
            storeFailure: writer.failure?.description,
            isDraining: condition.isDraining,
            waitingChanges: writer.waitingCount,
            connections: condition.connections,
            startedAt: startedAt,
            listening: condition.listening,
            destinations: destinations.statuses.map { status in
                var status = status
                status.queues = condition.queues[status.name] ?? []
                return status
            }
        )
    }

    public func places() -> Places {
        Places(inForce.withLock(\.config))
    }

    public func carryOut(_ instruction: Instruction) throws -> [Delivery] {
        let answers = Answers()
        if let controls = instruction.controls(at: SystemClock.now()) {
            for (destination, control) in controls {
                let answer = answers.expect()
                guard !destinations.ask(destination, control, { answer(.success($0)) }) else { continue }
                answer(.success([]))
                throw AdminError.notFound("There is no destination '\(destination)'.")
            }
        } else {
            let answer = answers.expect()
            // What is new is handed over on the writer's queue, in the order of the commits.
            writer.commit(instruction.changes(at: SystemClock.now())) { [destinations] result in
                if case .success(let effects) = result { destinations.handOver(effects.flatMap(\.moved)) }
                answer(result.map { $0.flatMap(\.moved) })
            }
        }
        return try answers.wait()
    }

    public func accounts() throws -> Accounts { try writer.accounts() }

    public func authorizationPage(of destination: String) -> AuthorizationPage? {
        destinations.deliverer(of: destination)?.authorizationPage()
    }

    public func authorize(_ destination: String, code: String) -> String? {
        guard let deliverer = destinations.deliverer(of: destination) else { return "there is no such destination" }
        let outcome = Lock<String?>("the gateway did not come to an end with it in time")
        let ended = DispatchSemaphore(value: 0)
        deliverer.authorize(code) { reason in
            outcome.withLock { $0 = reason }
            ended.signal()
        }
        _ = ended.wait(timeout: .now() + .seconds(50))
        return outcome.withLock { $0 }
    }

    /// All of the new config or none of it: nil when it is in force, else why it is not.
    public func reload() -> String? {
        do {
            let loaded = try options.load()
            let (new, old) = (loaded.config, inForce.withLock(\.config))
            if let obstacle = new.needsRestart(after: old) { throw StartError(obstacle) }
            try new.refuseToOrphan(try store.backlogs())
            if let tls = new.tls { try door.reload(tls) }
            destinations.reconfigure(new.destinations)
            pipeline.replace(routes: Routes(new))
            inForce.withLock { $0 = loaded }
            for warning in new.warnings { journal.note(.operation(.note("\(warning)"))) }
            journal.note(.operation(.configReloaded))
            return nil
        } catch {
            journal.note(.operation(.configRefused(problems: "\(error)")))
            return "\(error)"
        }
    }
}

/// Why a config cannot be put in force although it is right by itself.
public struct StartError: Error, CustomStringConvertible {
    public let description: String

    init(_ description: String) {
        self.description = description
    }
}

extension Routes {
    init(_ config: GatewayConfig) {
        self.init(config.sources.map { Route(source: $0, rules: config.rules) })
    }
}

extension GatewayConfig {
    fileprivate var certificateFiles: [String] { tls?.files ?? [] }

    /// A descriptor is listened to only when it was passed on for that.
    fileprivate func refuseStrangeSockets(in environment: ConfigEnvironment) throws(StartError) {
        for case .inherited(let descriptor) in listen + [admin.listen]
        where !Descriptors.isPassedOn(descriptor, in: environment) {
            throw StartError("listen: no socket was passed on as fd:\(descriptor) (LISTEN_FDS and LISTEN_PID say so)")
        }
    }

    /// What of the config takes effect at a start only, and is not as it was; nil: nothing.
    func needsRestart(after old: GatewayConfig) -> String? {
        let changed = [
            ("listen", listen != old.listen), ("limits", limits != old.limits), ("store", store != old.store),
            ("whether there is tls", (tls == nil) != (old.tls == nil)),
            ("trustedProxies", trustedProxies != old.trustedProxies),
            ("proxyProtocol", proxyProtocol != old.proxyProtocol), ("admin", admin != old.admin),
            ("retention", retention != old.retention), ("drain", drain != old.drain),
            ("the names of the destinations", destinations.map(\.name) != old.destinations.map(\.name)),
            ("dryRun", destinations.map(\.delivery.isDryRun) != old.destinations.map(\.delivery.isDryRun)),
        ].filter(\.1).map(\.0)
        return changed.isEmpty ? nil : "a reload cannot change \(changed.joined(separator: ", ")); restart for that"
    }

    /// What is owed is kept: a config that lacks a queue or a destination with deliveries owed or held is refused.
    func refuseToOrphan(_ backlogs: [Backlog]) throws(StartError) {
        let orphans = backlogs.filter { backlog in
            backlog.owed + backlog.held > 0
                && !(queues.contains { $0.name == backlog.queue }
                    && destinations.contains { $0.name == backlog.destination })
        }
        guard !orphans.isEmpty else { return }
        let sentences = orphans.map {
            "queue \($0.queue) of destination \($0.destination) has \($0.owed) deliveries owed and \($0.held) held"
        }
        throw StartError(
            "the config lacks what still has deliveries: " + sentences.joined(separator: "; ")
                + "; put it back until they are done"
        )
    }
}
