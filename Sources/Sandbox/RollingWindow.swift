/// How many calls were taken within the last second, or hour: counted exactly, to the millisecond.
struct RollingWindow {
    let limit: Int
    let length: Duration
    /// The calls of a millisecond each, oldest first, from `start` on.
    private var entries: [(moment: Duration, count: Int)] = []
    private var start = 0
    private(set) var count = 0

    init(limit: Int, length: Duration) {
        self.limit = limit
        self.length = length
    }

    /// Forgets what has left the window.
    mutating func advance(to now: Duration) {
        while start < entries.count, entries[start].moment + length <= now {
            count -= entries[start].count
            start += 1
        }
        // Moved down once in a while, so that each entry is moved a bounded number of times.
        if start > 1_024, start * 2 > entries.count {
            entries.removeFirst(start)
            start = 0
        }
    }

    var isFull: Bool { count >= limit }

    mutating func add(at now: Duration) {
        count += 1
        if start < entries.count, let last = entries.last, last.moment >= now {
            entries[entries.count - 1].count += 1
        } else {
            entries.append((now, 1))
        }
    }

    /// When the next call will be taken, from `now` on.
    func wait(at now: Duration) -> Duration {
        guard isFull, start < entries.count else { return .zero }
        return entries[start].moment + length - now
    }
}
