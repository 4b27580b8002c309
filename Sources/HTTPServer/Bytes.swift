extension UInt8 {
    /// The ASCII lower-case letter of an upper-case one; any other byte unchanged.
    var asciiLowercased: UInt8 {
        self >= 0x41 && self <= 0x5A ? self | 0x20 : self
    }

    /// The value of a hexadecimal digit, nil for any other byte.
    var hexValue: Int? {
        switch self {
        case 0x30...0x39: Int(self) - 0x30
        case 0x41...0x46: Int(self) - 0x37
        case 0x61...0x66: Int(self) - 0x57
        default: nil
        }
    }

    static let tab = UInt8(ascii: "\t")
    static let lineFeed = UInt8(ascii: "\n")
    static let carriageReturn = UInt8(ascii: "\r")
    static let space = UInt8(ascii: " ")
    static let colon = UInt8(ascii: ":")
    static let comma = UInt8(ascii: ",")
}

extension Span<UInt8> {
    /// Whether all bytes belong to the set; true when there are none.
    func all(_ set: ByteSet) -> Bool {
        for index in indices where !set.contains(self[index]) { return false }
        return true
    }

    /// Whether the bytes are exactly this ASCII text.
    func equals(_ text: StaticString) -> Bool {
        guard text.utf8CodeUnitCount == count else { return false }
        return text.withUTF8Buffer { text in
            for index in indices where self[index] != text[index] { return false }
            return true
        }
    }

    /// Whether the bytes are this ASCII text, whatever the case of its letters.
    func equalsIgnoringCase(_ text: StaticString) -> Bool {
        guard text.utf8CodeUnitCount == count else { return false }
        return text.withUTF8Buffer { text in
            for index in indices where self[index].asciiLowercased != text[index].asciiLowercased { return false }
            return true
        }
    }

    /// Whether the bytes are this ASCII text, whatever the case of its letters.
    func equalsIgnoringCase(text: some StringProtocol) -> Bool {
        guard text.utf8.count == count else { return false }
        var index = 0
        for byte in text.utf8 {
            guard self[index].asciiLowercased == byte.asciiLowercased else { return false }
            index += 1
        }
        return true
    }

    func firstIndex(of byte: UInt8, from start: Int = 0) -> Int? {
        var index = start
        while index < count {
            if self[index] == byte { return index }
            index += 1
        }
        return nil
    }

    /// Calls `body` with where each member of a comma-separated list stands (RFC 9110 section 5.6.1), empty ones included,
    /// without white space around them. A list of no bytes has no members.
    func forEachListMember(_ body: (Range<Int>) -> Void) {
        guard count > 0 else { return }
        var start = 0
        while let comma = firstIndex(of: .comma, from: start) {
            body(trimmed(start..<comma))
            start = comma + 1
        }
        body(trimmed(start..<count))
    }

    /// The range without spaces and tabs at either end (RFC 9110 section 5.6.3).
    func trimmed(_ range: Range<Int>) -> Range<Int> {
        var (start, end) = (range.lowerBound, range.upperBound)
        while start < end, self[start] == .space || self[start] == .tab { start += 1 }
        while start < end, self[end - 1] == .space || self[end - 1] == .tab { end -= 1 }
        return start..<end
    }
}

extension String {
    /// The text that the bytes are in UTF-8; what is malformed becomes U+FFFD.
    init(_ bytes: Span<UInt8>) {
        self = bytes.withUnsafeBufferPointer { String(decoding: $0, as: UTF8.self) }
    }
}

extension [UInt8] {
    /// A copy of borrowed bytes.
    init(_ bytes: Span<UInt8>) {
        self = bytes.withUnsafeBufferPointer { Array($0) }
    }

    /// Puts these bytes in place of as many from an index on.
    mutating func overwrite(at index: Int, with bytes: Span<UInt8>) {
        withUnsafeMutableBufferPointer { buffer in
            bytes.withUnsafeBufferPointer { bytes in
                _ = buffer[index..<(index + bytes.count)].update(fromContentsOf: bytes)
            }
        }
    }

    mutating func append(_ bytes: Span<UInt8>) {
        bytes.withUnsafeBufferPointer { append(contentsOf: $0) }
    }
}
