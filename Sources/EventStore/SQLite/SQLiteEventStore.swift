import Dispatch
import GRDB
import Glibc
public import Model

/// The embedded store: one SQLite file, in WAL mode with `synchronous=FULL`, so that each commit is one sync of its log.
///
/// One connection writes. Readers have connections of their own and see the last commit before their read began;
/// checkpoints, the index of marks and the sweep work beside the commits.
public final class SQLiteEventStore: EventStore {
    /// What belongs to the writing connection.
    private final class Writing: @unchecked Sendable {
        // Sendable: touched only inside `DatabasePool.writeWithoutTransaction`, which runs one closure at a time.
        let ledger: Ledger
        let log: LogLength

        init(_ db: Database, marks bounds: Marks.Bounds) throws {
            ledger = try Ledger(db, marks: bounds)
            log = LogLength(of: db)
        }
    }

    private let lock: StoreLock
    private let pool: DatabasePool
    private let writing: Writing
    private let checkpointer: Checkpointer
    private let indexing = Lock(false)
    private let isClosed = Lock(false)
    /// Those who are reading or writing: the connections may not be closed under their hands.
    private let accesses = DispatchGroup()
    private let indexQueue = DispatchQueue(label: "EventStore.MarkIndex", qos: .utility)

    /// Opens the store at `path`, making or upgrading it as needed.
    ///
    /// Throws `inUse` when another process has it, and `unusable` when it cannot be opened, was made by a newer
    /// version, or would not be durable.
    public convenience init(path: String) throws(StoreError) {
        try self.init(path: path, marks: Marks.Bounds(), checkpoints: Checkpointer.Limits())
    }

    init(
        path: String,
        marks bounds: Marks.Bounds = Marks.Bounds(),
        checkpoints limits: Checkpointer.Limits
    ) throws(StoreError) {
        lock = try StoreLock(path: path)
        do {
            pool = try DatabasePool(path: path, configuration: Self.configuration)
            guard try !pool.read(Schema.migrator.hasBeenSuperseded) else {
                throw StoreError.unusable("\(path) was made by a newer version of this program")
            }
            try Schema.migrator.migrate(pool)
            writing = try pool.writeWithoutTransaction { db in
                try Self.makeDurable(db)
                return try Writing(db, marks: bounds)
            }
            try Self.syncDirectory(of: path)
            checkpointer = try Checkpointer(path: path, limits: limits)
        } catch {
            throw Self.openingError(error, path: path)
        }
        if try withLedger(\.marks.isRunDue) { indexMarks() }
    }

    public func commit(_ changes: [Change]) throws(StoreError) -> [Effect] {
        let (effects, isRunDue) = try access {
            try pool.writeWithoutTransaction { db in
                let effects = try writing.ledger.commit(changes, in: db)
                checkpointer.committed(pages: writing.log.current, in: db)
                return (effects, writing.ledger.marks.isRunDue)
            }
        }
        if isRunDue { indexMarks() }
        return effects
    }

    /// Waits for what is under way and closes the file. Whoever uses the store afterwards gets `closed`.
    public func close() throws(StoreError) {
        let wasOpen = isClosed.withLock { isClosed in
            defer { isClosed = true }
            return !isClosed
        }
        guard wasOpen else { return }
        accesses.wait()
        indexQueue.sync {}
        do {
            try pool.close()
            try checkpointer.close()
        } catch {
            throw StoreError(error)
        }
        lock.release()
    }

    /// One consistent view of the store for a read.
    func read<Value>(_ body: (Database) throws -> Value) throws(StoreError) -> Value {
        try access { try pool.read(body) }
    }

    /// What the one who writes has in memory, between two commits.
    func withLedger<Value>(_ body: (Ledger) -> Value) throws(StoreError) -> Value {
        try access { pool.writeWithoutTransaction { _ in body(writing.ledger) } }
    }

    /// A transaction beside the commits, with the ledger as it then is.
    @discardableResult
    func write<Value>(_ body: (Database, Ledger) throws -> Value) throws(StoreError) -> Value {
        try access {
            try pool.writeWithoutTransaction { db in
                var value: Value?
                try db.inTransaction(.immediate) {
                    value = try body(db, writing.ledger)
                    return .commit
                }
                checkpointer.committed(pages: writing.log.current, in: db)
                guard let value else { throw StoreError.io("the transaction did not run") }
                return value
            }
        }
    }

    private func access<Value>(_ body: () throws -> Value) throws(StoreError) -> Value {
        let isOpen = isClosed.withLock { isClosed in
            if !isClosed { accesses.enter() }
            return !isClosed
        }
        guard isOpen else { throw .closed }
        defer { accesses.leave() }
        do {
            return try body()
        } catch {
            throw StoreError(error)
        }
    }
}

// MARK: - Opening

