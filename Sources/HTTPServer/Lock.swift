import Glibc

/// Small state that several threads change, behind a POSIX mutex.
///
/// Not `Synchronization.Mutex`: the thread sanitizer does not know that one on Linux, and reports what is no race.
final class Lock<State>: @unchecked Sendable {
    // Both are touched only between lock and unlock of `mutex`, and `withLock` is the only way to them; State's values may
    // be passed between threads because the closure's result and captures are `sending`.
    private var state: State
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>

    init(_ state: sending State) {
        self.state = state
        mutex = .allocate(capacity: 1)
        mutex.initialize(to: pthread_mutex_t())
        pthread_mutex_init(mutex, nil)
    }

    deinit {
        pthread_mutex_destroy(mutex)
        mutex.deallocate()
    }

    /// Never call out, wait or do I/O in `body`.
    func withLock<Result, Failure: Error>(
        _ body: (inout sending State) throws(Failure) -> sending Result
    ) throws(Failure) -> sending Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return try body(&state)
    }
}
