import Delivery
import Dispatch
import EventStore
import Model
import Sprinklr

/// Delivers for one destination: takes what is due, asks the engine, performs what it answers, records the outcome.
///
/// The engine decides; this shell commits through the writer, calls through the client, reads through the store, and
/// keeps the time. Whatever any of them answers is put into one mailbox; a turn takes all that has gathered there, so
/// that many outcomes become one commit. Its state lives on one serial queue.
actor Deliverer {
    /// A person who waits for what becomes of a code.
    private struct Authorization: Sendable {
        let code: String
        let completion: @Sendable (String?) -> Void
        var call: CallID?
    }

    private struct Mailbox {
        var inputs: [Input] = []
        var isTurnComing = false
    }

    /// Those who wait for what they asked of the engine.
    private struct Requests {
        var last = 0
        var waiting: [RequestID: @Sendable ([Delivery]) -> Void] = [:]
    }

    /// Never in use by more than one thread: the engine's next wake may be this far off by a jump of the clock.
    private static let longestWait = Duration.seconds(10)
    /// How long an authorization may wait for its turn. The code lives ten minutes, the person's patience less.
    private static let authorizationPatience = Duration.seconds(10)

    private nonisolated let executor: QueueExecutor
    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    private nonisolated let name: String
    private nonisolated let mailbox = Lock(Mailbox())
    private nonisolated let requests = Lock(Requests())
    private nonisolated let statusBox: Lock<GatewayStatus.Destination>
    private nonisolated let store: any EventStore
    private nonisolated let writer: Writer
    private nonisolated let wall: @Sendable () -> Timestamp
    private nonisolated let uptime: @Sendable () -> Duration
    private nonisolated let boot: String?
    private nonisolated let clock = Lock(SteadyClock())
    private nonisolated let opening: @Sendable (OpenHours, Timestamp) -> Timestamp
    private nonisolated let notify: @Sendable (Notice) -> Void
    /// Goes on until `drain` is through.
    private nonisolated let life: AsyncStream<Never>
    private nonisolated let lifeInput: AsyncStream<Never>.Continuation
    /// Reads wait for the disk, so they have a queue of their own.
    private nonisolated let reads: DispatchQueue

    private let settings: DestinationSettings
    private let seed: UInt64
    private var client: SprinklrClient
    private var tokens: Tokens
    private var authorization: Authorization?
    /// Nil before `run` has restored it.
    private var engine: DeliveryEngine?
    private var committing: [Change] = []
    private var results = CallResults()
    private var idleWaiters: [CheckedContinuation<Void, Never>] = []

    /// - Parameters:
    ///   - tokens: What the calls are made with.
    ///   - boot: Tells this run of the machine, whose `uptime` counts, from others; nil where that cannot be told.
    ///   - opening: The first moment within somebody's hours, from this one on.
    ///   - seed: Of the randomness of back-off.
    ///   - notify: Told of each attempt once its outcome is durable.
    init(
        settings: DestinationSettings,
        client: SprinklrClient,
        tokens: Tokens,
        store: any EventStore,
        writer: Writer,
        now: @escaping @Sendable () -> Timestamp,
        uptime: @escaping @Sendable () -> Duration = { SystemClock.uptime() },
        boot: String? = SystemClock.boot,
        opening: @escaping @Sendable (OpenHours, Timestamp) -> Timestamp,
        seed: UInt64,
        notify: @escaping @Sendable (Notice) -> Void
    ) {
        name = settings.name
        executor = QueueExecutor(label: "Gateway.Deliverer." + settings.name)
        reads = DispatchQueue(label: "Gateway.Deliverer.reads." + settings.name)
        statusBox = Lock(GatewayStatus.Destination(name: settings.name, callsPerHour: settings.quota.perHour))
        (life, lifeInput) = AsyncStream.makeStream(of: Never.self)
        self.settings = settings
        self.client = client
        self.tokens = tokens
        self.store = store
        self.writer = writer
        wall = now
        self.uptime = uptime
        self.boot = boot
        self.opening = opening
        self.seed = seed
        self.notify = notify
    }

    /// Goes on where an earlier process ended, and delivers until `drain`.
    ///
    /// - Throws: `StoreError` when what that process left cannot be read.
    func run() async throws {
        let restored = try restoredState()
        engine = DeliveryEngine(settings, restored: restored, seed: seed, at: now(), opening: opening)
        turn()
        for await _ in life {}
    }

    /// Hands over deliveries that are on disk. Costs a lock; the engine hears of them in its next turn.
    nonisolated func appended(_ deliveries: [Delivery]) {
        post(.appended(deliveries))
    }

    /// Hands over deliveries that the store has moved by itself.
    nonisolated func moved(_ deliveries: [Delivery]) {
        post(.moved(deliveries))
    }

    /// Pauses, resumes, moves. `done` is called, from the deliverer's queue, with the deliveries that did change once that
    /// is durable; never, when the process ends before.
    nonisolated func control(_ control: Control, _ done: @escaping @Sendable ([Delivery]) -> Void) {
        let id = requests.withLock { requests in
            requests.last += 1
            let id = RequestID(requests.last)
            requests.waiting[id] = done
            return id
        }
        post(.control(control, request: id))
    }

    /// When each queue will be clear, as the engine sees it.
    func forecast(_ loads: [QueueLoad]) -> [QueueForecast] {
        engine?.forecast(loads, at: now()) ?? []
    }

    /// Calls that begin from now on go by these settings; those under way end as they began.
    nonisolated func reconfigure(
        _ settings: DestinationSettings,
        client: SprinklrClient,
        credentials: Credentials
    ) {
        executor.queue.async { @Sendable in
            self.assumeIsolated { $0.takeOver(settings, client, credentials) }
        }
    }

    private func takeOver(_ settings: DestinationSettings, _ client: SprinklrClient, _ credentials: Credentials) {
        self.client = client
        post(.control(.reconfigure(settings)))
        if tokens.hasCredentials(credentials) {
            tokens = tokens.with(credentials)
        } else {
            tokens = Tokens(credentials, stored: nil, renewing: nil)
            post(.control(.token(tokens.standing)))
        }
    }

    /// Where a person's browser begins the authorization, and where it comes back to; nil without OAuth.
    nonisolated func authorizationPage() -> AuthorizationPage? {
        executor.queue.sync { assumeIsolated { AuthorizationPage($0.client.settings) } }
    }

    /// Exchanges the code that an authorization brought for tokens, and goes on with these.
    ///
    /// - Parameter completion: told nil once they are durable and in use, else why there are none; on any thread.
    nonisolated func authorize(_ code: String, _ completion: @escaping @Sendable (String?) -> Void) {
        executor.queue.async { @Sendable in
            self.assumeIsolated { $0.begin(Authorization(code: code, completion: completion)) }
        }
    }

    private func begin(_ authorization: Authorization) {
        guard self.authorization == nil else {
            return authorization.completion("another authorization is under way")
        }
        self.authorization = authorization
        post(.control(.authorize(until: now() + Self.authorizationPatience)))
        let patience = DispatchTimeInterval.milliseconds(Int(Self.authorizationPatience.milliseconds))
        executor.queue.asyncAfter(deadline: .now() + patience) { @Sendable in
            self.assumeIsolated { deliverer in
                guard let waiting = deliverer.authorization, waiting.code == authorization.code, waiting.call == nil
                else { return }
                deliverer.endAuthorization("the quota leaves no call for it at the moment; try again later")
            }
        }
    }

    private func endAuthorization(_ reason: String?) {
        authorization?.completion(reason)
        authorization = nil
    }

    nonisolated var status: GatewayStatus.Destination { statusBox.withLock { $0 } }

    /// Starts no further calls, and returns when those under way have ended and are recorded: at the latest after
    /// `patience`. What is unanswered then is ambiguous, and is found so by the next start.
    func drain(within patience: Duration) async {
        post(.control(.drain))
        let timer = DispatchSource.makeTimerSource(queue: executor.queue)
        timer.schedule(deadline: .now() + .milliseconds(Int(patience.milliseconds)))
        timer.setEventHandler { @Sendable in self.assumeIsolated { $0.releaseWaiters() } }
        timer.activate()
        await withCheckedContinuation { idleWaiters.append($0) }
        timer.cancel()
        lifeInput.finish()
    }

    private func restoredState() throws(StoreError) -> RestoredState {
        let (now, bootTime) = (now(), bootTime())
        let span = settings.quotaMemory
        let calls = try store.calls(destination: name, since: now - span, bootTime: bootTime.map { $0 - span })
        var attempting: [(delivery: Delivery, call: CallID)] = []
        for delivery in try store.attempting(destination: name) {
            guard let attempt = try store.attempts(of: delivery.id).last else { continue }
            attempting.append((delivery, attempt.call))
        }
        return RestoredState(
            calls: calls.map { $0.timed(at: now, bootTime: bootTime) },
            lastCall: try store.lastCall(destination: name),
            attempting: attempting,
            retrying: try store.retrying(destination: name),
            settings: try store.settings(prefix: DeliveryEngine.settingsPrefix(destination: name)),
            token: tokens.standing
        )
    }

    // MARK: Turns

    private nonisolated func post(_ input: Input) {
        let isFirst = mailbox.withLock { mailbox in
            mailbox.inputs.append(input)
            defer { mailbox.isTurnComing = true }
            return !mailbox.isTurnComing
        }
        guard isFirst else { return }
        executor.queue.async { @Sendable in self.assumeIsolated { $0.turn() } }
    }

    /// The engine's time.
    private nonisolated func now() -> Timestamp {
        clock.withLock { $0.read(wall: wall(), uptime: uptime()) }
    }

    private nonisolated func bootTime() -> BootTime? {
        boot.map { BootTime(boot: $0, sinceBoot: uptime()) }
    }

    /// Takes in all that has happened, and does what the engine answers.
    private func turn() {
        guard engine != nil else { return }
        var inputs = mailbox.withLock { mailbox in
            defer { mailbox = Mailbox() }
            return mailbox.inputs
        }
        for input in inputs { takeNote(of: input) }
        let moment = now()
        let jump = clock.withLock { $0.takeJump() }
        if jump > .zero { inputs.insert(.clockJumped(by: jump), at: 0) }
        for action in engine?.step(inputs, at: moment) ?? [] { perform(action) }
        publishStatus(at: moment)
        if engine?.isIdle == true, !idleWaiters.isEmpty { releaseWaiters() }
    }

    private func releaseWaiters() {
        for waiter in idleWaiters { waiter.resume() }
        idleWaiters = []
        endAuthorization("the gateway is being stopped")
    }

    private func perform(_ action: Action) {
        switch action {
        case .commit(let changes):
            committing = timed(changes)
            writer.commit(committing) { result in
                switch result {
                case .success(let effects): self.post(.committed(effects))
                case .failure: self.post(.refused)
                }
            }
        case .send(let id, let delivery):
            client.call(delivery.nextCall, delivery.trigger, token: tokens.accessToken) { self.post(.ended(id, $0)) }
        case .sendBulk(let id, let deliveries):
            client.bulk(deliveries.map(\.trigger), token: tokens.accessToken) { self.post(.ended(id, $0)) }
        case .renewToken(let id):
            request(tokens.renewal(), by: id)
        case .authorize(let id):
            authorization?.call = id
            request(authorization.flatMap { tokens.exchange(.authorizationCode($0.code)) }, by: id)
        case .useToken(let id):
            tokens.use(id)
            if authorization?.call == id { endAuthorization(nil) }
        case .load(let queue, let after, let limit):
            load(queue, after: after, limit: limit)
        case .wake(let moment):
            wake(at: moment)
        case .done(let request, let changed):
            requests.withLock { $0.waiting.removeValue(forKey: request) }?(changed)
        case .alert(let alert):
            notify(.operation(Notice.Operation(alert, destination: name)))
        }
    }

    /// The engine knows one clock only; what starts now is timed by the machine's own as well.
    private func timed(_ changes: [Change]) -> [Change] {
        guard let bootTime = bootTime() else { return changes }
        return changes.map { change in
            guard case .start(var start) = change else { return change }
            start.bootTime = bootTime
            return .start(start)
        }
    }

    private func request(_ exchange: TokenExchange?, by id: CallID) {
        guard let exchange else {
            let result = CallResult(outcome: .rejected, detail: "there is nothing to get a token with")
            return post(.tokenCallEnded(id, result, nil))
        }
        client.requestTokens(exchange.grant, as: exchange.client) { result in
            self.post(.tokenCallEnded(id, result.call, exchange.newToken(of: result, at: self.now())))
        }
    }

    /// The engine relies on having been handed over all that a read has seen, so the result waits for the writer's
    /// answers. A read that fails finds nothing and is made again after a while.
    private nonisolated func load(_ queue: String, after: QueuePosition?, limit: Int) {
        reads.async { @Sendable [self] in
            do {
                let found = try store.ready(destination: name, queue: queue, after: after, limit: limit)
                writer.afterAnswers { [self] in post(.loaded(queue: queue, found)) }
            } catch {
                notify(.operation(.storeFailed("\(error)")))
                reads.asyncAfter(deadline: .now() + .seconds(1)) { @Sendable [self] in
                    load(queue, after: after, limit: limit)
                }
            }
        }
    }

    /// Dispatch's timers know nothing of jumps of the wall clock, so long waits are made of short ones.
    private nonisolated func wake(at moment: Timestamp) {
        let wait = min(max(moment.since(now()), .zero), Self.longestWait)
        executor.queue.asyncAfter(deadline: .now() + .milliseconds(Int(wait.milliseconds))) { @Sendable [self] in
            if now() >= moment { post(.timer) } else { wake(at: moment) }
        }
    }

    // MARK: Telling

    private func takeNote(of input: Input) {
        switch input {
        case .ended(let call, let result):
            results.keep(result, of: call)
        case .tokenCallEnded(let call, let result, let new):
            if let new {
                tokens.keep(new, of: call)
            } else if authorization?.call == call {
                endAuthorization(result.reason)
            }
        case .committed(let effects):
            for notice in results.notices(of: committing, effects) { notify(notice) }
            committing = []
        default:
            break
        }
    }

    private func publishStatus(at now: Timestamp) {
        guard let status = engine?.status(at: now) else { return }
        statusBox.withLock { $0.take(status) }
    }
}
