import EventStore
import Model

@testable import Delivery

/// A whole gateway's delivering in virtual time: the real engine, a store and a destination in memory, and everything
/// that goes wrong between them, all drawn from one seed. What must hold at every step is checked at every step.
struct Simulation {
    enum Event {
        case arrives(Int)
        case handedOver([Delivery])
        case moved([Delivery])
        case commitApplies([Change])
        case commitAnswered([Effect]?)
        case loadReads(queue: String, after: QueuePosition?, limit: Int)
        case loadAnswered(queue: String, [Delivery])
        case callArrives(CallID, [Delivery], token: Int, started: Timestamp)
        case callAnswered(CallID, CallResult)
        case tokenCallArrives(CallID, TokenRequest, for: Int, started: Timestamp)
        case tokenCallAnswered(CallID, CallResult, token: Int?)
        case timer
        case happens(Int)
        case restarts
        case resumes(PauseScope)
        case calms
    }

    private struct Scheduled {
        let at: Timestamp
        let sequence: Int
        /// Of which process it is; what belongs to a process dies with it.
        let process: Int?
        let event: Event
    }

    let scenario: Scenario
    private(set) var faults: [String] = []
    private(set) var steps = 0
    private(set) var sent = 0
    private(set) var now = Scenario.start
    /// What the machine's clock, and the engine's, are ahead of the true time.
    private var wallOffset = Duration.zero
    private var clockOffset = Duration.zero
    private var clock: Timestamp { now + clockOffset }
    private var wall: Timestamp { now + wallOffset }
    private(set) var store = StoreModel()
    private var random: SplitMix64
    private var destination: DestinationModel
    private var engine: DeliveryEngine?
    private var process = 0
    private var agenda: [Scheduled] = []
    private var sequence = 0
    private var sentCalls: Set<CallID> = []
    private var sharedCalls: Set<CallID> = []
    /// When the engine of this process learnt of a delivery.
    private var knownSince: [DeliveryID: Timestamp] = [:]
    /// Deliveries that an operator touched: they have left the order that they came in.
    private var touched: Set<DeliveryID> = []
    private var lastHandOver = Scenario.start
    private var lastTold = Scenario.start
    private var storeFailsUntil = Scenario.start
    /// Until when this process was told to make no calls.
    private var gate = Scenario.start
    private var isCommitting = false
    /// What this process calls with, and what its token calls brought.
    private var token = HeldToken(0, life: nil)
    private var newTokens: [CallID: HeldToken] = [:]
    private let traces: Bool

    init(seed: UInt64, traces: Bool = false) {
        scenario = Scenario(seed: seed)
        random = SplitMix64(seed: ~seed)
        destination = scenario.destination
        self.traces = traces
    }

    /// Runs to the end; the faults found, each as a sentence.
    mutating func run() -> [String] {
        for index in scenario.arrivals.indices {
            schedule(.arrives(index), at: scenario.arrivals[index].at, ofProcess: false)
        }
        for index in scenario.incidents.indices {
            schedule(.happens(index), at: scenario.incidents[index].at, ofProcess: false)
        }
        schedule(.calms, at: scenario.calm, ofProcess: false)
        begin()
        var deadline: Timestamp?
        while faults.isEmpty, let next = agenda.popLast() {
            now = next.at
            if let process = next.process, process != self.process { continue }
            handle(next.event)
            if case .calms = next.event { deadline = now + clearTime() }
            if let deadline, now > deadline, store.owed > 0 {
                faults.append(
                    "\(store.owed) deliveries are still owed \(deadline.since(scenario.calm)) after all went well"
                )
            }
            if steps > 100_000 { faults.append("it does not come to an end") }
        }
        if faults.isEmpty { checkEnd() }
        if traces {
            for delivery in store.deliveries.filter(\.state.isOwed).sorted(by: { $0.id < $1.id }) {
                print("owed", delivery.id, delivery.state, delivery.queue, delivery.due.since(clock), delivery.policies)
            }
        }
        return faults
    }

