import GRDB
import Model

/// What one transaction adds to the books: gathered while it runs, written once before its end.
struct BookEntries {
    private var changes: [BookLine: Int] = [:]

    mutating func add(_ count: Int, to line: BookLine) {
        if count != 0 { changes[line, default: 0] += count }
    }

    mutating func move(_ place: DeliveryPlace, from old: DeliveryState, to new: DeliveryState) {
        add(-1, to: .state(old, of: place))
        add(1, to: .state(new, of: place))
    }

    /// Where something waits is where it was made, as far as the books know.
    mutating func transfer(
        from old: DeliveryPlace,
        _ oldState: DeliveryState,
        to new: DeliveryPlace,
        _ newState: DeliveryState
    ) {
        add(-1, to: .made(old))
        add(1, to: .made(new))
        add(-1, to: .state(oldState, of: old))
        add(1, to: .state(newState, of: new))
    }

    func write(to db: Database) throws {
        for (line, count) in changes where count != 0 {
            try db.run(
                """
                INSERT INTO account (source, entry, detail, queue, destination, count) VALUES (?, ?, ?, ?, ?, ?)
                ON CONFLICT DO UPDATE SET count = count + excluded.count
                """,
                .text(line.source),
                .text(line.entry.rawValue),
                .text(line.detail),
                .text(line.queue),
                .text(line.destination),
                .integer(count)
            )
        }
    }
}
