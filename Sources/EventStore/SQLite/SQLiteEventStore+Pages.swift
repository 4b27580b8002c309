import GRDB
public import Model

extension SQLiteEventStore {
    public func events(
        _ filter: EventFilter,
        from start: PageStart,
        limit: Int
    ) throws(StoreError) -> Page<EventSummary> {
        try read { db in
            var scan = PageScan<EventSummary>(from: start, limit: limit)
            // The body is read for those only that pass every other condition.
            let body = filter.text == nil ? "''" : "body"
            try db.each(
                "SELECT \(EventRow.summaryColumns), \(body) FROM event WHERE number \(scan.condition("number"))",
                [.integer(scan.place)]
            ) { row in
                let number = row.integer(0)
                if let source = filter.source, row.text(2) != source { return scan.pass(number) }
                if let outcome = filter.outcome, row.text(4) != outcome.rawValue { return scan.pass(number) }
                if let since = filter.since, row.integer(3) < since.milliseconds { return scan.pass(number) }
                if let text = filter.text {
                    let found = [6, 7, 9].contains { row.bytes($0).contains(sequence: Array(text.utf8)) }
                    if !found { return scan.pass(number) }
                }
                return scan.take(try EventRow.readSummary(row), at: number)
            }
            return scan.page
        }
    }

    public func deliveries(
        _ filter: DeliveryFilter,
        from start: PageStart,
        limit: Int
    ) throws(StoreError) -> Page<Delivery> {
        try read { db in
            var scan = PageScan<Delivery>(from: start, limit: limit)
            if let event = filter.event {
                let all = try Self.deliveries(of: event, in: db)
                for delivery in scan.ordered(all, by: \.id.value) {
                    let goesOn =
                        filter.matches(delivery)
                        ? scan.take(delivery, at: delivery.id.value) : scan.pass(delivery.id.value)
                    if !goesOn { break }
                }
                return scan.page
            }
            // Held and dead ones have an index, so that they are found at once however many others there are.
            let unresolved: Set<DeliveryState> = [.held, .dead]
            let isIndexed = !filter.states.isEmpty && filter.states.isSubset(of: unresolved)
            let index = isIndexed ? "state IN ('held', 'dead') AND" : ""
            try db.each(
                "SELECT \(DeliveryRow.columns) FROM delivery WHERE \(index) id \(scan.condition("id"))",
                [.integer(scan.place)]
            ) { row in
                let id = row.integer(0)
                if let queue = filter.queue, row.text(7) != queue { return scan.pass(id) }
                if !filter.states.isEmpty, !filter.states.contains(where: { $0.rawValue == row.text(10) }) {
                    return scan.pass(id)
                }
                let delivery = try DeliveryRow.read(row)
                return filter.matches(delivery) ? scan.take(delivery, at: id) : scan.pass(id)
            }
            return scan.page
        }
    }
}

/// Gathers one page, and knows where the next begins. Looks at no more than `Page.scanLimit` rows.
struct PageScan<Element: Sendable> {
    /// Where the scan begins, itself not included.
    let place: Int64
    let isForward: Bool
    private let limit: Int
    private var elements: [Element] = []
    private var scanned = 0
    private var stoppedAt: Int64?

    init(from start: PageStart, limit: Int) {
        switch start {
        case .newest: (place, isForward) = (.max, false)
        case .before(let place): (self.place, isForward) = (place, false)
        case .after(let place): (self.place, isForward) = (place, true)
        }
        self.limit = limit
    }

    /// The rest of a WHERE clause on this column, and the order.
    func condition(_ column: String) -> String {
        isForward ? "> ? ORDER BY \(column)" : "< ? ORDER BY \(column) DESC"
    }

    /// The elements of a list that is at hand, from the place on, in the order of the scan.
    func ordered(_ all: [Element], by number: (Element) -> Int64) -> [Element] {
        isForward
            ? all.filter { number($0) > place }.sorted { number($0) < number($1) }
            : all.filter { number($0) < place }.sorted { number($0) > number($1) }
    }

    /// Leaves a row out. Answers whether to go on.
    mutating func pass(_ number: Int64) -> Bool {
        scanned += 1
        if scanned >= Page<Element>.scanLimit { stoppedAt = number }
        return stoppedAt == nil
    }

    /// Takes a row into the page. Answers whether to go on.
    mutating func take(_ element: Element, at number: Int64) -> Bool {
        elements.append(element)
        if elements.count >= limit { stoppedAt = number }
        return pass(number)
    }

    var page: Page<Element> {
        Page(elements, next: stoppedAt.map { isForward ? .after($0) : .before($0) })
    }
}

extension [UInt8] {
    /// Whether these bytes follow one another somewhere in it.
    func contains(sequence: [UInt8]) -> Bool {
        guard let first = sequence.first else { return true }
        guard count >= sequence.count else { return false }
        return (0...(count - sequence.count)).contains { start in
            self[start] == first && self[start..<(start + sequence.count)].elementsEqual(sequence)
        }
    }
}
