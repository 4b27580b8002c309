extension JSONValue {
    /// Compact JSON in UTF-8. What comes from a document keeps its lexemes, its escapes and the order of its members.
    public func serialized() -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(weight)
        write(into: &output)
        return output
    }

    /// The bytes it was parsed from, with their spaces, when it is the whole of a document; else compact JSON.
    public func asReceived() -> [UInt8] {
        if case .view(let document, 0) = storage { document.bytes } else { serialized() }
    }

    /// Appends an object whose values are strings, in this order.
    @inlinable public static func write(strings members: some Sequence<(String, String)>, into output: inout [UInt8]) {
        output.append(UInt8(ascii: "{"))
        var isFirst = true
        for (name, value) in members {
            if !isFirst { output.append(UInt8(ascii: ",")) }
            isFirst = false
            name.writeJSON(into: &output)
            output.append(UInt8(ascii: ":"))
            value.writeJSON(into: &output)
        }
        output.append(UInt8(ascii: "}"))
    }

    /// Appends compact JSON to `output`.
    public func write(into output: inout [UInt8]) {
        switch storage {
        case .null: output.append(contentsOf: "null".utf8)
        case .boolean(let value): output.append(contentsOf: (value ? "true" : "false").utf8)
        case .number(let number): output.append(contentsOf: number.lexeme.utf8)
        case .string(let text): text.writeJSON(into: &output)
        case .array(let elements, _):
            output.append(UInt8(ascii: "["))
            for (index, element) in elements.enumerated() {
                if index > 0 { output.append(UInt8(ascii: ",")) }
                element.write(into: &output)
            }
            output.append(UInt8(ascii: "]"))
        case .object(let members, _):
            output.append(UInt8(ascii: "{"))
            let kept = lastOfEachName(members)
            for index in 0..<(kept?.count ?? members.count) {
                let place = kept?[index] ?? index
                if index > 0 { output.append(UInt8(ascii: ",")) }
                members[place].key.writeJSON(into: &output)
                output.append(UInt8(ascii: ":"))
                members[place].value.write(into: &output)
            }
            output.append(UInt8(ascii: "}"))
        case .view(let document, let node): document.write(node, into: &output)
        }
    }
}

extension JSONValue: CustomStringConvertible {
    /// Compact JSON.
    public var description: String { String(decoding: serialized(), as: UTF8.self) }
}

extension JSONDocument {
    /// Appends a node's value without the document's spaces. A member that is there twice stays so.
    fileprivate func write(_ node: Int, into output: inout [UInt8]) {
        let entry = nodes[node]
        switch entry.kind {
        case .array:
            output.append(UInt8(ascii: "["))
            var element = node + 1
            while element < Int(entry.next) {
                if element > node + 1 { output.append(UInt8(ascii: ",")) }
                write(element, into: &output)
                element = Int(nodes[element].next)
            }
            output.append(UInt8(ascii: "]"))
        case .object:
            output.append(UInt8(ascii: "{"))
            var key = node + 1
            while key < Int(entry.next) {
                if key > node + 1 { output.append(UInt8(ascii: ",")) }
                // The content and the quotes around it.
                append(nodes[key].range.lowerBound - 1..<nodes[key].range.upperBound + 1, to: &output)
                output.append(UInt8(ascii: ":"))
                write(key + 1, into: &output)
                key = Int(nodes[key + 1].next)
            }
            output.append(UInt8(ascii: "}"))
        case .string, .escapedString:
            append(entry.range.lowerBound - 1..<entry.range.upperBound + 1, to: &output)
        case .null, .true, .false, .integer, .number:
            append(entry.range, to: &output)
        }
    }
}

extension String {
    /// Appends the text as a JSON string: the quote, the backslash and what lies below U+0020 are escaped, all else stays.
    public func writeJSON(into output: inout [UInt8]) {
        output.append(UInt8(ascii: "\""))
        let bytes = utf8Span.span
        var copied = 0
        for index in bytes.indices where bytes[index].isEscapedInJSON {
            output.append(contentsOf: bytes.extracting(copied..<index))
            output.appendEscape(of: bytes[index])
            copied = index + 1
        }
        output.append(contentsOf: bytes.extracting(copied...))
        output.append(UInt8(ascii: "\""))
    }
}

extension UInt8 {
    fileprivate var isEscapedInJSON: Bool { self < 0x20 || self == UInt8(ascii: "\"") || self == UInt8(ascii: "\\") }
}

extension [UInt8] {
    fileprivate mutating func append(contentsOf span: Span<UInt8>) {
        span.withUnsafeBufferPointer { append(contentsOf: $0) }
    }

    fileprivate mutating func appendEscape(of byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"):
            append(UInt8(ascii: "\\"))
            append(byte)
        case 0x08: append(contentsOf: #"\b"#.utf8)
        case 0x09: append(contentsOf: #"\t"#.utf8)
        case 0x0A: append(contentsOf: #"\n"#.utf8)
        case 0x0C: append(contentsOf: #"\f"#.utf8)
        case 0x0D: append(contentsOf: #"\r"#.utf8)
        default:
            append(contentsOf: (byte < 0x10 ? #"\u000"# : #"\u00"#).utf8)
            append(contentsOf: String(byte, radix: 16).utf8)
        }
    }
}
