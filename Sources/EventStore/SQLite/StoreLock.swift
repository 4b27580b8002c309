import Glibc

/// Keeps other processes, and other stores of this one, from opening the same database. The system lets go of it when
/// the process ends, however that comes about.
final class StoreLock: Sendable {
    /// -1 when it was let go.
    private let descriptor: Lock<Int32>

    /// Takes the lock of the database at `path`: an advisory lock on the file beside it, `path` + `.lock`.
    init(path: String) throws(StoreError) {
        let lockPath = path + ".lock"
        let descriptor = open(lockPath, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw .unusable("\(lockPath): \(String(cString: strerror(errno)))")
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let failure = errno
            let holder = Self.content(of: descriptor)
            close(descriptor)
            if failure != EWOULDBLOCK { throw .unusable("\(lockPath): \(String(cString: strerror(failure)))") }
            throw .inUse(
                "\(path) is in use" + (holder.isEmpty ? " by another process" : " by process \(holder)")
                    + "; only one process may open a store"
            )
        }
        self.descriptor = Lock(descriptor)
        // For whoever finds the store taken. That it may fail changes nothing about the lock.
        let text = Array("\(getpid())\n".utf8)
        if ftruncate(descriptor, 0) == 0 { _ = pwrite(descriptor, text, text.count, 0) }
    }

    deinit {
        release()
    }

    func release() {
        let held = descriptor.withLock { descriptor in
            defer { descriptor = -1 }
            return descriptor
        }
        if held >= 0 { close(held) }
    }

    private static func content(of descriptor: Int32) -> String {
        var bytes = [UInt8](repeating: 0, count: 20)
        let count = max(0, pread(descriptor, &bytes, bytes.count, 0))
        return String(decoding: bytes.prefix(count).prefix { (0x30...0x39).contains($0) }, as: UTF8.self)
    }
}
