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
        case .postpone(let postponements): return postpone(postponements)
        case .transfer(let transfer): return self.transfer(transfer)
        case .replay(let deliveries, let now): return replay(deliveries, at: now)
        case .add(let addition): return try add(addition)
        case .set(let name, let value):
            set(value, setting: name)
            return .done
        }
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
        for (name, list) in marks {
            let left = list.filter { $0.until > now }
            guard left.count < list.count else { continue }
            set(left, name: name)
            step.cleared += list.count - left.count
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
