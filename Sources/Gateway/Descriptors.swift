import Glibc

/// What a process may open, and what others pass on to it.
enum Descriptors {
    /// What is kept for files, the store and calls, beside connections.
    static let reserve = 128

    /// Raises this process' own limit to what it may have at most.
    /// - Returns: How many connections there may be so that `reserve` is left.
    static func forConnections() -> Int {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return .max }
        var raised = limit
        raised.rlim_cur = limit.rlim_max
        if setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &raised) == 0 { limit = raised }
        return max(1, Int(clamping: limit.rlim_cur) - reserve)
    }

    /// Whether a descriptor is a socket that was passed on in systemd's way (sd_listen_fds): from 3 on, as many as
    /// `LISTEN_FDS` says, to the process that `LISTEN_PID` names.
    static func isPassedOn(_ descriptor: Int32, in environment: ConfigEnvironment) -> Bool {
        guard let count = environment.variable("LISTEN_FDS").flatMap({ Int32($0) }), count > 0,
            environment.variable("LISTEN_PID") == String(getpid())
        else { return false }
        return descriptor >= 3 && descriptor - 3 < count
    }
}
