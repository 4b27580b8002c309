import DequeModule
import Model

// Which delivery is next, and its call from the decision to the wire.
extension DeliveryEngine {
    /// Starts as many calls as may start now.
    mutating func startCalls(at now: Timestamp) {
        while mayStart(at: now), calls.count < settings.callsUnderWay, breaker.opening(at: now) == now {
            guard startTokenCall(at: now), let next = takeNext(at: now) else { return }
            start(gather(with: next, ofLine: line(of: next.delivery.queue), at: now), at: now)
        }
    }

    /// Takes the next delivery out of its queue: of those of high priority, then of the others, as far as the pacer admits.
    private mutating func takeNext(at now: Timestamp) -> RetryingDelivery? {
        for priority in [QueuePriority.high, .normal] {
            guard pacer.admission(for: priority, at: now) == .now else { continue }
            let turn = turns[priority, default: 0]
            let waiting = lines.indices.filter { index in
                lines[index].settings.priority == priority && lines[index].isWaiting(at: now, limits: settings.limits)
            }
            // A queue that had nothing to send for a while has not saved up calls for it.
            for index in waiting { lines[index].served = max(lines[index].served, turn) }
            for index in waiting.sorted(by: { (lines[$0].served, $0) < (lines[$1].served, $1) }) {
                guard let next = takeNext(ofLine: index, at: now) else { continue }
                turns[priority] = lines[index].served
                lines[index].served += 1 / Double(lines[index].settings.weight)
                return next
            }
        }
        return nil
    }

    private mutating func takeNext(ofLine index: Int, at now: Timestamp) -> RetryingDelivery? {
        if !lines[index].lastWasRetry, let retry = takeRetry(ofLine: index, at: now) {
            lines[index].lastWasRetry = true
            return retry
        }
        lines[index].lastWasRetry = false
        if let first = takeFirst(ofLine: index, at: now) {
            return RetryingDelivery(delivery: first, history: lines[index].takeHistory(of: first.id))
        }
        return takeRetry(ofLine: index, at: now)
    }

    private mutating func takeRetry(ofLine index: Int, at now: Timestamp) -> RetryingDelivery? {
        while let next = lines[index].retrying.next, next.wakesAt <= now {
            _ = lines[index].retrying.popNext()
            if next.delivery.hasExpired(at: now) {
                let move = Move([next.delivery.id], from: [.retrying], to: .expired)
                journal.append(.move(move), for: .move([letGo(next.delivery, wasRetrying: true)]))
            } else if let opening = opening(of: next.delivery, after: now) {
                lines[index].remember(next.history, of: next.delivery.id, limit: settings.limits.remembered)
                postpone(next.delivery, until: opening, wasRetrying: true)
            } else {
                return next
            }
        }
        return nil
    }

    /// When a delivery's hours begin, if this moment is not one of them.
    func opening(of delivery: Delivery, after now: Timestamp) -> Timestamp? {
        guard let hours = delivery.policies.hours else { return nil }
        let opening = opening(hours, now)
        return opening > now ? opening : nil
    }

    private mutating func postpone(_ delivery: Delivery, until due: Timestamp, wasRetrying: Bool) {
        let change = Change.postpone([Postponement(delivery.id, due: due)])
        journal.append(change, for: .postpone([letGo(delivery, wasRetrying: wasRetrying)]))
    }

    /// The first delivery of the window that may be sent. What is met before it and may not be is dealt with: parked
    /// behind a busy lane, expired, or postponed to its hours.
    private mutating func takeFirst(ofLine index: Int, at now: Timestamp) -> Delivery? {
        guard lines[index].unsettled < settings.limits.unsettled else { return nil }
        var parked: [Journal.Leaving] = []
        var expired: [Journal.Leaving] = []
        var found: Delivery?
        var place = 0
        while found == nil, place < lines[index].window.rows.count {
            let delivery = lines[index].window.rows[place]
            if delivery.due > now { break }
            if delivery.hasExpired(at: now) {
                expired.append(letGo(delivery, wasRetrying: false))
                lines[index].window.remove(at: place)
            } else {
                switch lanes.turn(in: delivery.lane) {
                case .starts:
                    lines[index].window.remove(at: place)
                    if let opening = opening(of: delivery, after: now) {
                        postpone(delivery, until: opening, wasRetrying: false)
                    } else {
                        found = delivery
                    }
                case .parks:
                    parked.append(letGo(delivery, wasRetrying: false))
                    lines[index].window.remove(at: place)
                case .waits:
                    place += 1
                }
            }
        }
        for (leaving, state) in [(parked, DeliveryState.parked), (expired, .expired)] where !leaving.isEmpty {
            let move = Move(leaving.map(\.delivery.id), from: [.ready], to: state)
            journal.append(.move(move), for: .move(leaving))
        }
        return found
    }

