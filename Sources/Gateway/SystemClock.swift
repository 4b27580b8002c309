import Glibc
public import Model

/// The machine's wall clock. Only this target's shells ask it; everything below is told the time.
public enum SystemClock {
    public static func now() -> Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(milliseconds: Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000)
    }
}
