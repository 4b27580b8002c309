import DequeModule
import Model

/// The next ready deliveries of a queue, in its order: the part of it that is in memory.
///
/// Invariant: every ready delivery of the queue up to `end` that the engine has been told of is in `rows`, or in the
/// engine's hands. What lies beyond `end` is on disk, and read when the window runs low.
struct Window: Sendable {
    private let limit: Int
    private(set) var rows: Deque<Delivery> = []
    /// Nil: nothing is known yet. Without meaning once `hasMore` is false.
    private var end: QueuePosition?
    /// Whether the disk may hold ready deliveries beyond `end`.
    private(set) var hasMore = true
    private var load: Load?

    init(limit: Int) {
        self.limit = max(1, limit)
    }

    /// Adds a ready delivery, if it has its place before the window's end. Beyond that it only counts as there being more.
    mutating func join(_ delivery: Delivery) {
        if isBeyondEnd(delivery.position) {
            load?.note(delivery)
            return
        }
        insert(delivery)
        trim()
    }

    /// The read that is to be made now, if any: it is under way from now on.
    mutating func nextLoad() -> (after: QueuePosition?, limit: Int)? {
        guard hasMore, load == nil, rows.count <= limit / 2 else { return nil }
        let next = Load(after: end, limit: limit - rows.count)
        load = next
        return (next.after, next.limit)
    }

    /// The read is over: how far the window reaches from now on.
    /// - Returns: what has its place there by this read, and is to join, unless it is not waiting any more.
    mutating func loaded(_ found: [Delivery]) -> [Delivery] {
        guard let finished = load else { return [] }
        load = nil
        guard !finished.isVoid else { return [] }
        let isWhole = found.count < finished.limit
        let lastFound = found.last?.position
        let known = (found + finished.appended).filter { delivery in
            finished.covers(delivery.position) && (isWhole || lastFound.map { delivery.position <= $0 } ?? true)
        }
        hasMore = !isWhole || finished.firstForgotten != nil
        end = known.map(\.position).max() ?? end
        return known
    }

    /// What was read may have changed since: the read under way is made again.
    mutating func voidLoad() {
        load?.isVoid = true
    }

    /// A delivery is not in the engine's hands any more: a read that may have seen it as ready is out of date.
    mutating func letGo(of position: QueuePosition) {
        if let after = load?.after, position <= after { return }
        voidLoad()
    }

    mutating func remove(at index: Int) {
        rows.remove(at: index)
    }

    mutating func remove(_ id: DeliveryID, where isMeant: (Delivery) -> Bool) -> Delivery? {
        rows.firstIndex { $0.id == id && isMeant($0) }.map { rows.remove(at: $0) }
    }

    /// When the first of the rows becomes due that is not due now.
    func firstDue(after now: Timestamp) -> Timestamp? {
        let index = place(of: QueuePosition(due: now + .milliseconds(1), id: DeliveryID(.min)))
        return index < rows.endIndex ? rows[index].due : nil
    }

    private func isBeyondEnd(_ position: QueuePosition) -> Bool {
        guard hasMore else { return false }
        guard let end else { return true }
        return position > end
    }

    private mutating func insert(_ delivery: Delivery) {
        let index = place(of: delivery.position)
        if index == rows.endIndex || rows[index].id != delivery.id {
            rows.insert(delivery, at: index)
        } else {
            rows[index] = delivery
        }
    }

    /// What has no room falls out at the end: it is on disk all the same.
    private mutating func trim() {
        while rows.count > limit {
            rows.removeLast()
            hasMore = true
            end = rows.last?.position
            // Rows between this end and the beginning of a read under way would be missing.
            voidLoad()
        }
    }

    /// The index of the first row at or after this position.
    private func place(of position: QueuePosition) -> Int {
        if let last = rows.last, last.position < position { return rows.endIndex }
        var low = rows.startIndex
        var high = rows.endIndex
        while low < high {
            let middle = (low + high) / 2
            if rows[middle].position < position { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

/// A read of further rows that is under way.
private struct Load: Sendable {
    let after: QueuePosition?
    let limit: Int
    /// Deliveries beyond the window's end that were appended meanwhile: the read may or may not have seen them.
    /// The first ones in the order of the queue, as many as the read brings.
    private(set) var appended: [Delivery] = []
    /// The first place in the order of which an appended delivery was not kept here.
    private(set) var firstForgotten: QueuePosition?
    var isVoid = false

    init(after: QueuePosition?, limit: Int) {
        self.after = after
        self.limit = limit
    }

    func covers(_ position: QueuePosition) -> Bool {
        firstForgotten.map { position < $0 } ?? true
    }

    mutating func note(_ delivery: Delivery) {
        guard covers(delivery.position) else { return }
        appended.append(delivery)
        guard appended.count > 2 * limit else { return }
        appended.sort { $0.position < $1.position }
        firstForgotten = appended[limit].position
        appended.removeSubrange(limit...)
    }
}
