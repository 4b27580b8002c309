import EventStore
import Model

@testable import Delivery

/// What must hold of delivering, whatever goes wrong. It is asked at every step, and keeps what it found not to hold.
struct Invariants {
    private let scenario: Scenario
    /// What did not hold, each as a sentence.
    private(set) var faults: [String] = []
    /// Deliveries sent, with all repetitions.
    private(set) var sent = 0
    private var sentCalls: Set<CallID> = []
    private var sharedCalls: Set<CallID> = []
    /// When the engine of this process learnt of a delivery.
    private var knownSince: [DeliveryID: Timestamp] = [:]
    /// Deliveries that an operator touched: they have left the order that they came in.
    private var touched: Set<DeliveryID> = []

    init(of scenario: Scenario) {
        self.scenario = scenario
    }

    mutating func blame(_ fault: String) {
        faults.append(fault)
    }

    mutating func blame(_ found: [String]) {
        faults += found
    }

    // MARK: What it has to know

    mutating func hasLearnt(of deliveries: [Delivery], at now: Timestamp) {
        for delivery in deliveries { knownSince[delivery.id] = now }
    }

    func knows(_ id: DeliveryID) -> Bool { knownSince[id] != nil }

    mutating func touch(_ ids: [DeliveryID]) {
        touched.formUnion(ids)
    }

    // MARK: As calls go out

    mutating func checkOnce(_ call: CallID) {
        if !sentCalls.insert(call).inserted { blame("call \(call.number) goes out twice") }
    }

    mutating func checkPacking(_ call: CallID, _ deliveries: [Delivery]) {
        sharedCalls.insert(call)
        if !(2...scenario.settings.bulk).contains(deliveries.count) { blame("\(deliveries.count) in a call") }
        if Set(deliveries.map(\.lane)).count < deliveries.count { blame("one lane twice in a call") }
        if Set(deliveries.map(\.trigger.journeyID)).count > 1 { blame("two journeys in a call") }
        if Set(deliveries.map(\.queue)).count > 1 { blame("two queues in a call") }
    }

    mutating func check(_ call: CallID, _ delivery: Delivery, _ store: StoreModel, at now: Timestamp, clock: Timestamp)
    {
        sent += 1
        guard let row = store[delivery.id], let attempt = store.attempts(of: delivery.id).last else {
            blame("\(delivery.id) is sent and not on disk")
            return
        }
        if row.state != .attempting || attempt.call != call { blame("\(row.id) is sent while \(row.state)") }
        if row.policies.hours.map({ Scenario.opening($0, clock) > clock }) ?? false {
            blame("\(row.id) is sent outside its hours")
        }
        if row.hasExpired(at: clock) { blame("\(row.id) is sent after it expired") }
        guard !touched.contains(row.id) else { return }
        // One that has begun keeps its turn, also when it comes back from an answer about quota or token.
        let since = store.attempts(of: row.id).first.map { $0.started - clock.since(now) } ?? now
        for other in store.others(of: row.lane, than: row.id)
        where other.position < row.position && other.state.isOwed && !touched.contains(other.id) {
            guard let known = knownSince[other.id], known < since else { continue }
            blame("\(row.id) overtakes \(other.id), which is \(other.state)")
        }
        let wasAmbiguous = store.attempts(of: row.id).contains { isUnclear($0.outcome) }
        if wasAmbiguous, row.onUnknownOutcome == .hold {
            blame("\(row.id) is sent again after an unknown outcome")
        }
    }

