/// One pass over the bytes: checks the grammar of RFC 8259 and UTF-8, and writes down where each value lies.
enum Indexer {
    static func index(_ bytes: Span<UInt8>, limits: JSONLimits) throws(JSONError) -> [Node] {
        do {
            return try nodes(bytes, limits: limits)
        } catch {
            throw JSONError(position: JSONPosition(offset: error.offset, in: bytes), reason: error.reason)
        }
    }

    /// A fault at an offset; lines and columns are counted only when it leaves this file.
    struct Fault: Error {
        let offset: Int
        let reason: JSONError.Reason
    }

    private static func nodes(_ bytes: Span<UInt8>, limits: JSONLimits) throws(Fault) -> [Node] {
        guard bytes.count <= limits.byteCount else {
            throw Fault(offset: limits.byteCount, reason: .tooLarge(limit: limits.byteCount))
        }
        var nodes: [Node] = []
        var place = Place(position: lengthOfByteOrderMark(bytes))
        var capacity = bytes.count / 8 + 16
        while place.isBeforeValue {
            let known = nodes
            nodes = try [Node](capacity: capacity) { nodes throws(Fault) in
                for node in known { nodes.append(node) }
                try index(bytes, limits, from: &place, into: &nodes)
            }
            capacity *= 2
        }
        return nodes
    }

    /// How far the index has come: what surrounds the value that is next.
    private struct Place {
        var position: Int
        /// The innermost open container, -1 outside of all. While one is open, its `next` holds the one around it.
        var container = -1
        var isObject = false
        var depth = 0
        /// False at the document's end.
        var isBeforeValue = true
    }

    /// Goes on until the document's end, or until there is no room for what one turn may add: a value, and within an
    /// object its key before it.
    private static func index(
        _ bytes: Span<UInt8>,
        _ limits: JSONLimits,
        from place: inout Place,
        into nodes: inout OutputSpan<Node>
    ) throws(Fault) {
        var (position, container, isObject, depth) = (place.position, place.container, place.isObject, place.depth)

        values: while true {
            guard nodes.freeCapacity >= 2 else {
                place = Place(position: position, container: container, isObject: isObject, depth: depth)
                return
            }
            if isObject { position = try key(bytes, from: position, container, &nodes) }
            position = skipSpace(bytes, position)
            guard position < bytes.count else { throw end(bytes, expected: "a value") }
            switch bytes[position] {
            case UInt8(ascii: "\""):
                var kind = NodeKind.string
                let start = position + 1
                let close = try string(bytes, from: start, &kind)
                nodes.append(start, close, nodes.count + 1, kind)
                position = close + 1
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                depth += 1
                guard depth <= limits.depth else {
                    throw Fault(offset: position, reason: .tooDeep(limit: limits.depth))
                }
                isObject = bytes[position] == UInt8(ascii: "{")
                nodes.append(position, 0, Int(UInt32(truncatingIfNeeded: container)), isObject ? .object : .array)
                container = nodes.count - 1
                position = skipSpace(bytes, position + 1)
                guard position < bytes.count else {
                    throw end(bytes, expected: isObject ? "a key or '}'" : "a value or ']'")
                }
                if isObject {
                    if bytes[position] != UInt8(ascii: "}") { continue values }
                } else if bytes[position] != UInt8(ascii: "]") {
                    nodes[container].end = 1
                    continue values
                }
            case UInt8(ascii: "1")...UInt8(ascii: "9"):
                // Most numbers are digits and nothing else.
                var close = position &+ 1
                while close < bytes.count, isDigit(bytes[close]) { close &+= 1 }
                var isInteger = true
                if close < bytes.count, bytes[close] == UInt8(ascii: ".") || bytes[close] | 0x20 == UInt8(ascii: "e") {
                    (close, isInteger) = try number(bytes, from: position)
                }
                nodes.append(position, close, nodes.count + 1, isInteger ? .integer : .number)
                position = close
            case UInt8(ascii: "-"), UInt8(ascii: "0"):
                let (close, isInteger) = try number(bytes, from: position)
                nodes.append(position, close, nodes.count + 1, isInteger ? .integer : .number)
                position = close
            case UInt8(ascii: "t"):
                try literal(bytes, position, "true")
                nodes.append(position, position + 4, nodes.count + 1, .true)
                position += 4
            case UInt8(ascii: "f"):
                try literal(bytes, position, "false")
                nodes.append(position, position + 5, nodes.count + 1, .false)
                position += 5
            case UInt8(ascii: "n"):
                try literal(bytes, position, "null")
                nodes.append(position, position + 4, nodes.count + 1, .null)
                position += 4
            default:
                throw unexpected(bytes, position, expected: "a value")
            }

            // A value is complete: go on in the container it lies in.
            while container >= 0 {
                position = skipSpace(bytes, position)
                guard position < bytes.count else {
                    throw end(bytes, expected: isObject ? "',' or '}'" : "',' or ']'")
                }
                let byte = bytes[position]
                if byte == UInt8(ascii: ",") {
                    position += 1
                    if !isObject { nodes[container].end &+= 1 }
                    continue values
                }
                guard byte == (isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) else {
                    throw unexpected(bytes, position, expected: isObject ? "',' or '}'" : "',' or ']'")
                }
                position += 1
                depth -= 1
                let outer = Int(Int32(bitPattern: nodes[container].next))
                nodes[container].next = UInt32(truncatingIfNeeded: nodes.count)
                container = outer
                if container >= 0 { isObject = nodes[container].kind == .object }
            }
            break
        }
        position = skipSpace(bytes, position)
        guard position == bytes.count else { throw unexpected(bytes, position, expected: "the document's end") }
        place.isBeforeValue = false
    }

