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
        try add(
            name,
            event: event.id,
            deliveries: mapped.mapping.deliveries.count,
            until: event.receivedAt + window,
            db
        )
        return appended
    }

    private func insert(_ mapped: MappedEvent, source: String, in db: Database) throws -> Appended {
        let event = mapped.event
        sequence.event += 1
        sequence.clock = max(sequence.clock, event.receivedAt)
        try EventRow.insert(mapped, number: sequence.event, firstDelivery: sequence.delivery + 1, into: db)
        entries.add(1, to: .events(source, mapped.mapping.outcome))
        let moved = try mapped.mapping.cancellations.flatMap { try callOff($0, by: event, in: db) }
        var deliveries: [Delivery] = []
        deliveries.reserveCapacity(mapped.mapping.deliveries.count)
        for draft in mapped.mapping.deliveries {
            sequence.delivery += 1
            let delivery = draft.delivery(
                id: DeliveryID(sequence.delivery),
                event: event.id,
                source: source,
                ordered: sequence.clock,
                state: try firstState(of: draft, mapped, in: db)
            )
            try make(delivery, in: db)
            if delivery.state != .cancelled, let mark = draft.waitingMark(receivedAt: event.receivedAt) {
                guard marks.hasRoom else { throw StoreError.refused(.marks) }
                try add(mark.name, event: event.id, delivery: delivery.id, until: mark.until, db)
            }
            deliveries.append(delivery)
        }
        return .accepted(event.id, deliveries: deliveries, moved: moved)
    }

    /// Writes a delivery's row and its entries in the books.
    func make(_ delivery: Delivery, in db: Database) throws {
        try DeliveryRow.insert(delivery, into: db)
        entries.add(1, to: .made(DeliveryPlace(delivery)))
        entries.add(1, to: .state(delivery.state, of: DeliveryPlace(delivery)))
    }

    /// What a delivery is first: one that was called off before it came is made all the same, so that it can be seen.
    /// An event that calls off itself takes the place of those before it.
    private func firstState(of draft: DeliveryDraft, _ mapped: MappedEvent, in db: Database) throws -> DeliveryState {
        if let key = draft.policies.cancelKey,
            !mapped.mapping.cancellations.contains(where: { $0.rule == draft.rule && $0.key == key }),
            try marks.find(.init(kind: .cancel, scope: draft.rule, key: key), at: mapped.event.receivedAt, in: db)
                != nil
        {
            return .cancelled
        }
        return orders.firstState(of: draft.trigger, rule: draft.rule)
    }

    /// Calls off what waits under a key, and remembers that for what comes yet.
    private func callOff(_ cancellation: Cancellation, by event: Event, in db: Database) throws -> [Delivery] {
        let waiting = Mark.Name(kind: .waiting, scope: cancellation.rule, key: cancellation.key)
        let deliveries = try marks.all(waiting, at: event.receivedAt, in: db).compactMap(\.delivery)
        let (moved, promoted) = try move(deliveries, from: DeliveryState.unfinished, to: .cancelled, in: db)
        if cancellation.remembered > .zero {
            guard marks.hasRoom else { throw StoreError.refused(.marks) }
            let name = Mark.Name(kind: .cancel, scope: cancellation.rule, key: cancellation.key)
            try add(name, event: event.id, until: event.receivedAt + cancellation.remembered, db)
        }
        return moved + promoted
    }

    /// Writes a mark.
    func add(
        _ name: Mark.Name,
        event: EventID,
        delivery: DeliveryID? = nil,
        deliveries: Int = 0,
        until: Timestamp,
        _ db: Database
    ) throws {
        sequence.mark += 1
        let mark = Mark(
            id: sequence.mark,
            name: name,
            event: event,
            delivery: delivery,
            deliveries: deliveries,
            until: until
        )
        try marks.add(mark, in: db)
    }
}
