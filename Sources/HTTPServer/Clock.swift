import CEpoll
public import Dispatch
import Glibc

/// What a server tells the time by.
public protocol ServerClock: Sendable {
    /// The time since some fixed moment; it never goes back.
    func now() -> Duration
    /// Seconds of the wall clock since 1970-01-01T00:00:00Z, for the `Date` field.
    func secondsSince1970() -> Int64
    /// A timer whose `action` runs on `queue`. It is not set.
    func makeTimer(on queue: DispatchQueue, action: @escaping @Sendable () -> Void) -> any ServerTimer
}

/// A timer that can be set again and again; each setting replaces the one before.
public protocol ServerTimer {
    /// - Parameter moment: In the time of the clock that made the timer.
    func set(to moment: Duration)
    /// No action begins after this.
    func cancel()
}

/// The machine's own clocks.
public struct SystemClock: ServerClock {
    public init() {}

    public func now() -> Duration {
        .nanoseconds(journey_clock(CLOCK_MONOTONIC))
    }

    public func secondsSince1970() -> Int64 {
        journey_clock(CLOCK_REALTIME) / 1_000_000_000
    }

    public func makeTimer(on queue: DispatchQueue, action: @escaping @Sendable () -> Void) -> any ServerTimer {
        SystemTimer(on: queue, action: action)
    }
}

extension ServerClock where Self == SystemClock {
    public static var system: SystemClock { SystemClock() }
}

/// A Dispatch timer source.
private final class SystemTimer: ServerTimer {
    private let source: any DispatchSourceTimer

    init(on queue: DispatchQueue, action: @escaping @Sendable () -> Void) {
        source = DispatchSource.makeTimerSource(queue: queue)
        source.setEventHandler { @Sendable in action() }
        // Activated at once, since releasing a source that never was traps.
        source.activate()
    }

    func set(to moment: Duration) {
        let wait = moment - SystemClock().now()
        let (seconds, attoseconds) = wait.components
        let nanoseconds = seconds * 1_000_000_000 + attoseconds / 1_000_000_000
        source.schedule(
            deadline: .now() + .nanoseconds(Int(max(0, nanoseconds))),
            leeway: .milliseconds(20)
        )
    }

    func cancel() {
        source.cancel()
    }
}
