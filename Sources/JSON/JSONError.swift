/// Why bytes are not JSON, and where.
public struct JSONError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The first byte that cannot be: the document's end when it breaks off.
    public let position: JSONPosition
    public let reason: Reason

    public enum Reason: Equatable, Sendable {
        /// The document breaks off where this should follow.
        case unexpectedEnd(expected: String)
        /// This byte stands where that should follow.
        case unexpected(found: UInt8, expected: String)
        /// A string holds this control character as it is; it must be escaped.
        case controlCharacter(UInt8)
        /// After a backslash stands none of `"\/bfnrtu`, or no four hexadecimal digits.
        case invalidEscape
        case invalidUTF8
        /// More arrays and objects within each other than this.
        case tooDeep(limit: Int)
        /// More bytes than this.
        case tooLarge(limit: Int)
    }

    public var description: String { "\(position): \(reason)" }
}

extension JSONError.Reason: CustomStringConvertible {
    public var description: String {
        switch self {
        case .unexpectedEnd(let expected): "the document ends where \(expected) is expected"
        case .unexpected(let found, let expected): "found \(Self.name(of: found)), expected \(expected)"
        case .controlCharacter(let byte): "\(Self.name(of: byte)) in a string must be escaped"
        case .invalidEscape: "not an escape of JSON"
        case .invalidUTF8: "not UTF-8"
        case .tooDeep(let limit): "more than \(limit) arrays and objects within each other"
        case .tooLarge(let limit): "more than \(limit) bytes"
        }
    }

    private static func name(of byte: UInt8) -> String {
        if byte > 0x20, byte < 0x7F { return "'\(Character(Unicode.Scalar(byte)))'" }
        if byte == 0x20 { return "a space" }
        let digits = String(byte, radix: 16, uppercase: true)
        return "byte 0x\(digits.count == 1 ? "0" : "")\(digits)"
    }
}

/// A place in a text.
public struct JSONPosition: Equatable, Sendable, CustomStringConvertible {
    /// Bytes before it.
    public let offset: Int
    /// From 1; lines end with a line feed.
    public let line: Int
    /// From 1, in Unicode code points.
    public let column: Int

    public init(offset: Int, line: Int, column: Int) {
        self.offset = offset
        self.line = line
        self.column = column
    }

    /// Counts the lines and columns before `offset`.
    init(offset: Int, in bytes: Span<UInt8>) {
        var line = 1
        var column = 1
        for index in 0..<min(offset, bytes.count) {
            if bytes[index] == UInt8(ascii: "\n") {
                line += 1
                column = 1
            } else if bytes[index] & 0xC0 != 0x80 {
                column += 1
            }
        }
        self.init(offset: offset, line: line, column: column)
    }

    public var description: String { "line \(line), column \(column)" }
}
