import DequeModule
import Model

/// How many things happened within a span of time that ends now, in constant memory.
///
/// Things that leave the span within one `step` are one slot. A slot leaves at its end, so that the count is at no
/// moment too small; it is too large for less than a step.
struct RollingCount: Sendable, Equatable {
    private struct Slot: Sendable, Equatable {
        /// The moment it no longer counts, in milliseconds: a multiple of the step.
        let leaves: Int64
        var count: Int
    }

    private let span: Int64
    private let step: Int64
    private var slots: Deque<Slot> = []
    private(set) var count = 0

    /// - Parameter slots: how many slots the span has at most; more are more exact. A step is 1 ms at least.
    init(span: Duration, slots: Int) {
        self.span = max(1, span.milliseconds)
        self.step = max(1, self.span / Int64(slots))
    }

    /// When the oldest slot no longer counts; nil when nothing counts.
    var oldestLeaves: Timestamp? { slots.first.map { Timestamp(milliseconds: $0.leaves) } }

    /// Forgets what is no longer within the span.
    mutating func advance(to now: Timestamp) {
        while let first = slots.first, first.leaves <= now.milliseconds {
            count -= first.count
            slots.removeFirst()
        }
    }

    mutating func add(at moment: Timestamp) {
        let leaves = leaving(moment)
        count += 1
        // Nearly always the newest; moments out of order come from disk, or from a clock that was set back.
        var index = slots.endIndex
        while index > slots.startIndex, slots[index - 1].leaves > leaves { index -= 1 }
        if index > slots.startIndex, slots[index - 1].leaves == leaves {
            slots[index - 1].count += 1
        } else {
            slots.insert(Slot(leaves: leaves, count: 1), at: index)
        }
    }

    /// All that counts leaves so much later.
    mutating func shift(by jump: Duration) {
        // A whole number of steps, so that slots stay apart.
        let steps = (jump.milliseconds + step - 1) / step
        slots = Deque(slots.map { Slot(leaves: $0.leaves + steps * step, count: $0.count) })
    }

    mutating func removeAll() {
        slots.removeAll(keepingCapacity: true)
        count = 0
    }

    private func leaving(_ moment: Timestamp) -> Int64 {
        let exact = moment.milliseconds + span
        let remainder = exact % step
        return remainder == 0 ? exact : exact + step - remainder
    }
}
