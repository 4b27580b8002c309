/// A template's text, cut into what stands as it is and the expressions between `{{` and `}}`.
struct TemplateText: Sendable, Equatable {
    enum Piece: Sendable, Equatable {
        case text(String)
        /// An expression's text without the white space around it, and where it begins, in UTF-8 bytes.
        case expression(String, offset: Int)
    }

    struct Fault: Error, Equatable {
        /// In UTF-8 bytes of the whole text.
        var offset: Int
        var message: String
    }

    let pieces: [Piece]

    /// The end of an expression is looked for outside of its quoted names, strings, literals and braces, so
    /// `{{ {a: {b: c}} }}` and `{{ '}}' }}` are read as they are meant.
    init(_ text: String) throws(Fault) {
        let bytes = Array(text.utf8)
        var pieces: [Piece] = []
        var position = 0
        while position < bytes.count {
            let opening = Self.opening(in: bytes, from: position) ?? bytes.count
            if opening > position { pieces.append(.text(String(decoding: bytes[position..<opening], as: UTF8.self))) }
            guard opening < bytes.count else { break }
            guard let closing = Self.closing(in: bytes, from: opening + 2) else {
                throw Fault(offset: opening, message: "'{{' is not closed by '}}'")
            }
            pieces.append(try Self.expression(bytes, (opening + 2)..<closing))
            position = closing + 2
        }
        self.pieces = pieces
    }

    private static func expression(_ bytes: [UInt8], _ range: Range<Int>) throws(Fault) -> Piece {
        let isBlank = { (byte: UInt8) in byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D }
        guard let first = bytes[range].firstIndex(where: { !isBlank($0) }),
            let last = bytes[range].lastIndex(where: { !isBlank($0) })
        else { throw Fault(offset: range.lowerBound - 2, message: "there is no expression between '{{' and '}}'") }
        return .expression(String(decoding: bytes[first...last], as: UTF8.self), offset: first)
    }

    private static func opening(in bytes: [UInt8], from start: Int) -> Int? {
        bytes.indices.dropFirst(start).first {
            bytes[$0] == UInt8(ascii: "{") && $0 + 1 < bytes.count && bytes[$0 + 1] == UInt8(ascii: "{")
        }
    }

    private static func closing(in bytes: [UInt8], from start: Int) -> Int? {
        var position = start
        var depth = 0
        while position < bytes.count {
            switch bytes[position] {
            case UInt8(ascii: "'"), UInt8(ascii: "\""), UInt8(ascii: "`"):
                guard let end = endOfQuoted(bytes, from: position) else { return nil }
                position = end
            case UInt8(ascii: "{"): depth += 1
            case UInt8(ascii: "}") where depth > 0: depth -= 1
            case UInt8(ascii: "}") where position + 1 < bytes.count && bytes[position + 1] == UInt8(ascii: "}"):
                return position
            default: break
            }
            position += 1
        }
        return nil
    }

    /// The index of the quote that ends what begins here; a backslash hides the character behind it.
    private static func endOfQuoted(_ bytes: [UInt8], from start: Int) -> Int? {
        var position = start + 1
        while position < bytes.count {
            if bytes[position] == UInt8(ascii: "\\") {
                position += 1
            } else if bytes[position] == bytes[start] {
                return position
            }
            position += 1
        }
        return nil
    }
}
