import GRDBSQLite
import Glibc

/// SQLite's own file system, with faults: the n-th write or sync to the files of one database fails, once or for ever.
///
/// It becomes SQLite's default in the process of the tests. Files whose database nobody watches are left alone.
final class FaultyDisk: @unchecked Sendable {
    // Sendable: `original` never changes, and all else is in `state`, behind its lock.

    struct Fault {
        /// Counted over writes and syncs; the first is 1.
        var operation: Int
        var isForEver: Bool
        /// A result code: `SQLITE_FULL`, or an extended one of `SQLITE_IOERR`.
        var code: Int32
    }

    private typealias Methods = UnsafePointer<sqlite3_io_methods>

    private struct OpenFile {
        /// The database that it belongs to.
        var path: String
        /// What the real file system does with it: one table for databases, another for their logs.
        var real: Methods
    }

    private struct State {
        var counts: [String: Int] = [:]
        var faults: [String: Fault] = [:]
        /// By the address of SQLite's handle.
        var files: [UInt: OpenFile] = [:]
        /// The tables with faults in between, by the real ones.
        var faulty: [UInt: Methods] = [:]
    }

    static let shared = FaultyDisk()

    private let original: UnsafeMutablePointer<sqlite3_vfs>?
    private let state = TestLock(State())

    private init() {
        original = sqlite3_vfs_find(nil)
        guard let original else { return }
        let faulty = UnsafeMutablePointer<sqlite3_vfs>.allocate(capacity: 1)
        faulty.initialize(to: original.pointee)
        faulty.pointee.zName = UnsafePointer(strdup("faulty"))
        faulty.pointee.xOpen = { _, name, file, flags, outFlags in
            FaultyDisk.shared.open(name, file, flags, outFlags)
        }
        sqlite3_vfs_register(faulty, 1)
    }

    /// Starts to count the writes and syncs of the database at `path`, and breaks the one that `fault` names.
    /// The disk must have been in place (`shared`) before that database was opened.
    func watch(_ path: String, _ fault: Fault?) {
        state.withLock { state in
            state.counts[path] = 0
            state.faults[path] = fault
        }
    }

    /// How many writes and syncs there were since `watch`.
    func operations(of path: String) -> Int { state.withLock { $0.counts[path] ?? 0 } }

    // MARK: What SQLite calls

    private func open(
        _ name: sqlite3_filename?,
        _ file: UnsafeMutablePointer<sqlite3_file>?,
        _ flags: Int32,
        _ outFlags: UnsafeMutablePointer<Int32>?
    ) -> Int32 {
        let code = original?.pointee.xOpen?(original, name, file, flags, outFlags) ?? SQLITE_CANTOPEN
        guard code == SQLITE_OK, let name, let file, let real = file.pointee.pMethods else { return code }
        let fileName = String(cString: name)
        let path = fileName.hasSuffix("-wal") ? String(fileName.dropLast(4)) : fileName
        file.pointee.pMethods = state.withLock { state in
            state.files[UInt(bitPattern: file)] = OpenFile(path: path, real: real)
            let made = state.faulty[UInt(bitPattern: real)] ?? Self.withFaults(real.pointee)
            state.faulty[UInt(bitPattern: real)] = made
            return made
        }
        return code
    }

    private static func withFaults(_ real: sqlite3_io_methods) -> Methods {
        let made = UnsafeMutablePointer<sqlite3_io_methods>.allocate(capacity: 1)
        made.initialize(to: real)
        made.pointee.xWrite = { file, bytes, count, offset in
            FaultyDisk.shared.fault(file)
                ?? FaultyDisk.shared.real(file)?.pointee.xWrite?(file, bytes, count, offset) ?? SQLITE_IOERR
        }
        made.pointee.xSync = { file, flags in
            FaultyDisk.shared.fault(file)
                ?? FaultyDisk.shared.real(file)?.pointee.xSync?(file, flags) ?? SQLITE_IOERR
        }
        made.pointee.xClose = { file in
            let real = FaultyDisk.shared.real(file)
            FaultyDisk.shared.state.withLock { $0.files[UInt(bitPattern: file)] = nil }
            return real?.pointee.xClose?(file) ?? SQLITE_IOERR
        }
        return UnsafePointer(made)
    }

    private func real(_ file: UnsafeMutablePointer<sqlite3_file>?) -> Methods? {
        state.withLock { $0.files[UInt(bitPattern: file)]?.real }
    }

    /// Counts an operation on this file. The code that it fails with; nil when it does not.
    private func fault(_ file: UnsafeMutablePointer<sqlite3_file>?) -> Int32? {
        state.withLock { state in
            guard let path = state.files[UInt(bitPattern: file)]?.path, let count = state.counts[path] else {
                return nil
            }
            state.counts[path] = count + 1
            guard let fault = state.faults[path] else { return nil }
            let isHit = fault.isForEver ? count + 1 >= fault.operation : count + 1 == fault.operation
            return isHit ? fault.code : nil
        }
    }
}
