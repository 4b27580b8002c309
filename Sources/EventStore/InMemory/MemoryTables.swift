import Model

struct QueueName: Hashable {
    var destination: String
    var queue: String
}

/// The rows of a store in memory, with the same indexes by which the others find them, and a journal by which a failed
/// commit is taken back.
struct MemoryTables {
    struct DeliveryRow {
        var delivery: Delivery
        var noted: DeliveryState?
        var isPromoted = false

        /// Whether the later ones of its lane have to wait.
        var keepsLaneBusy: Bool { delivery.state.keepsLaneBusy || (delivery.state == .ready && isPromoted) }
    }

    struct EventRow {
        var stored: StoredEvent
        /// The first of the deliveries made with it; their ids follow one another.
        var firstDelivery: Int64
    }

    /// What of a lane is not simply ready.
    struct LaneState {
        var busy: Set<DeliveryID> = []
        var parked: [QueuePosition] = []
    }

    var commitCount = 0
    var eventNumber: Int64 = 0
    var deliveryNumber: Int64 = 0
    var markNumber: Int64 = 0
    var clock = Timestamp(milliseconds: 0)
    var sweepCursor: Int64 = 0

    private(set) var events: [Int64: EventRow] = [:]
    private(set) var eventNumbers: [EventID: Int64] = [:]
    private(set) var deliveries: [DeliveryID: DeliveryRow] = [:]
    /// The replays of an event's deliveries, in the order they were made.
    private(set) var replays: [EventID: [DeliveryID]] = [:]
    private(set) var attempts: [DeliveryID: [Attempt]] = [:]
    private(set) var calls: [CallID: Call] = [:]
    private(set) var lastCalls: [String: Int64] = [:]
    private(set) var settings: [String: [UInt8]] = [:]
    private(set) var books: [BookLine: Int] = [:]
    /// The marks of each name, the oldest first.
    private(set) var marks: [Mark.Name: [Mark]] = [:]
    private(set) var orders = StandingOrders()

    /// The ready deliveries of each queue, in its order.
    private(set) var lines: [QueueName: [QueuePosition]] = [:]
    private(set) var lanes: [Lane: LaneState] = [:]

    /// How to take back what the commit under way has done, first to last.
    var journal: [(inout MemoryTables) -> Void] = []

    mutating func takeBack() {
        let undo = journal
        for step in undo.reversed() { step(&self) }
        journal.removeAll(keepingCapacity: true)
    }
}

// MARK: - Writing rows

extension MemoryTables {
    mutating func set(_ row: EventRow?, number: Int64) {
        let before = events[number]
        journal.append { $0.set(before, number: number) }
        if let before { eventNumbers[before.stored.event.id] = nil }
        events[number] = row
        if let row { eventNumbers[row.stored.event.id] = number }
    }

    mutating func set(_ row: DeliveryRow?, id: DeliveryID) {
        let before = deliveries[id]
        journal.append { $0.set(before, id: id) }
        if let before { index(before, isPresent: false) }
        deliveries[id] = row
        if let row { index(row, isPresent: true) }
    }

    mutating func set(_ list: [Attempt]?, of delivery: DeliveryID) {
        let before = attempts[delivery]
        journal.append { $0.attempts[delivery] = before }
        attempts[delivery] = list
    }

    mutating func set(_ call: Call?, id: CallID) {
        let before = calls[id]
        let last = lastCalls[id.destination]
        journal.append {
            $0.calls[id] = before
            $0.lastCalls[id.destination] = last
        }
        calls[id] = call
        lastCalls[id.destination] = max(last ?? 0, id.number)
    }

    mutating func set(_ value: [UInt8]?, setting name: String) {
        let before = settings[name]
        let ordersBefore = orders
        journal.append {
            $0.settings[name] = before
            $0.orders = ordersBefore
        }
        settings[name] = value
        orders.set(name, isPresent: value != nil)
    }

    mutating func set(_ list: [Mark]?, name: Mark.Name) {
        let before = marks[name]
        journal.append { $0.marks[name] = before }
        marks[name] = list?.isEmpty == true ? nil : list
    }

    mutating func add(_ count: Int, to line: BookLine) {
        guard count != 0 else { return }
        journal.append { $0.books[line, default: 0] -= count }
        books[line, default: 0] += count
    }

    /// Keeps a number, and gives it back if the commit fails.
    mutating func keep<Value>(_ number: WritableKeyPath<MemoryTables, Value>) {
        let before = self[keyPath: number]
        journal.append { $0[keyPath: number] = before }
    }

