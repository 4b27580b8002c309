import DequeModule
public import Model
import SeededRandom

/// Decides what is sent to one destination, and when: order, quota, retries, pauses.
///
/// It is synchronous and does no I/O: it is told what happened and what time it is, and answers with what is to be done.
/// Equal inputs at equal times give equal answers. What waits is on disk; in memory is a window of each queue, what is
/// being sent, and what will be tried again.
///
/// All changes of the destination's deliveries, after their append, go through here: the engine relies on seeing them in
/// the order of their commits.
public struct DeliveryEngine: Sendable {
    public private(set) var settings: DestinationSettings
    var lines: [QueueLine] = []
    private var lineIndexes: [String: Int] = [:]
    var lanes = Lanes()
    var pacer: Pacer
    var breaker: CircuitBreaker
    var token: TokenState
    var journal = Journal()
    /// The changes that were asked for and are not durable yet, in their order.
    var departures: [Departure] = []
    /// Calls from the decision to start them to their end.
    var calls: [CallID: CallUnderWay] = [:]
    /// Calls that are durable and wait to be written, in their order.
    var outbox: Deque<CallID> = []
    /// Why the destination is paused; nil: it is served.
    var pause: PauseReason?
    var isDraining = false
    /// How much the queue served last had been served, by priority.
    var turns: [QueuePriority: Double] = [:]
    var lastCall: Int64
    var random: SplitMix64
    /// When a person may next be messaged, from a moment on: that moment itself within their hours.
    let opening: @Sendable (OpenHours, Timestamp) -> Timestamp
    /// The earliest time that was asked for by `wake`.
    private var wakesAt: Timestamp?
    private var actions: [Action] = []

    /// - Parameters:
    ///   - state: what an earlier process left. What it has of ambiguous attempts is settled by the first step.
    ///   - seed: of the randomness of back-off.
    ///   - opening: the first moment within somebody's hours, from this one on; the same for the same question.
    public init(
        _ settings: DestinationSettings,
        restored state: RestoredState,
        seed: UInt64,
        at now: Timestamp,
        opening: @escaping @Sendable (OpenHours, Timestamp) -> Timestamp
    ) {
        self.settings = settings
        self.opening = opening
        pacer = Pacer(settings.quota)
        breaker = CircuitBreaker(settings.breaker)
        token = TokenState(canRenew: settings.canRenewToken)
        lastCall = state.lastCall
        random = SplitMix64(seed: seed)
        for queue in settings.queues { _ = line(of: queue.name) }
        pacer.restore(state.calls, timeout: settings.timeout, at: now)
        restorePauses(state.settings)
        take(state.token, at: now)
        for delivery in state.retrying {
            lanes.serve(delivery, .busy)
            let index = line(of: delivery.queue)
            lines[index].unsettled += 1
            lines[index].retrying.insert(RetryingDelivery(delivery: delivery, history: RetryHistory()))
        }
        for (delivery, _) in state.attempting {
            lanes.serve(delivery, .busy)
            lines[line(of: delivery.queue)].unsettled += 1
        }
        let ambiguous = CallResult(outcome: .ambiguous, detail: "the process ended before the answer came")
        for (call, attempts) in Dictionary(grouping: state.attempting, by: \.call).sorted(by: {
            $0.key.number < $1.key.number
        }) {
            let parts = attempts.map { delivery, _ in
                CallUnderWay.Part(delivery: delivery, number: delivery.attemptsMade, history: RetryHistory())
            }
            finish(parts, of: call, ambiguous, at: now) { Disposition(of: .ambiguous, for: $0).fate }
        }
    }

    /// The beginning of the names of all settings that an engine keeps for a destination.
    public static func settingsPrefix(destination: String) -> String {
        PauseScope.destination.settingName(destination: destination)
    }

    /// Takes in what happened, in its order, and answers with what is to be done, in its order.
    public mutating func step(_ inputs: [Input], at now: Timestamp) -> [Action] {
        if let wakesAt, wakesAt <= now { self.wakesAt = nil }
        for input in inputs { take(input, at: now) }
        startAuthorization(at: now)
        startCalls(at: now)
        writeCalls(at: now)
        for index in lines.indices {
            guard let load = lines[index].window.nextLoad() else { continue }
            act(.load(queue: lines[index].settings.name, after: load.after, limit: load.limit))
        }
        if let changes = journal.nextBatch(at: now) { act(.commit(changes)) }
        wakeInTime(after: now)
        defer { actions.removeAll(keepingCapacity: true) }
        return actions
    }

