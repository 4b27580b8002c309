import GRDB
import Model

/// All marks: which rows have this key?
///
/// Their rows lie in the order they were made. The newest are found by a hash map in memory; older ones by *runs*,
/// each of which lists the hashes of some hundred thousand marks in sorted order, so that nothing random is ever
/// written. A filter for each run says whether it is worth looking. Every hit is verified against the whole key.
struct Marks {
    struct Bounds: Sendable {
        /// Marks in one run. The memory holds at most twice as many, unless indexing falls behind.
        var runLength = 1 << 18
        /// Marks in memory; at this number no new ones are taken.
        var memory = 1_000_000
        /// Hashes written in one transaction, so that no commit waits long behind it.
        var stepLength = 1_024
    }

    /// The order in which marks were made, as far as no run covers them.
    private(set) var recent: [(hash: UInt64, id: Int64)] = []
    private(set) var runs: [MarkRun] = []
    let bounds: Bounds
    /// The newest mark of each hash in `recent`, and the others of the same hash.
    private var newest: [UInt64: Int64] = [:]
    private var older: [UInt64: [Int64]] = [:]
    /// Marks of the transaction under way.
    private var pending: [Mark.Name: [Mark]] = [:]
    private var pendingCount = 0

    init(_ db: Database, bounds: Bounds) throws {
        self.bounds = bounds
        runs = try db.rows("SELECT number, first, last, until, filter FROM mark_run ORDER BY number") { row in
            MarkRun(
                number: row.integer(0),
                first: row.integer(1),
                last: row.integer(2),
                until: Timestamp(milliseconds: row.integer(3)),
                filter: BloomFilter(bytes: row.bytes(4))
            )
        }
        try db.each(
            "SELECT id, kind, scope, key FROM mark WHERE id > ? ORDER BY id",
            [.integer(runs.last?.last ?? 0)]
        ) { row in
            guard let kind = Mark.Kind(rawValue: row.text(1)) else { return true }
            remember(Mark.Name(kind: kind, scope: row.text(2), key: row.text(3)).hash, row.integer(0))
            return true
        }
    }

    /// Whether a new mark can be kept in memory until a run covers it.
    var hasRoom: Bool { recent.count + pendingCount < bounds.memory }

    /// Whether a run is to be made of the oldest.
    var isRunDue: Bool { recent.count >= 2 * bounds.runLength }

    /// The newest mark of this name that is still of use at this time.
    func find(_ name: Mark.Name, at now: Timestamp, in db: Database) throws -> Mark? {
        var found: Mark?
        try each(name, at: now, in: db) { mark in
            found = mark
            return false
        }
        return found
    }

    /// All marks of this name that are still of use at this time, the oldest first.
    func all(_ name: Mark.Name, at now: Timestamp, in db: Database) throws -> [Mark] {
        var found: [Int64: Mark] = [:]
        try each(name, at: now, in: db) { mark in
            // One whose run has just been made may be met twice.
            found[mark.id] = mark
            return true
        }
        return found.values.sorted { $0.id < $1.id }
    }

    /// Shows the marks of a name, the newest first, until `look` answers false.
    private func each(
        _ name: Mark.Name,
        at now: Timestamp,
        in db: Database,
        _ look: (Mark) -> Bool
    ) throws {
        for mark in (pending[name] ?? []).reversed() where mark.until > now {
            if !look(mark) { return }
        }
        let hash = name.hash
        for id in [newest[hash]].compactMap({ $0 }) + (older[hash] ?? []).reversed() {
            if let mark = try read(id, in: db), mark.name == name, mark.until > now, !look(mark) { return }
        }
        for run in runs.reversed() where run.until > now && run.filter.mayContain(hash) {
            let ids = try db.rows(
                "SELECT mark FROM mark_hash WHERE run = ? AND hash = ? ORDER BY mark DESC",
                .integer(run.number),
                .integer(Int64(bitPattern: hash))
            ) { $0.integer(0) }
            for id in ids {
                if let mark = try read(id, in: db), mark.name == name, mark.until > now, !look(mark) { return }
            }
        }
    }

