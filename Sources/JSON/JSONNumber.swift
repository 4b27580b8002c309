/// A number of JSON, exactly as it was written: `19.90` stays `19.90`, and 20 digits stay 20 digits.
///
/// Numbers are equal, and ordered, by their exact value: `1` equals `1.0`, and 9007199254740993 is greater than
/// 9007199254740992 although both are the same double.
public struct JSONNumber: Sendable {
    enum Storage: Sendable {
        /// Written in the plainest way: no leading zero, no minus before zero.
        case integer(Int64)
        /// By the grammar of RFC 8259 section 6.
        case lexeme(String)
    }

    let storage: Storage

    public init(_ value: Int64) { storage = .integer(value) }

    /// The shortest lexeme that reads back as `value`; without a fraction when there is none. Nil when not finite.
    public init?(_ value: Double) {
        guard value.isFinite else { return nil }
        if let integer = Int64(exactly: value), abs(integer) <= 1 << 53 {
            storage = .integer(integer)
        } else {
            storage = .lexeme(value.description)
        }
    }

    /// Nil unless `lexeme` is a number by JSON's grammar.
    public init?(lexeme: String) {
        let bytes = Array(lexeme.utf8)
        guard let end = try? Indexer.number(bytes.span, from: 0).end, end == bytes.count else { return nil }
        self.init(checked: bytes.span)
    }

    /// Of bytes that are known to be a number.
    init(checked bytes: Span<UInt8>) {
        if bytes.count <= 18, let integer = Self.plainInteger(bytes) {
            storage = .integer(integer)
        } else {
            storage = .lexeme(String(copying: UTF8Span(unchecked: bytes)))
        }
    }

    /// The digits as they are written.
    public var lexeme: String {
        switch storage {
        case .integer(let value): String(value)
        case .lexeme(let text): text
        }
    }

    /// The nearest double; infinite when there is none.
    public var doubleValue: Double {
        switch storage {
        case .integer(let value): Double(value)
        case .lexeme(let text): Double(text) ?? 0
        }
    }

    /// The value, when it is a whole number that fits, however it is written: of `1e2` it is 100.
    public var int64Value: Int64? {
        switch storage {
        case .integer(let value): value
        case .lexeme(let text): DecimalDigits(text).int64Value
        }
    }

    /// The value when it is written as integers print themselves, and so needs no reading.
    package var plainInteger: Int64? {
        if case .integer(let value) = storage { value } else { nil }
    }

    /// How many bytes the lexeme has, at most.
    var lexemeLength: Int {
        switch storage {
        case .integer: 20
        case .lexeme(let text): text.utf8.count
        }
    }

    /// The value of at most 18 digits, unless they are written as no integer prints itself.
    private static func plainInteger(_ bytes: Span<UInt8>) -> Int64? {
        let isNegative = bytes[0] == UInt8(ascii: "-")
        var value: Int64 = 0
        for index in (isNegative ? 1 : 0)..<bytes.count {
            let digit = bytes[index] &- UInt8(ascii: "0")
            guard digit < 10 else { return nil }
            value = value &* 10 &+ Int64(digit)
        }
        if isNegative { return value == 0 ? nil : -value }
        return value
    }
}

extension JSONNumber: Hashable, Comparable, CustomStringConvertible {
    public static func == (one: JSONNumber, other: JSONNumber) -> Bool { one.compare(other) == 0 }

    public static func < (one: JSONNumber, other: JSONNumber) -> Bool { one.compare(other) < 0 }

    public func hash(into hasher: inout Hasher) { hasher.combine(doubleValue) }

    public var description: String { lexeme }

    /// Negative, zero or positive, as this is less than, equal to or greater than `other`.
    private func compare(_ other: JSONNumber) -> Int {
        if case .integer(let one) = storage, case .integer(let two) = other.storage {
            return one < two ? -1 : one > two ? 1 : 0
        }
        // Rounding keeps the order: only when the doubles are the same can more digits decide.
        let (one, two) = (doubleValue, other.doubleValue)
        if one != two { return one < two ? -1 : 1 }
        return DecimalDigits(lexeme).compare(DecimalDigits(other.lexeme))
    }
}

/// A number taken apart, so that it can be compared exactly: ±0.d₁d₂d₃… × 10^exponent, d₁ not zero.
private struct DecimalDigits {
    var isNegative = false
    /// Without zeros at either end; empty for zero.
    var digits: [UInt8] = []
    var exponent = 0

    /// Reads a lexeme of JSON's grammar.
    init(_ lexeme: String) {
        var integerDigits = 0
        var isFraction = false
        var written: Substring.UTF8View?
        for (index, byte) in zip(lexeme.utf8.indices, lexeme.utf8) {
            switch byte {
            case UInt8(ascii: "-"): isNegative = true
            case UInt8(ascii: "."): isFraction = true
            case UInt8(ascii: "e"), UInt8(ascii: "E"):
                written = lexeme.utf8[lexeme.utf8.index(after: index)...]
            default:
                digits.append(byte &- UInt8(ascii: "0"))
                if !isFraction { integerDigits += 1 }
            }
            if written != nil { break }
        }
        let leading = digits.prefix { $0 == 0 }.count
        digits.removeFirst(leading)
        while digits.last == 0 { digits.removeLast() }
        exponent = integerDigits - leading
        if let written { exponent = exponent.clampedSum(Self.exponent(written)) }
        if digits.isEmpty { (isNegative, exponent) = (false, 0) }
    }

    private static func exponent(_ text: Substring.UTF8View) -> Int {
        var value = 0
        for byte in text {
            let digit = byte &- UInt8(ascii: "0")
            if digit < 10 { value = min(value * 10 + Int(digit), 1 << 40) }
        }
        return text.first == UInt8(ascii: "-") ? -value : value
    }

    func compare(_ other: DecimalDigits) -> Int {
        if isNegative != other.isNegative { return isNegative ? -1 : 1 }
        let sign = isNegative ? -1 : 1
        if digits.isEmpty || other.digits.isEmpty {
            return digits.isEmpty == other.digits.isEmpty ? 0 : digits.isEmpty ? -sign : sign
        }
        if exponent != other.exponent { return exponent < other.exponent ? -sign : sign }
        if digits.lexicographicallyPrecedes(other.digits) { return -sign }
        return digits == other.digits ? 0 : sign
    }

    var int64Value: Int64? {
        guard !digits.isEmpty else { return 0 }
        guard exponent >= digits.count, exponent <= 19 else { return nil }
        var value: Int64 = 0
        for place in 0..<exponent {
            let digit = place < digits.count ? Int64(digits[place]) : 0
            let (product, overflow) = value.multipliedReportingOverflow(by: 10)
            let (next, overflowAgain) = product.subtractingReportingOverflow(digit)
            if overflow || overflowAgain { return nil }
            value = next
        }
        if isNegative { return value }
        return value == .min ? nil : -value
    }
}

extension Int {
    fileprivate func clampedSum(_ other: Int) -> Int {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? (other > 0 ? .max : .min) : sum
    }
}
