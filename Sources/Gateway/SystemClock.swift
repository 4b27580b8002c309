import CEpoll
import Glibc
public import Model

/// The machine's wall clock. Only this target's shells ask it; everything below is told the time.
public enum SystemClock {
    public static func now() -> Timestamp {
        Timestamp(milliseconds: journey_clock(CLOCK_REALTIME) / 1_000_000)
    }

    /// The time since the machine was started, also while it slept.
    static func uptime() -> Duration {
        .milliseconds(journey_clock(CLOCK_BOOTTIME) / 1_000_000)
    }
}
