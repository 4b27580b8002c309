import Model

extension MemoryTables {
    mutating func apply(_ change: Change) throws(StoreError) -> Effect {
        switch change {
        case .receive(let receipt): return .received(try receive(receipt))
        case .count(let counts):
            for (account, count) in counts {
                guard let line = BookLine(account) else {
                    throw .rejected("the store itself counts events and deliveries; they cannot be given to it")
                }
                add(count, to: line)
            }
            return .done
        case .start(let start): return try self.start(start)
        case .finish(let end): return try finish(end)
        case .move(let move): return try self.move(move)
        case .set(let name, let value):
            set(value, setting: name)
            return .done
        }
    }

    // MARK: Receipts

    private mutating func receive(_ receipt: Receipt) throws(StoreError) -> [Appended] {
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
            if receipt.dedupe != nil, let name, let mark = marks[name], mark.until > event.receivedAt {
                add(1, to: BookLine(source: receipt.source, entry: .duplicates))
                appended.append(.duplicate(of: mark.event, deliveries: mark.deliveries))
                continue
            }
            appended.append(try insert(mapped, source: receipt.source))
            if let window = receipt.dedupe, let name {
                let mark = Mark(
                    id: eventNumber,
                    name: name,
                    event: event.id,
                    deliveries: mapped.mapping.deliveries.count,
                    until: event.receivedAt + window
                )
                set(mark, name: name)
            }
        }
        return appended
    }

    private mutating func insert(_ mapped: MappedEvent, source: String) throws(StoreError) -> Appended {
        guard eventNumbers[mapped.event.id] == nil else {
            throw .rejected("event \(mapped.event.id) is there already")
        }
        eventNumber += 1
        clock = max(clock, mapped.event.receivedAt)
        let stored = StoredEvent(
            event: mapped.event,
            outcome: mapped.mapping.outcome,
            failures: mapped.mapping.failures,
            deliveryCount: mapped.mapping.deliveries.count,
            place: eventNumber
        )
        set(EventRow(stored: stored, firstDelivery: deliveryNumber + 1), number: eventNumber)
        add(1, to: .events(source, mapped.mapping.outcome))
        var made: [Delivery] = []
        for draft in mapped.mapping.deliveries {
            deliveryNumber += 1
            let delivery = draft.delivery(
                id: DeliveryID(deliveryNumber),
                event: mapped.event.id,
                source: source,
                ordered: clock
            )
            set(DeliveryRow(delivery: delivery), id: delivery.id)
            add(1, to: .made(delivery))
            add(1, to: .state(delivery.state, of: DeliveryPlace(delivery)))
            made.append(delivery)
        }
        return .accepted(mapped.event.id, deliveries: made)
    }

    // MARK: Calls

    private mutating func start(_ start: CallStart) throws(StoreError) -> Effect {
        guard calls[start.call] == nil else {
            throw .rejected("call \(start.call.number) to \(start.call.destination) started before")
        }
        set(Call(id: start.call, kind: start.kind, started: start.started), id: start.call)
        var started: [Delivery] = []
        for (id, number) in start.attempts {
            guard var row = deliveries[id] else { throw .rejected("there is no delivery \(id)") }
            guard row.delivery.state == .ready || row.delivery.state == .retrying else { continue }
            let list = attempts[id] ?? []
            guard !list.contains(where: { $0.number == number }) else {
                throw .rejected("attempt \(number) of delivery \(id) started before")
            }
            let attempt = Attempt(
                delivery: id,
                number: number,
                call: start.call,
                kind: start.kind,
                started: start.started
            )
            set(list + [attempt], of: id)
            row.delivery.retryAt = nil
            row.delivery.attemptsMade = number
            started.append(put(row, as: .attempting))
        }
        return .moved(started, promoted: [])
    }

    private mutating func finish(_ end: CallEnd) throws(StoreError) -> Effect {
        guard var call = calls[end.call] else {
            throw .rejected("call \(end.call.number) to \(end.call.destination) ended but never started")
        }
        call.ended = end.ended
        call.status = end.status
        set(call, id: end.call)
        var moved: [Delivery] = []
        var freed: [Lane] = []
        for ended in end.attempts {
            var list = attempts[ended.delivery] ?? []
            guard let index = list.firstIndex(where: { $0.number == ended.number }),
                var row = deliveries[ended.delivery]
            else { throw .rejected("attempt \(ended.number) of delivery \(ended.delivery) never started") }
            list[index].ended = end.ended
            list[index].outcome = ended.outcome
            list[index].status = end.status
            list[index].detail = ended.detail.prefix(ofBytes: 2_048)
            set(list, of: ended.delivery)
            guard row.delivery.state == .attempting else { continue }
            let state = ended.state.replaced(by: row.noted)
            row.noted = nil
            row.isPromoted = state == .ready
            row.delivery.nextCall = ended.nextCall
            row.delivery.retryAt = state == .retrying ? ended.retryAt : nil
            row.delivery.attempts = ended.attempts
            if DeliveryState.attempting.freesLane(becoming: state) { freed.append(row.delivery.lane) }
            moved.append(put(row, as: state))
        }
        return .moved(moved, promoted: freed.compactMap { promote($0) })
    }

    // MARK: Moves without a call

    private mutating func move(_ move: Move) throws(StoreError) -> Effect {
        guard !move.from.contains(where: \.isTerminal) else {
            throw .rejected("a delivery that has ended cannot be moved")
        }
        keep(\.clock)
        var moved: [Delivery] = []
        var promoted: [Delivery] = []
        for id in move.deliveries {
            guard var row = deliveries[id], move.from.contains(row.delivery.state), row.delivery.state != move.to
            else { continue }
            let before = row.delivery.state
            let lane = row.delivery.lane
            if before == .attempting && move.to.canBeNoted {
                row.noted = move.to
                set(row, id: id)
            } else if move.to == .parked, lanes[lane]?.busy.subtracting([id]).isEmpty ?? true {
                row.isPromoted = true
                set(row, id: id)
                promoted.append(row.delivery)
            } else {
                if before == .held && move.to == .ready {
                    clock = clock + .milliseconds(1)
                    row.delivery.due = clock
                }
                row.noted = nil
                row.isPromoted = false
                row.delivery.retryAt = nil
                moved.append(put(row, as: move.to))
                if before.freesLane(becoming: move.to), let next = promote(lane) { promoted.append(next) }
            }
        }
        return .moved(moved, promoted: promoted)
    }

    /// Makes ready the first parked delivery of a lane that nothing keeps busy any more.
    private mutating func promote(_ lane: Lane) -> Delivery? {
        guard let state = lanes[lane], state.busy.isEmpty, let first = state.parked.first,
            var row = deliveries[first.id]
        else { return nil }
        row.isPromoted = true
        return put(row, as: .ready)
    }

    private mutating func put(_ row: DeliveryRow, as state: DeliveryState) -> Delivery {
        var row = row
        let place = DeliveryPlace(row.delivery)
        add(-1, to: .state(row.delivery.state, of: place))
        add(1, to: .state(state, of: place))
        row.delivery.state = state
        set(row, id: row.delivery.id)
        return row.delivery
    }

    // MARK: Retention

    mutating func sweep(at now: Timestamp, retention: Retention) -> SweepStep {
        var step = SweepStep()
        var last: Int64 = 0
        for number in events.keys.filter({ $0 > sweepCursor }).sorted().prefix(retention.stepSize) {
            guard let row = events[number], row.stored.event.receivedAt <= now - retention.shortest else { break }
            last = number
            step.examined += 1
            if remove(row, at: now, retention) { step.removed += 1 }
        }
        step.isLapComplete = step.examined < retention.stepSize
        sweepCursor = step.isLapComplete ? 0 : last
        for call in calls.values where call.started < now - retention.calls && call.id.number < lastNumber(of: call) {
            set(nil, id: call.id)
            step.cleared += 1
        }
        for mark in marks.values where mark.until <= now {
            set(nil, name: mark.name)
            step.cleared += 1
        }
        return step
    }

    private func lastNumber(of call: Call) -> Int64 { lastCalls[call.id.destination] ?? 0 }

    private mutating func remove(_ row: EventRow, at now: Timestamp, _ retention: Retention) -> Bool {
        let all = deliveries(of: row)
        let stored = row.stored
        guard let window = retention.window(of: stored.outcome, deliveries: all.map(\.state)) else { return false }
        let ends = all.flatMap { attempts[$0.id] ?? [] }.compactMap(\.ended)
        guard (ends + [stored.event.receivedAt]).max().map({ $0 + window <= now }) ?? false else { return false }
        for delivery in all {
            set(nil, of: delivery.id)
            set(nil, id: delivery.id)
            let line = BookLine(
                source: delivery.source,
                entry: .sweptDeliveries,
                detail: delivery.state.rawValue,
                queue: delivery.queue,
                destination: delivery.destination
            )
            add(1, to: line)
        }
        set(nil, number: stored.place)
        add(1, to: BookLine(source: stored.event.source, entry: .sweptEvents, detail: stored.outcome.rawValue))
        return true
    }
}
