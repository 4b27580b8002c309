import EventStore
import Model
import SeededRandom

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
        case callArrives(CallID, [Delivery], Sending)
        case callAnswered(CallID, CallResult)
        case tokenCallArrives(CallID, TokenRequest, Sending)
        case tokenCallAnswered(CallID, CallResult, token: Int?)
        case timer
        case happens(Int)
        case restarts
        case resumes(PauseScope)
        case calms
    }

    /// With what a call was made, when, and by which process: an answer to one that has died reaches nobody.
    struct Sending {
        let token: Int
        let at: Timestamp
        let process: Int
    }

    private struct Scheduled {
        let at: Timestamp
        let sequence: Int
        /// Of which process it is; what belongs to a process dies with it.
        let process: Int?
        let event: Event
    }

    let scenario: Scenario
    var invariants: Invariants
    var steps = 0
    var sent: Int { invariants.sent }
    var now = Scenario.start
    /// What the machine's clock, and the engine's, are ahead of the true time.
    var wallOffset = Duration.zero
    var clockOffset = Duration.zero
    var clock: Timestamp { now + clockOffset }
    var wall: Timestamp { now + wallOffset }
    var store = StoreModel()
    var random: SplitMix64
    var destination: DestinationModel
    var engine: DeliveryEngine?
    var process = 0
    private var agenda: [Scheduled] = []
    private var sequence = 0
    var lastHandOver = Scenario.start
    var lastTold = Scenario.start
    var storeFailsUntil = Scenario.start
    /// Until when this process was told to make no calls.
    var gate = Scenario.start
    var isCommitting = false
    /// What this process calls with, and what its token calls brought.
    var token = HeldToken(0, life: nil)
    var newTokens: [CallID: HeldToken] = [:]
    let traces: Bool

    init(seed: UInt64, traces: Bool = false) {
        scenario = Scenario(seed: seed)
        invariants = Invariants(of: scenario)
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
        while invariants.faults.isEmpty, let next = agenda.popLast() {
            now = next.at
            if let process = next.process, process != self.process { continue }
            handle(next.event)
            if case .calms = next.event { deadline = now + scenario.clearTime(owed: store.owed, destination) }
            if let deadline, now > deadline, store.owed > 0 {
                invariants.blame(
                    "\(store.owed) deliveries are still owed \(deadline.since(scenario.calm)) after all went well"
                )
            }
            if steps > 100_000 { invariants.blame("it does not come to an end") }
        }
        if invariants.faults.isEmpty { invariants.checkEnd(of: engine, store, destination) }
        if traces {
            for delivery in store.deliveries.filter(\.state.isOwed).sorted(by: { $0.id < $1.id }) {
                print("owed", delivery.id, delivery.state, delivery.queue, delivery.due.since(clock), delivery.policies)
            }
        }
        return invariants.faults
    }

    // MARK: The world

    mutating func schedule(_ event: Event, at moment: Timestamp, ofProcess isOfProcess: Bool = true) {
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

    /// What this process wants committed and is not yet.
    var commitUnderWay: [Change]? {
        for scheduled in agenda where scheduled.process == process {
            if case .commitApplies(let changes) = scheduled.event { return changes }
        }
        return nil
    }

    mutating func draw(_ range: ClosedRange<Int64>) -> Duration {
        .milliseconds(Int64.random(in: range, using: &random))
    }

    mutating func handle(_ event: Event) {
        if traces { print(now.milliseconds - Scenario.start.milliseconds, event.summary) }
        switch event {
        case .arrives(let index):
            arrive(scenario.arrivals[index])
        case .handedOver(let deliveries):
            invariants.hasLearnt(of: deliveries, at: now)
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
        case .callArrives(let call, let deliveries, let sending):
            reach(call, deliveries, sending)
        case .callAnswered(let call, let result):
            noteGate(result)
            step(.ended(call, result))
        case .tokenCallArrives(let call, let request, let sending):
            reach(call, request, sending)
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

    mutating func arrive(_ arrival: Scenario.Arrival) {
        guard engine != nil, storeFailsUntil <= now else { return }
        var mapping = arrival.mapping
        for index in mapping.deliveries.indices {
            mapping.deliveries[index].expiresAt = mapping.deliveries[index].policies.expiresAfter.map { wall + $0 }
        }
        let (deliveries, moved) = store.append(mapping, at: wall)
        invariants.blame(store.faults)
        lastHandOver = max(lastHandOver, now + draw(0...scenario.handOverDelay))
        schedule(.handedOver(deliveries), at: lastHandOver)
        if !moved.isEmpty { schedule(.moved(moved), at: telling(after: draw(0...2))) }
    }

    /// What commits led to is told in their order.
    mutating func telling(after time: Duration) -> Timestamp {
        lastTold = max(lastTold, now + time)
        return lastTold
    }

    mutating func apply(_ changes: [Change]) {
        guard storeFailsUntil <= now else {
            schedule(.commitAnswered(nil), at: telling(after: draw(0...5)))
            return
        }
        let effects = store.commit(changes)
        invariants.blame(store.faults)
        if store.strandedLanes > 0 { invariants.blame("in \(store.strandedLanes) lanes all lie parked behind nobody") }
        schedule(.commitAnswered(effects), at: telling(after: draw(0...2)))
    }

    mutating func reach(_ call: CallID, _ deliveries: [Delivery], _ sending: Sending) {
        let result = destination.receive(deliveries, token: sending.token, at: now, using: &random)
        let answered = answerTime(of: sending)
        guard sending.process == process else { return }
        schedule(.callAnswered(call, answered.isInTime ? result ?? .lost : .lost), at: answered.at)
    }

    mutating func reach(_ call: CallID, _ request: TokenRequest, _ sending: Sending) {
        let answer = destination.receive(request, for: sending.token, at: now, using: &random)
        let answered = answerTime(of: sending)
        guard sending.process == process else { return }
        let (result, new) = answered.isInTime ? answer ?? (.lost, nil) : (.lost, nil)
        schedule(.tokenCallAnswered(call, result, token: new), at: answered.at)
    }

    /// How long a call is on its way: it arrives before it times out, and that is all that is known.
    mutating func wayTime() -> Duration {
        min(draw(0...longestLeg), scenario.settings.timeout)
    }

    /// When the answer of a call comes, or its time-out.
    mutating func answerTime(of sending: Sending) -> (at: Timestamp, isInTime: Bool) {
        invariants.blame(destination.overruns)
        let timeout = sending.at + scenario.settings.timeout
        let answered = now + draw(0...longestLeg)
        return answered < timeout ? (answered, true) : (timeout, false)
    }

    /// The most milliseconds that a call takes to the destination, and its answer back.
    var longestLeg: Int64 { now >= scenario.calm ? min(scenario.answerTime, 200) : scenario.answerTime }

    mutating func noteGate(_ result: CallResult) {
        guard case .overQuota(let scope, let until) = result.outcome else { return }
        gate = max(gate, until.map { $0 - clockOffset } ?? now + (scope == .second ? .seconds(1) : .seconds(60)))
    }

    mutating func take(_ call: CallID, _ result: CallResult, token: Int?) {
        guard let token else { return step(.tokenCallEnded(call, result, nil)) }
        let life = destination.tokens.lifetime.map { TokenLife(obtained: clock, lifetime: $0) }
        let held = HeldToken(token, life: life)
        newTokens[call] = held
        step(.tokenCallEnded(call, result, NewToken(value: held.value, life: life)))
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

extension CallResult {
    fileprivate static let lost = CallResult(outcome: .ambiguous, detail: "no answer")
}