extension SQLiteEventStore {
    private static var configuration: Configuration {
        var configuration = Configuration()
        configuration.label = "EventStore"
        configuration.foreignKeysEnabled = false
        configuration.busyMode = .timeout(5)
        configuration.maximumReaderCount = 4
        configuration.prepareDatabase { db in
            // The page size is that of a new file. Commits of many rows write half as many of twice SQLite's usual size.
            try db.execute(sql: "PRAGMA page_size = 8192; PRAGMA cache_size = -16384; PRAGMA temp_store = MEMORY")
        }
        return configuration
    }

    /// `DatabasePool` sets `synchronous=NORMAL` when it turns WAL on, under which a commit may be lost with the power.
    /// So FULL is set afterwards, on the connection that writes, and read back.
    private static func makeDurable(_ db: Database) throws {
        try db.execute(sql: "PRAGMA synchronous = FULL")
        let synchronous = try db.row("PRAGMA synchronous") { $0.integer(0) }
        let journal = try db.row("PRAGMA journal_mode") { $0.text(0) }
        guard synchronous == 2, journal == "wal" else {
            throw StoreError.unusable(
                "commits would not be durable: synchronous is \(synchronous ?? -1) and the journal "
                    + "\(journal ?? "unknown"); they must be 2 (FULL) and wal"
            )
        }
    }

    /// So that a new file's name, too, survives a power loss.
    private static func syncDirectory(of path: String) throws {
        let directory = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
        let descriptor = Glibc.open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw StoreError.unusable("\(directory): \(String(cString: strerror(errno)))") }
        defer { Glibc.close(descriptor) }
        guard fsync(descriptor) == 0 else { throw StoreError.io("\(directory): \(String(cString: strerror(errno)))") }
    }

    private static func openingError(_ error: any Error, path: String) -> StoreError {
        let error = StoreError(error)
        if case .unusable(let detail) = error, !detail.contains(path) { return .unusable("\(path): \(detail)") }
        return error
    }
}

// MARK: - The index of marks

extension SQLiteEventStore {
    /// Makes runs of the oldest marks in memory, beside the commits, until none is due.
    private func indexMarks() {
        let start = indexing.withLock { isRunning in
            defer { isRunning = true }
            return !isRunning
        }
        guard start else { return }
        indexQueue.async { @Sendable in
            // What fails is tried again after a later commit; what has been written by then is found in its place.
            do { try self.makeRuns() } catch {}
            self.indexing.withLock { $0 = false }
        }
    }

    /// Returns when no run of marks is being made.
    func finishIndexing() {
        indexQueue.sync {}
    }

    private func makeRuns() throws(StoreError) {
        while let next = try nextRun() {
            var (run, hashes) = next
            hashes.sort { $0.hash != $1.hash ? $0.hash < $1.hash : $0.id < $1.id }
            run.filter = BloomFilter(capacity: hashes.count)
            for entry in hashes { run.filter.insert(entry.hash) }
            let step = try withLedger(\.marks.bounds.stepLength)
            for start in stride(from: 0, to: hashes.count, by: step) {
                try write { db, _ in
                    for (hash, id) in hashes[start..<min(start + step, hashes.count)] {
                        try db.run(
                            "INSERT OR IGNORE INTO mark_hash (run, hash, mark) VALUES (?, ?, ?)",
                            .integer(run.number),
                            .integer(Int64(bitPattern: hash)),
                            .integer(id)
                        )
                    }
                }
            }
            let finished = run
            try write { db, _ in
                try db.run(
                    "INSERT INTO mark_run (number, first, last, until, filter) VALUES (?, ?, ?, ?, ?)",
                    .integer(finished.number),
                    .integer(finished.first),
                    .integer(finished.last),
                    .integer(finished.until.milliseconds),
                    .blob(finished.filter.bytes)
                )
            }
            try withLedger { $0.marks.cover(by: finished) }
        }
    }

    /// The oldest marks in memory, if they are enough for a run: without its filter yet.
    private func nextRun() throws(StoreError) -> (MarkRun, [(hash: UInt64, id: Int64)])? {
        try write { db, ledger in
            let marks = ledger.marks
            guard marks.isRunDue else { return nil }
            let hashes = Array(marks.recent.prefix(marks.bounds.runLength))
            guard let first = hashes.first?.id, let last = hashes.last?.id else { return nil }
            let until = try db.row(
                "SELECT max(until) FROM mark WHERE id BETWEEN ? AND ?",
                .integer(first),
                .integer(last)
            ) { $0.integer(0) }
            let run = MarkRun(
                number: (marks.runs.last?.number ?? 0) + 1,
                first: first,
                last: last,
                until: Timestamp(milliseconds: until ?? 0),
                filter: BloomFilter(capacity: 0)
            )
            return (run, hashes)
        }
    }
}
