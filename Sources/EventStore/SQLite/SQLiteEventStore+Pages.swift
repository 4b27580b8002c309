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
                if let text = filter.text, ![6, 7, 9].contains(where: { row.bytes($0).contains(text) }) {
                    return scan.pass(number)
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
            let source =
                isIndexed
                ? "delivery INDEXED BY delivery_unresolved WHERE state IN ('held', 'dead') AND" : "delivery WHERE"
            try db.each(
                "SELECT \(DeliveryRow.columns) FROM \(source) id \(scan.condition("id"))",
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