    mutating func checkMemory(of engine: DeliveryEngine) {
        let limits = scenario.settings.limits
        var inMemory = 0
        for line in engine.lines {
            if line.window.rows.count > limits.window { blame("the window of \(line.settings.name) has grown") }
            let rows = line.window.rows.map(\.position)
            if zip(rows, rows.dropFirst()).contains(where: { $0 >= $1 }) { blame("a window is out of order") }
            if line.unsettled > limits.unsettled {
                blame("\(line.unsettled) unsettled in \(line.settings.name)")
            }
            if line.unsettled < line.retrying.count { blame("unsettled ones are miscounted") }
            inMemory += line.window.rows.count + line.unsettled
        }
        if engine.calls.count > scenario.settings.callsUnderWay { blame("too many calls are under way") }
        if engine.lanes.count > inMemory + 3 * limits.window + 64 { blame("lanes leak: \(engine.lanes.count)") }
    }

    // MARK: At the end

    mutating func checkEnd(of engine: DeliveryEngine?, _ store: StoreModel, _ destination: DestinationModel) {
        guard let engine else { return blame("no engine at the end") }
        faults += store.inconsistencies + store.frequencyFaults(scenario.atMost, accepted: destination.accepted)
        if store.owed > 0 { blame("\(store.owed) deliveries are owed, and nothing is going to happen") }
        if !engine.isIdle { blame("the engine waits for something that will not come") }
        if engine.lanes.count > 0 { blame("\(engine.lanes.count) lanes are still taken") }
        for line in engine.lines where line.unsettled != 0 { blame("\(line.unsettled) are unsettled for ever") }
        if !scenario.isMeddled, store.startsInVain > 0 { blame("\(store.startsInVain) starts in vain") }
        for delivery in store.deliveries { checkEnd(of: delivery, store, destination) }
    }

    private func isUnclear(_ outcome: String?) -> Bool {
        outcome == Outcome.ambiguous.name || outcome == Outcome.partlyRejected.name
    }

    /// Whether an attempt was made together with others'.
    private func isShared(_ attempt: Attempt?) -> Bool {
        guard let attempt else { return false }
        return sharedCalls.contains(attempt.call)
    }

    private mutating func checkEnd(of delivery: Delivery, _ store: StoreModel, _ destination: DestinationModel) {
        let outcomes = store.attempts(of: delivery.id).map(\.outcome)
        let accepted = destination.accepted[delivery.id, default: 0]
        if delivery.state == .delivered, accepted == 0 { blame("\(delivery.id) is delivered to nobody") }
        if accepted > 1, !outcomes.contains(where: isUnclear) {
            blame("\(delivery.id) was repeated without need")
        }
        if delivery.attempts > scenario.settings.retry.maxAttempts, !touched.contains(delivery.id) {
            blame("\(delivery.id) was tried too often")
        }
        if delivery.attemptsMade != outcomes.count || outcomes.contains(nil) {
            blame("\(delivery.id) has open attempts")
        }
        if delivery.state == .dead {
            let isRefused = ["rejected", "unknown-profile", "conflict"].contains(outcomes.last ?? "")
            let isSpent = delivery.attempts >= scenario.settings.retry.maxAttempts
            if outcomes.last == "rejected", isShared(store.attempts(of: delivery.id).last) {
                blame("\(delivery.id) was given up for what may be another's fault")
            }
            if !isRefused, !isSpent { blame("\(delivery.id) was given up by \(outcomes)") }
        }
        let conflicts = outcomes.count { $0 == Outcome.conflict.name }
        if conflicts > 4, !scenario.hasCrashes, !touched.contains(delivery.id) {
            blame("\(delivery.id) met \(conflicts) conflicts")
        }
        if delivery.state == .expired, delivery.expiresAt == nil { blame("\(delivery.id) cannot expire") }
        if [.held, .cancelled, .suppressed].contains(delivery.state), !touched.contains(delivery.id) {
            let isUnknown = delivery.state == .held && isUnclear(outcomes.last ?? nil)
            let isByRule =
                (delivery.state == .cancelled && delivery.policies.cancelKey != nil)
                || (delivery.state == .suppressed
                    && (delivery.policies.atMost != nil || scenario.suppresses(delivery.trigger.snID)))
            if !isUnknown, !isByRule { blame("\(delivery.id) is \(delivery.state) by nobody's wish") }
        }
    }
}
