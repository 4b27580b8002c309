import Dispatch
import EventStore
import Model

/// A store in memory whose commits can be kept waiting, made to fail, and are recorded.
final class GatedStore: EventStore {
    private struct State {
        var batches: [Int] = []
        var error: StoreError?
    }

    private let store: InMemoryEventStore
    private let state: TestLock<State>
    private let gate = DispatchSemaphore(value: 1)
    private let reached = DispatchSemaphore(value: 0)

    init() {
        let state = TestLock(State())
        self.state = state
        store = InMemoryEventStore { _ in state.withLock(\.error) }
    }

    /// How many changes each commit that succeeded had.
    var batches: [Int] { state.withLock(\.batches) }

    /// Commits wait from now on.
    func close() {
        gate.wait()
        while reached.wait(timeout: .now()) == .success {}
    }

    func open() { gate.signal() }

    /// Returns when a commit stands before the gate.
    func waitUntilReached() { reached.wait() }

    func fail(with error: StoreError?) { state.withLock { $0.error = error } }

    func commit(_ changes: [Change]) throws(StoreError) -> [Effect] {
        reached.signal()
        gate.wait()
        gate.signal()
        let effects = try store.commit(changes)
        state.withLock { $0.batches.append(changes.count) }
        return effects
    }

    func ready(destination: String, queue: String, after: QueuePosition?, limit: Int) throws(StoreError) -> [Delivery] {
        try store.ready(destination: destination, queue: queue, after: after, limit: limit)
    }
    func retrying(destination: String) throws(StoreError) -> [Delivery] {
        try store.retrying(destination: destination)
    }
    func attempting(destination: String) throws(StoreError) -> [Delivery] {
        try store.attempting(destination: destination)
    }
    func parked(lane: Lane, limit: Int) throws(StoreError) -> [Delivery] {
        try store.parked(lane: lane, limit: limit)
    }
    func expired(at now: Timestamp, limit: Int) throws(StoreError) -> [Delivery] {
        try store.expired(at: now, limit: limit)
    }
    func calls(destination: String, since: Timestamp, bootTime: BootTime?) throws(StoreError) -> [Call] {
        try store.calls(destination: destination, since: since, bootTime: bootTime)
    }
    func lastCall(destination: String) throws(StoreError) -> Int64 { try store.lastCall(destination: destination) }
    func backlogs() throws(StoreError) -> [Backlog] { try store.backlogs() }
    func setting(_ name: String) throws(StoreError) -> [UInt8]? { try store.setting(name) }
    func settings(prefix: String) throws(StoreError) -> [String: [UInt8]] { try store.settings(prefix: prefix) }
    func event(_ id: EventID) throws(StoreError) -> StoredEvent? { try store.event(id) }
    func events(_ filter: EventFilter, from start: PageStart, limit: Int) throws(StoreError) -> Page<EventSummary> {
        try store.events(filter, from: start, limit: limit)
    }
    func delivery(_ id: DeliveryID) throws(StoreError) -> Delivery? { try store.delivery(id) }
    func deliveries(_ filter: DeliveryFilter, from start: PageStart, limit: Int) throws(StoreError) -> Page<Delivery> {
        try store.deliveries(filter, from: start, limit: limit)
    }
    func attempts(of delivery: DeliveryID) throws(StoreError) -> [Attempt] { try store.attempts(of: delivery) }
    func story(of event: EventID) throws(StoreError) -> EventStory? { try store.story(of: event) }
    func accounts() throws(StoreError) -> Accounts { try store.accounts() }
    func recount() throws(StoreError) -> Accounts { try store.recount() }
    func inconsistencies() throws(StoreError) -> [String] { try store.inconsistencies() }
    func sweep(at now: Timestamp, retention: Retention) throws(StoreError) -> SweepStep {
        try store.sweep(at: now, retention: retention)
    }
}

/// One thread at a time, by a queue.
final class TestLock<State>: @unchecked Sendable {
    // Sendable: `state` is touched on `queue` only.
    private let queue = DispatchQueue(label: "TestLock")
    private var state: State

    init(_ state: sending State) { self.state = state }

    func withLock<Result>(_ body: (inout State) throws -> Result) rethrows -> Result {
        try queue.sync { try body(&state) }
    }
}
