import GRDB
public import Model

extension SQLiteEventStore {
    public func ready(
        destination: String,
        queue: String,
        after: QueuePosition?,
        limit: Int
    ) throws(StoreError) -> [Delivery] {
        try read { db in
            // In two steps: of a comparison of pairs SQLite takes only the first half to its index, and after a clock
            // that went back there may be any number of deliveries due at one moment.
            var found: [Delivery] = []
            if let after {
                found = try db.rows(
                    """
                    SELECT \(DeliveryRow.columns) FROM delivery
                    WHERE state = 'ready' AND destination = ? AND queue = ? AND due = ? AND id > ? ORDER BY id LIMIT ?
                    """,
                    .text(destination),
                    .text(queue),
                    .integer(after.due.milliseconds),
                    .integer(after.id.value),
                    .integer(limit),
                    read: DeliveryRow.read
                )
            }
            guard found.count < limit else { return found }
            return try found
                + db.rows(
                    """
                    SELECT \(DeliveryRow.columns) FROM delivery
                    WHERE state = 'ready' AND destination = ? AND queue = ? AND due > ? ORDER BY due, id LIMIT ?
                    """,
                    .text(destination),
                    .text(queue),
                    .integer(after?.due.milliseconds ?? .min),
                    .integer(limit - found.count),
                    read: DeliveryRow.read
                )
        }
    }

    public func retrying(destination: String) throws(StoreError) -> [Delivery] {
        try read { db in
            try db.rows(
                """
                SELECT \(DeliveryRow.columns) FROM delivery WHERE state = 'retrying' AND destination = ?
                ORDER BY retry_at, id
                """,
                .text(destination),
                read: DeliveryRow.read
            )
        }
    }

    public func expired(at now: Timestamp, limit: Int) throws(StoreError) -> [Delivery] {
        try read { db in
            try db.rows(
                """
                SELECT \(DeliveryRow.columns) FROM delivery
                WHERE expires IS NOT NULL AND state IN ('ready', 'parked', 'retrying', 'held') AND expires <= ?
                ORDER BY expires, id LIMIT ?
                """,
                .integer(now.milliseconds),
                .integer(limit),
                read: DeliveryRow.read
            )
        }
    }

    public func attempting(destination: String) throws(StoreError) -> [Delivery] {
        try read { db in
            // The index of busy lanes holds them, beside few others; its condition has to be repeated word for word.
            try db.rows(
                """
                SELECT \(DeliveryRow.columns) FROM delivery INDEXED BY delivery_busy
                WHERE (state IN ('attempting', 'retrying') OR (state = 'ready' AND promoted))
                AND state = 'attempting' AND destination = ? ORDER BY due, id
                """,
                .text(destination),
                read: DeliveryRow.read
            )
        }
    }

    public func parked(lane: Lane, limit: Int) throws(StoreError) -> [Delivery] {
        try read { db in
            try db.rows(
                """
                SELECT \(DeliveryRow.columns) FROM delivery WHERE state = 'parked' AND lane = ? ORDER BY due, id LIMIT ?
                """,
                .integer(lane.value),
                .integer(limit),
                read: DeliveryRow.read
            )
        }
    }

    public func calls(destination: String, since: Timestamp, bootTime: BootTime?) throws(StoreError) -> [Call] {
        try read { db in
            var found = try db.rows(
                """
                SELECT number, kind, started, ended, status, boot, uptime FROM call
                WHERE destination = ?1 AND started >= ?2 AND (?3 IS NULL OR boot IS NOT ?3) ORDER BY number
                """,
                .text(destination),
                .integer(since.milliseconds),
                .optional(bootTime?.boot)
            ) { try Call($0, to: destination) }
            guard let bootTime else { return found }
            // Those of this run of the machine are the newest, and in the order of its clock.
            var own: [Call] = []
            try db.each(
                """
                SELECT number, kind, started, ended, status, boot, uptime FROM call
                WHERE destination = ? ORDER BY number DESC
                """,
                [.text(destination)]
            ) { row in
                let call = try Call(row, to: destination)
                guard let age = call.bootTime?.since(bootTime), age >= .zero else { return false }
                own.append(call)
                return true
            }
            found += own.reversed()
            return found
        }
    }

    public func lastCall(destination: String) throws(StoreError) -> Int64 {
        try read { db in
            try db.row("SELECT max(number) FROM call WHERE destination = ?", .text(destination)) { $0.integer(0) } ?? 0
        }
    }

