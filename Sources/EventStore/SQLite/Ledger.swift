import GRDB
import Model

/// What the one who writes knows and does: applies changes to the tables, and keeps in memory what would cost a
/// random write to keep on disk. Owned by the writing connection: used on its queue only.
final class Ledger {
    /// The last number given to each kind of row, and the latest time that order uses.
    struct Sequence: Equatable {
        var event: Int64
        var delivery: Int64
        var mark: Int64
        /// Never goes back, whatever the machine's clock does.
        var clock: Timestamp
    }

    var sequence: Sequence
    var marks: Marks
    private(set) var orders = StandingOrders()
    /// What the transaction under way adds to the books.
    var entries = BookEntries()

    init(_ db: Database, marks bounds: Marks.Bounds) throws {
        let stored = try db.row("SELECT event, delivery, mark, clock FROM sequence") { row in
            Sequence(
                event: row.integer(0),
                delivery: row.integer(1),
                mark: row.integer(2),
                clock: Timestamp(milliseconds: row.integer(3))
            )
        }
        guard let stored else { throw StoreError.corrupt("the table sequence is empty") }
        sequence = stored
        marks = try Marks(db, bounds: bounds)
        orders = try StandingOrders(db)
    }

    /// Applies the changes in one transaction. When it throws, neither the tables nor this have changed.
    func commit(_ changes: [Change], in db: Database) throws -> [Effect] {
        let before = (sequence, orders)
        entries = BookEntries()
        var effects: [Effect] = []
        effects.reserveCapacity(changes.count)
        do {
            try db.inTransaction(.immediate) {
                for change in changes { effects.append(try apply(change, in: db)) }
                try entries.write(to: db)
                if sequence != before.0 { try writeSequence(to: db) }
                return .commit
            }
        } catch {
            (sequence, orders) = before
            marks.takeBack()
            throw error
        }
        marks.keep()
        return effects
    }

    private func apply(_ change: Change, in db: Database) throws -> Effect {
        switch change {
        case .receive(let receipt): .received(try receive(receipt, in: db))
        case .count(let counts): try count(counts)
        case .start(let start): try self.start(start, in: db)
        case .finish(let end): try finish(end, in: db)
        case .move(let move): try self.move(move, in: db)
        case .postpone(let postponements): try postpone(postponements, in: db)
        case .transfer(let transfer): try self.transfer(transfer, in: db)
        case .replay(let deliveries, let now): try replay(deliveries, at: now, in: db)
        case .add(let addition): try add(addition, in: db)
        case .set(let name, let value): try set(name, to: value, in: db)
        }
    }

    private func count(_ counts: [Account: Int]) throws -> Effect {
        for (account, count) in counts {
            guard let line = BookLine(account) else {
                throw StoreError.rejected("the store itself counts events and deliveries; they cannot be given to it")
            }
            entries.add(count, to: line)
        }
        return .done
    }

    private func set(_ name: String, to value: [UInt8]?, in db: Database) throws -> Effect {
        orders.set(name, isPresent: value != nil)
        if let value {
            try db.run(
                "INSERT INTO setting (name, value) VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value",
                .text(name),
                .blob(value)
            )
        } else {
            try db.run("DELETE FROM setting WHERE name = ?", .text(name))
        }
        return .done
    }

    private func writeSequence(to db: Database) throws {
        try db.run(
            "UPDATE sequence SET event = ?, delivery = ?, mark = ?, clock = ?",
            .integer(sequence.event),
            .integer(sequence.delivery),
            .integer(sequence.mark),
            .integer(sequence.clock.milliseconds)
        )
    }
}

extension StandingOrders {
    fileprivate init(_ db: Database) throws {
        self.init()
        for prefix in [Self.suppressionPrefix, Self.rulePrefix] {
            try db.each("SELECT name FROM setting WHERE substr(name, 1, length(?1)) = ?1", [.text(prefix)]) { row in
                set(row.text(0), isPresent: true)
                return true
            }
        }
    }
}
