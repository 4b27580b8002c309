import Model

@testable import Delivery

/// The store in memory, with exactly the meaning of `Change` and `Effect`, and with what only a test wants to know.
struct StoreModel {
    private(set) var deliveries: [DeliveryID: Delivery] = [:]
    private(set) var attempts: [DeliveryID: [Attempt]] = [:]
    private(set) var calls: [CallID: Call] = [:]
    private(set) var settings: [String: [UInt8]] = [:]
    private var noted: [DeliveryID: DeliveryState] = [:]
    private var idsByLane: [Lane: [DeliveryID]] = [:]
    private var lastID: Int64 = 0
    private var lastReceived = Timestamp(milliseconds: 0)
    /// What was found wrong with the changes themselves.
    private(set) var faults: [String] = []
    /// Starts that came for a delivery that was not waiting any more.
    private(set) var startsInVain = 0

    // MARK: Appending

    mutating func append(_ draft: DeliveryDraft, at now: Timestamp) -> Delivery {
        lastID += 1
        lastReceived = max(lastReceived, now)
        let startsWithProfile = draft.trigger.newProfile?.mode == .always
        let delivery = Delivery(
            id: DeliveryID(lastID),
            event: EventID(high: UInt64(lastID), low: 0),
            source: "shop",
            rule: draft.rule,
            item: draft.item,
            replay: 0,
            destination: draft.destination,
            queue: draft.queue,
            trigger: draft.trigger,
            onUnknownOutcome: draft.onUnknownOutcome,
            expiresAt: draft.expiresAt,
            state: .ready,
            due: lastReceived + draft.delay,
            nextCall: startsWithProfile ? .newProfile : .trigger
        )
        deliveries[delivery.id] = delivery
        idsByLane[delivery.lane, default: []].append(delivery.id)
        return delivery
    }

    // MARK: Committing

    mutating func commit(_ changes: [Change], at now: Timestamp) -> [Effect] {
        changes.map { change in
            switch change {
            case .start(let start): apply(start)
            case .finish(let end): apply(end)
            case .move(let move): apply(move, at: now)
            case .set(let name, let value): apply(name, value)
            case .receive, .count: .done
            }
        }
    }

    private mutating func apply(_ name: String, _ value: [UInt8]?) -> Effect {
        settings[name] = value
        return .done
    }

    private mutating func apply(_ start: CallStart) -> Effect {
        if calls[start.call] != nil { faults.append("call \(start.call.number) starts twice") }
        var moved: [Delivery] = []
        for (id, number) in start.attempts {
            guard var delivery = deliveries[id], delivery.state == .ready || delivery.state == .retrying else {
                startsInVain += 1
                continue
            }
            if delivery.hasExpired(at: start.started) { faults.append("\(id) starts after it expired") }
            if number != delivery.attemptsMade + 1 {
                faults.append("\(id): attempt \(number) after \(delivery.attemptsMade)")
            }
            let isOvertaking = others(of: delivery.lane, than: id).contains { $0.state.keepsLaneBusy }
            if isOvertaking { faults.append("\(id) starts in a busy lane") }
            delivery.state = .attempting
            delivery.retryAt = nil
            delivery.attemptsMade = number
            deliveries[id] = delivery
            attempts[id, default: []].append(
                Attempt(delivery: id, number: number, call: start.call, kind: start.kind, started: start.started)
            )
            moved.append(delivery)
        }
        if start.attempts.isEmpty || !moved.isEmpty {
            calls[start.call] = Call(id: start.call, kind: start.kind, started: start.started)
        }
        return .moved(moved, promoted: [])
    }

    private mutating func apply(_ end: CallEnd) -> Effect {
        guard calls[end.call] != nil, calls[end.call]?.ended == nil else {
            faults.append("call \(end.call.number) ends without a beginning, or twice")
            return .moved([], promoted: [])
        }
        calls[end.call]?.ended = end.ended
        calls[end.call]?.status = end.status
        var moved: [Delivery] = []
        var promoted: [Delivery] = []
        for attempt in end.attempts {
            guard var delivery = deliveries[attempt.delivery], delivery.state == .attempting else {
                faults.append("\(attempt.delivery) ends an attempt and is not attempting")
                continue
            }
            check(attempt, of: delivery)
            delivery.state = attempt.state
            delivery.nextCall = attempt.nextCall
            delivery.retryAt = attempt.retryAt
            delivery.attempts = attempt.attempts
            if let note = noted.removeValue(forKey: delivery.id),
                delivery.state == .ready || delivery.state == .retrying
            {
                delivery.state = note
            }
            deliveries[delivery.id] = delivery
            if let last = attempts[delivery.id]?.indices.last {
                attempts[delivery.id]?[last].ended = end.ended
                attempts[delivery.id]?[last].outcome = attempt.outcome
            }
            moved.append(delivery)
            if !delivery.state.isInLane { promoted += promote(delivery.lane) }
        }
        return .moved(moved, promoted: promoted)
    }