    public mutating func step(_ input: Input, at now: Timestamp) -> [Action] {
        step([input], at: now)
    }

    /// Whether nothing is under way: no call, and no commit that is owed.
    public var isIdle: Bool { calls.isEmpty && journal.isEmpty }

    private mutating func take(_ input: Input, at now: Timestamp) {
        switch input {
        case .appended(let deliveries):
            for delivery in deliveries where delivery.destination == settings.name { join(delivery) }
        case .moved(let deliveries):
            changed([], deliveries.filter { $0.destination == settings.name })
        case .loaded(let queue, let deliveries):
            for delivery in lines[line(of: queue)].window.loaded(deliveries) { join(delivery) }
        case .committed(let effects):
            committed(effects, at: now)
        case .refused:
            refused(at: now)
        case .ended(let call, let result):
            ended(call, result, at: now)
        case .tokenCallEnded(let call, let result, let new):
            tokenCallEnded(call, result, new, at: now)
        case .timer:
            break
        case .clockJumped(let jump):
            pacer.shift(by: jump)
            breaker.shift(by: jump)
            wakesAt = nil
        case .control(let control, let request):
            take(control, request, at: now)
        }
    }

    /// A ready delivery takes its place in its queue, in memory or, far behind, on disk alone.
    mutating func join(_ delivery: Delivery) {
        guard delivery.state == .ready, !lanes.holds(delivery), !isDeparting(delivery) else { return }
        lines[line(of: delivery.queue)].window.join(delivery)
    }

    /// Whether somebody wants a delivery elsewhere. Then nobody passes it in its lane until it is there.
    mutating func isDeparting(_ delivery: Delivery) -> Bool {
        guard let index = departures.firstIndex(where: { $0.takes(delivery) }) else { return false }
        departures[index].leaving.append(letGo(delivery, wasRetrying: false))
        return true
    }

    /// The index of a queue; one that the settings do not name is served as a normal one.
    mutating func line(of queue: String) -> Int {
        if let index = lineIndexes[queue] { return index }
        let queueSettings = settings.queues.first { $0.name == queue } ?? QueueSettings(name: queue)
        lines.append(QueueLine(queueSettings, limits: settings.limits))
        lineIndexes[queue] = lines.endIndex - 1
        return lines.endIndex - 1
    }

    mutating func adopt(_ settings: DestinationSettings) {
        self.settings = settings
    }

    mutating func act(_ action: Action) {
        actions.append(action)
    }

    // MARK: Time

    private mutating func wakeInTime(after now: Timestamp) {
        guard let next = nextMoment(after: now), wakesAt.map({ next < $0 }) ?? true else { return }
        wakesAt = next
        act(.wake(next))
    }

    /// The earliest moment at which time alone changes what is to be done.
    private mutating func nextMoment(after now: Timestamp) -> Timestamp? {
        var moments: [Timestamp] = []
        if let retryAt = journal.retryAt { moments.append(retryAt) }
        if !outbox.isEmpty { moments.append(pacer.writing(at: now)) }
        if token.authorizationWanted != nil, token.request == nil {
            if case .at(let moment) = pacer.admission(for: .high, at: now) { moments.append(moment) }
        }
        if mayStart(at: now), let opening = breaker.opening(at: now) {
            if opening > now { moments.append(opening) }
            if let renewAt = token.renewAt { moments.append(renewAt) }
            for priority in QueuePriority.allCases where isWaiting(priority, at: now) {
                if case .at(let moment) = pacer.admission(for: priority, at: now) { moments.append(moment) }
            }
            moments += lines.compactMap { $0.nextDue(after: now) }
        }
        return moments.filter { $0 > now }.min()
    }

    private func isWaiting(_ priority: QueuePriority, at now: Timestamp) -> Bool {
        (priority == .high && (token.renewAt.map { $0 <= now } ?? false))
            || lines.contains { $0.settings.priority == priority && $0.isWaiting(at: now, limits: settings.limits) }
    }

    /// Whether anything but quota, time and breaker lets calls start.
    func mayStart(at now: Timestamp) -> Bool { !isDraining && pause == nil && journal.admitsMore(at: now) }
}