    // MARK: The world

    private mutating func schedule(_ event: Event, at moment: Timestamp, ofProcess isOfProcess: Bool = true) {
        sequence += 1
        let scheduled = Scheduled(
            at: max(moment, now),
            sequence: sequence,
            process: isOfProcess ? process : nil,
            event: event
        )
        let index = agenda.partitioningIndex { ($0.at, $0.sequence) < (scheduled.at, scheduled.sequence) }
        agenda.insert(scheduled, at: index)
    }

    private mutating func draw(_ range: ClosedRange<Int64>) -> Duration {
        .milliseconds(Int64.random(in: range, using: &random))
    }

    private mutating func handle(_ event: Event) {
        if traces { print(now.milliseconds - Scenario.start.milliseconds, event.summary) }
        switch event {
        case .arrives(let index):
            arrive(scenario.arrivals[index])
        case .handedOver(let deliveries):
            for delivery in deliveries { knownSince[delivery.id] = now }
            step(.appended(deliveries))
        case .moved(let deliveries):
            step(.moved(deliveries))
        case .commitApplies(let changes):
            apply(changes)
        case .commitAnswered(let effects):
            isCommitting = false
            step(effects.map(Input.committed) ?? .refused)
        case .loadReads(let queue, let after, let limit):
            let found = store.ready(queue: queue, after: after, limit: limit)
            // What the read has seen was handed over before its result is.
            schedule(.loadAnswered(queue: queue, found), at: max(now + draw(0...scenario.commitTime), lastHandOver))
        case .loadAnswered(let queue, let found):
            step(.loaded(queue: queue, found))
        case .callArrives(let call, let deliveries, let token, let started):
            reach(call, deliveries, token: token, started: started)
        case .callAnswered(let call, let result):
            noteGate(result)
            step(.ended(call, result))
        case .tokenCallArrives(let call, let request, let token, let started):
            reach(call, request, for: token, started: started)
        case .tokenCallAnswered(let call, let result, let token):
            noteGate(result)
            take(call, result, token: token)
        case .timer:
            step(.timer)
        case .happens(let index):
            happen(scenario.incidents[index].incident)
        case .restarts:
            begin()
        case .resumes(let scope):
            resume(scope)
        case .calms:
            calm()
        }
    }

    private mutating func arrive(_ arrival: Scenario.Arrival) {
        guard engine != nil, storeFailsUntil <= now else { return }
        var mapping = arrival.mapping
        for index in mapping.deliveries.indices {
            mapping.deliveries[index].expiresAt = mapping.deliveries[index].policies.expiresAfter.map { wall + $0 }
        }
        let (deliveries, moved) = store.append(mapping, at: wall)
        faults += store.faults
        lastHandOver = max(lastHandOver, now + draw(0...scenario.handOverDelay))
        schedule(.handedOver(deliveries), at: lastHandOver)
        if !moved.isEmpty { schedule(.moved(moved), at: telling(after: draw(0...2))) }
    }

    /// What commits led to is told in their order.
    private mutating func telling(after time: Duration) -> Timestamp {
        lastTold = max(lastTold, now + time)
        return lastTold
    }

    private mutating func apply(_ changes: [Change]) {
        guard storeFailsUntil <= now else {
            schedule(.commitAnswered(nil), at: telling(after: draw(0...5)))
            return
        }
        let effects = store.commit(changes)
        faults += store.faults
        if store.strandedLanes > 0 { faults.append("in \(store.strandedLanes) lanes all lie parked behind nobody") }
        schedule(.commitAnswered(effects), at: telling(after: draw(0...2)))
    }

    private mutating func reach(_ call: CallID, _ deliveries: [Delivery], token: Int, started: Timestamp) {
        let result = destination.receive(deliveries, token: token, at: now, using: &random)
        let answered = answerTime(started: started)
        schedule(.callAnswered(call, answered.isInTime ? result ?? .lost : .lost), at: answered.at)
    }