    /// Lets go of a delivery that leaves the line without a call. Nobody starts in its lane until that is durable.
    mutating func letGo(_ delivery: Delivery, wasRetrying: Bool) -> Journal.Leaving {
        lanes.leave(delivery)
        return Journal.Leaving(delivery: delivery, wasRetrying: wasRetrying)
    }

    /// Starts one call for these deliveries of one queue.
    private mutating func start(_ gathered: [RetryingDelivery], at now: Timestamp) {
        let parts = gathered.map { next in
            CallUnderWay.Part(delivery: next.delivery, number: next.delivery.attemptsMade + 1, history: next.history)
        }
        for delivery in gathered.map(\.delivery) where delivery.state != .retrying {
            lanes.serve(delivery, .starting)
            lines[line(of: delivery.queue)].unsettled += 1
        }
        guard let first = parts.first else { return }
        lines[line(of: first.delivery.queue)].count(deliveries: parts.count)
        open(
            CallUnderWay(parts: parts, started: now, tokenGeneration: token.generation),
            parts.count > 1 ? .bulk : first.delivery.nextCall,
            attempts: parts.map { ($0.delivery.id, $0.number) },
            at: now
        )
    }

    @discardableResult
    mutating func open(
        _ call: CallUnderWay,
        _ kind: CallKind,
        attempts: [(delivery: DeliveryID, number: Int)],
        at now: Timestamp
    ) -> CallID {
        lastCall += 1
        let id = CallID(destination: settings.name, number: lastCall)
        calls[id] = call
        pacer.started(at: now)
        if call.token == nil { breaker.started(id) }
        journal.append(.start(CallStart(call: id, kind: kind, started: now, attempts: attempts)), for: .start(id))
        return id
    }

    // MARK: On the wire

    /// Sends the calls that are durable, unless something came in between.
    mutating func writeCalls(at now: Timestamp) {
        while let id = outbox.first, let call = calls[id] {
            let writing = pacer.writing(at: now)
            let isStopped = isDraining || (pause != nil && call.token != .authorization)
            // A restart relies on no call being written later than that.
            let isTooLate =
                now > call.started + settings.timeout
                || !call.parts.allSatisfy { mayBeSent($0.delivery, at: now) }
            if isStopped || isTooLate || writing > now + .seconds(2) {
                outbox.removeFirst()
                drop(id, call, at: now)
                continue
            }
            guard writing <= now else { return }
            outbox.removeFirst()
            switch call.token {
            case .renewal: act(.renewToken(id))
            case .authorization: act(.authorize(id))
            case nil:
                act(
                    call.parts.count == 1
                        ? .send(id, call.parts[0].delivery) : .sendBulk(id, call.parts.map(\.delivery))
                )
            }
        }
    }

    /// A call that is durable is not made after all: its deliveries go back to their places.
    private mutating func drop(_ id: CallID, _ call: CallUnderWay, at now: Timestamp) {
        calls[id] = nil
        pacer.ended(at: now)
        if let request = call.token {
            tokenCallDropped(id, request, at: now)
            finishTokenCall(id, status: nil, at: now)
            return
        }
        breaker.takeBack(id, at: now)
        let result = CallResult(
            outcome: .unsent,
            detail: "not sent: the quota's gate closed, the destination was paused, or the store took too long"
        )
        finish(call.parts, of: id, result, at: now) { _ in .returned }
    }
}

extension Delivery {
    func hasExpired(at now: Timestamp) -> Bool {
        expiresAt.map { $0 <= now } ?? false
    }
}
