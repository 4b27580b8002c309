import HeapModule
import Model

/// The retrying deliveries of a queue, by the time at which they are looked at again.
struct RetryingDeliveries: Sendable {
    private var heap = Heap<RetryingDelivery>()

    var count: Int { heap.count }
    var next: RetryingDelivery? { heap.min }

    mutating func insert(_ retrying: RetryingDelivery) {
        heap.insert(retrying)
    }

    mutating func popNext() -> RetryingDelivery? {
        heap.popMin()
    }

    mutating func remove(_ id: DeliveryID, where isMeant: (Delivery) -> Bool) -> RetryingDelivery? {
        guard let found = heap.unordered.first(where: { $0.delivery.id == id && isMeant($0.delivery) }) else {
            return nil
        }
        heap = Heap(heap.unordered.filter { $0.delivery.id != id })
        return found
    }
}

struct RetryingDelivery: Sendable, Comparable {
    var delivery: Delivery
    var history: RetryHistory

    /// The time of its next attempt, or of its end if that comes first.
    var wakesAt: Timestamp {
        let retryAt = delivery.retryAt ?? delivery.due
        return delivery.expiresAt.map { min($0, retryAt) } ?? retryAt
    }

    static func < (one: RetryingDelivery, other: RetryingDelivery) -> Bool {
        (one.wakesAt, one.delivery.position) < (other.wakesAt, other.delivery.position)
    }

    static func == (one: RetryingDelivery, other: RetryingDelivery) -> Bool {
        one.delivery.id == other.delivery.id
    }
}

/// What is remembered of a delivery between its attempts, and no longer than the process lives.
struct RetryHistory: Sendable, Equatable {
    /// Conflicts so far.
    var conflicts = 0
    /// The most that may be in its next call, since one of those with it in the last was at fault; nil: any number.
    var packing: Int?
    /// When its counted attempts failed, for the circuit breaker to give back those that opened it.
    private var counted: [Timestamp] = []

    mutating func count(at now: Timestamp) {
        counted.append(now)
    }

    /// The number of attempts that were counted in this time; they are forgotten.
    mutating func takeCounted(from start: Timestamp, through end: Timestamp) -> Int {
        let before = counted.count
        counted.removeAll { $0 >= start && $0 <= end }
        return before - counted.count
    }
}
