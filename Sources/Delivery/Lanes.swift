import Model

/// Which lanes are taken, and by which deliveries.
///
/// A lane has an entry while one of its deliveries is between its start and its end, and while any is on its way out of
/// the line: parked, ended without a call, or wanted elsewhere. Until that is durable it is not known who is next there,
/// because the change may promote somebody. What lies parked is known to the store alone. One that was promoted, or came
/// back, needs no entry: it waits in the window ahead of its lane.
struct Lanes: Sendable {
    /// How far the delivery is that the lane is served for.
    enum Phase: Sendable {
        /// Its start is being committed.
        case starting
        /// It is durably attempting or retrying.
        case busy
        /// What it comes to is being committed.
        case ending
    }

    /// What one that comes next in a lane has to do.
    enum Turn: Sendable {
        case starts
        /// Waits in the window for how what is being committed ends.
        case waits
        /// Is parked until the lane is free.
        case parks
    }

    private struct Entry: Sendable {
        var served: (id: DeliveryID, phase: Phase)?
        var leaving: [DeliveryID] = []
    }

    private var entries: [Lane: Entry] = [:]

    var count: Int { entries.count }

    func turn(in lane: Lane) -> Turn {
        guard let entry = entries[lane] else { return .starts }
        return entry.served?.phase == .busy ? .parks : .waits
    }

    /// Whether the engine has this delivery in hand already, so that a second copy of its row must be dropped.
    func holds(_ delivery: Delivery) -> Bool {
        guard let entry = entries[delivery.lane] else { return false }
        return entry.served?.id == delivery.id || entry.leaving.contains(delivery.id)
    }

    mutating func serve(_ delivery: Delivery, _ phase: Phase) {
        entries[delivery.lane, default: Entry()].served = (delivery.id, phase)
    }

    /// A delivery is on its way out of the line, until it is released.
    mutating func leave(_ delivery: Delivery) {
        if entries[delivery.lane]?.served?.id == delivery.id {
            serve(delivery, .ending)
        } else {
            entries[delivery.lane, default: Entry()].leaving.append(delivery.id)
        }
    }

    /// A delivery has no part in its lane any more.
    mutating func release(_ delivery: Delivery) {
        guard var entry = entries[delivery.lane] else { return }
        if entry.served?.id == delivery.id { entry.served = nil }
        if !entry.leaving.isEmpty { entry.leaving.removeAll { $0 == delivery.id } }
        entries[delivery.lane] = entry.served == nil && entry.leaving.isEmpty ? nil : entry
    }
}
