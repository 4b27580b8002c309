/// The smallest part of an expression that means something, and where it stands.
struct Token {
    enum Kind: Equatable {
        case identifier, quotedIdentifier, rawString, literal, number, variable
        case dot, star, comma, colon, question, assign
        case leftParenthesis, rightParenthesis, leftBrace, rightBrace, leftBracket, rightBracket
        /// `[]` without a space inside.
        case flatten
        /// `[?` without a space inside.
        case filter
        case current, root, ampersand, not, pipe, or, and
        case comparator(Comparator)
        case plus, minus, times, divide, integerDivide, modulo
        case end
    }

    let kind: Kind
    /// In bytes of the expression's UTF-8.
    let range: Range<Int>
}

/// An operator that compares two values.
public enum Comparator: String, Sendable, CaseIterable {
    case equal = "=="
    case notEqual = "!="
    case less = "<"
    case lessOrEqual = "<="
    case greater = ">"
    case greaterOrEqual = ">="
}

/// An operator that computes with two numbers.
public enum ArithmeticOperator: String, Sendable, CaseIterable {
    case plus = "+"
    case minus = "-"
    case times = "*"
    case divide = "/"
    /// Rounds down: `-7 // 2` is -4.
    case integerDivide = "//"
    /// What `//` leaves: `-7 % 2` is 1.
    case modulo = "%"
}
