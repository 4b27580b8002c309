import GRDB
public import Model

extension SQLiteEventStore {
    public func accounts() throws(StoreError) -> Accounts {
        try read { db in
            var accounts = Accounts()
            for (line, count) in try Self.books(in: db) {
                if let account = line.account, count != 0 { accounts.add([account: count]) }
            }
            return accounts
        }
    }

    public func recount() throws(StoreError) -> Accounts {
        try read { try Self.recount(in: $0) }
    }

    public func inconsistencies() throws(StoreError) -> [String] {
        try read { db in
            var books = Accounts()
            for (line, count) in try Self.books(in: db) {
                if let account = line.account, count != 0 { books.add([account: count]) }
            }
            let counted = try Self.recount(in: db)
            return books.imbalances() + books.differences(fromRows: counted) + (try Self.contradictions(in: db))
        }
    }

    private static func books(in db: Database) throws -> [(BookLine, Int)] {
        try db.rows("SELECT source, entry, detail, queue, destination, count FROM account") { row in
            guard let entry = BookLine.Entry(rawValue: row.text(1)) else {
                throw StoreError.corrupt("the books have an entry \(row.text(1)) that is not known")
            }
            let line = BookLine(
                source: row.text(0),
                entry: entry,
                detail: row.text(2),
                queue: row.text(3),
                destination: row.text(4)
            )
            return (line, Int(row.integer(5)))
        }
    }

    private static func recount(in db: Database) throws -> Accounts {
        var counted = Accounts()
        func add(_ source: String, _ entry: Account.Entry, _ count: Int) {
            if count != 0 { counted.add([Account(source: source, entry: entry): count]) }
        }
        func add(_ source: String, outcome: String, _ count: Int) {
            if let outcome = MappingOutcome(rawValue: outcome) { add(source, .accepted(outcome), count) }
        }
        func add(_ source: String, state: String, queue: String, _ count: Int) {
            guard let state = DeliveryState(rawValue: state) else { return }
            add(source, .state(state, queue: queue), count)
            add(source, .made(queue: queue), count)
        }
        try db.each("SELECT source, outcome, count(*) FROM event GROUP BY 1, 2") { row in
            add(row.text(0), outcome: row.text(1), Int(row.integer(2)))
            return true
        }
        try db.each("SELECT source, state, queue, count(*) FROM delivery GROUP BY 1, 2, 3") { row in
            add(row.text(0), state: row.text(1), queue: row.text(2), Int(row.integer(3)))
            return true
        }
        for (line, count) in try books(in: db) {
            switch line.entry {
            case .sweptEvents: add(line.source, outcome: line.detail, count)
            case .sweptDeliveries: add(line.source, state: line.detail, queue: line.queue, count)
            default: break
            }
        }
        return counted
    }

    /// Rows that cannot be there together.
    private static func contradictions(in db: Database) throws -> [String] {
        let checks = [
            (
                "lanes have parked deliveries and nothing before them",
                """
                SELECT count(DISTINCT lane) FROM delivery AS one WHERE state = 'parked' AND NOT EXISTS (
                    SELECT 1 FROM delivery WHERE lane = one.lane
                    AND (state IN ('attempting', 'retrying') OR (state = 'ready' AND promoted)))
                """
            ),
            (
                "deliveries belong to no event",
                "SELECT count(*) FROM delivery WHERE event NOT IN (SELECT id FROM event)"
            ),
            (
                "deliveries are attempting without an attempt under way",
                """
                SELECT count(*) FROM delivery WHERE state = 'attempting' AND NOT EXISTS (
                    SELECT 1 FROM attempt
                    WHERE delivery = delivery.id AND number = attempts_made AND attempt.ended IS NULL)
                """
            ),
            (
                "attempts belong to no delivery",
                "SELECT count(*) FROM attempt WHERE delivery NOT IN (SELECT id FROM delivery)"
            ),
        ]
        return try checks.compactMap { sentence, sql in
            let count = try db.row(sql) { $0.integer(0) } ?? 0
            return count == 0 ? nil : "\(count) \(sentence)"
        }
    }
}