    private mutating func apply(_ move: Move, at now: Timestamp) -> Effect {
        var moved: [Delivery] = []
        var promoted: [Delivery] = []
        for id in move.deliveries {
            guard var delivery = deliveries[id], move.from.contains(delivery.state) else { continue }
            if delivery.state == .attempting {
                noted[id] = move.to
                continue
            }
            let wasInLane = delivery.state.isInLane
            let wasHeld = delivery.state == .held
            if move.to == .parked, !others(of: delivery.lane, than: id).contains(where: { $0.state.keepsLaneBusy }) {
                promoted.append(delivery)
                continue
            }
            delivery.state = move.to
            delivery.retryAt = nil
            if wasHeld, move.to == .ready {
                lastReceived = max(lastReceived, now)
                // With its due, its place in the order is new.
                delivery.due = lastReceived
            }
            deliveries[id] = delivery
            moved.append(delivery)
            if wasInLane, !move.to.isInLane { promoted += promote(delivery.lane) }
        }
        return .moved(moved, promoted: promoted)
    }

    /// The first parked delivery of a lane becomes ready, unless another one has the lane.
    private mutating func promote(_ lane: Lane) -> [Delivery] {
        let all = others(of: lane, than: nil)
        guard !all.contains(where: { $0.state.keepsLaneBusy }),
            var first = all.filter({ $0.state == .parked }).min(by: { $0.position < $1.position })
        else { return [] }
        first.state = .ready
        deliveries[first.id] = first
        return [first]
    }

    private mutating func check(_ end: AttemptEnd, of delivery: Delivery) {
        let counted = end.attempts - delivery.attempts
        switch end.outcome {
        case "unsent", "over-quota", "unauthorized", "misconfigured":
            if counted > 0 { faults.append("\(end.delivery): \(end.outcome) was counted") }
            if ![.ready, .retrying, .expired].contains(end.state) {
                faults.append("\(end.delivery): \(end.outcome) ends it")
            }
        case "unknown-profile" where end.state == .retrying:
            if counted > 0 || end.nextCall != .newProfile { faults.append("\(end.delivery): a wrong fall-back") }
        case "accepted":
            if end.state != .delivered { faults.append("\(end.delivery): accepted, and \(end.state)") }
        case "ambiguous":
            if (end.state == .held) != (delivery.onUnknownOutcome == .hold) {
                faults.append("\(end.delivery): ambiguous against its policy")
            }
        default:
            if end.state == .delivered { faults.append("\(end.delivery): delivered by \(end.outcome)") }
        }
        if counted > 1 { faults.append("\(end.delivery): counted \(counted) for one attempt") }
    }

    // MARK: Reading

    func ready(queue: String, after: QueuePosition?, limit: Int) -> [Delivery] {
        let found = deliveries.values.filter { delivery in
            delivery.state == .ready && delivery.queue == queue && (after.map { delivery.position > $0 } ?? true)
        }
        return Array(found.sorted { $0.position < $1.position }.prefix(limit))
    }

    /// What an engine that starts now goes on from.
    func restored(destination: String, since: Timestamp) -> RestoredState {
        let sorted = deliveries.values.sorted { $0.position < $1.position }
        return RestoredState(
            calls: calls.values.filter { $0.started >= since }.sorted { $0.id.number < $1.id.number },
            lastCall: calls.keys.map(\.number).max() ?? 0,
            attempting: sorted.filter { $0.state == .attempting }.compactMap { delivery in
                attempts[delivery.id]?.last.map { (delivery, $0.call) }
            },
            retrying: sorted.filter { $0.state == .retrying },
            settings: settings.filter { $0.key.hasPrefix(DeliveryEngine.settingsPrefix(destination: destination)) }
        )
    }

    func others(of lane: Lane, than id: DeliveryID?) -> [Delivery] {
        (idsByLane[lane] ?? []).filter { $0 != id }.compactMap { deliveries[$0] }
    }

    var owed: Int { deliveries.values.count { $0.state.isOwed } }

    /// Parked deliveries that nothing will ever release.
    var stranded: [DeliveryID] {
        idsByLane.values.flatMap { ids -> [DeliveryID] in
            let all = ids.compactMap { deliveries[$0] }
            guard all.contains(where: { $0.state == .parked }),
                !all.contains(where: { $0.state == .ready || $0.state.keepsLaneBusy })
            else { return [] }
            return all.filter { $0.state == .parked }.map(\.id)
        }
    }
}

extension DeliveryState {
    /// Whether the delivery has its lane, or waits for its turn in it.
    fileprivate var isInLane: Bool { self == .ready || self == .attempting || self == .retrying }
}
