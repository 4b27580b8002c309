import GRDB
import Model

/// What is known of a delivery before it is moved.
private struct Standing {
    var id: DeliveryID
    var place: DeliveryPlace
    var lane: Lane
    var state: DeliveryState
    /// What a person asked for while an attempt was under way.
    var noted: DeliveryState?
}

extension Ledger {
    // MARK: Calls

    /// Writes the call and its attempts, and makes attempting those deliveries that still may be.
    func start(_ start: CallStart, in db: Database) throws -> Effect {
        try db.run(
            "INSERT INTO call (destination, number, kind, started) VALUES (?, ?, ?, ?)",
            .text(start.call.destination),
            .integer(start.call.number),
            .text(start.kind.rawValue),
            .integer(start.started.milliseconds)
        )
        var started: [Delivery] = []
        for attempt in start.attempts {
            let standing = try standing(of: attempt.delivery, in: db)
            guard standing.state == .ready || standing.state == .retrying else { continue }
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
            entries.move(standing.place, from: standing.state, to: .attempting)
            started += try db.rows(
                """
                UPDATE delivery SET state = 'attempting', promoted = 0, retry_at = NULL, attempts_made = ?
                WHERE id = ? RETURNING \(DeliveryRow.columns)
                """,
                .integer(attempt.number),
                .integer(attempt.delivery.value),
                read: DeliveryRow.read
            )
        }
        return .moved(started, promoted: [])
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
        return .moved(moved, promoted: try freed.compactMap { try promote($0, in: db) })
    }

    // MARK: Moves without a call

    func move(_ move: Move, in db: Database) throws -> Effect {
        guard !move.from.contains(where: \.isTerminal) else {
            throw StoreError.rejected("a delivery that has ended cannot be moved")
        }
        var moved: [Delivery] = []
        var promoted: [Delivery] = []
        for id in move.deliveries {
            guard let standing = try findStanding(of: id, in: db), move.from.contains(standing.state),
                standing.state != move.to
            else { continue }
            if standing.state == .attempting && move.to.canBeNoted {
                try db.run(
                    "UPDATE delivery SET noted = ? WHERE id = ?",
                    .text(move.to.rawValue),
                    .integer(id.value)
                )
            } else if move.to == .parked, try !isBusy(standing.lane, besides: id, in: db) {
                promoted += try db.rows(
                    "UPDATE delivery SET promoted = 1 WHERE id = ? RETURNING \(DeliveryRow.columns)",
                    .integer(id.value),
                    read: DeliveryRow.read
                )
            } else {
                moved += try self.move(standing, to: move.to, in: db)
                if standing.state.freesLane(becoming: move.to), let next = try promote(standing.lane, in: db) {
                    promoted.append(next)
                }
            }
        }
        return .moved(moved, promoted: promoted)
    }

    private func move(_ standing: Standing, to state: DeliveryState, in db: Database) throws -> [Delivery] {
        entries.move(standing.place, from: standing.state, to: state)
        let released = standing.state == .held && state == .ready
        if released {
            // Behind all that is due by now, and before all that is yet to come.
            sequence.clock = sequence.clock + .milliseconds(1)
        }
        return try db.rows(
            """
            UPDATE delivery SET state = ?1, noted = NULL, promoted = 0, retry_at = NULL, due = coalesce(?2, due)
            WHERE id = ?3 RETURNING \(DeliveryRow.columns)
            """,
            .text(state.rawValue),
            .optional(released ? sequence.clock.milliseconds : nil),
            .integer(standing.id.value),
            read: DeliveryRow.read
        )
    }

    // MARK: Lanes

    /// Makes ready the first parked delivery of a lane that nothing keeps busy any more.
    private func promote(_ lane: Lane, in db: Database) throws -> Delivery? {
        let first = try db.row(
            "SELECT id, source, destination, queue FROM delivery WHERE lane = ? AND state = 'parked' ORDER BY due, id",
            .integer(lane.value)
        ) { row in
            (
                id: row.integer(0),
                place: DeliveryPlace(source: row.text(1), destination: row.text(2), queue: row.text(3))
            )
        }
        guard let first, try !isBusy(lane, in: db) else { return nil }
        entries.move(first.place, from: .parked, to: .ready)
        return try db.rows(
            "UPDATE delivery SET state = 'ready', promoted = 1 WHERE id = ? RETURNING \(DeliveryRow.columns)",
            .integer(first.id),
            read: DeliveryRow.read
        ).first
    }

    private func isBusy(_ lane: Lane, besides id: DeliveryID? = nil, in db: Database) throws -> Bool {
        try db.row(
            """
            SELECT 1 FROM delivery WHERE lane = ? AND id <> ?
            AND (state IN ('attempting', 'retrying') OR (state = 'ready' AND promoted))
            """,
            .integer(lane.value),
            .integer(id?.value ?? 0)
        ) { _ in true } ?? false
    }

    // MARK: Reading what is to be changed

    private func standing(of id: DeliveryID, in db: Database) throws -> Standing {
        guard let standing = try findStanding(of: id, in: db) else {
            throw StoreError.rejected("there is no delivery \(id)")
        }
        return standing
    }

    private func findStanding(of id: DeliveryID, in db: Database) throws -> Standing? {
        try db.row(
            "SELECT source, destination, queue, lane, state, noted FROM delivery WHERE id = ?",
            .integer(id.value)
        ) { row in
            guard let state = DeliveryState(rawValue: row.text(4)) else {
                throw StoreError.corrupt("delivery \(id) is in no known state")
            }
            return Standing(
                id: id,
                place: DeliveryPlace(source: row.text(0), destination: row.text(1), queue: row.text(2)),
                lane: Lane(row.integer(3)),
                state: state,
                noted: row.optionalText(5).flatMap(DeliveryState.init(rawValue:))
            )
        }
    }
}
