import Model

/// A limit as we believe it to be: the configured one, or less since the destination said so; it rises again slowly.
struct BelievedLimit: Sendable, Equatable {
    /// The ceiling; the belief never exceeds it.
    var configured: Int
    /// How long a rise from nothing to the ceiling takes.
    private let recovery: Duration
    private var lowered: Lowered?

    private struct Lowered: Sendable, Equatable {
        let limit: Double
        let at: Timestamp
    }

    init(_ configured: Int, recovery: Duration) {
        self.configured = max(1, configured)
        self.recovery = recovery
    }

    func value(at now: Timestamp) -> Int {
        guard let lowered else { return configured }
        let elapsed = Double(max(0, now.since(lowered.at).milliseconds))
        let risen = lowered.limit + Double(configured) * elapsed / Double(max(1, recovery.milliseconds))
        return min(configured, max(1, Int(risen)))
    }

    mutating func shift(by jump: Duration) {
        lowered = lowered.map { Lowered(limit: $0.limit, at: $0.at + jump) }
    }

    /// Believes in this much from now on, if it is less than what is believed.
    mutating func lower(to limit: Double, at now: Timestamp) {
        guard limit < Double(value(at: now)) else { return }
        lowered = Lowered(limit: max(1, limit), at: now)
    }
}
