import Dispatch
import GRDB
import GRDBSQLite
import Glibc

/// Carries committed pages from the write-ahead log into the database file, beside the commits and not within them.
///
/// SQLite would do this inside every COMMIT past 1,000 pages, which is where a commit's worst latency comes from. Here
/// another connection does it on a queue of its own. Since commits go on meanwhile, it seldom gets to the very end of
/// the log; so when the log has grown long, the writer itself does the short rest, right after a turn of the other,
/// and the log begins anew from its start. The file keeps its size: overwriting is faster than growing.
///
/// SQLite syncs the database file only once it has all of the log, which is in the writer's turn. So each turn beside
/// the commits ends with a sync of its own; without it the writer would wait for all that was carried since the last.
final class Checkpointer: Sendable {
    struct Limits: Sendable {
        /// Pages written since the last time, after which it is done again beside the commits.
        var background = 1_000
        /// Pages in the log after which the writer does the rest. With as many again it no longer waits until the other
        /// has left it little to do.
        var inline = 10_000
    }

    private struct State {
        /// Pages in the log when a checkpoint was last begun.
        var begunAt = 0
        var inlineAt: Int
        var isRunning = false
    }

    private let connection: DatabaseQueue
    /// A descriptor of the database file for its syncs. While a connection is open it must not be closed: that would
    /// give up the process's locks on the file.
    private let file: Int32
    private let queue = DispatchQueue(label: "EventStore.Checkpointer", qos: .utility)
    private let limits: Limits
    private let state: Lock<State>

    init(path: String, limits: Limits) throws {
        self.limits = limits
        state = Lock(State(inlineAt: limits.inline))
        var configuration = Configuration()
        configuration.label = "EventStore.Checkpointer"
        configuration.busyMode = .timeout(5)
        configuration.prepareDatabase { try $0.execute(sql: "PRAGMA synchronous = FULL; PRAGMA cache_size = -256") }
        connection = try DatabaseQueue(path: path, configuration: configuration)
        // Without a first read the connection has not opened the log, and checkpoints nothing.
        _ = try connection.read { try $0.row("SELECT count(*) FROM sqlite_master") { $0.integer(0) } }
        file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw StoreError.io("\(path): \(String(cString: strerror(errno)))") }
    }

    /// To be told after each commit how many pages the log has; on the writing connection's queue.
    func committed(pages: Int, in writer: Database) {
        let (background, inline) = state.withLock { state -> (Bool, Bool) in
            if pages < state.begunAt {
                // The log began anew.
                state.begunAt = 0
                state.inlineAt = limits.inline
            }
            let rest = pages - state.begunAt
            let isShort = !state.isRunning && rest < limits.background
            if pages >= state.inlineAt && (isShort || pages >= state.inlineAt + limits.inline) {
                // A reader with an old view may keep the log from beginning anew: not with every commit.
                state.inlineAt = pages + limits.background
                state.begunAt = pages
                return (false, true)
            }
            if rest >= limits.background && !state.isRunning {
                state.begunAt = pages
                state.isRunning = true
                return (true, false)
            }
            return (false, false)
        }
        if background { queue.async { @Sendable in self.run() } }
        // A failure leaves the log as it is: longer, and complete. What ails the disk shows in the commits.
        if inline { _ = try? writer.checkpoint(.passive) }
    }

    private func run() {
        _ = try? connection.writeWithoutTransaction { db in
            try db.checkpoint(.passive)
            // What fails here is told once more to each of SQLite's own descriptors, at the sync that it relies on.
            fdatasync(file)
        }
        state.withLock { $0.isRunning = false }
    }

    /// To be called once all other connections are closed.
    func close() throws {
        queue.sync {}
        defer { Glibc.close(file) }
        try connection.close()
    }
}

/// How many pages the log of a connection has after its last commit, as SQLite reports it.
final class LogLength {
    private let pages: UnsafeMutablePointer<Int32>

    /// Replaces SQLite's own automatic checkpoint.
    init(of db: Database) {
        pages = .allocate(capacity: 1)
        pages.initialize(to: 0)
        sqlite3_wal_hook(
            db.sqliteConnection,
            { context, _, _, pages in
                context?.assumingMemoryBound(to: Int32.self).pointee = pages
                return SQLITE_OK
            },
            pages
        )
    }

    deinit {
        pages.deallocate()
    }

    var current: Int { Int(pages.pointee) }
}