    /// A key and its colon; the key is linked to the one before it. The position after the colon.
    @inline(__always)
    private static func key(
        _ bytes: Span<UInt8>,
        from start: Int,
        _ object: Int,
        _ nodes: inout OutputSpan<Node>
    ) throws(Fault) -> Int {
        let position = skipSpace(bytes, start)
        guard position < bytes.count, bytes[position] == UInt8(ascii: "\"") else {
            let expected = object == nodes.count - 1 ? "a key in quotes, or '}'" : "a key in quotes"
            throw position < bytes.count
                ? unexpected(bytes, position, expected: expected) : end(bytes, expected: expected)
        }
        var kind = NodeKind.string
        let close = try string(bytes, from: position + 1, &kind)
        let previous = Int(nodes[object].end)
        nodes[object].end = UInt32(truncatingIfNeeded: nodes.count)
        let isNear = previous != 0 && previous &+ 2 == nodes.count
        nodes.append(position + 1, close, previous, kind, isNear: isNear)
        let colon = skipSpace(bytes, close + 1)
        guard colon < bytes.count else { throw end(bytes, expected: "':'") }
        guard bytes[colon] == UInt8(ascii: ":") else { throw unexpected(bytes, colon, expected: "':'") }
        return colon + 1
    }
}

extension OutputSpan<Node> {
    /// Positions lie below `JSONLimits.byteCount`, and so in 32 bits.
    @inline(__always)
    fileprivate mutating func append(
        _ start: Int,
        _ end: Int,
        _ next: Int,
        _ kind: NodeKind,
        isNear: Bool = false
    ) {
        append(
            Node(
                start: UInt32(truncatingIfNeeded: start),
                end: UInt32(truncatingIfNeeded: end),
                next: UInt32(truncatingIfNeeded: next),
                kind: kind,
                isNear: isNear
            )
        )
    }
}

// MARK: - Scalars

