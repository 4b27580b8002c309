import JSON
import Model

@testable import Delivery
@testable import EventStore

/// The store in memory, with what only a test wants to know: what was wrong with the changes themselves.
struct StoreModel {
    private let store = InMemoryEventStore()
    private var idsByLane: [Lane: Set<DeliveryID>] = [:]
    private var eventCount: UInt64 = 0
    /// What was found wrong with the changes.
    private(set) var faults: [String] = []
    /// Starts that came for a delivery that was not waiting any more.
    private(set) var startsInVain = 0
    /// Deliveries that an event called off while they waited: none of them may be sent any more.
    private var calledOff: Set<DeliveryID> = []
    private var suppressed: Set<String> = []

    // MARK: Appending

    @discardableResult
    mutating func append(_ draft: DeliveryDraft, at now: Timestamp) -> Delivery {
        append(Mapping(deliveries: [draft]), at: now).deliveries[0]
    }

    /// Receives an event that the rules have made this of: its deliveries, and what it did to earlier ones.
    mutating func append(_ mapping: Mapping, at now: Timestamp) -> (deliveries: [Delivery], moved: [Delivery]) {
        eventCount += 1
        let event = Event(
            id: EventID(high: UInt64(now.milliseconds) << 16, low: eventCount),
            source: "shop",
            topic: nil,
            receivedAt: now,
            headers: .null,
            query: .null,
            body: .null,
            key: nil
        )
        for cancellation in mapping.cancellations { callOff(cancellation) }
        let receipt = Receipt(source: "shop", events: [MappedEvent(event: event, mapping: mapping)])
        guard case .received(let appended)? = commit([.receive(receipt)]).first,
            case .accepted(_, let deliveries, let moved)? = appended.first
        else {
            faults.append("an event is not taken")
            return ([], [])
        }
        for delivery in deliveries { idsByLane[delivery.lane, default: []].insert(delivery.id) }
        return (deliveries, moved)
    }

    private mutating func callOff(_ cancellation: Cancellation) {
        for delivery in deliveries
        where delivery.policies.cancelKey == cancellation.key && delivery.replay == 0 && delivery.state.isOwed
            && delivery.state != .attempting
        {
            calledOff.insert(delivery.id)
        }
    }

    // MARK: Committing

    mutating func commit(_ changes: [Change]) -> [Effect] {
        changes.map { change in
            switch change {
            case .start(let start): check(start)
            case .finish(let end): check(end)
            default: break
            }
            let lanesBefore = lanes(of: change)
            do {
                let effect = try store.commit([change])[0]
                for (id, lane) in lanesBefore { idsByLane[lane]?.remove(id) }
                if case .set(let name, let value) = change, name.hasPrefix(StandingOrders.suppressionPrefix) {
                    if value == nil { suppressed.remove(name) } else { suppressed.insert(name) }
                }
                if case .moved(let moved, _) = effect {
                    if case .start = change { checkStarted(moved) }
                    for delivery in moved { idsByLane[delivery.lane, default: []].insert(delivery.id) }
                }
                return effect
            } catch {
                faults.append("\(error)")
                return .done
            }
        }
    }

    /// Of deliveries that may come to another lane by a change, those in which they are.
    private func lanes(of change: Change) -> [(DeliveryID, Lane)] {
        guard case .transfer(let transfer) = change else { return [] }
        return transfer.deliveries.compactMap { id in
            guard let delivery = self[id], delivery.state.isWaiting else { return nil }
            return (id, delivery.lane)
        }
    }

    private mutating func check(_ start: CallStart) {
        for (id, number) in start.attempts {
            guard let delivery = self[id], delivery.state == .ready || delivery.state == .retrying else {
                startsInVain += 1
                continue
            }
            if delivery.hasExpired(at: start.started) { faults.append("\(id) starts after it expired") }
            if number != delivery.attemptsMade + 1 {
                faults.append("\(id): attempt \(number) after \(delivery.attemptsMade)")
            }
            let isOvertaking = others(of: delivery.lane, than: id).contains { $0.state.keepsLaneBusy }
            if isOvertaking { faults.append("\(id) starts in a busy lane") }
        }
    }

