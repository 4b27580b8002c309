import DequeModule
import Model

// What follows once the store has taken changes, or has not.
extension DeliveryEngine {
    mutating func committed(_ effects: [Effect], at now: Timestamp) {
        if journal.isRefused { act(.alert(.storeTakes)) }
        let entries = journal.committed()
        precondition(entries.count == effects.count, "each change of a batch has one effect")
        for (entry, effect) in zip(entries, effects) {
            guard case .moved(let moved, let promoted) = effect else {
                if case .token(let call, let request, let life) = entry.purpose { tokenIsDurable(call, request, life) }
                if let request = entry.request { act(.done(request, [])) }
                continue
            }
            switch entry.purpose {
            case .start(let call): started(call, moved, at: now)
            case .finish(let parts): finished(parts, as: moved)
            case .move(let leaving): left(leaving)
            case .postpone(let leaving): postponed(leaving, moved)
            case .control(let leaving):
                changed(leaving + departures.removeFirst().leaving, moved)
            case .intention, .token, .record: break
            }
            for delivery in promoted { join(delivery) }
            if let request = entry.request { act(.done(request, moved)) }
        }
    }

    private mutating func started(_ id: CallID, _ attempting: [Delivery], at now: Timestamp) {
        guard let call = calls[id] else { return }
        let started = Set(attempting.filter { $0.state == .attempting }.map(\.id))
        // The others were cancelled or held in between, or must not be sent: they are not part of the call.
        for part in call.parts where !started.contains(part.delivery.id) {
            lines[line(of: part.delivery.queue)].unsettled -= 1
            lanes.release(part.delivery)
        }
        let parts = call.parts.filter { started.contains($0.delivery.id) }
        if parts.isEmpty, call.token == nil {
            // There is no row, and no call.
            calls[id] = nil
            pacer.takeBack()
            breaker.takeBack(id, at: now)
            return
        }
        for part in parts { lanes.serve(part.delivery, .busy) }
        calls[id]?.parts = parts
        outbox.append(id)
    }

    /// - Parameter moved: the deliveries as the store has them now, which may differ from what was decided: a cancel, hold
    ///   or suppression that was noted meanwhile.
    private mutating func finished(_ parts: [CallUnderWay.Part], as moved: [Delivery]) {
        for part in parts {
            finished(part.delivery, part.history, as: moved.first { $0.id == part.delivery.id })
        }
    }

    private mutating func finished(_ delivery: Delivery, _ history: RetryHistory, as current: Delivery?) {
        let index = line(of: delivery.queue)
        if delivery.state == .ready { lines[index].window.letGo(of: delivery.position) }
        switch current?.state {
        case .retrying:
            guard let current else { return }
            lanes.serve(current, .busy)
            lines[index].retrying.insert(RetryingDelivery(delivery: current, history: history))
        case .ready:
            guard let current else { return }
            lines[index].unsettled -= 1
            lines[index].remember(history, of: current.id, limit: settings.limits.remembered)
            lanes.release(current)
            join(current)
        default:
            lines[index].unsettled -= 1
            lanes.release(delivery)
        }
    }

    private mutating func left(_ leaving: [Journal.Leaving]) {
        for left in leaving {
            lanes.release(left.delivery)
            if left.wasRetrying { lines[line(of: left.delivery.queue)].unsettled -= 1 }
        }
    }

    private mutating func postponed(_ leaving: [Journal.Leaving], _ moved: [Delivery]) {
        left(leaving)
        for delivery in moved {
            let index = line(of: delivery.queue)
            lines[index].window.voidLoad()
            lines[index].window.join(delivery)
        }
    }

    /// Takes in what the store has made of deliveries by somebody's wish. What was read from the disk before this was
    /// durable is out of date.
    mutating func changed(_ leaving: [Journal.Leaving], _ moved: [Delivery]) {
        left(leaving)
        voidLoads()
        for delivery in moved {
            // One that was given to another queue may be found in its old one.
            if let (old, wasRetrying) = takeOut(delivery.id, from: [.ready, .retrying]), wasRetrying {
                lines[line(of: old.queue)].unsettled -= 1
                lanes.release(old)
            }
            // Released ones have a place at the end of their queue, unless they are wanted elsewhere by now.
            if delivery.state == .ready, delivery.destination == settings.name, !isDeparting(delivery) {
                lines[line(of: delivery.queue)].window.join(delivery)
            }
        }
    }

    mutating func voidLoads() {
        for index in lines.indices { lines[index].window.voidLoad() }
    }

    /// Nothing of the batch was kept: calls that have not started in the store have not started.
    mutating func refused(at now: Timestamp) {
        if !journal.isRefused { act(.alert(.storeRefuses)) }
        for id in journal.refused(at: now, jitter: Double.random(in: 0...1, using: &random)) {
            guard let call = calls.removeValue(forKey: id) else { continue }
            pacer.takeBack()
            if let request = call.token { tokenCallDropped(id, request, at: now) }
            if call.parts.isEmpty { continue }
            breaker.takeBack(id, at: now)
            for part in call.parts { takeBack(part) }
        }
    }

    private mutating func takeBack(_ part: CallUnderWay.Part) {
        let delivery = part.delivery
        let index = line(of: delivery.queue)
        if delivery.state == .retrying {
            lines[index].retrying.insert(RetryingDelivery(delivery: delivery, history: part.history))
        } else {
            lines[index].unsettled -= 1
            lines[index].remember(part.history, of: delivery.id, limit: settings.limits.remembered)
            lanes.release(delivery)
            join(delivery)
        }
    }
}