    private mutating func reach(_ call: CallID, _ request: TokenRequest, for token: Int, started: Timestamp) {
        let answer = destination.receive(request, for: token, at: now, using: &random)
        let answered = answerTime(started: started)
        let (result, new) = answered.isInTime ? answer ?? (.lost, nil) : (.lost, nil)
        schedule(.tokenCallAnswered(call, result, token: new), at: answered.at)
    }

    /// When the answer of a call comes, or its time-out.
    private mutating func answerTime(started: Timestamp) -> (at: Timestamp, isInTime: Bool) {
        faults += destination.overruns
        let timeout = started + scenario.settings.timeout
        let isCalm = now >= scenario.calm
        let answered = now + draw(0...(isCalm ? min(scenario.answerTime, 200) : scenario.answerTime))
        return answered < timeout ? (answered, true) : (timeout, false)
    }

    private mutating func noteGate(_ result: CallResult) {
        guard case .overQuota(let scope, let until) = result.outcome else { return }
        gate = max(gate, until.map { $0 - clockOffset } ?? now + (scope == .second ? .seconds(1) : .seconds(60)))
    }

    private mutating func take(_ call: CallID, _ result: CallResult, token: Int?) {
        guard let token else { return step(.tokenCallEnded(call, result, nil)) }
        let life = destination.tokens.lifetime.map { TokenLife(obtained: clock, lifetime: $0) }
        let held = HeldToken(token, life: life)
        newTokens[call] = held
        step(.tokenCallEnded(call, result, NewToken(value: held.value, life: life)))
    }

    // MARK: The process

    private mutating func begin() {
        process += 1
        isCommitting = false
        gate = now
        let settings = scenario.settings
        for delivery in store.deliveries { knownSince[delivery.id] = now }
        newTokens = [:]
        let standing: TokenStanding
        (token, standing) = HeldToken.found(in: store.settings, destination: settings.name)
        var state = store.restored(destination: settings.name, since: clock - settings.quota.counted - settings.timeout)
        state.token = standing
        engine = DeliveryEngine(settings, restored: state, seed: random.next(), at: clock, opening: Scenario.opening)
        step(.timer)
    }

    private mutating func step(_ input: Input) {
        guard var engine else { return }
        steps += 1
        let wasPaused = engine.pause != nil
        let actions = engine.step(input, at: clock)
        self.engine = engine
        for action in actions { perform(action) }
        if now < gate, actions.contains(where: \.isCall) { faults.append("a call while the gate is closed") }
        if wasPaused, engine.pause != nil, actions.contains(where: \.isCall) { faults.append("a call while paused") }
        checkMemory(of: engine)
    }

    private mutating func perform(_ action: Action) {
        if traces { print("        ", action.summary) }
        switch action {
        case .commit(let changes):
            if isCommitting { faults.append("two commits at once") }
            isCommitting = true
            schedule(.commitApplies(changes), at: now + draw(1...scenario.commitTime))
        case .send(let call, let delivery):
            send(call, [delivery])
        case .sendBulk(let call, let deliveries):
            if !(2...scenario.settings.bulk).contains(deliveries.count) {
                faults.append("\(deliveries.count) in a call")
            }
            sharedCalls.insert(call)
            if Set(deliveries.map(\.lane)).count < deliveries.count { faults.append("one lane twice in a call") }
            if Set(deliveries.map(\.trigger.journeyID)).count > 1 { faults.append("two journeys in a call") }
            if Set(deliveries.map(\.queue)).count > 1 { faults.append("two queues in a call") }
            send(call, deliveries)
        case .renewToken(let call):
            request(.renewal, by: call)
        case .authorize(let call):
            request(.authorization, by: call)
        case .useToken(let call):
            guard let new = newTokens.removeValue(forKey: call) else { return faults.append("no token to use") }
            if HeldToken.found(in: store.settings, destination: scenario.settings.name).0.number != new.number {
                faults.append("a token is used that is not on disk")
            }
            token = new
        case .load(let queue, let after, let limit):
            schedule(.loadReads(queue: queue, after: after, limit: limit), at: now + draw(0...scenario.commitTime))
        case .wake(let moment):
            schedule(.timer, at: moment - clockOffset)
        case .alert(.paused(.destination, let reason)):
            // Operators look after it, unless it was themselves who paused.
            if reason != .requested { schedule(.resumes(.destination), at: now + draw(500...5_000), ofProcess: false) }
        case .done, .alert:
            break
        }
    }

