public import Model

/// A store that keeps everything in memory, for simulations: the same promises as the others but durability, decided
/// by the same rules, at microseconds a commit.
///
/// A simulated restart goes on with the same store: what was committed is there. Faults are injected by `fault`.
public final class InMemoryEventStore: EventStore {
    private let tables: Lock<MemoryTables>
    private let fault: @Sendable (_ commit: Int) -> StoreError?

    /// `fault` is asked before each commit, with its number from 1; with an error, that commit fails and keeps nothing.
    public init(fault: @escaping @Sendable (_ commit: Int) -> StoreError? = { _ in nil }) {
        tables = Lock(MemoryTables())
        self.fault = fault
    }

    public func commit(_ changes: [Change]) throws(StoreError) -> [Effect] {
        try tables.withLock { (tables) throws(StoreError) in
            tables.commitCount += 1
            if let error = fault(tables.commitCount) { throw error }
            do throws(StoreError) {
                var effects: [Effect] = []
                for change in changes { effects.append(try tables.apply(change)) }
                tables.journal.removeAll(keepingCapacity: true)
                return effects
            } catch {
                tables.takeBack()
                throw error
            }
        }
    }

    /// The tables as they are, for those who check a simulation.
    func look<Value>(_ body: (MemoryTables) -> Value) -> Value {
        tables.withLock { body($0) }
    }

    public func sweep(at now: Timestamp, retention: Retention) throws(StoreError) -> SweepStep {
        tables.withLock { tables in
            defer { tables.journal.removeAll(keepingCapacity: true) }
            return tables.sweep(at: now, retention: retention)
        }
    }

    // MARK: What the delivery engine works from

    public func ready(
        destination: String,
        queue: String,
        after: QueuePosition?,
        limit: Int
    ) throws(StoreError) -> [Delivery] {
        tables.withLock { tables in
            let line = tables.lines[QueueName(destination: destination, queue: queue)] ?? []
            let start = after.map { line.insertionIndex(after: $0) } ?? 0
            return line[start...].prefix(limit).compactMap { tables.deliveries[$0.id]?.delivery }
        }
    }

    public func retrying(destination: String) throws(StoreError) -> [Delivery] {
        tables.withLock { tables in
            tables.busy(destination: destination, state: .retrying)
                .sorted { ($0.retryAt ?? $0.due, $0.id) < ($1.retryAt ?? $1.due, $1.id) }
        }
    }

    public func attempting(destination: String) throws(StoreError) -> [Delivery] {
        tables.withLock { tables in
            tables.busy(destination: destination, state: .attempting).sorted { $0.position < $1.position }
        }
    }

    public func parked(lane: Lane, limit: Int) throws(StoreError) -> [Delivery] {
        tables.withLock { tables in
            (tables.lanes[lane]?.parked ?? []).prefix(limit).compactMap { tables.deliveries[$0.id]?.delivery }
        }
    }

    public func expired(at now: Timestamp, limit: Int) throws(StoreError) -> [Delivery] {
        tables.withLock { tables in
            let expired = tables.deliveries.values.compactMap { row -> (at: Timestamp, delivery: Delivery)? in
                guard let at = row.delivery.expiresAt, at <= now, row.delivery.state.isWaiting else { return nil }
                return (at, row.delivery)
            }
            let inOrder = expired.sorted { ($0.at, $0.delivery.id) < ($1.at, $1.delivery.id) }
            return inOrder.prefix(limit).map(\.delivery)
        }
    }

    public func calls(destination: String, since: Timestamp, bootTime: BootTime?) throws(StoreError) -> [Call] {
        tables.withLock { tables in
            let recent = tables.calls.values.filter { call in
                guard call.id.destination == destination else { return false }
                let age = bootTime.flatMap { call.bootTime?.since($0) }
                return age.map { $0 >= .zero } ?? (call.started >= since)
            }
            return recent.sorted { $0.id.number < $1.id.number }
        }
    }

    public func lastCall(destination: String) throws(StoreError) -> Int64 {
        tables.withLock { $0.lastCalls[destination] ?? 0 }
    }

    public func backlogs() throws(StoreError) -> [Backlog] {
        tables.withLock { $0.backlogs }
    }

    public func setting(_ name: String) throws(StoreError) -> [UInt8]? {
        tables.withLock { $0.settings[name] }
    }

    public func settings(prefix: String) throws(StoreError) -> [String: [UInt8]] {
        tables.withLock { $0.settings.filter { $0.key.hasPrefix(prefix) } }
    }

    // MARK: What people ask for

    public func event(_ id: EventID) throws(StoreError) -> StoredEvent? {
        tables.withLock { $0.event(id)?.stored }
    }

    public func events(
        _ filter: EventFilter,
        from start: PageStart,
        limit: Int
    ) throws(StoreError) -> Page<EventSummary> {
        tables.withLock { tables in
            var scan = PageScan<StoredEvent>(from: start, limit: limit)
            for stored in scan.ordered(tables.events.values.map(\.stored), by: \.place) {
                let goesOn = filter.matches(stored) ? scan.take(stored, at: stored.place) : scan.pass(stored.place)
                if !goesOn { break }
            }
            return Page(scan.page.elements.map(\.summary), next: scan.page.next)
        }
    }

    public func delivery(_ id: DeliveryID) throws(StoreError) -> Delivery? {
        tables.withLock { $0.deliveries[id]?.delivery }
    }

    public func deliveries(
        _ filter: DeliveryFilter,
        from start: PageStart,
        limit: Int
    ) throws(StoreError) -> Page<Delivery> {
        tables.withLock { tables in
            var scan = PageScan<Delivery>(from: start, limit: limit)
            for delivery in scan.ordered(tables.deliveries.values.map(\.delivery), by: \.id.value) {
                let place = delivery.id.value
                if !(filter.matches(delivery) ? scan.take(delivery, at: place) : scan.pass(place)) { break }
            }
            return scan.page
        }
    }

    public func attempts(of delivery: DeliveryID) throws(StoreError) -> [Attempt] {
        tables.withLock { $0.attempts[delivery] ?? [] }
    }

    public func story(of event: EventID) throws(StoreError) -> EventStory? {
        tables.withLock { tables in
            guard let row = tables.event(event) else { return nil }
            let deliveries = tables.deliveries(of: row).map { ($0, tables.attempts[$0.id] ?? []) }
            return EventStory(event: row.stored, deliveries: deliveries)
        }
    }

    // MARK: The books

    public func accounts() throws(StoreError) -> Accounts {
        tables.withLock { $0.accounts }
    }

    public func recount() throws(StoreError) -> Accounts {
        tables.withLock { $0.recount }
    }

    public func inconsistencies() throws(StoreError) -> [String] {
        tables.withLock { tables in
            let stranded = tables.lanes.values.count { !$0.parked.isEmpty && $0.busy.isEmpty }
            return tables.accounts.imbalances() + tables.accounts.differences(fromRows: tables.recount)
                + (stranded == 0 ? [] : ["\(stranded) lanes have parked deliveries and nothing before them"])
        }
    }
}
