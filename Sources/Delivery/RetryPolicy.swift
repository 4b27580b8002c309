import Model

/// When a delivery is tried again: exponential back-off with full jitter, capped.
///
///     attempt 1: 0...2 s, 2: 0...4 s, 4: 0...16 s, 10 and later: 0...15 min      (with the defaults)
public struct RetryPolicy: Sendable, Equatable {
    /// The counted attempt after which a delivery is given up.
    public var maxAttempts: Int
    /// The longest wait after the first attempt.
    public var firstDelay: Duration
    /// The longest wait ever.
    public var maxDelay: Duration

    public init(
        maxAttempts: Int = 12,
        firstDelay: Duration = .seconds(2),
        maxDelay: Duration = .seconds(15 * 60)
    ) {
        self.maxAttempts = maxAttempts
        self.firstDelay = firstDelay
        self.maxDelay = maxDelay
    }

    /// The longest wait after this many attempts.
    func ceiling(after attempts: Int) -> Duration {
        let doublings = min(max(0, attempts - 1), 40)
        let doubled = Double(firstDelay.milliseconds) * Double(Int64(1) << Int64(doublings))
        return .milliseconds(Int64(min(doubled, Double(maxDelay.milliseconds))))
    }

    /// A wait after this many attempts, drawn evenly up to `ceiling`; the destination's own wish is granted up to `maxDelay`.
    func delay(
        after attempts: Int,
        asked: Duration? = nil,
        using random: inout some RandomNumberGenerator
    ) -> Duration {
        let jittered = Duration.milliseconds(
            Int64.random(in: 0...ceiling(after: attempts).milliseconds, using: &random)
        )
        return max(jittered, min(asked ?? .zero, maxDelay))
    }
}