    private mutating func send(_ call: CallID, _ deliveries: [Delivery]) {
        if !sentCalls.insert(call).inserted { faults.append("call \(call.number) goes out twice") }
        for delivery in deliveries { check(call, delivery) }
        schedule(
            .callArrives(call, deliveries, token: token.number, started: now),
            at: now + draw(0...40),
            ofProcess: false
        )
    }

    private mutating func request(_ request: TokenRequest, by call: CallID) {
        if !sentCalls.insert(call).inserted { faults.append("token call \(call.number) goes out twice") }
        let name = DeliveryEngine.renewalSetting(destination: scenario.settings.name)
        if request == .renewal, store.settings[name] == nil { faults.append("a renewal that is not on disk") }
        schedule(
            .tokenCallArrives(call, request, for: token.number, started: now),
            at: now + draw(0...40),
            ofProcess: false
        )
    }

    // MARK: Incidents

    private mutating func happen(_ incident: Scenario.Incident) {
        guard now < scenario.calm else { return }
        if traces { print("        ", incident) }
        switch incident {
        case .crash(let down):
            guard engine != nil else { return }
            // A commit under way may or may not have reached the disk.
            if Bool.random(using: &random), storeFailsUntil <= now,
                case .commitApplies(let changes)? = agenda.last(where: { $0.process == process && $0.event.isCommit })?
                    .event
            {
                _ = store.commit(changes)
                faults += store.faults
            }
            engine = nil
            process += 1
            schedule(.restarts, at: now + down, ofProcess: false)
        case .weather(let weather):
            destination.weather = weather
        case .storeFails(let time):
            storeFailsUntil = now + time
        case .tokenRevoked:
            destination.tokens.revoke()
        case .move(let state):
            move(to: state)
        case .transfer(let queue):
            let chosen = choose(from: [.ready, .parked, .retrying, .held])
            step(.control(.transfer(Transfer(chosen, queue: queue, destination: nil)), request: RequestID(0)))
        case .replay:
            replay()
        case .suppress(let person, let isSuppressed):
            guard engine != nil, storeFailsUntil <= now else { return }
            let name = StandingOrders.suppression(snType: "SMS", snID: person)
            _ = store.commit([.set(name: name, value: isSuppressed ? [] : nil)])
        case .clockJumps(let jump):
            wallOffset += jump
            guard wallOffset > clockOffset else { return }
            let forward = wallOffset - clockOffset
            clockOffset = wallOffset
            step(.clockJumped(by: forward))
        case .pauseQueue(let queue, let time):
            step(.control(.pause(.queue(queue))))
            schedule(.resumes(.queue(queue)), at: now + time, ofProcess: false)
        case .pauseDestination(let time):
            step(.control(.pause(.destination)))
            schedule(.resumes(.destination), at: now + time, ofProcess: false)
        }
    }

    private mutating func move(to state: DeliveryState) {
        let from: Set<DeliveryState> = state == .ready ? [.held] : [.ready, .parked, .retrying, .attempting]
        let chosen = choose(from: from)
        guard !chosen.isEmpty else { return }
        step(.control(.move(Move(chosen, from: from, to: state, at: clock))))
    }

    /// Some of the deliveries in these states: they have left the order that they came in.
    private mutating func choose(from states: Set<DeliveryState>) -> [DeliveryID] {
        // The engine hears of what was appended before it hears of what was changed later.
        let candidates = store.deliveries.filter { states.contains($0.state) && knownSince[$0.id] != nil }.map(\.id)
            .sorted()
        let chosen = candidates.filter { _ in Int.random(in: 0...2, using: &random) == 0 }
        touched.formUnion(chosen)
        return chosen
    }

