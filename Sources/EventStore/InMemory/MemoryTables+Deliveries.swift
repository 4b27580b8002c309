import Model

extension MemoryTables {
    // MARK: Calls

    mutating func start(_ start: CallStart) throws(StoreError) -> Effect {
        guard calls[start.call] == nil else {
            throw .rejected("call \(start.call.number) to \(start.call.destination) started before")
        }
        var moved: [Delivery] = []
        var promoted: [Delivery] = []
        var isNeeded = start.attempts.isEmpty
        for (id, number) in start.attempts {
            guard var row = deliveries[id] else { throw .rejected("there is no delivery \(id)") }
            guard row.delivery.state == .ready || row.delivery.state == .retrying else { continue }
            guard mayBeMessaged(by: row.delivery, at: start.started) else {
                let suppressed = put(row, as: .suppressed)
                giveTimesBack(suppressed)
                moved.append(suppressed)
                if let next = promote(suppressed.lane) { promoted.append(next) }
                continue
            }
            isNeeded = true
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
            moved.append(put(row, as: .attempting))
        }
        if isNeeded {
            let call = Call(id: start.call, kind: start.kind, started: start.started, bootTime: start.bootTime)
            set(call, id: start.call)
        }
        return .moved(moved, promoted: promoted)
    }

    private mutating func mayBeMessaged(by delivery: Delivery, at now: Timestamp) -> Bool {
        if orders.suppress(delivery.trigger) { return false }
        guard let limit = delivery.policies.atMost else { return true }
        let marks = all(delivery.timesName, at: now)
        if marks.contains(where: { $0.delivery == delivery.id }) { return true }
        guard marks.count < limit.times else { return false }
        add(delivery.timesName, event: delivery.event, delivery: delivery.id, until: now + limit.per)
        return true
    }

    private mutating func giveTimesBack(_ delivery: Delivery) {
        let isUnknown = (attempts[delivery.id] ?? []).contains { attempt in
            attempt.outcome.map(Outcome.unclearNames.contains) ?? true
        }
        guard delivery.givesTimesBack, !isUnknown else { return }
        let name = delivery.timesName
        set((marks[name] ?? []).filter { $0.delivery != delivery.id }, name: name)
    }

    mutating func finish(_ end: CallEnd) throws(StoreError) -> Effect {
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
        for delivery in moved { giveTimesBack(delivery) }
        return .moved(moved, promoted: freed.compactMap { promote($0) })
    }

    // MARK: Moves without a call

    mutating func move(_ move: Move) throws(StoreError) -> Effect {
        guard !move.from.contains(where: \.isTerminal) else {
            throw .rejected("a delivery that has ended cannot be moved")
        }
        let (moved, promoted) = self.move(move.deliveries, from: move.from, to: move.to, at: move.at)
        return .moved(moved, promoted: promoted)
    }

    mutating func move(
        _ ids: [DeliveryID],
        from states: Set<DeliveryState>,
        to state: DeliveryState,
        at now: Timestamp? = nil
    ) -> (moved: [Delivery], promoted: [Delivery]) {
        var moved: [Delivery] = []
        var promoted: [Delivery] = []
        for id in ids {
            guard var row = deliveries[id], states.contains(row.delivery.state), row.delivery.state != state
            else { continue }
            let before = row.delivery.state
            let lane = row.delivery.lane
            if before == .attempting && state.canBeNoted {
                row.noted = state
                set(row, id: id)
            } else if state == .parked, !isBusy(lane, before: row.delivery.position) {
                row.isPromoted = true
                set(row, id: id)
                promoted.append(row.delivery)
            } else {
                if before == .held && state == .ready {
                    row.delivery.due = nextPlace(at: now)
                    if let lifetime = row.delivery.policies.expiresAfter {
                        row.delivery.expiresAt = (now ?? clock) + lifetime
                    }
                }
                row.noted = nil
                row.isPromoted = false
                row.delivery.retryAt = nil
                let delivery = put(row, as: state)
                giveTimesBack(delivery)
                moved.append(delivery)
                if before.freesLane(becoming: state), let next = promote(lane) { promoted.append(next) }
            }
        }
        return (moved, promoted.but(moved))
    }

