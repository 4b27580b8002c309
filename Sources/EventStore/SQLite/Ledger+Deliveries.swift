import GRDB
import Model

/// What is known of a delivery before it is moved.
struct Standing {
    var id: DeliveryID
    var place: DeliveryPlace
    var lane: Lane
    var state: DeliveryState
    /// What a person asked for while an attempt was under way.
    var noted: DeliveryState?
    /// Its place in the order of its queue and its lane.
    var position: QueuePosition
}

extension Ledger {
    // MARK: Moves without a call

    func move(_ move: Move, in db: Database) throws -> Effect {
        guard !move.from.contains(where: \.isTerminal) else {
            throw StoreError.rejected("a delivery that has ended cannot be moved")
        }
        let (moved, promoted) = try self.move(move.deliveries, from: move.from, to: move.to, at: move.at, in: db)
        return .moved(moved, promoted: promoted)
    }

    func move(
        _ deliveries: [DeliveryID],
        from states: Set<DeliveryState>,
        to state: DeliveryState,
        at now: Timestamp? = nil,
        in db: Database
    ) throws -> (moved: [Delivery], promoted: [Delivery]) {
        var moved: [Delivery] = []
        var promoted: [Delivery] = []
        for id in deliveries {
            guard let standing = try findStanding(of: id, in: db), states.contains(standing.state),
                standing.state != state
            else { continue }
            if standing.state == .attempting && state.canBeNoted {
                try db.run(
                    "UPDATE delivery SET noted = ? WHERE id = ?",
                    .text(state.rawValue),
                    .integer(id.value)
                )
            } else if state == .parked, try !isBusy(standing.lane, before: standing.position, in: db) {
                promoted += try db.rows(
                    "UPDATE delivery SET promoted = 1 WHERE id = ? RETURNING \(DeliveryRow.columns)",
                    .integer(id.value),
                    read: DeliveryRow.read
                )
            } else {
                moved += try self.move(standing, to: state, at: now, in: db)
                if standing.state.freesLane(becoming: state), let next = try promote(standing.lane, in: db) {
                    promoted.append(next)
                }
            }
        }
        return (moved, promoted.but(moved))
    }

    private func move(
        _ standing: Standing,
        to state: DeliveryState,
        at now: Timestamp? = nil,
        in db: Database
    ) throws -> [Delivery] {
        entries.move(standing.place, from: standing.state, to: state)
        var (due, expires): (Timestamp?, Timestamp?)
        if standing.state == .held && state == .ready {
            due = nextPlace(at: now)
            expires = try delivery(standing.id, in: db).policies.expiresAfter.map { (now ?? sequence.clock) + $0 }
        }
        let moved = try db.rows(
            """
            UPDATE delivery SET state = ?1, noted = NULL, promoted = 0, retry_at = NULL, due = coalesce(?2, due),
            expires = coalesce(?3, expires) WHERE id = ?4 RETURNING \(DeliveryRow.columns)
            """,
            .text(state.rawValue),
            .optional(due?.milliseconds),
            .optional(expires?.milliseconds),
            .integer(standing.id.value),
            read: DeliveryRow.read
        )
        for delivery in moved { try giveTimesBack(delivery, in: db) }
        return moved
    }

    /// A place behind all that is due by now, and before all that is yet to come.
    private func nextPlace(at now: Timestamp?) -> Timestamp {
        sequence.clock = max(sequence.clock + .milliseconds(1), now ?? sequence.clock)
        return sequence.clock
    }

    /// Gives deliveries another place in the order of their queue.
    func postpone(_ postponements: [Postponement], in db: Database) throws -> Effect {
        var moved: [Delivery] = []
        var promoted: [Delivery] = []
        for postponement in postponements {
            guard let standing = try findStanding(of: postponement.delivery, in: db),
                standing.state == .ready || standing.state == .retrying
            else { continue }
            entries.move(standing.place, from: standing.state, to: .ready)
            moved += try db.rows(
                """
                UPDATE delivery SET state = 'ready', promoted = 0, retry_at = NULL, due = ? WHERE id = ?
                RETURNING \(DeliveryRow.columns)
                """,
                .integer(postponement.due.milliseconds),
                .integer(postponement.delivery.value),
                read: DeliveryRow.read
            )
            if let next = try promote(standing.lane, in: db) { promoted.append(next) }
        }
        return .moved(moved, promoted: promoted.but(moved))
    }

    /// Gives deliveries to another queue or destination, each in the place that its due gives it there.
    func transfer(_ transfer: Transfer, in db: Database) throws -> Effect {
        var moved: [Delivery] = []
        var promoted: [Delivery] = []
        for id in transfer.deliveries {
            guard let standing = try findStanding(of: id, in: db), standing.state.isWaiting else { continue }
            var delivery = try delivery(id, in: db)
            let old = DeliveryPlace(delivery)
            delivery.transfer(
                to: transfer.queue ?? delivery.queue,
                of: transfer.destination ?? delivery.destination
            )
            let new = DeliveryPlace(delivery)
            guard new != old else { continue }
            delivery.state = standing.state == .held ? .held : .ready
            entries.transfer(from: old, standing.state, to: new, delivery.state)
            moved += try db.rows(
                """
                UPDATE delivery SET destination = ?, queue = ?, lane = ?, state = ?, promoted = 0, retry_at = NULL
                WHERE id = ? RETURNING \(DeliveryRow.columns)
                """,
                .text(delivery.destination),
                .text(delivery.queue),
                .integer(delivery.lane.value),
                .text(delivery.state.rawValue),
                .integer(id.value),
                read: DeliveryRow.read
            )
            if let next = try promote(standing.lane, in: db) { promoted.append(next) }
        }
        return .moved(moved, promoted: promoted.but(moved))
    }

