import DequeModule
import Model

// Several deliveries in one call, where the destination has such a call.
extension DeliveryEngine {
    /// Gathers what goes into one call with this delivery: due ones of its queue and journey, one a lane at most, in the
    /// order of the queue. The delivery itself comes first.
    mutating func gather(with first: RetryingDelivery, ofLine index: Int, at now: Timestamp) -> [RetryingDelivery] {
        let limit = min(settings.bulk, first.history.packing ?? settings.bulk)
        guard limit > 1 else { return [first] }
        var gathered = [first]
        var lanes: Set<Lane> = [first.delivery.lane]
        gatherRetries(like: first, ofLine: index, upTo: limit, &gathered, &lanes, at: now)
        gatherFirsts(like: first, ofLine: index, upTo: limit, &gathered, &lanes, at: now)
        return gathered
    }

    private mutating func gatherRetries(
        like first: RetryingDelivery,
        ofLine index: Int,
        upTo limit: Int,
        _ gathered: inout [RetryingDelivery],
        _ taken: inout Set<Lane>,
        at now: Timestamp
    ) {
        var passed: [RetryingDelivery] = []
        while gathered.count < limit, let next = lines[index].retrying.next, next.wakesAt <= now {
            _ = lines[index].retrying.popNext()
            if next.goes(with: first), !taken.contains(next.delivery.lane), mayBeSent(next.delivery, at: now) {
                taken.insert(next.delivery.lane)
                gathered.append(next)
            } else {
                passed.append(next)
            }
        }
        for retrying in passed { lines[index].retrying.insert(retrying) }
    }

    private mutating func gatherFirsts(
        like first: RetryingDelivery,
        ofLine index: Int,
        upTo limit: Int,
        _ gathered: inout [RetryingDelivery],
        _ taken: inout Set<Lane>,
        at now: Timestamp
    ) {
        let room = settings.limits.unsettled - lines[index].unsettled - gathered.count
        var left = min(limit - gathered.count, room)
        var place = 0
        while left > 0, place < lines[index].window.rows.count {
            let delivery = lines[index].window.rows[place]
            if delivery.due > now { return }
            let candidate = RetryingDelivery(delivery: delivery, history: lines[index].history(of: delivery.id))
            // One that is passed over keeps its lane for itself: what comes later must not overtake it.
            let hasLane = lanes.turn(in: delivery.lane) == .starts && taken.insert(delivery.lane).inserted
            if hasLane, candidate.goes(with: first), mayBeSent(delivery, at: now) {
                lines[index].window.remove(at: place)
                _ = lines[index].takeHistory(of: delivery.id)
                gathered.append(candidate)
                left -= 1
            } else {
                place += 1
            }
        }
    }

    /// Whether this moment is neither after its expiry nor outside its hours. What is not sent now is dealt with when it
    /// is met as the first of its line.
    func mayBeSent(_ delivery: Delivery, at now: Timestamp) -> Bool {
        !delivery.hasExpired(at: now) && opening(of: delivery, after: now) == nil
    }
}

extension RetryingDelivery {
    /// Whether both may go into one call. What was part of a call that failed for one of them stays among its like.
    fileprivate func goes(with other: RetryingDelivery) -> Bool {
        delivery.trigger.journeyID == other.delivery.trigger.journeyID && history.packing == other.history.packing
    }
}