extension Indexer {
    /// Passes over a string's content, from after its opening quote, and gives back its closing quote's position.
    /// `kind` becomes `escapedString` when there is an escape.
    @inline(__always)
    private static func string(_ bytes: Span<UInt8>, from start: Int, _ kind: inout NodeKind) throws(Fault) -> Int {
        let raw = bytes.bytes
        var position = start
        // Eight bytes at a time, while none of them is special. Most strings end at the first that is.
        while position &+ 8 <= bytes.count {
            let word = UInt64(littleEndian: raw.unsafeLoadUnaligned(fromByteOffset: position, as: UInt64.self))
            let special = specialBytes(word)
            if special != 0 {
                let bit = special.trailingZeroBitCount & 56
                position &+= bit >> 3
                if UInt8(truncatingIfNeeded: word >> UInt64(bit)) == UInt8(ascii: "\"") { return position }
                break
            }
            position &+= 8
        }
        return try restOfString(bytes, from: position, &kind)
    }

    /// The same, when there is an escape, a letter beyond ASCII, a fault, or little left of the document.
    @inline(never)
    private static func restOfString(
        _ bytes: Span<UInt8>,
        from start: Int,
        _ kind: inout NodeKind
    ) throws(Fault) -> Int {
        let raw = bytes.bytes
        var position = start
        while true {
            while position &+ 8 <= bytes.count {
                let word = UInt64(littleEndian: raw.unsafeLoadUnaligned(fromByteOffset: position, as: UInt64.self))
                let special = specialBytes(word)
                if special != 0 {
                    position &+= special.trailingZeroBitCount >> 3
                    break
                }
                position &+= 8
            }
            guard position < bytes.count else { throw end(bytes, expected: "the string's closing quote") }
            switch bytes[position] {
            case UInt8(ascii: "\""): return position
            case UInt8(ascii: "\\"):
                kind = .escapedString
                position = try escape(bytes, from: position)
            case 0..<0x20: throw Fault(offset: position, reason: .controlCharacter(bytes[position]))
            case 0xC2...0xDF where position &+ 1 < bytes.count && bytes[position &+ 1] & 0xC0 == 0x80: position &+= 2
            case 0x80...: position = try encodedScalar(bytes, from: position)
            default: position &+= 1
            }
        }
    }

    /// The high bit of each byte that is a quote, a backslash, below 0x20 or above 0x7F. Only the lowest one that is set
    /// is sure to be right: a borrow may make the bytes above it look special.
    @inline(__always)
    private static func specialBytes(_ word: UInt64) -> UInt64 {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let quote = word ^ (ones &* 0x22)
        let backslash = word ^ (ones &* 0x5C)
        let found = ((quote &- ones) & ~quote) | ((backslash &- ones) & ~backslash) | (word &- (ones &* 0x20)) | word
        return found & (ones &* 0x80)
    }

    /// The position after an escape that begins with the backslash at `start`.
    private static func escape(_ bytes: Span<UInt8>, from start: Int) throws(Fault) -> Int {
        guard start + 1 < bytes.count else { throw end(bytes, expected: "an escape's next character") }
        switch bytes[start + 1] {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
            UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            return start + 2
        case UInt8(ascii: "u"):
            for offset in 2..<6 {
                guard start + offset < bytes.count else { throw end(bytes, expected: "four hexadecimal digits") }
                guard hexadecimalDigit(bytes[start + offset]) != nil else {
                    throw Fault(offset: start, reason: .invalidEscape)
                }
            }
            return start + 6
        default:
            throw Fault(offset: start, reason: .invalidEscape)
        }
    }

