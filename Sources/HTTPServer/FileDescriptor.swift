import Glibc

/// An open descriptor, closed when it goes.
struct FileDescriptor: ~Copyable, Sendable {
    let number: Int32

    /// Takes over a descriptor that was just opened.
    init(owning number: Int32) {
        self.number = number
    }

    deinit {
        // After an error of close the descriptor is gone all the same (Linux), so there is nothing to try again.
        _ = Glibc.close(number)
    }
}

/// What a system call said, as a name and a number: `EADDRINUSE`.
public struct SystemError: Error, Equatable, CustomStringConvertible {
    /// The call that failed: `bind`.
    public let call: String
    /// `errno`.
    public let code: Int32
    /// What it was done to, for example an address; empty when there is nothing to name.
    public let subject: String

    /// The error that the last call left in `errno`.
    static func last(_ call: String, on subject: String = "") -> SystemError {
        SystemError(call: call, code: errno, subject: subject)
    }

    public var description: String {
        let reason = String(cString: strerror(code))
        return subject.isEmpty ? "\(call): \(reason)" : "\(call) \(subject): \(reason)"
    }
}
