import CEpoll
import Glibc
public import Model

/// The machine's wall clock. Only this target's shells ask it; everything below is told the time.
public enum SystemClock {
    public static func now() -> Timestamp {
        Timestamp(milliseconds: journey_clock(CLOCK_REALTIME) / 1_000_000)
    }

    /// The time by the machine's own clock, also while it slept; nil where the system does not tell its runs apart.
    static func bootTime() -> BootTime? {
        boot.map { BootTime(boot: $0, sinceBoot: uptime()) }
    }

    /// The time since the machine was started, also while it slept.
    static func uptime() -> Duration {
        .milliseconds(journey_clock(CLOCK_BOOTTIME) / 1_000_000)
    }

    /// Tells this run of the machine from others.
    static let boot: String? = {
        guard let file = fopen("/proc/sys/kernel/random/boot_id", "r") else { return nil }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 64)
        guard fgets(&line, Int32(line.count), file) != nil else { return nil }
        let id = line.prefix { $0 > 0x20 }.map { UInt8(bitPattern: $0) }
        return id.isEmpty ? nil : String(decoding: id, as: UTF8.self)
    }()
}