    /// The position after a code point of several bytes, by the table of RFC 3629 section 4.
    private static func encodedScalar(_ bytes: Span<UInt8>, from start: Int) throws(Fault) -> Int {
        let first = bytes[start]
        let length: Int
        var second: ClosedRange<UInt8> = 0x80...0xBF
        switch first {
        case 0xC2...0xDF: length = 2
        case 0xE0: (length, second) = (3, 0xA0...0xBF)
        case 0xE1...0xEC, 0xEE...0xEF: length = 3
        case 0xED: (length, second) = (3, 0x80...0x9F)
        case 0xF0: (length, second) = (4, 0x90...0xBF)
        case 0xF1...0xF3: length = 4
        case 0xF4: (length, second) = (4, 0x80...0x8F)
        default: throw Fault(offset: start, reason: .invalidUTF8)
        }
        guard start + length <= bytes.count, second.contains(bytes[start + 1]) else {
            throw Fault(offset: start, reason: .invalidUTF8)
        }
        for offset in 2..<max(length, 2) where bytes[start + offset] & 0xC0 != 0x80 {
            throw Fault(offset: start, reason: .invalidUTF8)
        }
        return start + length
    }

    /// The position after a number, and whether it has neither fraction nor exponent.
    static func number(_ bytes: Span<UInt8>, from start: Int) throws(Fault) -> (end: Int, isInteger: Bool) {
        var position = start
        var isInteger = true
        if position < bytes.count, bytes[position] == UInt8(ascii: "-") { position += 1 }
        guard position < bytes.count else { throw end(bytes, expected: "a digit") }
        if bytes[position] == UInt8(ascii: "0") {
            position += 1
            // RFC 8259 §6: leading zeros are not allowed.
            if position < bytes.count, isDigit(bytes[position]) {
                throw unexpected(bytes, position, expected: "'.', an exponent or the number's end after a leading 0")
            }
        } else {
            position = try digits(bytes, from: position)
        }
        if position < bytes.count, bytes[position] == UInt8(ascii: ".") {
            isInteger = false
            position = try digits(bytes, from: position + 1)
        }
        if position < bytes.count, bytes[position] | 0x20 == UInt8(ascii: "e") {
            isInteger = false
            position += 1
            if position < bytes.count, bytes[position] == UInt8(ascii: "+") || bytes[position] == UInt8(ascii: "-") {
                position += 1
            }
            position = try digits(bytes, from: position)
        }
        return (position, isInteger)
    }

    /// The position after one or more digits.
    @inline(__always)
    private static func digits(_ bytes: Span<UInt8>, from start: Int) throws(Fault) -> Int {
        var position = start
        while position < bytes.count, isDigit(bytes[position]) { position &+= 1 }
        guard position > start else {
            throw position < bytes.count
                ? unexpected(bytes, position, expected: "a digit") : end(bytes, expected: "a digit")
        }
        return position
    }

    @inline(__always)
    private static func literal(_ bytes: Span<UInt8>, _ start: Int, _ word: StaticString) throws(Fault) {
        for offset in 0..<word.utf8CodeUnitCount {
            guard start + offset < bytes.count else { throw end(bytes, expected: "'\(word)'") }
            guard bytes[start + offset] == word.utf8Start[offset] else {
                throw unexpected(bytes, start + offset, expected: "'\(word)'")
            }
        }
    }

    @inline(__always)
    private static func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "0") < 10 }
}

// MARK: - Between values

extension Indexer {
    @inline(__always)
    private static func skipSpace(_ bytes: Span<UInt8>, _ start: Int) -> Int {
        var position = start
        while position < bytes.count, isSpace(bytes[position]) { position &+= 1 }
        return position
    }

    @inline(__always)
    private static func isSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09
    }

    /// RFC 8259 §8.1 lets a parser ignore the mark, and some senders put it there.
    private static func lengthOfByteOrderMark(_ bytes: Span<UInt8>) -> Int {
        bytes.count >= 3 && bytes[0] == 0xEF && bytes[1] == 0xBB && bytes[2] == 0xBF ? 3 : 0
    }

    private static func end(_ bytes: Span<UInt8>, expected: String) -> Fault {
        Fault(offset: bytes.count, reason: .unexpectedEnd(expected: expected))
    }

    private static func unexpected(_ bytes: Span<UInt8>, _ position: Int, expected: String) -> Fault {
        Fault(offset: position, reason: .unexpected(found: bytes[position], expected: expected))
    }
}
