/// The identity of an event: a UUID of version 7 (RFC 9562 section 5.7), so that ids sort by the time they were made
/// and an index over them grows at one edge.
public struct EventID: Hashable, Sendable {
    /// Bits 127...64: 48 bits of Unix milliseconds, the version, 12 bits of sequence.
    public let high: UInt64
    /// Bits 63...0: the variant and 62 random bits.
    public let low: UInt64

    /// Any 128 bits, as the store gives them back.
    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// The sixteen bytes in network order.
    public var bytes: [UInt8] {
        (0..<16).map { UInt8(truncatingIfNeeded: ($0 < 8 ? high : low) >> (56 - 8 * ($0 & 7))) }
    }

    /// Nil unless there are exactly sixteen bytes.
    public init?(bytes: [UInt8]) {
        guard bytes.count == 16 else { return nil }
        high = bytes[..<8].reduce(0) { $0 << 8 | UInt64($1) }
        low = bytes[8...].reduce(0) { $0 << 8 | UInt64($1) }
    }
}

extension EventID: Comparable {
    public static func < (one: EventID, other: EventID) -> Bool {
        one.high != other.high ? one.high < other.high : one.low < other.low
    }
}

extension EventID: LosslessStringConvertible {
    /// Lower-case hexadecimal in the groups of RFC 9562 section 4: `0190a5e4-7c00-7abc-8def-0123456789ab`.
    public var description: String {
        var text = InlineArray<36, UInt8>(repeating: UInt8(ascii: "-"))
        var span = text.mutableSpan
        Self.write(high >> 32, digits: 8, at: 0, &span)
        Self.write(high >> 16, digits: 4, at: 9, &span)
        Self.write(high, digits: 4, at: 14, &span)
        Self.write(low >> 48, digits: 4, at: 19, &span)
        Self.write(low, digits: 12, at: 24, &span)
        return String(copying: UTF8Span(unchecked: text.span))
    }

    /// Writes the last hexadecimal digits of a number.
    private static func write(_ number: UInt64, digits: Int, at place: Int, _ text: inout MutableSpan<UInt8>) {
        var rest = number
        for index in (0..<digits).reversed() {
            let digit = UInt8(truncatingIfNeeded: rest & 0xF)
            text[place + index] = digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") - 10 + digit
            rest >>= 4
        }
    }

    /// Reads the form of `description`, in either case. Nil for anything else.
    public init?(_ text: String) {
        let groups = text.split(separator: "-", omittingEmptySubsequences: false)
        guard groups.map(\.utf8.count) == [8, 4, 4, 4, 12] else { return nil }
        let digits = groups.joined()
        guard digits.utf8.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }),
            let high = UInt64(digits.prefix(16), radix: 16),
            let low = UInt64(digits.suffix(16), radix: 16)
        else { return nil }
        self.init(high: high, low: low)
    }
}

/// Makes event ids that grow: within a millisecond by counting, and never back when the clock goes back
/// (RFC 9562 section 6.2, method 1).
public struct EventIDGenerator: Sendable {
    private var milliseconds: UInt64 = 0
    private var sequence: UInt64 = 0

    public init() {}

    public mutating func next(at now: Timestamp, using random: inout some RandomNumberGenerator) -> EventID {
        let current = UInt64(max(0, now.milliseconds)) & 0xFFFF_FFFF_FFFF
        if current > milliseconds {
            milliseconds = current
            sequence = 0
        } else {
            sequence += 1
            if sequence > 0xFFF {
                milliseconds += 1
                sequence = 0
            }
        }
        return EventID(
            high: milliseconds << 16 | 0x7000 | sequence,
            low: 0x8000_0000_0000_0000 | random.next() >> 2
        )
    }
}
