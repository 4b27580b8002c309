import Model

/// One row of the books as they are stored: an account, kept apart by destination, so that a queue's backlog is
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

    static func made(_ place: DeliveryPlace) -> BookLine {
        BookLine(source: place.source, entry: .made, queue: place.queue, destination: place.destination)
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

    init(source: String, destination: String, queue: String) {
        self.source = source
        self.destination = destination
        self.queue = queue
    }

    init(_ delivery: Delivery) {
        self.init(source: delivery.source, destination: delivery.destination, queue: delivery.queue)
    }
}

extension Accounts {
    /// Where the books of events and deliveries say something else than what was counted, each as a sentence.
    func differences(fromRows counted: Accounts) -> [String] {
        let kept = counts.filter { account, _ in
            switch account.entry {
            case .accepted, .made, .state: true
            default: false
            }
        }
        return Set(kept.keys).union(counted.counts.keys).compactMap { account in
            let (book, rows) = (counts[account, default: 0], counted.counts[account, default: 0])
            return book == rows ? nil : "\(account.source): the books have \(book) \(account.entry), the rows \(rows)"
        }.sorted()
    }
}