    /// Makes some of what ended undelivered anew, twice over: the second time must find nothing.
    private mutating func replay() {
        guard engine != nil, storeFailsUntil <= now else { return }
        let chosen = choose(from: [.dead, .expired, .cancelled, .suppressed])
        var made: [Delivery] = []
        for isRepeated in [false, true] {
            guard case .moved(let new, _)? = store.commit([.replay(chosen, at: clock)]).first else { return }
            if isRepeated, !new.isEmpty { faults.append("\(new.map(\.id)) were made anew twice") }
            made += new
        }
        touched.formUnion(made.map(\.id))
        lastHandOver = max(lastHandOver, now + draw(0...scenario.handOverDelay))
        schedule(.handedOver(made), at: lastHandOver)
    }

    private mutating func resume(_ scope: PauseScope) {
        guard engine != nil else {
            schedule(.resumes(scope), at: now + .seconds(1), ofProcess: false)
            return
        }
        // Whoever resumes what a token had stopped has seen to the token.
        switch engine?.pause {
        case .authorization where scope == .destination:
            step(.control(.authorize(until: clock + .seconds(20))))
            schedule(.resumes(.destination), at: now + .seconds(30), ofProcess: false)
        case .token:
            destination.tokens.restore()
            step(.control(.resume(scope)))
        default:
            step(.control(.resume(scope)))
        }
    }

    private mutating func calm() {
        destination.weather = .fair
        destination.faults = .none
        // A token that expires is renewed for ever.
        destination.tokens.lifetime = nil
        storeFailsUntil = now
        for scope in [PauseScope.destination, .queue("default")] { resume(scope) }
    }

    // MARK: What must hold

    private mutating func check(_ call: CallID, _ delivery: Delivery) {
        sent += 1
        guard let row = store[delivery.id], let attempt = store.attempts(of: delivery.id).last else {
            faults.append("\(delivery.id) is sent and not on disk")
            return
        }
        if row.state != .attempting || attempt.call != call { faults.append("\(row.id) is sent while \(row.state)") }
        if row.policies.hours.map({ Scenario.opening($0, clock) > clock }) ?? false {
            faults.append("\(row.id) is sent outside its hours")
        }
        if row.hasExpired(at: clock) { faults.append("\(row.id) is sent after it expired") }
        guard !touched.contains(row.id) else { return }
        // One that has begun keeps its turn, also when it comes back from an answer about quota or token.
        let since = store.attempts(of: row.id).first.map { $0.started - clockOffset } ?? now
        for other in store.others(of: row.lane, than: row.id)
        where other.position < row.position && other.state.isOwed && !touched.contains(other.id) {
            guard let known = knownSince[other.id], known < since else { continue }
            faults.append("\(row.id) overtakes \(other.id), which is \(other.state)")
        }
        let wasAmbiguous = store.attempts(of: row.id).contains { isUnclear($0.outcome) }
        if wasAmbiguous, row.onUnknownOutcome == .hold {
            faults.append("\(row.id) is sent again after an unknown outcome")
        }
    }

    private mutating func checkMemory(of engine: DeliveryEngine) {
        let limits = scenario.settings.limits
        var inMemory = 0
        for line in engine.lines {
            if line.window.rows.count > limits.window { faults.append("the window of \(line.settings.name) has grown") }
            let rows = line.window.rows.map(\.position)
            if zip(rows, rows.dropFirst()).contains(where: { $0 >= $1 }) { faults.append("a window is out of order") }
            if line.unsettled > limits.unsettled {
                faults.append("\(line.unsettled) unsettled in \(line.settings.name)")
            }
            if line.unsettled < line.retrying.count { faults.append("unsettled ones are miscounted") }
            inMemory += line.window.rows.count + line.unsettled
        }
        if engine.calls.count > scenario.settings.callsUnderWay { faults.append("too many calls are under way") }
        if engine.lanes.count > inMemory + 3 * limits.window + 64 { faults.append("lanes leak: \(engine.lanes.count)") }
    }

