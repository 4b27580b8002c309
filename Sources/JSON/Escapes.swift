/// The value of a hexadecimal digit in either case.
func hexadecimalDigit(_ byte: UInt8) -> UInt32? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte - UInt8(ascii: "0"))
    case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt32(byte - UInt8(ascii: "a") + 10)
    case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt32(byte - UInt8(ascii: "A") + 10)
    default: nil
    }
}

/// The text of a string's content that the indexer has checked. A surrogate without its other half becomes U+FFFD.
func unescaped(_ content: Span<UInt8>) -> String {
    var text: [UInt8] = []
    text.reserveCapacity(content.count)
    var position = 0
    while position < content.count {
        let byte = content[position]
        guard byte == UInt8(ascii: "\\") else {
            text.append(byte)
            position += 1
            continue
        }
        let name = content[position + 1]
        position += 2
        switch name {
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "f"): text.append(0x0C)
        case UInt8(ascii: "n"): text.append(0x0A)
        case UInt8(ascii: "r"): text.append(0x0D)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "u"):
            var unit = codeUnit(content, at: position)
            position += 4
            if 0xD800..<0xDC00 ~= unit, position + 6 <= content.count,
                content[position] == UInt8(ascii: "\\"), content[position + 1] == UInt8(ascii: "u")
            {
                let low = codeUnit(content, at: position + 2)
                if 0xDC00..<0xE000 ~= low {
                    unit = 0x10000 + (unit - 0xD800) << 10 + (low - 0xDC00)
                    position += 6
                }
            }
            text.append(contentsOf: String(Character(Unicode.Scalar(unit) ?? "\u{FFFD}")).utf8)
        default: text.append(name)
        }
    }
    return String(decoding: text, as: UTF8.self)
}

/// The four hexadecimal digits at `position`.
private func codeUnit(_ content: Span<UInt8>, at position: Int) -> UInt32 {
    (0..<4).reduce(0) { $0 << 4 | (hexadecimalDigit(content[position + $1]) ?? 0) }
}
