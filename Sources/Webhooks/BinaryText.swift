/// Bytes written as text. Decoding is strict: one text for the same bytes (but for the case of hexadecimal digits), so
/// that a signature cannot be had in a second spelling.
public enum BinaryText: String, Sendable, CaseIterable {
    case hex
    /// RFC 4648 section 4, padded.
    case base64
    /// RFC 4648 section 5; padding may be left out, as is usual there.
    case base64url

    /// Nil for anything that `encoded` would not have written.
    func decoded(_ text: String) -> [UInt8]? {
        switch self {
        case .hex: Self.decodedHex(text)
        case .base64: Self.decodedBase64(Array(text.utf8), digits: Self.base64Values, isPaddingOptional: false)
        case .base64url: Self.decodedBase64(Array(text.utf8), digits: Self.base64urlValues, isPaddingOptional: true)
        }
    }

    func encoded(_ bytes: [UInt8]) -> String {
        switch self {
        case .hex: Self.encodedHex(bytes)
        case .base64: Self.encodedBase64(bytes, digits: Self.base64Digits, isPadded: true)
        case .base64url: Self.encodedBase64(bytes, digits: Self.base64urlDigits, isPadded: false)
        }
    }

    /// Base64 as secrets are pasted: the padding may be missing.
    static func decodedSecret(_ text: String) -> [UInt8]? {
        decodedBase64(Array(text.utf8), digits: base64Values, isPaddingOptional: true)
    }

    // MARK: - Hexadecimal

    /// The value of a hexadecimal digit in either case; nil for any other byte.
    static func hexValue(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }

    private static func decodedHex(_ text: String) -> [UInt8]? {
        let digits = Array(text.utf8)
        guard digits.count.isMultiple(of: 2) else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(digits.count / 2)
        for index in stride(from: 0, to: digits.count, by: 2) {
            guard let high = hexValue(digits[index]), let low = hexValue(digits[index + 1]) else { return nil }
            bytes.append(high << 4 | low)
        }
        return bytes
    }

    private static func encodedHex(_ bytes: [UInt8]) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return String(unsafeUninitializedCapacity: bytes.count * 2) { text in
            for (index, byte) in bytes.enumerated() {
                text[index * 2] = digits[Int(byte >> 4)]
                text[index * 2 + 1] = digits[Int(byte & 0xF)]
            }
            return bytes.count * 2
        }
    }

    // MARK: - Base64

    private static let base64Digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    private static let base64urlDigits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
    private static let base64Values = values(of: base64Digits)
    private static let base64urlValues = values(of: base64urlDigits)

    /// By byte: the value of the digit, or 255.
    private static func values(of digits: [UInt8]) -> [UInt8] {
        var values = [UInt8](repeating: 255, count: 256)
        for (value, digit) in digits.enumerated() { values[Int(digit)] = UInt8(value) }
        return values
    }

    private static func decodedBase64(_ text: [UInt8], digits: [UInt8], isPaddingOptional: Bool) -> [UInt8]? {
        let padding = UInt8(ascii: "=")
        let dataCount = text.count - (text.last == padding ? (text.dropLast().last == padding ? 2 : 1) : 0)
        let isPadded = dataCount != text.count
        guard dataCount % 4 != 1, isPadded || isPaddingOptional || dataCount.isMultiple(of: 4),
            !isPadded || text.count.isMultiple(of: 4)
        else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(dataCount / 4 * 3 + 2)
        var buffer: UInt32 = 0
        var bits = 0
        for byte in text[..<dataCount] {
            let value = digits[Int(byte)]
            guard value != 255 else { return nil }
            buffer = buffer << 6 | UInt32(value)
            bits += 6
            if bits >= 8 {
                bits -= 8
                bytes.append(UInt8(truncatingIfNeeded: buffer >> UInt32(bits)))
            }
        }
        // RFC 4648 section 3.5: the unused bits of the last digit are zero, else two texts would mean the same bytes.
        guard buffer & ((1 << UInt32(bits)) - 1) == 0 else { return nil }
        return bytes
    }

    private static func encodedBase64(_ bytes: [UInt8], digits: [UInt8], isPadded: Bool) -> String {
        var text: [UInt8] = []
        text.reserveCapacity((bytes.count + 2) / 3 * 4)
        for index in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[index..<min(index + 3, bytes.count)]
            let word = group.enumerated().reduce(UInt32(0)) { $0 | UInt32($1.element) << UInt32(16 - 8 * $1.offset) }
            for digit in 0...group.count { text.append(digits[Int(word >> UInt32(18 - 6 * digit)) & 63]) }
            if isPadded { text.append(contentsOf: repeatElement(UInt8(ascii: "="), count: 3 - group.count)) }
        }
        return String(decoding: text, as: UTF8.self)
    }
}