    /// How long what is owed now may take, when nothing goes wrong any more.
    private func clearTime() -> Duration {
        let quota = destination.quota
        let share = max(1, Double(quota.perHour) * (1 - quota.reserve))
        // Each may need a second call, as somebody unknown, and each that is retrying one more.
        let calls = Double(3 * store.owed + 10)
        let hours = (calls / share).rounded(.up) + 1
        let seconds =
            hours * Double(quota.hour.milliseconds) / 1_000 * 1.1 + calls / Double(quota.perSecond) * 1.2 + 150
        let most = Duration.milliseconds(Int64(seconds * 1_000 * (scenario.destination.isStrict ? 1 : 12)))
        // What was postponed waits for its hours, and after a clock that was set back the store's stays ahead.
        return most + (scenario.hasHours ? Scenario.day * 2 : .zero) + scenario.furthestJump
    }

    private mutating func checkEnd() {
        guard let engine else { return faults.append("no engine at the end") }
        faults += store.inconsistencies + store.frequencyFaults(scenario.atMost, accepted: destination.accepted)
        if store.owed > 0 { faults.append("\(store.owed) deliveries are owed, and nothing is going to happen") }
        if !engine.isIdle { faults.append("the engine waits for something that will not come") }
        if engine.lanes.count > 0 { faults.append("\(engine.lanes.count) lanes are still taken") }
        for line in engine.lines where line.unsettled != 0 { faults.append("\(line.unsettled) are unsettled for ever") }
        if !scenario.isMeddled, store.startsInVain > 0 { faults.append("\(store.startsInVain) starts in vain") }
        for delivery in store.deliveries { checkEnd(of: delivery) }
    }

    private var hasCrashes: Bool {
        scenario.incidents.contains { if case .crash = $0.incident { true } else { false } }
    }

    private func isUnclear(_ outcome: String?) -> Bool {
        outcome == Outcome.ambiguous.name || outcome == Outcome.partlyRejected.name
    }

    /// Whether an attempt was made together with others'.
    private func isShared(_ attempt: Attempt?) -> Bool {
        guard let attempt else { return false }
        return sharedCalls.contains(attempt.call)
    }

    private mutating func checkEnd(of delivery: Delivery) {
        let outcomes = store.attempts(of: delivery.id).map(\.outcome)
        let accepted = destination.accepted[delivery.id, default: 0]
        if delivery.state == .delivered, accepted == 0 { faults.append("\(delivery.id) is delivered to nobody") }
        if accepted > 1, !outcomes.contains(where: isUnclear) {
            faults.append("\(delivery.id) was repeated without need")
        }
        if delivery.attempts > scenario.settings.retry.maxAttempts, !touched.contains(delivery.id) {
            faults.append("\(delivery.id) was tried too often")
        }
        if delivery.attemptsMade != outcomes.count || outcomes.contains(nil) {
            faults.append("\(delivery.id) has open attempts")
        }
        if delivery.state == .dead {
            let isRefused = ["rejected", "unknown-profile", "conflict"].contains(outcomes.last ?? "")
            let isSpent = delivery.attempts >= scenario.settings.retry.maxAttempts
            if outcomes.last == "rejected", isShared(store.attempts(of: delivery.id).last) {
                faults.append("\(delivery.id) was given up for what may be another's fault")
            }
            if !isRefused, !isSpent { faults.append("\(delivery.id) was given up by \(outcomes)") }
        }
        let conflicts = outcomes.count { $0 == Outcome.conflict.name }
        if conflicts > 4, !hasCrashes, !touched.contains(delivery.id) {
            faults.append("\(delivery.id) met \(conflicts) conflicts")
        }
        if delivery.state == .expired, delivery.expiresAt == nil { faults.append("\(delivery.id) cannot expire") }
        if [.held, .cancelled, .suppressed].contains(delivery.state), !touched.contains(delivery.id) {
            let isUnknown = delivery.state == .held && isUnclear(outcomes.last ?? nil)
            let isByRule =
                (delivery.state == .cancelled && delivery.policies.cancelKey != nil)
                || (delivery.state == .suppressed
                    && (delivery.policies.atMost != nil || scenario.suppresses(delivery.trigger.snID)))
            if !isUnknown, !isByRule { faults.append("\(delivery.id) is \(delivery.state) by nobody's wish") }
        }
    }
}

