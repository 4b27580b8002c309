public import Model

/// `Retry-After` (RFC 9110 section 10.2.3): a number of seconds, or a date.
struct RetryAfter: Equatable {
    /// From the answer on; never negative.
    let wait: Duration

    init?(_ answer: HTTPAnswer, at now: Timestamp) {
        guard let text = answer.field("Retry-After") else { return nil }
        self.init(text, at: now)
    }

    init?(_ text: String, at now: Timestamp) {
        if !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) {
            // A number beyond all measure is still a wish to wait: some thirty years are enough.
            wait = .seconds(min(Int64(text) ?? .max, 1_000_000_000))
        } else if let date = Timestamp(httpDate: text) {
            wait = max(.zero, date.since(now))
        } else {
            return nil
        }
    }
}

extension HTTPAnswer {
    /// What time its sender had; nil when it does not say.
    public var date: Timestamp? { field("Date").flatMap { Timestamp(httpDate: $0) } }
}

extension Timestamp {
    /// Reads the three forms of RFC 9110 section 5.6.7: `Sun, 06 Nov 1994 08:49:37 GMT`, and the obsolete
    /// `Sunday, 06-Nov-94 08:49:37 GMT` and `Sun Nov  6 08:49:37 1994`. The day's name is not checked.
    init?(httpDate text: String) {
        let words = text.split { $0 == " " || $0 == "," || $0 == "-" }.dropFirst()
        guard words.count >= 4 else { return nil }
        var parts = Array(words)
        // asctime: month, day, time, year; it is in GMT without saying so.
        let isAsctime = Self.month(parts[0]) != nil
        if isAsctime { parts = [parts[1], parts[0], parts[3], parts[2]] + parts[4...] }
        guard parts.count == (isAsctime ? 4 : 5), isAsctime || parts[4] == "GMT",
            let day = Self.number(parts[0], 1...2), let month = Self.month(parts[1]), let year = Self.year(parts[2]),
            let date = CivilDate(year: year, month: month, day: day)
        else { return nil }
        let time = parts[3].split(separator: ":", omittingEmptySubsequences: false).map { Self.number($0, 2...2) }
        guard time.count == 3, let hour = time[0], let minute = time[1], let second = time[2], hour < 24, minute < 60,
            second < 61
        else { return nil }
        self.init(milliseconds: (date.daysSince1970 * 86_400 + hour * 3_600 + minute * 60 + min(second, 59)) * 1_000)
    }

    private static func number(_ text: Substring, _ digits: ClosedRange<Int>) -> Int64? {
        digits.contains(text.utf8.count) && text.utf8.allSatisfy { (0x30...0x39).contains($0) } ? Int64(text) : nil
    }

    /// RFC 9110 leaves two digits to the reader; these dates lie in the present, or a little ahead.
    private static func year(_ text: Substring) -> Int64? {
        if text.utf8.count == 4 { return number(text, 4...4) }
        return number(text, 2...2).map { $0 < 70 ? $0 + 2_000 : $0 + 1_900 }
    }

    private static func month(_ name: Substring) -> Int64? {
        let names = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        return names.firstIndex { $0 == name }.map { Int64($0 + 1) }
    }
}
