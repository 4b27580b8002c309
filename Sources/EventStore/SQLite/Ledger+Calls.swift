import GRDB
import Model

extension Ledger {
    /// Makes attempting those deliveries that still may be, and writes the call and its attempts for them. Here it is
    /// decided, at the last moment, whether a person may be messaged.
    func start(_ start: CallStart, in db: Database) throws -> Effect {
        var moved: [Delivery] = []
        var promoted: [Delivery] = []
        var isNeeded = start.attempts.isEmpty
        for attempt in start.attempts {
            let standing = try standing(of: attempt.delivery, in: db)
            guard standing.state == .ready || standing.state == .retrying else { continue }
            let started = try db.rows(
                """
                UPDATE delivery SET state = 'attempting', promoted = 0, retry_at = NULL, attempts_made = ?
                WHERE id = ? RETURNING \(DeliveryRow.columns)
                """,
                .integer(attempt.number),
                .integer(attempt.delivery.value),
                read: DeliveryRow.read
            )
            guard try started.allSatisfy({ try mayBeMessaged(by: $0, at: start.started, in: db) }) else {
                moved += try suppress(standing, in: db)
                if let next = try promote(standing.lane, in: db) { promoted.append(next) }
                continue
            }
            isNeeded = true
            moved += started
            entries.move(standing.place, from: standing.state, to: .attempting)
            try db.run(
                """
                INSERT INTO attempt (delivery, number, destination, call, kind, started, detail)
                VALUES (?, ?, ?, ?, ?, ?, '')
                """,
                .integer(attempt.delivery.value),
                .integer(attempt.number),
                .text(start.call.destination),
                .integer(start.call.number),
                .text(start.kind.rawValue),
                .integer(start.started.milliseconds)
            )
        }
        if isNeeded {
            try db.run(
                "INSERT INTO call (destination, number, kind, started, boot, uptime) VALUES (?, ?, ?, ?, ?, ?)",
                .text(start.call.destination),
                .integer(start.call.number),
                .text(start.kind.rawValue),
                .integer(start.started.milliseconds),
                .optional(start.bootTime?.boot),
                .optional(start.bootTime?.sinceBoot.milliseconds)
            )
        }
        return .moved(moved, promoted: promoted)
    }

    /// The attempt that was about to begin does not: its person must not be messaged.
    private func suppress(_ standing: Standing, in db: Database) throws -> [Delivery] {
        entries.move(standing.place, from: standing.state, to: .suppressed)
        let suppressed = try db.rows(
            """
            UPDATE delivery SET state = 'suppressed', attempts_made = attempts_made - 1 WHERE id = ?
            RETURNING \(DeliveryRow.columns)
            """,
            .integer(standing.id.value),
            read: DeliveryRow.read
        )
        for delivery in suppressed { try giveTimesBack(delivery, in: db) }
        return suppressed
    }

    /// Whether the person is on no list, and the rule may message them once more; if so, that is counted, once for a
    /// delivery.
    private func mayBeMessaged(by delivery: Delivery, at now: Timestamp, in db: Database) throws -> Bool {
        if orders.suppress(delivery.trigger) { return false }
        guard let limit = delivery.policies.atMost else { return true }
        let marks = try marks.all(delivery.timesName, at: now, in: db)
        if marks.contains(where: { $0.delivery == delivery.id }) { return true }
        guard marks.count < limit.times else { return false }
        try add(delivery.timesName, event: delivery.event, delivery: delivery.id, until: now + limit.per, db)
        return true
    }

    /// One that ended without having reached its person is not counted any more.
    func giveTimesBack(_ delivery: Delivery, in db: Database) throws {
        guard delivery.givesTimesBack else { return }
        let outcomes = try db.rows(
            "SELECT outcome FROM attempt WHERE delivery = ?",
            .integer(delivery.id.value)
        ) { $0.optionalText(0) }
        guard outcomes.allSatisfy({ $0.map { !Outcome.unclearNames.contains($0) } ?? false }) else { return }
        for mark in try marks.all(delivery.timesName, at: Timestamp(milliseconds: .min), in: db)
        where mark.delivery == delivery.id {
            try marks.remove(mark, in: db)
        }
    }

    /// Writes how the call ended, for each of its attempts, and what their deliveries are from now on.
    func finish(_ end: CallEnd, in db: Database) throws -> Effect {
        let known = try db.run(
            "UPDATE call SET ended = ?, status = ? WHERE destination = ? AND number = ?",
            .integer(end.ended.milliseconds),
            .optional(end.status.map(Int64.init)),
            .text(end.call.destination),
            .integer(end.call.number)
        )
        guard known == 1 else {
            throw StoreError.rejected("call \(end.call.number) to \(end.call.destination) ended but never started")
        }
        var moved: [Delivery] = []
        var freed: [Lane] = []
        for attempt in end.attempts {
            let known = try db.run(
                "UPDATE attempt SET ended = ?, outcome = ?, status = ?, detail = ? WHERE delivery = ? AND number = ?",
                .integer(end.ended.milliseconds),
                .text(attempt.outcome),
                .optional(end.status.map(Int64.init)),
                .text(attempt.detail.prefix(ofBytes: 2_048)),
                .integer(attempt.delivery.value),
                .integer(attempt.number)
            )
            guard known == 1 else {
                throw StoreError.rejected("attempt \(attempt.number) of delivery \(attempt.delivery) never started")
            }
            let standing = try standing(of: attempt.delivery, in: db)
            guard standing.state == .attempting else { continue }
            let state = attempt.state.replaced(by: standing.noted)
            entries.move(standing.place, from: .attempting, to: state)
            // A delivery that goes back to its place in the line keeps its lane busy: others may be parked behind it.
            moved += try db.rows(
                """
                UPDATE delivery
                SET state = ?1, noted = NULL, promoted = ?1 = 'ready', next_call = ?2, retry_at = ?3, attempts = ?4
                WHERE id = ?5 RETURNING \(DeliveryRow.columns)
                """,
                .text(state.rawValue),
                .text(attempt.nextCall.rawValue),
                .optional(state == .retrying ? attempt.retryAt?.milliseconds : nil),
                .integer(attempt.attempts),
                .integer(attempt.delivery.value),
                read: DeliveryRow.read
            )
            if standing.state.freesLane(becoming: state) { freed.append(standing.lane) }
        }
        for delivery in moved { try giveTimesBack(delivery, in: db) }
        return .moved(moved, promoted: try freed.compactMap { try promote($0, in: db) })
    }
}
