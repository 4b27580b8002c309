/// A decimal number as digits, so that money is rounded as on paper: 1.005 to two places is 1.01, which no binary
/// double gives.
struct DecimalText {
    private var isNegative: Bool
    /// Decimal digits, the highest first.
    private var digits: [UInt8]
    /// How many of `digits` stand behind the point; negative for zeros that follow the last digit.
    private var scale: Int

    /// The largest power of ten, either way.
    private static let exponents = -400...400

    /// Reads a JSON number's lexeme, or a text of that form; nil for anything else.
    init?(_ text: String) {
        var rest = text.utf8[...]
        isNegative = rest.first == UInt8(ascii: "-")
        if isNegative { rest.removeFirst() }
        let whole = Self.takeDigits(&rest)
        var fraction: [UInt8] = []
        if rest.first == UInt8(ascii: ".") {
            rest.removeFirst()
            fraction = Self.takeDigits(&rest)
            if fraction.isEmpty { return nil }
        }
        var exponent = 0
        if rest.first.map({ $0 | 0x20 }) == UInt8(ascii: "e") {
            guard let number = Int(String(decoding: rest.dropFirst(), as: UTF8.self)),
                Self.exponents.contains(number)
            else { return nil }
            exponent = number
            rest = rest.dropFirst(rest.count)
        }
        guard rest.isEmpty, !whole.isEmpty, whole.count + fraction.count <= 1_000 else { return nil }
        digits = whole + fraction
        scale = fraction.count - exponent
    }

    private static func takeDigits(_ rest: inout Substring.UTF8View) -> [UInt8] {
        let run = rest.prefix { (0x30...0x39).contains($0) }
        rest = rest.dropFirst(run.count)
        return run.map { $0 - 0x30 }
    }

    /// The number with exactly `decimals` places, a half rounded away from zero.
    func text(decimals: Int, point: String = ".", group: String = "") -> String {
        var digits = digits
        if scale > decimals {
            let dropped = scale - decimals
            if dropped > digits.count {
                digits.insert(contentsOf: Array(repeating: 0, count: dropped - digits.count), at: 0)
            }
            let roundsUp = digits[digits.count - dropped] >= 5
            digits.removeLast(dropped)
            if roundsUp { Self.increment(&digits) }
        } else {
            digits += Array(repeating: 0, count: decimals - scale)
        }
        if digits.count <= decimals {
            digits.insert(contentsOf: Array(repeating: 0, count: decimals + 1 - digits.count), at: 0)
        }
        let isZero = digits.allSatisfy { $0 == 0 }
        let whole = Self.grouped(digits.dropLast(decimals).drop { $0 == 0 }, group)
        let fraction = String(decoding: digits.suffix(decimals).map { $0 + 0x30 }, as: UTF8.self)
        return (isNegative && !isZero ? "-" : "") + (whole.isEmpty ? "0" : whole)
            + (decimals > 0 ? point + fraction : "")
    }

    private static func increment(_ digits: inout [UInt8]) {
        for index in digits.indices.reversed() {
            if digits[index] < 9 {
                digits[index] += 1
                return
            }
            digits[index] = 0
        }
        digits.insert(1, at: 0)
    }

    private static func grouped(_ digits: ArraySlice<UInt8>, _ group: String) -> String {
        var text = ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index) % 3 == 0 { text += group }
            text.unicodeScalars.append(Unicode.Scalar(digit + 0x30))
        }
        return text
    }
}
