/// Finds a text within others in time that grows with their lengths, and not with the product
/// (Knuth, Morris and Pratt), so that no payload can make a search slow.
struct TextSearch {
    private let pattern: [UInt8]
    /// For each length of a match, how much of it remains when the next byte does not fit. Empty for a short pattern,
    /// for which trying each place costs no more.
    private let fallback: [Int]

    private static let shortest = 9

    init(_ pattern: String) {
        self.pattern = Array(pattern.utf8)
        guard self.pattern.count >= Self.shortest else {
            fallback = []
            return
        }
        var fallback: [Int] = []
        fallback.reserveCapacity(self.pattern.count)
        fallback.append(0)
        var length = 0
        for place in self.pattern.indices.dropFirst() {
            while length > 0, self.pattern[place] != self.pattern[length] { length = fallback[length - 1] }
            if self.pattern[place] == self.pattern[length] { length += 1 }
            fallback.append(length)
        }
        self.fallback = fallback
    }

    /// How many bytes are looked for.
    var length: Int { pattern.count }

    /// Where the pattern first begins at `start` or later, counted in bytes; an empty one is found at once.
    ///
    /// In UTF-8 a match of bytes is a match of code points, since none begins inside another.
    func first(in text: Span<UInt8>, from start: Int) -> Int? {
        if pattern.isEmpty { return start }
        if fallback.isEmpty { return firstOfShort(in: text, from: start) }
        var length = 0
        for place in start..<max(start, text.count) {
            while length > 0, text[place] != pattern[length] { length = fallback[length - 1] }
            if text[place] == pattern[length] { length += 1 }
            if length == pattern.count { return place + 1 - length }
        }
        return nil
    }

    private func firstOfShort(in text: Span<UInt8>, from start: Int) -> Int? {
        let first = pattern[0]
        var place = start
        while place + pattern.count <= text.count {
            if text[place] == first, pattern.indices.allSatisfy({ text[place + $0] == pattern[$0] }) { return place }
            place += 1
        }
        return nil
    }

    /// Where the pattern begins, from the left and without overlaps, `most` times at most; nowhere when it is empty.
    func all(in text: [UInt8], most: Int = .max) -> [Int] {
        guard !pattern.isEmpty else { return [] }
        var places: [Int] = []
        var start = 0
        while places.count < most, let place = first(in: text.span, from: start) {
            places.append(place)
            start = place + pattern.count
        }
        return places
    }
}
