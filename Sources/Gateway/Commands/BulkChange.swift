import JSON

/// A change of many deliveries by the admin API: page after page, from the oldest on, until all that there were when it
/// began have been looked at. Each page is durable when it is answered; a change that is broken off goes on when it is
/// asked for again, since what is done already does not match any more.
public struct BulkChange: Sendable {
    public struct Progress: Sendable, Equatable {
        /// Deliveries that were changed.
        public var changed = 0
        /// Those that matched and were being attempted: they change, or do not, when that ends.
        public var underWay = 0
        /// How much has been looked at, from 0 to 1.
        public var share = 0.0
    }

    private let verb: String
    private let query: [(String, String)]
    /// Deliveries in a second, at most; nil: as fast as the store takes them.
    private let rate: Int?

    /// - Parameter query: which deliveries, and what becomes of them, as the admin API has it.
    public init(_ verb: String, _ query: [(String, String)], rate: Int? = nil) {
        self.verb = verb
        self.query = query
        self.rate = rate
    }

    /// - Parameter report: told after each page.
    public func run(_ client: AdminClient, _ report: (Progress) -> Void) async throws -> Progress {
        var progress = Progress()
        let newest = try await client.get("/api/deliveries", [("limit", "1")])["deliveries"]?.elements?.first
        let last = newest?["id"]?.number?.int64Value ?? 0
        var place: Int64 = 0
        let clock = ContinuousClock()
        let began = clock.now
        while true {
            let limit = min(rate ?? 500, 500)
            let page = try await client.post(
                "/api/deliveries/\(verb)",
                query + [("after", String(place)), ("limit", String(limit))]
            )
            progress.changed += page.count("changed")
            progress.underWay += page.count("underWay")
            let next = page["after"]?.number?.int64Value
            place = next ?? last
            progress.share = last == 0 ? 1 : min(1, Double(place) / Double(last))
            report(progress)
            // What was made meanwhile, by a replay not least, is not part of it.
            guard next != nil, place < last else { return progress }
            if let rate {
                try await clock.sleep(until: began + .milliseconds(progress.changed * 1_000 / max(1, rate)))
            }
        }
    }
}

extension BulkChange.Progress {
    /// `[##########----------]  50%  1200 changed`
    public var bar: String {
        let width = 30
        let filled = Int(share * Double(width))
        let percent = String(Int(share * 100))
        return "[" + String(repeating: "#", count: filled) + String(repeating: "-", count: width - filled) + "] "
            + String(repeating: " ", count: 3 - percent.count) + percent + "%  \(changed) changed"
    }
}

extension JSONValue {
    fileprivate func count(_ name: String) -> Int { self[name]?.number?.int64Value.map { Int($0) } ?? 0 }
}
