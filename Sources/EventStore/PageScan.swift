import JSON
import Model

/// Gathers one page, and knows where the next begins. Looks at no more than `Page.scanLimit` rows.
struct PageScan<Element: Sendable> {
    /// Where the scan begins, itself not included.
    let place: Int64
    let isForward: Bool
    private let limit: Int
    private var elements: [Element] = []
    private var scanned = 0
    private var stoppedAt: Int64?

    init(from start: PageStart, limit: Int) {
        switch start {
        case .newest: (place, isForward) = (.max, false)
        case .before(let place): (self.place, isForward) = (place, false)
        case .after(let place): (self.place, isForward) = (place, true)
        }
        self.limit = limit
    }

    /// The rest of a WHERE clause on this column, and the order.
    func condition(_ column: String) -> String {
        isForward ? "> ? ORDER BY \(column)" : "< ? ORDER BY \(column) DESC"
    }

    /// The elements of a list that is at hand, from the place on, in the order of the scan.
    func ordered(_ all: [Element], by number: (Element) -> Int64) -> [Element] {
        isForward
            ? all.filter { number($0) > place }.sorted { number($0) < number($1) }
            : all.filter { number($0) < place }.sorted { number($0) > number($1) }
    }

    /// Leaves a row out. Answers whether to go on.
    mutating func pass(_ number: Int64) -> Bool {
        scanned += 1
        if scanned >= Page<Element>.scanLimit { stoppedAt = number }
        return stoppedAt == nil
    }

    /// Takes a row into the page. Answers whether to go on.
    mutating func take(_ element: Element, at number: Int64) -> Bool {
        elements.append(element)
        if elements.count >= limit { stoppedAt = number }
        return pass(number)
    }

    var page: Page<Element> {
        Page(elements, next: stoppedAt.map { isForward ? .after($0) : .before($0) })
    }
}

extension [UInt8] {
    /// Whether the bytes of this text are somewhere in it.
    func contains(_ text: String) -> Bool {
        let sequence = Array(text.utf8)
        guard let first = sequence.first else { return true }
        guard count >= sequence.count else { return false }
        return (0...(count - sequence.count)).contains { start in
            self[start] == first && self[start..<(start + sequence.count)].elementsEqual(sequence)
        }
    }
}

extension EventFilter {
    /// Whether an event is one of those asked for.
    func matches(_ stored: StoredEvent) -> Bool {
        let event = stored.event
        if let source, source != event.source { return false }
        if let outcome, outcome != stored.outcome { return false }
        if let since, event.receivedAt < since { return false }
        guard let text else { return true }
        return [Array((event.topic ?? "").utf8), Array((event.key ?? "").utf8), event.body.serialized()]
            .contains { $0.contains(text) }
    }
}