    public func backlogs() throws(StoreError) -> [Backlog] {
        try read { db in
            var backlogs: [Backlog] = []
            try db.each(
                """
                SELECT destination, queue, detail, sum(count) FROM account WHERE entry = 'state'
                GROUP BY destination, queue, detail HAVING sum(count) <> 0 ORDER BY destination, queue
                """
            ) { row in
                let (destination, queue) = (row.text(0), row.text(1))
                guard let state = DeliveryState(rawValue: row.text(2)) else { return true }
                if backlogs.last?.destination != destination || backlogs.last?.queue != queue {
                    backlogs.append(Backlog(destination: destination, queue: queue, counts: [:], oldestDue: nil))
                }
                backlogs[backlogs.count - 1].counts[state] = Int(row.integer(3))
                return true
            }
            for index in backlogs.indices {
                let key: [SQLValue] = [.text(backlogs[index].destination), .text(backlogs[index].queue)]
                var due: [Int64] = []
                for sql in [
                    "SELECT min(due) FROM delivery WHERE state = 'ready' AND destination = ? AND queue = ?",
                    "SELECT min(due) FROM delivery WHERE state = 'retrying' AND destination = ? AND queue = ?",
                ] {
                    try db.each(sql, key) { row in
                        if let first = row.optionalInteger(0) { due.append(first) }
                        return true
                    }
                }
                backlogs[index].oldestDue = due.min().map(Timestamp.init(milliseconds:))
            }
            return backlogs
        }
    }

    public func setting(_ name: String) throws(StoreError) -> [UInt8]? {
        try read { db in
            try db.row("SELECT value FROM setting WHERE name = ?", .text(name)) { $0.bytes(0) }
        }
    }

    public func settings(prefix: String) throws(StoreError) -> [String: [UInt8]] {
        try read { db in
            let pairs = try db.rows(
                "SELECT name, value FROM setting WHERE substr(name, 1, length(?1)) = ?1",
                .text(prefix)
            ) { ($0.text(0), $0.bytes(1)) }
            return Dictionary(pairs) { first, _ in first }
        }
    }

    // MARK: What people ask for

    public func event(_ id: EventID) throws(StoreError) -> StoredEvent? {
        try read { try Self.event(id, in: $0) }
    }

    public func delivery(_ id: DeliveryID) throws(StoreError) -> Delivery? {
        try read { db in
            try db.row(
                "SELECT \(DeliveryRow.columns) FROM delivery WHERE id = ?",
                .integer(id.value),
                read: DeliveryRow.read
            )
        }
    }

    public func attempts(of delivery: DeliveryID) throws(StoreError) -> [Attempt] {
        try read { try Self.attempts(of: delivery, in: $0) }
    }

    public func story(of event: EventID) throws(StoreError) -> EventStory? {
        try read { db in
            guard let stored = try Self.event(event, in: db) else { return nil }
            let deliveries = try Self.deliveries(of: event, in: db).map { delivery in
                (delivery: delivery, attempts: try Self.attempts(of: delivery.id, in: db))
            }
            return EventStory(event: stored, deliveries: deliveries)
        }
    }

    private static func event(_ id: EventID, in db: Database) throws -> StoredEvent? {
        try db.row("SELECT \(EventRow.columns) FROM event WHERE id = ?", .blob(id.bytes), read: EventRow.read)
    }

    /// Those made with the event have ids that follow one another; replays have an index of their own.
    static func deliveries(of event: EventID, in db: Database) throws -> [Delivery] {
        try db.rows(
            """
            SELECT \(DeliveryRow.columns) FROM delivery
            WHERE id >= (SELECT first_delivery FROM event WHERE id = ?1)
            AND id < (SELECT first_delivery + deliveries FROM event WHERE id = ?1)
            UNION ALL SELECT \(DeliveryRow.columns) FROM delivery WHERE event = ?1 AND replay > 0 ORDER BY 1
            """,
            .blob(event.bytes),
            read: DeliveryRow.read
        )
    }

    private static func attempts(of delivery: DeliveryID, in db: Database) throws -> [Attempt] {
        try db.rows(
            """
            SELECT number, destination, call, kind, started, ended, outcome, status, detail FROM attempt
            WHERE delivery = ? ORDER BY number
            """,
            .integer(delivery.value)
        ) { row in
            guard let kind = CallKind(rawValue: row.text(3)) else {
                throw StoreError.corrupt("attempt \(row.integer(0)) of delivery \(delivery) is of no known kind")
            }
            return Attempt(
                delivery: delivery,
                number: Int(row.integer(0)),
                call: CallID(destination: row.text(1), number: row.integer(2)),
                kind: kind,
                started: Timestamp(milliseconds: row.integer(4)),
                ended: row.optionalInteger(5).map(Timestamp.init(milliseconds:)),
                outcome: row.optionalText(6),
                status: row.optionalInteger(7).map(Int.init),
                detail: row.text(8)
            )
        }
    }
}

extension Call {
    fileprivate init(_ row: SQLRow, to destination: String) throws {
        guard let kind = CallKind(rawValue: row.text(1)) else {
            throw StoreError.corrupt("call \(row.integer(0)) to \(destination) is of no known kind")
        }
        var bootTime: BootTime?
        if let boot = row.optionalText(5), let uptime = row.optionalInteger(6) {
            bootTime = BootTime(boot: boot, sinceBoot: .milliseconds(uptime))
        }
        self.init(
            id: CallID(destination: destination, number: row.integer(0)),
            kind: kind,
            started: Timestamp(milliseconds: row.integer(2)),
            bootTime: bootTime,
            ended: row.optionalInteger(3).map(Timestamp.init(milliseconds:)),
            status: row.optionalInteger(4).map(Int.init)
        )
    }
}
