/// Why an expression cannot be compiled, or not evaluated.
public struct JMESPathError: Error, Equatable, Sendable {
    /// The kinds of the JMESPath specification, and one for our own limits.
    public enum Kind: String, Sendable, CaseIterable {
        case syntax
        case invalidType = "invalid-type"
        case invalidArity = "invalid-arity"
        case invalidValue = "invalid-value"
        case unknownFunction = "unknown-function"
        case undefinedVariable = "undefined-variable"
        case notANumber = "not-a-number"
        case limitExceeded = "limit-exceeded"
    }

    public let kind: Kind
    /// Where in the expression it lies, in bytes of its UTF-8.
    public let range: Range<Int>
    /// What was found, without the place.
    public let message: String
    /// What should stand there, where that can be said.
    public let expected: String?

    public init(_ kind: Kind, at range: Range<Int>, _ message: String, expected: String? = nil) {
        self.kind = kind
        self.range = range
        self.message = message
        self.expected = expected
    }

    /// The first byte of `range`.
    public var offset: Int { range.lowerBound }
}

extension JMESPathError: CustomStringConvertible {
    public var description: String {
        if let expected { return "\(kind.rawValue) at \(offset): \(message); expected \(expected)" }
        return "\(kind.rawValue) at \(offset): \(message)"
    }

    /// The line of `text` in which the error lies, and below it a line with carets under its range:
    ///
    /// ```
    /// length(body.total)
    ///        ^^^^^^^^^^
    /// ```
    public func caret(in text: String) -> String {
        let bytes = Array(text.utf8)
        let offset = min(offset, bytes.count)
        let newline = UInt8(ascii: "\n")
        let start = bytes[..<offset].lastIndex(of: newline).map { $0 + 1 } ?? 0
        let end = bytes[offset...].firstIndex(of: newline) ?? bytes.count
        func width(_ range: Range<Int>) -> Int { String(decoding: bytes[range], as: UTF8.self).count }
        let line = String(decoding: bytes[start..<end], as: UTF8.self)
        let marked = offset..<max(offset, min(range.upperBound, end))
        // Tabs stay, so that the carets stand right whatever a tab's width is.
        let indent = String(decoding: bytes[start..<offset], as: UTF8.self).map { $0 == "\t" ? "\t" : " " }
        return line + "\n" + indent.joined() + String(repeating: "^", count: max(1, width(marked)))
    }
}
