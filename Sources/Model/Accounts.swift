/// One durable counter of the books.
public struct Account: Hashable, Sendable {
    public enum Entry: Hashable, Sendable {
        /// All requests that reached a source.
        case requests
        /// Requests that carried no event and got what they asked for: handshakes, pings, preflights.
        case answered
        /// Requests that were refused, by reason (`signature`, `body`, `media-type`, `rate`, `store` …).
        case refused(String)
        /// Requests that were decoded into events.
        case decoded
        /// Events that came in decoded requests.
        case events
        case duplicates
        case dropped
        /// Events on disk, by what the rules made of them.
        case accepted(MappingOutcome)
        /// Deliveries ever made in a queue.
        case made(queue: String)
        /// Deliveries of a queue that are in this state now.
        case state(DeliveryState, queue: String)
    }

    public let source: String
    public let entry: Entry

    public init(source: String, entry: Entry) {
        self.source = source
        self.entry = entry
    }
}

/// The books of all sources. They balance at any moment:
///
///     requests       = answered + refused + decoded
///     events         = duplicates + dropped + accepted
///     deliveries made = the deliveries in each state, summed
public struct Accounts: Sendable, Equatable {
    public private(set) var counts: [Account: Int]

    public init(_ counts: [Account: Int] = [:]) {
        self.counts = counts
    }

    public subscript(source: String, entry: Account.Entry) -> Int {
        counts[Account(source: source, entry: entry), default: 0]
    }

    public mutating func add(_ changes: [Account: Int]) {
        for (account, change) in changes { counts[account, default: 0] += change }
    }

    /// The equations that do not hold, each as a sentence; empty when the books balance.
    public func imbalances() -> [String] {
        let bySource = Dictionary(grouping: counts, by: \.key.source)
        return bySource.keys.sorted().flatMap { source in
            Self.imbalances(of: source, entries: (bySource[source] ?? []).map { ($0.key.entry, $0.value) })
        }
    }

    private static func imbalances(of source: String, entries: [(Account.Entry, Int)]) -> [String] {
        var requests = 0
        var requestOutcomes = 0
        var events = 0
        var eventOutcomes = 0
        var made: [String: Int] = [:]
        var states: [String: Int] = [:]
        for (entry, count) in entries {
            switch entry {
            case .requests: requests += count
            case .answered, .refused, .decoded: requestOutcomes += count
            case .events: events += count
            case .duplicates, .dropped, .accepted: eventOutcomes += count
            case .made(let queue): made[queue, default: 0] += count
            case .state(_, let queue): states[queue, default: 0] += count
            }
        }
        var sentences: [String] = []
        if requests != requestOutcomes {
            sentences.append("\(source): \(requests) requests, but \(requestOutcomes) answered, refused or decoded")
        }
        if events != eventOutcomes {
            sentences.append("\(source): \(events) events, but \(eventOutcomes) duplicate, dropped or accepted")
        }
        for queue in Set(made.keys).union(states.keys).sorted()
        where made[queue, default: 0] != states[queue, default: 0] {
            sentences.append(
                "\(source): \(made[queue, default: 0]) deliveries made in queue \(queue), "
                    + "but \(states[queue, default: 0]) in any state"
            )
        }
        return sentences
    }
}
