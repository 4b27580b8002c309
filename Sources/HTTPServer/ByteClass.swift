/// What each byte may be part of: RFC 9110 section 5.6.2 (tokens), RFC 3986 (targets and hosts).
struct ByteClass: OptionSet {
    let rawValue: UInt8

    /// `tchar`: methods, field names, extension names.
    static let token = ByteClass(rawValue: 1)
    /// Visible ASCII, obs-text, space and tab: what a field value is made of.
    static let fieldValue = ByteClass(rawValue: 2)
    /// What a target's path is made of. Beside RFC 3986's characters `[ ] | ^`, which browsers and Node leave as they are.
    static let path = ByteClass(rawValue: 4)
    /// What a query is made of. Beside RFC 3986's characters ``[ ] { } | \ ^ ` ``, for the same reason.
    static let query = ByteClass(rawValue: 8)
    /// `reg-name` without its percent-encoding's check: a host's name.
    static let host = ByteClass(rawValue: 16)
    /// Visible ASCII and space: what a request line is made of.
    static let requestLine = ByteClass(rawValue: 32)
    static let hexDigit = ByteClass(rawValue: 64)
    static let digit = ByteClass(rawValue: 128)

    /// The classes of each of the 256 bytes.
    static let table: InlineArray<256, UInt8> = {
        var table = InlineArray<256, UInt8>(repeating: 0)
        func add(_ byteClass: ByteClass, _ characters: StaticString) {
            characters.withUTF8Buffer { for byte in $0 { table[Int(byte)] |= byteClass.rawValue } }
        }
        let alphanumerics: StaticString = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
        for byteClass in [ByteClass.token, .path, .query, .host] { add(byteClass, alphanumerics) }
        add(.token, "!#$%&'*+-.^_`|~")
        add(.path, "-._~!$&'()*+,;=:@/%[]|^")
        add(.query, "-._~!$&'()*+,;=:@/%?[]{}|\\^`")
        add(.host, "-._~!$&'()*+,;=%")
        add(.hexDigit, "0123456789ABCDEFabcdef")
        add(.digit, "0123456789")
        for byte in 0x20...0x7E { table[byte] |= ByteClass.requestLine.rawValue | ByteClass.fieldValue.rawValue }
        for byte in 0x80...0xFF { table[byte] |= ByteClass.fieldValue.rawValue }
        add(.fieldValue, "\t")
        return table
    }()
}

extension UInt8 {
    @inline(__always)
    func belongs(to byteClass: ByteClass) -> Bool {
        ByteClass.table[Int(self)] & byteClass.rawValue != 0
    }

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
    /// Whether all bytes belong to the class; true when there are none.
    func all(_ byteClass: ByteClass) -> Bool {
        for index in indices where !self[index].belongs(to: byteClass) { return false }
        return true
    }

    /// Whether the bytes are exactly this text.
    func equals(_ text: String) -> Bool {
        guard text.utf8.count == count else { return false }
        var index = 0
        for byte in text.utf8 {
            guard self[index] == byte else { return false }
            index += 1
        }
        return true
    }

    /// Whether the bytes are this ASCII text, whatever the case of its letters.
    func equalsIgnoringCase(_ text: String) -> Bool {
        let text = text.utf8
        guard text.count == count else { return false }
        var index = 0
        for byte in text {
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

    /// Puts these bytes in place of as many at the start.
    mutating func overwriteStart(with bytes: ArraySlice<UInt8>) {
        guard !bytes.isEmpty else { return }
        withUnsafeMutableBufferPointer { _ = $0[..<bytes.count].update(fromContentsOf: bytes) }
    }

    mutating func append(_ bytes: Span<UInt8>) {
        bytes.withUnsafeBufferPointer { append(contentsOf: $0) }
    }
}