    private mutating func index(_ row: DeliveryRow, isPresent: Bool) {
        let delivery = row.delivery
        if delivery.replay > 0 {
            replays[delivery.event, default: []].removeAll { $0 == delivery.id }
            if isPresent { replays[delivery.event, default: []].append(delivery.id) }
        }
        if delivery.state == .ready {
            let name = QueueName(destination: delivery.destination, queue: delivery.queue)
            lines[name, default: []].set(delivery.position, isPresent: isPresent)
        }
        guard row.keepsLaneBusy || delivery.state == .parked else { return }
        var lane = lanes.removeValue(forKey: delivery.lane) ?? LaneState()
        if delivery.state == .parked {
            lane.parked.set(delivery.position, isPresent: isPresent)
        } else if isPresent {
            lane.busy.insert(delivery.id)
        } else {
            lane.busy.remove(delivery.id)
        }
        if !lane.busy.isEmpty || !lane.parked.isEmpty { lanes[delivery.lane] = lane }
    }
}

extension [QueuePosition] {
    /// Where the first position after this one stands, in a sorted list.
    func insertionIndex(after position: QueuePosition) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if self[middle] <= position { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// Puts a position into the sorted list, or takes it out.
    fileprivate mutating func set(_ position: QueuePosition, isPresent: Bool) {
        let index = insertionIndex(after: position)
        if isPresent {
            insert(position, at: index)
        } else if index > 0, self[index - 1] == position {
            remove(at: index - 1)
        }
    }
}

// MARK: - Reading

extension MemoryTables {
    func busy(destination: String, state: DeliveryState) -> [Delivery] {
        lanes.values.flatMap(\.busy).compactMap { deliveries[$0]?.delivery }
            .filter { $0.state == state && $0.destination == destination }
    }

    func event(_ id: EventID) -> EventRow? { eventNumbers[id].flatMap { events[$0] } }

    /// The deliveries made with an event, in their order.
    func deliveries(of event: EventRow) -> [Delivery] {
        let first = event.firstDelivery
        let made = (first..<(first + Int64(event.stored.deliveryCount))).compactMap {
            deliveries[DeliveryID($0)]?.delivery
        }
        return made + (replays[event.stored.event.id] ?? []).compactMap { deliveries[$0]?.delivery }
    }

    var accounts: Accounts {
        var accounts = Accounts()
        for (line, count) in books where count != 0 {
            if let account = line.account { accounts.add([account: count]) }
        }
        return accounts
    }

    var recount: Accounts {
        var counted = Accounts()
        func add(_ source: String, _ entry: Account.Entry, _ count: Int) {
            if count != 0 { counted.add([Account(source: source, entry: entry): count]) }
        }
        for row in events.values { add(row.stored.event.source, .accepted(row.stored.outcome), 1) }
        for row in deliveries.values {
            add(row.delivery.source, .state(row.delivery.state, queue: row.delivery.queue), 1)
            add(row.delivery.source, .made(queue: row.delivery.queue), 1)
        }
        for (line, count) in books {
            switch line.entry {
            case .sweptEvents:
                if let outcome = MappingOutcome(rawValue: line.detail) { add(line.source, .accepted(outcome), count) }
            case .sweptDeliveries:
                guard let state = DeliveryState(rawValue: line.detail) else { continue }
                add(line.source, .state(state, queue: line.queue), count)
                add(line.source, .made(queue: line.queue), count)
            default: break
            }
        }
        return counted
    }

    var backlogs: [Backlog] {
        var counts: [QueueName: [DeliveryState: Int]] = [:]
        for (line, count) in books where line.entry == .state && count != 0 {
            guard let state = DeliveryState(rawValue: line.detail) else { continue }
            let name = QueueName(destination: line.destination, queue: line.queue)
            counts[name, default: [:]][state, default: 0] += count
        }
        return counts.map { name, counts in
            let retrying = busy(destination: name.destination, state: .retrying).filter { $0.queue == name.queue }
            let due = [lines[name]?.first?.due].compactMap { $0 } + retrying.map(\.due)
            return Backlog(
                destination: name.destination,
                queue: name.queue,
                counts: counts.filter { $0.value != 0 },
                oldestDue: due.min()
            )
        }.sorted { ($0.destination, $0.queue) < ($1.destination, $1.queue) }
    }
}