    /// Whom a call is about to be made for.
    private mutating func checkStarted(_ moved: [Delivery]) {
        for delivery in moved where delivery.state == .attempting {
            if calledOff.contains(delivery.id) { faults.append("\(delivery.id) starts after it was called off") }
            if suppressed.contains(StandingOrders.suppression(snType: "SMS", snID: delivery.trigger.snID)) {
                faults.append("\(delivery.id) starts for a person who must not be messaged")
            }
        }
    }

    private mutating func check(_ end: CallEnd) {
        let call = store.look { $0.calls[end.call] }
        if call == nil || call?.ended != nil {
            faults.append("call \(end.call.number) ends without a beginning, or twice")
        }
        for attempt in end.attempts {
            guard let delivery = self[attempt.delivery], delivery.state == .attempting else {
                faults.append("\(attempt.delivery) ends an attempt and is not attempting")
                continue
            }
            check(attempt, of: delivery)
        }
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
        case "ambiguous", "partly-rejected":
            if (end.state == .held) != (delivery.onUnknownOutcome == .hold) {
                faults.append("\(end.delivery): ambiguous against its policy")
            }
        default:
            if end.state == .delivered { faults.append("\(end.delivery): delivered by \(end.outcome)") }
        }
        if counted > 1 { faults.append("\(end.delivery): counted \(counted) for one attempt") }
    }

    // MARK: Reading

    subscript(id: DeliveryID) -> Delivery? { store.look { $0.deliveries[id]?.delivery } }

    var calls: [CallID: Call] { store.look(\.calls) }

    var settings: [String: [UInt8]] { store.look(\.settings) }

    var deliveries: [Delivery] { store.look { tables in tables.deliveries.values.map(\.delivery) } }

    func attempts(of id: DeliveryID) -> [Attempt] { store.look { $0.attempts[id] ?? [] } }

    func ready(queue: String, after: QueuePosition?, limit: Int) -> [Delivery] {
        let destination = DestinationSettings().name
        return (try? store.ready(destination: destination, queue: queue, after: after, limit: limit)) ?? []
    }

    /// What an engine that starts now goes on from.
    func restored(destination: String, since: Timestamp) -> RestoredState {
        store.look { tables in
            let prefix = DeliveryEngine.settingsPrefix(destination: destination)
            let attempting = tables.busy(destination: destination, state: .attempting)
            return RestoredState(
                calls: tables.calls.values.filter { $0.started >= since }.sorted { $0.id.number < $1.id.number },
                lastCall: tables.lastCalls[destination] ?? 0,
                attempting: attempting.sorted { $0.position < $1.position }.compactMap { delivery in
                    tables.attempts[delivery.id]?.last.map { (delivery, $0.call) }
                },
                retrying: tables.busy(destination: destination, state: .retrying).sorted { $0.position < $1.position },
                settings: tables.settings.filter { $0.key.hasPrefix(prefix) }
            )
        }
    }

    func others(of lane: Lane, than id: DeliveryID?) -> [Delivery] {
        (idsByLane[lane] ?? []).filter { $0 != id }.sorted().compactMap { self[$0] }
    }

    var owed: Int {
        store.look { tables in
            tables.backlogs.reduce(0) { $0 + $1.owed }
        }
    }

    /// Lanes of which deliveries are parked that nothing will ever release.
    var strandedLanes: Int {
        store.look { tables in tables.lanes.values.count { !$0.parked.isEmpty && $0.busy.isEmpty } }
    }

    /// People who were messaged more often than the rule allows, as the destination saw it.
    func frequencyFaults(_ limit: AtMost, accepted: [DeliveryID: Int]) -> [String] {
        let sent = deliveries.filter { $0.policies.atMost != nil && accepted[$0.id, default: 0] > 0 }
        return Dictionary(grouping: sent, by: \.trigger.snID).flatMap { person, deliveries -> [String] in
            let times = deliveries.compactMap { attempts(of: $0.id).first?.started }.sorted()
            return zip(times, times.dropFirst(limit.times)).compactMap { first, last in
                last.since(first) < limit.per ? "\(person) is messaged more than \(limit.times) times" : nil
            }
        }
    }

    /// What contradicts itself in the books.
    var inconsistencies: [String] { (try? store.inconsistencies()) ?? [] }
}
