import Model

/// How many deliveries each queue is given, as a rate over the last minutes: what a forecast goes by.
struct ArrivalRates: Sendable {
    struct Key: Hashable {
        var destination: String
        var queue: String
    }

    private struct Reading {
        let at: Timestamp
        let made: [Key: Int]
    }

    /// Over how long it is taken.
    static let span = Duration.seconds(600)

    private var readings: [Reading] = []

    /// Takes in how many deliveries there ever were in each queue.
    mutating func note(_ made: [Key: Int], at now: Timestamp) {
        // A clock that was set back begins anew.
        if let last = readings.last, last.at >= now { readings = [] }
        readings.append(Reading(at: now, made: made))
        while readings.count > 2, readings[1].at + Self.span <= now { readings.removeFirst() }
    }

    /// Zero until there are two readings.
    func perHour(_ key: Key) -> Double {
        guard let first = readings.first, let last = readings.last, last.at > first.at else { return 0 }
        // What was moved to another queue may make it less.
        let arrived = max(0, last.made[key, default: 0] - first.made[key, default: 0])
        return Double(arrived) * 3_600_000 / Double(last.at.since(first.at).milliseconds)
    }
}
