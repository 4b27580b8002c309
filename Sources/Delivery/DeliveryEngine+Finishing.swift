import Model

// What becomes of a delivery, and of the destination, when a call ends.
extension DeliveryEngine {
    mutating func ended(_ id: CallID, _ result: CallResult, at now: Timestamp) {
        guard let call = calls.removeValue(forKey: id), let first = call.parts.first else { return }
        pacer.ended(at: now)
        if let report = result.quota { pacer.learn(report, at: now) }
        // What it means for the destination does not depend on the delivery.
        let isShared = call.parts.count > 1
        let disposition = Disposition(of: result.outcome, for: first.delivery, isShared: isShared)
        switch breaker.record(disposition.health, of: id, at: now) {
        case .opened: act(.alert(.breakerOpened))
        case .closed: act(.alert(.breakerClosed))
        case nil: break
        }
        apply(disposition.consequence, of: call, result, at: now)
        if disposition.health == .good { token.accepted(generation: call.tokenGeneration) }
        finish(call.parts, of: id, result, at: now) { delivery in
            Disposition(of: result.outcome, for: delivery, isShared: isShared).fate
        }
    }

    private mutating func apply(
        _ consequence: Disposition.Consequence,
        of call: CallUnderWay,
        _ result: CallResult,
        at now: Timestamp
    ) {
        switch consequence {
        case .none:
            break
        case .closeGate(let scope, let told):
            closeGate(scope, until: told, of: call, at: now)
        case .pause:
            setPause(.configuration(detail: result.summary))
        case .renewToken:
            if token.refused(generation: call.tokenGeneration, at: now) == .hopeless {
                setPause(.token(detail: result.summary))
            }
        }
    }

    mutating func closeGate(
        _ scope: QuotaScope,
        until told: Timestamp?,
        of call: CallUnderWay,
        at now: Timestamp
    ) {
        let before = pacer.gate
        pacer.close(scope, until: told, callStarted: call.started, at: now)
        if let gate = pacer.gate, gate != before { act(.alert(.overQuota(scope, until: gate))) }
    }

    /// Records how a call ended for its deliveries, and what they are from now on.
    mutating func finish(
        _ parts: [CallUnderWay.Part],
        of call: CallID,
        _ result: CallResult,
        at now: Timestamp,
        _ fate: (Delivery) -> Disposition.Fate
    ) {
        var ends: [AttemptEnd] = []
        var finished: [CallUnderWay.Part] = []
        for part in parts {
            var delivery = part.delivery
            var history = part.history
            delivery.attempts -= history.takeCounted(by: breaker)
            var end = AttemptEnd(
                delivery: delivery.id,
                number: part.number,
                outcome: result.outcome.name,
                detail: result.detail,
                state: .ready,
                nextCall: delivery.nextCall,
                attempts: delivery.attempts
            )
            decide(&end, &history, fate(delivery), delivery, of: parts.count, at: now)
            if end.state != .retrying { lanes.leave(delivery) }
            ends.append(end)
            finished.append(CallUnderWay.Part(delivery: delivery, number: part.number, history: history))
        }
        journal.append(
            .finish(CallEnd(call: call, ended: now, status: result.status, attempts: ends)),
            for: .finish(finished)
        )
    }

    private mutating func decide(
        _ end: inout AttemptEnd,
        _ history: inout RetryHistory,
        _ fate: Disposition.Fate,
        _ delivery: Delivery,
        of count: Int,
        at now: Timestamp
    ) {
        switch fate {
        case .divided:
            history.packing = (count + 1) / 2
            end.state = delivery.hasExpired(at: now) ? .expired : .retrying
            end.retryAt = end.state == .retrying ? now : nil
        case .alone:
            // Who is messaged twice by this is messaged twice at most.
            history.packing = 1
            decide(&end, &history, .retry(.attempt), delivery, of: count, at: now)
        case .delivered:
            end.state = settings.isDryRun ? .dry : .delivered
            end.attempts += 1
        case .dead:
            end.state = .dead
            end.attempts += 1
        case .held:
            end.state = .held
            end.attempts += 1
        case .returned:
            end.state = .ready
        case .fallBack:
            end.nextCall = .newProfile
            end.state = delivery.hasExpired(at: now) ? .expired : .retrying
            end.retryAt = end.state == .retrying ? now : nil
        case .retry(let count, let asked):
            // An outage that keeps the breaker open burns nothing.
            let counts = count != .none && breaker.isClosed
            if counts {
                end.attempts += 1
                history.count(at: now)
            }
            if case .conflict(let limit) = count {
                history.conflicts += 1
                if history.conflicts > limit { return end.state = .dead }
            }
            if counts, end.attempts >= settings.retry.maxAttempts { return end.state = .dead }
            if delivery.hasExpired(at: now) { return end.state = .expired }
            // What never counts backs off all the same.
            let tries = counts ? end.attempts : max(end.attempts, count == .none ? end.number : 1)
            end.state = .retrying
            end.retryAt = now + settings.retry.delay(after: tries, asked: asked, using: &random)
        }
    }
}

extension RetryHistory {
    /// The attempts that opened the breaker and are given back; they are forgotten.
    fileprivate mutating func takeCounted(by breaker: CircuitBreaker) -> Int {
        breaker.openings.reduce(0) { $0 + takeCounted(from: $1 - breaker.settings.window, through: $1) }
    }
}

extension CallResult {
    /// The status and the beginning of the detail, in one line.
    var summary: String {
        let line = detail.prefix(200).split(whereSeparator: \.isNewline).joined(separator: " ")
        return [status.map(String.init), line.isEmpty ? nil : line].compactMap { $0 }.joined(separator: " ")
    }
}
