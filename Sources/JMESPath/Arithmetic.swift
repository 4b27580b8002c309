import JSON

/// Computes with numbers as they are written: `19.90 * 3` is `59.70`, not what doubles make of it.
enum Arithmetic {
    /// Nil when there is no result: a division by zero, or an overflow.
    static func compute(_ left: JSONNumber, _ arithmetic: ArithmeticOperator, _ right: JSONNumber) -> JSONNumber? {
        if let left = Decimal(left), let right = Decimal(right), let result = exact(left, arithmetic, right) {
            return result.number
        }
        let (left, right) = (left.doubleValue, right.doubleValue)
        switch arithmetic {
        case .plus: return JSONNumber(left + right)
        case .minus: return JSONNumber(left - right)
        case .times: return JSONNumber(left * right)
        case .divide: return right == 0 ? nil : JSONNumber(left / right)
        case .integerDivide: return right == 0 ? nil : JSONNumber((left / right).rounded(.down))
        case .modulo: return right == 0 ? nil : JSONNumber(left - (left / right).rounded(.down) * right)
        }
    }

    /// Nil when the result has too many digits, or none at all.
    private static func exact(_ left: Decimal, _ arithmetic: ArithmeticOperator, _ right: Decimal) -> Decimal? {
        switch arithmetic {
        case .plus: left.adding(right)
        case .minus: left.adding(right.negated)
        case .times: left.multiplied(by: right)
        case .divide: left.divided(by: right)
        case .integerDivide: left.quotientAndRemainder(right)?.quotient
        case .modulo: left.quotientAndRemainder(right)?.remainder
        }
    }

    static func negated(_ number: JSONNumber) -> JSONNumber {
        Decimal(number)?.negated.number ?? JSONNumber(-number.doubleValue) ?? number
    }

    static func absolute(_ number: JSONNumber) -> JSONNumber {
        number < JSONNumber(0) ? negated(number) : number
    }

    /// To a whole number, down or up.
    static func rounded(_ number: JSONNumber, _ rule: FloatingPointRoundingRule) -> JSONNumber {
        if let decimal = Decimal(number), let (down, rest) = decimal.quotientAndRemainder(.one) {
            let isUp = rule == .up && rest.significand != 0
            return (isUp ? down.adding(.one) : down)?.number ?? number
        }
        return JSONNumber(number.doubleValue.rounded(rule)) ?? number
    }
}

/// Adds up numbers, exactly as long as that can be.
struct Sum {
    private var exact = Decimal(significand: 0, scale: 0)
    /// The sum of those that are written as plain integers, as long as it fits.
    private var integers: Int64 = 0
    /// What has been added since there were too many digits.
    private var rest: Double?

    mutating func add(_ number: JSONNumber) {
        if let integer = number.plainInteger {
            let (sum, overflow) = integers.addingReportingOverflow(integer)
            if !overflow {
                integers = sum
                return
            }
        }
        if rest == nil, let decimal = Decimal(number), let sum = exact.adding(decimal) {
            exact = sum
        } else {
            rest = (rest ?? 0) + number.doubleValue
        }
    }

    /// Nil when it overflows.
    var total: JSONNumber? {
        var (exact, rest) = (exact, rest)
        if let sum = exact.adding(Decimal(significand: Int128(integers), scale: 0)) {
            exact = sum
        } else {
            rest = (rest ?? 0) + Double(integers)
        }
        guard let rest else { return exact.number }
        return exact.number.flatMap { JSONNumber($0.doubleValue + rest) }
    }
}

/// A number as a whole number of its last decimal place: `19.90` is 1990 with a scale of 2.
private struct Decimal {
    var significand: Int128
    /// Decimal places.
    var scale: Int

    static let one = Decimal(significand: 1, scale: 0)

    /// More places than this, and it is left to doubles.
    private static let mostPlaces = 18

    init(significand: Int128, scale: Int) {
        self.significand = significand
        self.scale = scale
    }

