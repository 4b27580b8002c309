import Model

extension MemoryTables {
    mutating func receive(_ receipt: Receipt) throws(StoreError) -> [Appended] {
        add(1, to: BookLine(source: receipt.source, entry: .requests))
        add(1, to: BookLine(source: receipt.source, entry: .decoded))
        add(receipt.events.count + receipt.dropped, to: BookLine(source: receipt.source, entry: .events))
        add(receipt.dropped, to: BookLine(source: receipt.source, entry: .dropped))
        keep(\.eventNumber)
        keep(\.deliveryNumber)
        keep(\.clock)
        var appended: [Appended] = []
        for mapped in receipt.events {
            let event = mapped.event
            let name = event.key.map { Mark.Name(kind: .duplicate, scope: receipt.source, key: $0) }
            if receipt.dedupe != nil, let name, let mark = all(name, at: event.receivedAt).last {
                add(1, to: BookLine(source: receipt.source, entry: .duplicates))
                appended.append(.duplicate(of: mark.event, deliveries: mark.deliveries))
                continue
            }
            appended.append(try insert(mapped, source: receipt.source))
            if let window = receipt.dedupe, let name {
                let count = mapped.mapping.deliveries.count
                add(name, event: event.id, deliveries: count, until: event.receivedAt + window)
            }
        }
        return appended
    }

    private mutating func insert(_ mapped: MappedEvent, source: String) throws(StoreError) -> Appended {
        let event = mapped.event
        guard eventNumbers[event.id] == nil else { throw .rejected("event \(event.id) is there already") }
        eventNumber += 1
        clock = max(clock, event.receivedAt)
        let stored = StoredEvent(
            event: event,
            outcome: mapped.mapping.outcome,
            failures: mapped.mapping.failures,
            deliveryCount: mapped.mapping.deliveries.count,
            place: eventNumber
        )
        set(EventRow(stored: stored, firstDelivery: deliveryNumber + 1), number: eventNumber)
        add(1, to: .events(source, mapped.mapping.outcome))
        var moved: [Delivery] = []
        for cancellation in mapped.mapping.cancellations { moved += callOff(cancellation, by: event) }
        var made: [Delivery] = []
        for draft in mapped.mapping.deliveries {
            deliveryNumber += 1
            let delivery = draft.delivery(
                id: DeliveryID(deliveryNumber),
                event: event.id,
                source: source,
                ordered: clock,
                state: firstState(of: draft, mapped)
            )
            make(delivery)
            if delivery.state != .cancelled, let mark = draft.waitingMark(receivedAt: event.receivedAt) {
                add(mark.name, event: event.id, delivery: delivery.id, until: mark.until)
            }
            made.append(delivery)
        }
        return .accepted(event.id, deliveries: made, moved: moved)
    }

    mutating func make(_ delivery: Delivery) {
        set(DeliveryRow(delivery: delivery), id: delivery.id)
        add(1, to: .made(DeliveryPlace(delivery)))
        add(1, to: .state(delivery.state, of: DeliveryPlace(delivery)))
    }

    private func firstState(of draft: DeliveryDraft, _ mapped: MappedEvent) -> DeliveryState {
        if let key = draft.policies.cancelKey,
            !mapped.mapping.cancellations.contains(where: { $0.rule == draft.rule && $0.key == key }),
            !all(.init(kind: .cancel, scope: draft.rule, key: key), at: mapped.event.receivedAt).isEmpty
        {
            return .cancelled
        }
        return orders.firstState(of: draft.trigger, rule: draft.rule)
    }

    private mutating func callOff(_ cancellation: Cancellation, by event: Event) -> [Delivery] {
        let waiting = Mark.Name(kind: .waiting, scope: cancellation.rule, key: cancellation.key)
        let deliveries = all(waiting, at: event.receivedAt).compactMap(\.delivery)
        let (moved, promoted) = move(deliveries, from: DeliveryState.unfinished, to: .cancelled)
        if cancellation.remembered > .zero {
            let name = Mark.Name(kind: .cancel, scope: cancellation.rule, key: cancellation.key)
            add(name, event: event.id, until: event.receivedAt + cancellation.remembered)
        }
        return moved + promoted
    }

    // MARK: Marks

    /// The marks of a name that are still of use, the oldest first.
    func all(_ name: Mark.Name, at now: Timestamp) -> [Mark] {
        (marks[name] ?? []).filter { $0.until > now }
    }

    mutating func add(
        _ name: Mark.Name,
        event: EventID,
        delivery: DeliveryID? = nil,
        deliveries: Int = 0,
        until: Timestamp
    ) {
        keep(\.markNumber)
        markNumber += 1
        let mark = Mark(
            id: markNumber,
            name: name,
            event: event,
            delivery: delivery,
            deliveries: deliveries,
            until: until
        )
        set((marks[name] ?? []) + [mark], name: name)
    }
}
