/// A moment of the wall clock, in whole milliseconds since 1970-01-01T00:00:00Z.
public struct Timestamp: Hashable, Comparable, Sendable {
    public let milliseconds: Int64

    public init(milliseconds: Int64) {
        self.milliseconds = milliseconds
    }

    public static func < (one: Timestamp, other: Timestamp) -> Bool { one.milliseconds < other.milliseconds }

    public static func + (moment: Timestamp, duration: Duration) -> Timestamp {
        Timestamp(milliseconds: moment.milliseconds &+ duration.milliseconds)
    }

    public static func - (moment: Timestamp, duration: Duration) -> Timestamp {
        Timestamp(milliseconds: moment.milliseconds &- duration.milliseconds)
    }

    /// The time from `earlier` to this moment; negative when `earlier` is later.
    public func since(_ earlier: Timestamp) -> Duration {
        .milliseconds(milliseconds - earlier.milliseconds)
    }
}

extension Duration {
    /// Whole milliseconds, rounded toward zero.
    public var milliseconds: Int64 {
        components.seconds * 1_000 + components.attoseconds / 1_000_000_000_000_000
    }
}

// MARK: - RFC 3339

extension Timestamp: CustomStringConvertible {
    /// RFC 3339 in UTC with milliseconds: `2026-01-31T09:30:00.123Z`.
    public var description: String {
        let (days, millisecondOfDay) = milliseconds.flooredDivision(by: 86_400_000)
        let date = CivilDate(daysSince1970: days)
        let second = millisecondOfDay / 1_000
        var text = TextFromItsEnd()
        text.prepend("Z")
        text.prepend(millisecondOfDay % 1_000, digits: 3, then: ".")
        text.prepend(second % 60, digits: 2, then: ":")
        text.prepend(second / 60 % 60, digits: 2, then: ":")
        text.prepend(second / 3_600, digits: 2, then: "T")
        text.prepend(date.day, digits: 2, then: "-")
        text.prepend(date.month, digits: 2, then: "-")
        // RFC 3339 has years of four digits; moments that no clock shows are written all the same.
        let year = Int64(date.year.magnitude)
        text.prepend(year, digits: year < 10_000 ? 4 : 9)
        if date.year < 0 { text.prepend("-") }
        return text.string
    }

    /// Reads an RFC 3339 date-time (section 5.6): any offset, any number of fraction digits (cut to milliseconds);
    /// a leap second is read as the second before it. Nil when the text is anything else.
    public init?(rfc3339 text: String) {
        var scanner = DigitScanner(text.utf8)
        guard let year = scanner.number(digits: 4), scanner.skip("-"),
            let month = scanner.number(digits: 2), scanner.skip("-"),
            let day = scanner.number(digits: 2), scanner.skip("T", "t", " "),
            let hour = scanner.number(digits: 2), scanner.skip(":"),
            let minute = scanner.number(digits: 2), scanner.skip(":"),
            let second = scanner.number(digits: 2),
            let date = CivilDate(year: year, month: month, day: day),
            hour < 24, minute < 60, second < 61
        else { return nil }
        var fraction: Int64 = 0
        if scanner.skip(".") {
            guard let read = scanner.milliseconds() else { return nil }
            fraction = read
        }
        guard let offset = scanner.offsetInMinutes(), scanner.isAtEnd else { return nil }
        let seconds = date.daysSince1970 * 86_400 + hour * 3_600 + minute * 60 + min(second, 59)
        milliseconds = (seconds - offset * 60) * 1_000 + fraction
    }
}

/// Up to 32 bytes of ASCII, put together from the last to the first, as the digits of a number come.
private struct TextFromItsEnd {
    private var bytes = InlineArray<32, UInt8>(repeating: 0)
    private var start = 32

    var string: String { String(copying: UTF8Span(unchecked: bytes.span.extracting(start...))) }

    mutating func prepend(_ character: Unicode.Scalar) {
        start -= 1
        bytes[start] = UInt8(ascii: character)
    }

    /// The last decimal digits of a number that is not negative, and what stands before them.
    mutating func prepend(_ number: Int64, digits: Int, then character: Unicode.Scalar? = nil) {
        var rest = UInt64(number)
        for _ in 0..<digits {
            start -= 1
            bytes[start] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        }
        if let character { prepend(character) }
    }
}

extension Int64 {
    /// Quotient and remainder with the remainder never negative.
    func flooredDivision(by divisor: Int64) -> (quotient: Int64, remainder: Int64) {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }
}

/// Reads fixed-width digits; each verb moves on only when it succeeds.
private struct DigitScanner {
    private var rest: Substring.UTF8View.SubSequence

    init(_ text: String.UTF8View) {
        rest = text[...]
    }

    var isAtEnd: Bool { rest.isEmpty }

    mutating func skip(_ characters: Unicode.Scalar...) -> Bool {
        guard let next = rest.first, characters.contains(where: { $0.value == UInt32(next) }) else { return false }
        rest.removeFirst()
        return true
    }

    mutating func digit() -> Int64? {
        guard let next = rest.first, (0x30...0x39).contains(next) else { return nil }
        rest.removeFirst()
        return Int64(next - 0x30)
    }

    mutating func number(digits: Int) -> Int64? {
        var number: Int64 = 0
        for _ in 0..<digits {
            guard let next = digit() else { return nil }
            number = number * 10 + next
        }
        return number
    }

    /// One or more fraction digits as milliseconds.
    mutating func milliseconds() -> Int64? {
        guard let first = digit() else { return nil }
        var sum = first * 100
        var weight: Int64 = 10
        while let next = digit() {
            sum += next * weight
            weight /= 10
        }
        return sum
    }

    /// `Z`, or `+hh:mm` / `-hh:mm`, in minutes east of UTC.
    mutating func offsetInMinutes() -> Int64? {
        if skip("Z", "z") { return 0 }
        let isWest = rest.first == UInt8(ascii: "-")
        guard skip("+", "-"), let hours = number(digits: 2), skip(":"), let minutes = number(digits: 2),
            hours < 24, minutes < 60
        else { return nil }
        return (hours * 60 + minutes) * (isWest ? -1 : 1)
    }
}