    /// Nil when it has more digits than fit.
    init?(_ number: JSONNumber) {
        (significand, scale) = (0, 0)
        if let integer = number.plainInteger {
            significand = Int128(integer)
            return
        }
        let lexeme = number.lexeme.utf8
        guard lexeme.count <= 40 else { return nil }
        var isNegative = false
        var isFraction = false
        var exponent: Int?
        var isExponentNegative = false
        for byte in lexeme {
            switch byte {
            case UInt8(ascii: "-"): if exponent == nil { isNegative = true } else { isExponentNegative = true }
            case UInt8(ascii: "+"): break
            case UInt8(ascii: "."): isFraction = true
            case UInt8(ascii: "e"), UInt8(ascii: "E"): exponent = 0
            default:
                let digit = byte &- UInt8(ascii: "0")
                if let known = exponent {
                    exponent = min(known * 10 + Int(digit), 1_000)
                } else {
                    guard significand < 1 << 110 else { return nil }
                    significand = significand * 10 + Int128(digit)
                    if isFraction { scale += 1 }
                }
            }
        }
        if isNegative { significand.negate() }
        if let exponent { scale -= isExponentNegative ? -exponent : exponent }
        if scale < 0 {
            guard let scaled = scaled(to: 0) else { return nil }
            self = scaled
        }
        guard scale <= Self.mostPlaces else { return nil }
    }

    var number: JSONNumber? {
        if scale == 0, let integer = Int64(exactly: significand) { return JSONNumber(integer) }
        var digits = String(significand.magnitude)
        if scale > 0 {
            if digits.utf8.count <= scale {
                digits = String(repeating: "0", count: scale + 1 - digits.utf8.count) + digits
            }
            digits.insert(".", at: digits.index(digits.endIndex, offsetBy: -scale))
        }
        return JSONNumber(lexeme: significand < 0 ? "-" + digits : digits)
    }

    var negated: Decimal { Decimal(significand: -significand, scale: scale) }

    func adding(_ other: Decimal) -> Decimal? {
        let places = max(scale, other.scale)
        guard let left = scaled(to: places), let right = other.scaled(to: places) else { return nil }
        let (sum, overflow) = left.significand.addingReportingOverflow(right.significand)
        return overflow ? nil : Decimal(significand: sum, scale: places)
    }

    func multiplied(by other: Decimal) -> Decimal? {
        let (product, overflow) = significand.multipliedReportingOverflow(by: other.significand)
        if overflow || scale + other.scale > Self.mostPlaces { return nil }
        return Decimal(significand: product, scale: scale + other.scale)
    }

    /// Nil when the quotient has no end, or for a divisor of zero.
    func divided(by other: Decimal) -> Decimal? {
        guard other.significand != 0 else { return nil }
        var dividend = significand
        for extra in 0...Self.mostPlaces {
            if dividend % other.significand == 0 {
                let quotient = Decimal(significand: dividend / other.significand, scale: scale - other.scale + extra)
                return quotient.scale >= 0 ? quotient : quotient.scaled(to: 0)
            }
            let (next, overflow) = dividend.multipliedReportingOverflow(by: 10)
            if overflow { return nil }
            dividend = next
        }
        return nil
    }

    /// The quotient rounded down, and what is left then.
    func quotientAndRemainder(_ other: Decimal) -> (quotient: Decimal, remainder: Decimal)? {
        let places = max(scale, other.scale)
        guard other.significand != 0, let left = scaled(to: places), let right = other.scaled(to: places) else {
            return nil
        }
        var (quotient, remainder) = left.significand.quotientAndRemainder(dividingBy: right.significand)
        if remainder != 0, (remainder < 0) != (right.significand < 0) {
            quotient -= 1
            remainder += right.significand
        }
        return (Decimal(significand: quotient, scale: 0), Decimal(significand: remainder, scale: places))
    }

    /// The same value with more places.
    private func scaled(to places: Int) -> Decimal? {
        guard places - scale <= 36 else { return significand == 0 ? Decimal(significand: 0, scale: places) : nil }
        var scaled = significand
        for _ in scale..<max(scale, places) {
            let (next, overflow) = scaled.multipliedReportingOverflow(by: 10)
            if overflow { return nil }
            scaled = next
        }
        return Decimal(significand: scaled, scale: max(scale, places))
    }
}
