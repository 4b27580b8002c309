import Model

/// What a destination allows. The figures are ceilings: the `Pacer` stays within them over every rolling window.
public struct Quota: Sendable, Equatable {
    /// Calls in any second.
    public var perSecond: Int
    /// Calls in any `hour`.
    public var perHour: Int
    /// The part of `perHour` that is kept for queues of high priority, from 0 up to 1.
    public var reserve: Double
    /// How long the hour is; shorter for trials.
    public var hour: Duration

    public init(perSecond: Int = 10, perHour: Int = 1_000, reserve: Double = 0.1, hour: Duration = .seconds(3_600)) {
        self.perSecond = perSecond
        self.perHour = perHour
        self.reserve = reserve
        self.hour = hour
    }

    /// How long a call that has ended still counts: the hour and a thousandth, for clocks that drift apart.
    var counted: Duration { .milliseconds(hour.milliseconds + max(1, hour.milliseconds / 1_000)) }
}
