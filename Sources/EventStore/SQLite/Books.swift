import GRDB
import Model

/// One row of the table `account`: an account of the books, kept apart by destination, so that a queue's backlog is
/// known without counting; or what retention has taken away, without which rows could not be compared with the books.
struct BookLine: Hashable {
    enum Entry: String {
        case requests, answered, refused, decoded, events, duplicates, dropped, accepted, made, state
        case sweptEvents, sweptDeliveries
    }

    var source: String
    var entry: Entry
    /// A refusal's reason, a mapping outcome, a state.
    var detail = ""
    var queue = ""
    var destination = ""

    static func events(_ source: String, _ outcome: MappingOutcome) -> BookLine {
        BookLine(source: source, entry: .accepted, detail: outcome.rawValue)
    }

    static func made(_ delivery: Delivery) -> BookLine {
        BookLine(source: delivery.source, entry: .made, queue: delivery.queue, destination: delivery.destination)
    }

    static func state(_ state: DeliveryState, of row: DeliveryPlace) -> BookLine {
        BookLine(
            source: row.source,
            entry: .state,
            detail: state.rawValue,
            queue: row.queue,
            destination: row.destination
        )
    }

    /// The account that the line is part of; nil for what is no account of the books.
    var account: Account? {
        let entry: Account.Entry? =
            switch entry {
            case .requests: .requests
            case .answered: .answered
            case .refused: .refused(detail)
            case .decoded: .decoded
            case .events: .events
            case .duplicates: .duplicates
            case .dropped: .dropped
            case .accepted: MappingOutcome(rawValue: detail).map(Account.Entry.accepted)
            case .made: .made(queue: queue)
            case .state: DeliveryState(rawValue: detail).map { .state($0, queue: queue) }
            case .sweptEvents, .sweptDeliveries: nil
            }
        return entry.map { Account(source: source, entry: $0) }
    }

    /// The line of an account given from outside. Those of deliveries are the store's own to keep.
    init?(_ account: Account) {
        switch account.entry {
        case .requests: self.init(source: account.source, entry: .requests)
        case .answered: self.init(source: account.source, entry: .answered)
        case .refused(let reason): self.init(source: account.source, entry: .refused, detail: reason)
        case .decoded: self.init(source: account.source, entry: .decoded)
        case .events: self.init(source: account.source, entry: .events)
        case .duplicates: self.init(source: account.source, entry: .duplicates)
        case .dropped: self.init(source: account.source, entry: .dropped)
        case .accepted, .made, .state: return nil
        }
    }

    init(source: String, entry: Entry, detail: String = "", queue: String = "", destination: String = "") {
        self.source = source
        self.entry = entry
        self.detail = detail
        self.queue = queue
        self.destination = destination
    }
}

/// Where a delivery belongs in the books.
struct DeliveryPlace: Hashable {
    var source: String
    var destination: String
    var queue: String
}

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
