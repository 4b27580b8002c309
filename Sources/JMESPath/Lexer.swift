/// Text → tokens.
struct Lexer {
    private let bytes: [UInt8]
    private var position = 0

    init(_ text: String) {
        bytes = Array(text.utf8)
    }

    /// All tokens, and `end` after them.
    mutating func tokens() throws(JMESPathError) -> [Token] {
        var tokens: [Token] = []
        while true {
            let token = try next()
            tokens.append(token)
            if token.kind == .end { return tokens }
        }
    }

    private mutating func next() throws(JMESPathError) -> Token {
        while let byte = peek(), byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D { position += 1 }
        let start = position
        guard let byte = peek() else { return Token(kind: .end, range: start..<start) }
        switch byte {
        case UInt8(ascii: "."): return take(1, .dot)
        case UInt8(ascii: "*"): return take(1, .star)
        case UInt8(ascii: ","): return take(1, .comma)
        case UInt8(ascii: ":"): return take(1, .colon)
        case UInt8(ascii: "?"): return take(1, .question)
        case UInt8(ascii: "@"): return take(1, .current)
        case UInt8(ascii: "("): return take(1, .leftParenthesis)
        case UInt8(ascii: ")"): return take(1, .rightParenthesis)
        case UInt8(ascii: "{"): return take(1, .leftBrace)
        case UInt8(ascii: "}"): return take(1, .rightBrace)
        case UInt8(ascii: "]"): return take(1, .rightBracket)
        case UInt8(ascii: "+"): return take(1, .plus)
        case UInt8(ascii: "-"): return take(1, .minus)
        case UInt8(ascii: "%"): return take(1, .modulo)
        case UInt8(ascii: "["):
            if peek(1) == UInt8(ascii: "]") { return take(2, .flatten) }
            if peek(1) == UInt8(ascii: "?") { return take(2, .filter) }
            return take(1, .leftBracket)
        case UInt8(ascii: "/"): return peek(1) == byte ? take(2, .integerDivide) : take(1, .divide)
        case UInt8(ascii: "|"): return peek(1) == byte ? take(2, .or) : take(1, .pipe)
        case UInt8(ascii: "&"): return peek(1) == byte ? take(2, .and) : take(1, .ampersand)
        case UInt8(ascii: "="): return isEqualSignNext ? take(2, .comparator(.equal)) : take(1, .assign)
        case UInt8(ascii: "!"): return isEqualSignNext ? take(2, .comparator(.notEqual)) : take(1, .not)
        case UInt8(ascii: "<"):
            return isEqualSignNext ? take(2, .comparator(.lessOrEqual)) : take(1, .comparator(.less))
        case UInt8(ascii: ">"):
            return isEqualSignNext ? take(2, .comparator(.greaterOrEqual)) : take(1, .comparator(.greater))
        case UInt8(ascii: "0")...UInt8(ascii: "9"): return take(while: \.isDigit, .number)
        case UInt8(ascii: "$"):
            guard let first = peek(1), first.isIdentifierStart else { return take(1, .root) }
            position += 1
            return Token(kind: .variable, range: start..<take(while: \.isIdentifierPart, .variable).range.upperBound)
        case UInt8(ascii: "\""): return try takeQuoted(by: byte, .quotedIdentifier, "the closing '\"'")
        case UInt8(ascii: "'"): return try takeQuoted(by: byte, .rawString, "the closing quote '")
        case UInt8(ascii: "`"): return try takeQuoted(by: byte, .literal, "the closing backtick")
        case _ where byte.isIdentifierStart: return take(while: \.isIdentifierPart, .identifier)
        default: return try takeMathematicalSign()
        }
    }

    private func peek(_ ahead: Int = 0) -> UInt8? {
        position + ahead < bytes.count ? bytes[position + ahead] : nil
    }

    private var isEqualSignNext: Bool { peek(1) == UInt8(ascii: "=") }

    private mutating func take(_ count: Int, _ kind: Token.Kind) -> Token {
        position += count
        return Token(kind: kind, range: position - count..<position)
    }

    private mutating func take(while belongs: (UInt8) -> Bool, _ kind: Token.Kind) -> Token {
        let start = position
        while let byte = peek(), belongs(byte) { position += 1 }
        return Token(kind: kind, range: start..<position)
    }

    /// From a quote to the next one that no backslash stands before.
    private mutating func takeQuoted(
        by quote: UInt8,
        _ kind: Token.Kind,
        _ expected: String
    ) throws(JMESPathError) -> Token {
        let start = position
        position += 1
        while let byte = peek() {
            position += byte == UInt8(ascii: "\\") ? 2 : 1
            if byte == quote { return Token(kind: kind, range: start..<position) }
        }
        position = bytes.count
        throw JMESPathError(.syntax, at: start..<bytes.count, "the expression ends inside quotes", expected: expected)
    }

    /// `×`, `÷` and `−` (JEP-16, whose own examples write `–` for minus).
    private mutating func takeMathematicalSign() throws(JMESPathError) -> Token {
        let rest = bytes[position...]
        if rest.starts(with: "\u{D7}".utf8) { return take(2, .times) }
        if rest.starts(with: "\u{F7}".utf8) { return take(2, .divide) }
        if rest.starts(with: "\u{2212}".utf8) || rest.starts(with: "\u{2013}".utf8) { return take(3, .minus) }
        let character = String(decoding: rest.prefix(16), as: UTF8.self).first.map(String.init) ?? ""
        throw JMESPathError(
            .syntax,
            at: position..<position + character.utf8.count,
            "'\(character)' has no meaning here"
        )
    }
}

extension UInt8 {
    var isDigit: Bool { self >= UInt8(ascii: "0") && self <= UInt8(ascii: "9") }

    var isIdentifierStart: Bool {
        let lower = self | 0x20
        return lower >= UInt8(ascii: "a") && lower <= UInt8(ascii: "z") || self == UInt8(ascii: "_")
    }

    var isIdentifierPart: Bool { isIdentifierStart || isDigit }
}