    /// Makes deliveries anew, unless that was done before.
    func replay(_ deliveries: [DeliveryID], at now: Timestamp, in db: Database) throws -> Effect {
        var made: [Delivery] = []
        for id in deliveries {
            guard let standing = try findStanding(of: id, in: db), standing.state.isReplayable else { continue }
            let old = try delivery(id, in: db)
            let last = try db.row(
                "SELECT max(replay) FROM delivery WHERE event = ? AND rule = ? AND item = ? AND replay > 0",
                .blob(old.event.bytes),
                .text(old.rule),
                .integer(old.item)
            ) { Int($0.integer(0)) }
            guard (last ?? 0) <= old.replay else { continue }
            sequence.delivery += 1
            let new = old.replayed(
                as: DeliveryID(sequence.delivery),
                number: old.replay + 1,
                at: now,
                due: nextPlace(at: now),
                state: orders.firstState(of: old.trigger, rule: old.rule)
            )
            try make(new, in: db)
            made.append(new)
        }
        return .moved(made, promoted: [])
    }

    /// Makes deliveries of an event that is kept.
    func add(_ addition: Addition, in db: Database) throws -> Effect {
        let source = try db.row("SELECT source FROM event WHERE id = ?", .blob(addition.event.bytes)) { $0.text(0) }
        guard let source else { throw StoreError.rejected("there is no event \(addition.event)") }
        let others = try SQLiteEventStore.deliveries(of: addition.event, in: db)
        var made: [Delivery] = []
        for (draft, number) in addition.toBeMade(beside: others) {
            sequence.delivery += 1
            let new = draft.replayed(
                as: DeliveryID(sequence.delivery),
                number: number,
                of: addition.event,
                source: source,
                at: addition.at,
                due: nextPlace(at: addition.at),
                state: orders.firstState(of: draft.trigger, rule: draft.rule)
            )
            try make(new, in: db)
            made.append(new)
        }
        return .moved(made, promoted: [])
    }

    // MARK: Lanes

    /// Makes ready the first parked delivery of a lane that nothing keeps busy before it any more.
    func promote(_ lane: Lane, in db: Database) throws -> Delivery? {
        let first = try db.row(
            "SELECT \(Standing.columns) FROM delivery WHERE lane = ? AND state = 'parked' ORDER BY due, id",
            .integer(lane.value),
            read: Standing.read
        )
        guard let first, try !isBusy(lane, before: first.position, in: db) else { return nil }
        entries.move(first.place, from: .parked, to: .ready)
        return try db.rows(
            "UPDATE delivery SET state = 'ready', promoted = 1 WHERE id = ? RETURNING \(DeliveryRow.columns)",
            .integer(first.id.value),
            read: DeliveryRow.read
        ).first
    }

    /// Whether one at this place has to wait for others of its lane. One that was promoted and has a later place does not
    /// count: whoever has come since with an earlier one goes first.
    private func isBusy(_ lane: Lane, before position: QueuePosition, in db: Database) throws -> Bool {
        try db.row(
            """
            SELECT 1 FROM delivery WHERE lane = ?1 AND id <> ?3
            AND (state IN ('attempting', 'retrying') OR (state = 'ready' AND promoted))
            AND (state <> 'ready' OR (due, id) < (?2, ?3))
            """,
            .integer(lane.value),
            .integer(position.due.milliseconds),
            .integer(position.id.value)
        ) { _ in true } ?? false
    }

    // MARK: Reading what is to be changed

    func delivery(_ id: DeliveryID, in db: Database) throws -> Delivery {
        let found = try db.row(
            "SELECT \(DeliveryRow.columns) FROM delivery WHERE id = ?",
            .integer(id.value),
            read: DeliveryRow.read
        )
        guard let found else { throw StoreError.rejected("there is no delivery \(id)") }
        return found
    }

    func standing(of id: DeliveryID, in db: Database) throws -> Standing {
        guard let standing = try findStanding(of: id, in: db) else {
            throw StoreError.rejected("there is no delivery \(id)")
        }
        return standing
    }

    func findStanding(of id: DeliveryID, in db: Database) throws -> Standing? {
        try db.row(
            "SELECT \(Standing.columns) FROM delivery WHERE id = ?",
            .integer(id.value),
            read: Standing.read
        )
    }
}

extension Standing {
    fileprivate static let columns = "id, source, destination, queue, lane, state, noted, due"

    fileprivate static func read(_ row: SQLRow) throws -> Standing {
        let id = DeliveryID(row.integer(0))
        guard let state = DeliveryState(rawValue: row.text(5)) else {
            throw StoreError.corrupt("delivery \(id) is in no known state")
        }
        return Standing(
            id: id,
            place: DeliveryPlace(source: row.text(1), destination: row.text(2), queue: row.text(3)),
            lane: Lane(row.integer(4)),
            state: state,
            noted: row.optionalText(6).flatMap(DeliveryState.init(rawValue:)),
            position: QueuePosition(due: Timestamp(milliseconds: row.integer(7)), id: id)
        )
    }
}
