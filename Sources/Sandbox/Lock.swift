import Glibc

/// A value that one thread at a time may use. (A pthread mutex, because the thread sanitizer understands it.)
final class Lock<Value>: @unchecked Sendable where Value: Sendable {
    // Safe to share: `value` is only touched while the mutex is held, and the mutex never moves.
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private var value: Value

    init(_ value: Value) {
        self.value = value
        pthread_mutex_init(mutex, nil)
    }

    deinit {
        pthread_mutex_destroy(mutex)
        mutex.deallocate()
    }

    func withLock<Result>(_ body: (inout Value) throws -> Result) rethrows -> Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return try body(&value)
    }
}
