import GRDB
import Model

extension Ledger {
    /// Keeps the events of one request that are new, with their deliveries.
    func receive(_ receipt: Receipt, in db: Database) throws -> [Appended] {
        entries.add(1, to: BookLine(source: receipt.source, entry: .requests))
        entries.add(1, to: BookLine(source: receipt.source, entry: .decoded))
        entries.add(receipt.events.count + receipt.dropped, to: BookLine(source: receipt.source, entry: .events))
        entries.add(receipt.dropped, to: BookLine(source: receipt.source, entry: .dropped))
        var appended: [Appended] = []
        appended.reserveCapacity(receipt.events.count)
        for mapped in receipt.events { appended.append(try append(mapped, of: receipt, in: db)) }
        return appended
    }

    private func append(_ mapped: MappedEvent, of receipt: Receipt, in db: Database) throws -> Appended {
        let event = mapped.event
        guard let window = receipt.dedupe, let key = event.key else {
            return try insert(mapped, source: receipt.source, in: db)
        }
        let name = Mark.Name(kind: .duplicate, scope: receipt.source, key: key)
        if let mark = try marks.find(name, at: event.receivedAt, in: db) {
            entries.add(1, to: BookLine(source: receipt.source, entry: .duplicates))
            return .duplicate(of: mark.event, deliveries: mark.deliveries)
        }
        guard marks.hasRoom else { throw StoreError.refused(.marks) }
        let appended = try insert(mapped, source: receipt.source, in: db)
        sequence.mark += 1
        let mark = Mark(
            id: sequence.mark,
            name: name,
            event: event.id,
            deliveries: mapped.mapping.deliveries.count,
            until: event.receivedAt + window
        )
        try marks.add(mark, in: db)
        return appended
    }

    private func insert(_ mapped: MappedEvent, source: String, in db: Database) throws -> Appended {
        sequence.event += 1
        sequence.clock = max(sequence.clock, mapped.event.receivedAt)
        try EventRow.insert(mapped, number: sequence.event, firstDelivery: sequence.delivery + 1, into: db)
        entries.add(1, to: .events(source, mapped.mapping.outcome))
        var deliveries: [Delivery] = []
        deliveries.reserveCapacity(mapped.mapping.deliveries.count)
        for draft in mapped.mapping.deliveries {
            sequence.delivery += 1
            let delivery = draft.delivery(
                id: DeliveryID(sequence.delivery),
                event: mapped.event.id,
                source: source,
                ordered: sequence.clock
            )
            try DeliveryRow.insert(delivery, into: db)
            entries.add(1, to: .made(delivery))
            entries.add(1, to: .state(delivery.state, of: DeliveryPlace(delivery)))
            deliveries.append(delivery)
        }
        return .accepted(mapped.event.id, deliveries: deliveries)
    }
}
