import GRDB
public import Model

extension SQLiteEventStore {
    public func sweep(at now: Timestamp, retention: Retention) throws(StoreError) -> SweepStep {
        let (step, pastMark) = try write { db, ledger in
            var step = SweepStep()
            try Self.sweepEvents(at: now, retention, &step, in: db)
            step.cleared += try Self.sweepCalls(before: now - retention.calls, limit: retention.stepSize, in: db)
            let pastMark = try ledger.marks.past(at: now, limit: retention.stepSize, in: db)
            if let pastMark {
                step.cleared += try db.run(
                    "DELETE FROM mark WHERE id BETWEEN ? AND ?",
                    .integer(pastMark.first),
                    .integer(pastMark.last)
                )
            }
            return (step, pastMark)
        }
        if let pastMark { try withLedger { $0.marks.forget(through: pastMark.last) } }
        return SweepStep(
            examined: step.examined,
            removed: step.removed,
            cleared: step.cleared + (try sweepRun(at: now, limit: retention.stepSize)),
            isLapComplete: step.isLapComplete
        )
    }

    // MARK: Events

    private struct Candidate {
        var number: Int64
        var id: EventID
        var source: String
        var received: Timestamp
        var outcome: MappingOutcome
    }

    /// Walks upward from where the last step ended, over the events that may be past their time. Those that stay are
    /// met again in the next lap; they are few, since all but the owed, the held and the dead go.
    private static func sweepEvents(
        at now: Timestamp,
        _ retention: Retention,
        _ step: inout SweepStep,
        in db: Database
    ) throws {
        let cursor = try db.row("SELECT event FROM sweep") { $0.integer(0) } ?? 0
        let candidates = try db.rows(
            "SELECT number, id, source, received, outcome FROM event WHERE number > ? ORDER BY number LIMIT ?",
            .integer(cursor),
            .integer(retention.stepSize)
        ) { row in
            guard let id = EventID(bytes: row.bytes(1)), let outcome = MappingOutcome(rawValue: row.text(4)) else {
                throw StoreError.corrupt("event number \(row.integer(0)) cannot be read")
            }
            return Candidate(
                number: row.integer(0),
                id: id,
                source: row.text(2),
                received: Timestamp(milliseconds: row.integer(3)),
                outcome: outcome
            )
        }
        var entries = BookEntries()
        var last: Int64 = 0
        for candidate in candidates {
            if candidate.received > now - retention.shortest { break }
            last = candidate.number
            step.examined += 1
            if try remove(candidate, at: now, retention, &entries, in: db) { step.removed += 1 }
        }
        step.isLapComplete = step.examined < retention.stepSize
        try entries.write(to: db)
        let next = step.isLapComplete ? 0 : last
        if next != cursor { try db.run("UPDATE sweep SET event = ?", .integer(next)) }
    }

    private static func remove(
        _ event: Candidate,
        at now: Timestamp,
        _ retention: Retention,
        _ entries: inout BookEntries,
        in db: Database
    ) throws -> Bool {
        let deliveries = try deliveries(of: event.id, in: db)
        guard let window = retention.window(of: event.outcome, deliveries: deliveries.map(\.state)) else {
            return false
        }
        var latest = event.received
        for delivery in deliveries {
            let ended = try db.row(
                "SELECT max(ended) FROM attempt WHERE delivery = ?",
                .integer(delivery.id.value)
            ) { $0.integer(0) }
            latest = max(latest, Timestamp(milliseconds: ended ?? 0))
        }
        guard latest + window <= now else { return false }
        for delivery in deliveries {
            try db.run("DELETE FROM attempt WHERE delivery = ?", .integer(delivery.id.value))
            try db.run("DELETE FROM delivery WHERE id = ?", .integer(delivery.id.value))
            let line = BookLine(
                source: delivery.source,
                entry: .sweptDeliveries,
                detail: delivery.state.rawValue,
                queue: delivery.queue,
                destination: delivery.destination
            )
            entries.add(1, to: line)
        }
        try db.run("DELETE FROM event WHERE number = ?", .integer(event.number))
        entries.add(1, to: BookLine(source: event.source, entry: .sweptEvents, detail: event.outcome.rawValue))
        return true
    }

    // MARK: Calls

    /// The last call of each destination stays, for its number.
    private static func sweepCalls(before time: Timestamp, limit: Int, in db: Database) throws -> Int {
        let destinations = try db.rows("SELECT DISTINCT destination FROM call") { $0.text(0) }
        return try destinations.reduce(0) { sum, destination in
            try sum
                + db.run(
                    """
                    DELETE FROM call WHERE destination = ?1 AND number IN (
                        SELECT number FROM call WHERE destination = ?1 AND started < ?2
                        AND number < (SELECT max(number) FROM call WHERE destination = ?1)
                        ORDER BY started LIMIT ?3)
                    """,
                    .text(destination),
                    .integer(time.milliseconds),
                    .integer(limit)
                )
        }
    }

    // MARK: Marks

    /// Takes away the rows of the oldest run that is past as a whole; the run itself when none are left.
    private func sweepRun(at now: Timestamp, limit: Int) throws(StoreError) -> Int {
        guard let run = try withLedger({ ledger in ledger.marks.runs.first { $0.until <= now } }) else { return 0 }
        let cleared = try write { db, _ in
            let marks = try db.run(
                "DELETE FROM mark WHERE id IN (SELECT id FROM mark WHERE id BETWEEN ? AND ? LIMIT ?)",
                .integer(run.first),
                .integer(run.last),
                .integer(limit)
            )
            let hashes = try db.run(
                """
                DELETE FROM mark_hash WHERE run = ?1 AND hash <= (
                    SELECT max(hash) FROM (SELECT hash FROM mark_hash WHERE run = ?1 ORDER BY hash LIMIT ?2))
                """,
                .integer(run.number),
                .integer(limit)
            )
            if marks + hashes == 0 { try db.run("DELETE FROM mark_run WHERE number = ?", .integer(run.number)) }
            return marks + hashes
        }
        if cleared == 0 { try withLedger { $0.marks.drop(run: run.number) } }
        return cleared
    }
}