extension Array {
    /// The first index for which this is true; it must be true from there on.
    fileprivate func partitioningIndex(where belongs: (Element) -> Bool) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if !belongs(self[middle]) { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

extension Simulation.Event {
    var isCommit: Bool {
        if case .commitApplies = self { true } else { false }
    }

    var summary: String {
        switch self {
        case .arrives(let index): "arrives \(index)"
        case .moved(let deliveries): "moved \(deliveries.map { "\($0.id) \($0.state)" })"
        case .handedOver(let deliveries): "handed over \(deliveries.map(\.id))"
        case .commitApplies(let changes): "commit of \(changes.count) applies"
        case .commitAnswered(let effects): effects == nil ? "commit refused" : "committed"
        case .loadReads(let queue, let after, let limit):
            "load of \(limit) in \(queue) after \(after?.id.value ?? 0)"
        case .loadAnswered(let queue, let rows): "loaded \(queue) \(rows.map(\.id))"
        case .callArrives(let call, let deliveries, _, _): "call \(call.number) for \(deliveries.map(\.id)) arrives"
        case .tokenCallArrives(let call, let request, let token, _):
            "\(request) \(call.number) for token \(token) arrives"
        case .tokenCallAnswered(let call, let result, let token):
            "token call \(call.number) ended: \(result.outcome), token \(token ?? 0)"
        case .callAnswered(let call, let result): "call \(call.number) ended: \(result.outcome)"
        case .timer: "timer"
        case .happens(let index): "incident \(index)"
        case .restarts: "restart"
        case .resumes(let scope): "resume \(scope)"
        case .calms: "calm"
        }
    }
}

extension CallResult {
    fileprivate static let lost = CallResult(outcome: .ambiguous, detail: "no answer")
}

extension Action {
    var isCall: Bool {
        switch self {
        case .send, .sendBulk, .renewToken: true
        default: false
        }
    }

    var summary: String {
        switch self {
        case .commit(let changes): "→ commit " + changes.map(\.summary).joined(separator: ", ")
        case .send(let call, let delivery): "→ send \(call.number) for \(delivery.id) in \(delivery.queue)"
        case .sendBulk(let call, let deliveries): "→ send \(call.number) for \(deliveries.map(\.id))"
        case .renewToken(let call): "→ renew token by \(call.number)"
        case .authorize(let call): "→ authorize by \(call.number)"
        case .useToken(let call): "→ use the token of \(call.number)"
        case .load(let queue, _, let limit): "→ load \(limit) of \(queue)"
        case .wake(let moment): "→ wake \(moment.since(Scenario.start))"
        case .done(let request, _): "→ done \(request.number)"
        case .alert(let alert): "→ alert \(alert)"
        }
    }
}

extension Change {
    fileprivate var summary: String {
        switch self {
        case .start(let start): "start \(start.call.number) of \(start.attempts.map(\.delivery))"
        case .finish(let end): "finish \(end.call.number) as \(end.attempts.map(\.state))"
        case .move(let move): "move \(move.deliveries) to \(move.to)"
        case .postpone(let list): "postpone \(list.map(\.delivery))"
        case .transfer(let transfer): "transfer \(transfer.deliveries) to \(transfer.queue ?? "-")"
        case .replay(let deliveries, _): "replay \(deliveries)"
        case .add(let addition): "add \(addition.drafts.count) of \(addition.event)"
        case .set(let name, let value): "set \(name) \(value?.count ?? 0)"
        case .receive, .count: "other"
        }
    }
}
