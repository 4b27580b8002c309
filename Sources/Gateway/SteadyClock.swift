import Model

/// The wall clock as an engine may go by it: it follows jumps forward, and tells of them; set back, it goes on as if
/// nothing had happened, so that nothing that was due is due no longer, until the next start.
struct SteadyClock: Sendable {
    /// What the wall clock is ahead of the time since boot.
    private var offset: Duration?
    private var jump = Duration.zero

    /// Steps up to this are the slow corrections that every clock gets.
    static let slew = Duration.milliseconds(100)

    /// - Parameter uptime: time since boot, which nobody sets.
    mutating func read(wall: Timestamp, uptime: Duration) -> Timestamp {
        let current = wall.since(Timestamp(milliseconds: 0)) - uptime
        guard let known = offset else {
            offset = current
            return wall
        }
        if current > known {
            offset = current
            if current - known > Self.slew { jump += current - known }
        }
        return Timestamp(milliseconds: 0) + uptime + (offset ?? current)
    }

    /// By how much it has jumped forward since this was asked last.
    mutating func takeJump() -> Duration {
        defer { jump = .zero }
        return jump
    }
}
