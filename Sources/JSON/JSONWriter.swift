extension JSONValue {
    /// Compact JSON in UTF-8. What comes from a document keeps its lexemes, its escapes and the order of its members.
    public func serialized() -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(weight)
        write(into: &output)
        return output
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
        case .object:
            output.append(UInt8(ascii: "{"))
            for (index, member) in (members ?? []).enumerated() {
                if index > 0 { output.append(UInt8(ascii: ",")) }
                member.key.writeJSON(into: &output)
                output.append(UInt8(ascii: ":"))
                member.value.write(into: &output)
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
                output.append(contentsOf: bytes[nodes[key].range.lowerBound - 1...nodes[key].range.upperBound])
                output.append(UInt8(ascii: ":"))
                write(key + 1, into: &output)
                key = Int(nodes[key + 1].next)
            }
            output.append(UInt8(ascii: "}"))
        case .string, .escapedString:
            output.append(contentsOf: bytes[entry.range.lowerBound - 1...entry.range.upperBound])
        case .null, .true, .false, .integer, .number:
            output.append(contentsOf: bytes[entry.range])
        }
    }
}

extension String {
    /// Appends the text in quotes; the quote, the backslash and what lies below U+0020 are escaped, all else stays.
    fileprivate func writeJSON(into output: inout [UInt8]) {
        output.append(UInt8(ascii: "\""))
        // Most texts have nothing to escape, and are copied as they are.
        guard utf8.contains(where: { $0 < 0x20 || $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "\\") }) else {
            output.append(contentsOf: utf8)
            output.append(UInt8(ascii: "\""))
            return
        }
        for byte in utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                output.append(UInt8(ascii: "\\"))
                output.append(byte)
            case 0x08: output.append(contentsOf: #"\b"#.utf8)
            case 0x09: output.append(contentsOf: #"\t"#.utf8)
            case 0x0A: output.append(contentsOf: #"\n"#.utf8)
            case 0x0C: output.append(contentsOf: #"\f"#.utf8)
            case 0x0D: output.append(contentsOf: #"\r"#.utf8)
            case 0..<0x20:
                output.append(contentsOf: (byte < 0x10 ? #"\u000"# : #"\u00"#).utf8)
                output.append(contentsOf: String(byte, radix: 16).utf8)
            default: output.append(byte)
            }
        }
        output.append(UInt8(ascii: "\""))
    }
}