    private mutating func nextPlace(at now: Timestamp?) -> Timestamp {
        keep(\.clock)
        clock = max(clock + .milliseconds(1), now ?? clock)
        return clock
    }

    mutating func postpone(_ postponements: [Postponement]) -> Effect {
        var moved: [Delivery] = []
        var promoted: [Delivery] = []
        for postponement in postponements {
            guard var row = deliveries[postponement.delivery],
                row.delivery.state == .ready || row.delivery.state == .retrying
            else { continue }
            row.isPromoted = false
            row.delivery.retryAt = nil
            row.delivery.due = postponement.due
            let delivery = put(row, as: .ready)
            moved.append(delivery)
            if let next = promote(delivery.lane) { promoted.append(next) }
        }
        return .moved(moved, promoted: promoted.but(moved))
    }

    mutating func transfer(_ transfer: Transfer) -> Effect {
        var moved: [Delivery] = []
        var promoted: [Delivery] = []
        for id in transfer.deliveries {
            guard var row = deliveries[id], row.delivery.state.isWaiting else { continue }
            let (lane, place) = (row.delivery.lane, DeliveryPlace(row.delivery))
            row.delivery.transfer(
                to: transfer.queue ?? row.delivery.queue,
                of: transfer.destination ?? row.delivery.destination
            )
            let new = DeliveryPlace(row.delivery)
            guard new != place else { continue }
            add(-1, to: .made(place))
            add(-1, to: .state(row.delivery.state, of: place))
            row.delivery.state = row.delivery.state == .held ? .held : .ready
            row.delivery.retryAt = nil
            row.isPromoted = false
            add(1, to: .made(new))
            add(1, to: .state(row.delivery.state, of: new))
            set(row, id: id)
            moved.append(row.delivery)
            if let next = promote(lane) { promoted.append(next) }
        }
        return .moved(moved, promoted: promoted.but(moved))
    }

    mutating func replay(_ ids: [DeliveryID], at now: Timestamp) -> Effect {
        var made: [Delivery] = []
        for id in ids {
            guard let old = deliveries[id]?.delivery, old.state.isReplayable else { continue }
            let others = (replays[old.event] ?? []).compactMap { deliveries[$0]?.delivery }
            let last = others.filter { $0.rule == old.rule && $0.item == old.item }.map(\.replay).max() ?? 0
            guard last <= old.replay else { continue }
            keep(\.deliveryNumber)
            deliveryNumber += 1
            let new = old.replayed(
                as: DeliveryID(deliveryNumber),
                number: old.replay + 1,
                at: now,
                due: nextPlace(at: now),
                state: orders.firstState(of: old.trigger, rule: old.rule)
            )
            make(new)
            made.append(new)
        }
        return .moved(made, promoted: [])
    }

    mutating func add(_ addition: Addition) throws(StoreError) -> Effect {
        guard let row = eventNumbers[addition.event].flatMap({ events[$0] }) else {
            throw .rejected("there is no event \(addition.event)")
        }
        let others = deliveries(of: row)
        var made: [Delivery] = []
        for (draft, number) in addition.toBeMade(beside: others) {
            keep(\.deliveryNumber)
            deliveryNumber += 1
            let new = draft.replayed(
                as: DeliveryID(deliveryNumber),
                number: number,
                of: addition.event,
                source: row.stored.event.source,
                at: addition.at,
                due: nextPlace(at: addition.at),
                state: orders.firstState(of: draft.trigger, rule: draft.rule)
            )
            make(new)
            made.append(new)
        }
        return .moved(made, promoted: [])
    }

    /// Makes ready the first parked delivery of a lane that nothing keeps busy before it any more.
    private mutating func promote(_ lane: Lane) -> Delivery? {
        guard let first = lanes[lane]?.parked.first, !isBusy(lane, before: first), var row = deliveries[first.id]
        else { return nil }
        row.isPromoted = true
        return put(row, as: .ready)
    }

    /// Whether one at this place has to wait for others of its lane. One that was promoted and has a later place does not
    /// count: whoever has come since with an earlier one goes first.
    private func isBusy(_ lane: Lane, before position: QueuePosition) -> Bool {
        (lanes[lane]?.busy ?? []).contains { id in
            guard let other = deliveries[id]?.delivery, id != position.id else { return false }
            return other.state != .ready || other.position < position
        }
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
}