    /// Writes a mark. It counts at once, for the events that follow in the same transaction.
    mutating func add(_ mark: Mark, in db: Database) throws {
        try db.run(
            "INSERT INTO mark (id, kind, scope, key, event, deliveries, until, delivery) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            .integer(mark.id),
            .text(mark.name.kind.rawValue),
            .text(mark.name.scope),
            .text(mark.name.key),
            .blob(mark.event.bytes),
            .integer(mark.deliveries),
            .integer(mark.until.milliseconds),
            .optional(mark.delivery?.value)
        )
        pending[mark.name, default: []].append(mark)
        pendingCount += 1
    }

    /// Takes a mark back. What the memory and the runs have of it leads to no row from then on.
    mutating func remove(_ mark: Mark, in db: Database) throws {
        try db.run("DELETE FROM mark WHERE id = ?", .integer(mark.id))
        pending[mark.name]?.removeAll { $0.id == mark.id }
    }

    /// The transaction is durable.
    mutating func keep() {
        if pending.isEmpty { return }
        for mark in pending.values.joined().sorted(by: { $0.id < $1.id }) { remember(mark.name.hash, mark.id) }
        takeBack()
    }

    /// The transaction failed.
    mutating func takeBack() {
        pending.removeAll(keepingCapacity: true)
        pendingCount = 0
    }

    /// The oldest marks in memory, at most this many, that are all of no more use.
    func past(at now: Timestamp, limit: Int, in db: Database) throws -> (first: Int64, last: Int64)? {
        guard let first = recent.first?.id else { return nil }
        var last: Int64?
        var left = limit
        try db.each("SELECT id, until FROM mark WHERE id >= ? ORDER BY id", [.integer(first)]) { row in
            guard row.integer(1) <= now.milliseconds else { return false }
            last = row.integer(0)
            left -= 1
            return left > 0
        }
        return last.map { (first, $0) }
    }

    /// A run covers the oldest marks now, durably.
    mutating func cover(by run: MarkRun) {
        runs.append(run)
        forget(through: run.last)
    }

    /// The oldest marks need not be in memory any more, up to this one.
    mutating func forget(through last: Int64) {
        let gone = recent.prefix { $0.id <= last }
        for (hash, id) in gone {
            if newest[hash] == id {
                newest[hash] = nil
                older[hash] = nil
            } else if let rest = older[hash]?.filter({ $0 != id }) {
                older[hash] = rest.isEmpty ? nil : rest
            }
        }
        recent.removeFirst(gone.count)
    }

    /// A run's marks are gone from the table.
    mutating func drop(run number: Int64) {
        runs.removeAll { $0.number == number }
    }

    mutating func remember(_ hash: UInt64, _ id: Int64) {
        if let before = newest.updateValue(id, forKey: hash) { older[hash, default: []].append(before) }
        recent.append((hash, id))
    }

    private func read(_ id: Int64, in db: Database) throws -> Mark? {
        try db.row(
            "SELECT id, kind, scope, key, event, deliveries, until, delivery FROM mark WHERE id = ?",
            .integer(id)
        ) { row -> Mark? in
            guard let kind = Mark.Kind(rawValue: row.text(1)), let event = EventID(bytes: row.bytes(4)) else {
                return nil
            }
            return Mark(
                id: row.integer(0),
                name: Mark.Name(kind: kind, scope: row.text(2), key: row.text(3)),
                event: event,
                delivery: row.optionalInteger(7).map { DeliveryID($0) },
                deliveries: Int(row.integer(5)),
                until: Timestamp(milliseconds: row.integer(6))
            )
        } ?? nil
    }
}

/// The hashes of marks that follow one another, sorted on disk.
struct MarkRun {
    var number: Int64
    /// The marks that it covers, first and last.
    var first: Int64
    var last: Int64
    /// When the last of them is of no more use.
    var until: Timestamp
    var filter: BloomFilter
}
