/// Percent-codes, as URLs and forms have them.
package enum PercentCoding {
    /// The bytes with each `%XX` decoded; a percent sign that no two hexadecimal digits follow stays as it is
    /// (WHATWG URL, "percent-decode").
    package static func decoded(_ bytes: ArraySlice<UInt8>, plusIsSpace: Bool = false) -> [UInt8] {
        var decoded: [UInt8] = []
        decoded.reserveCapacity(bytes.count)
        var index = bytes.startIndex
        while index < bytes.endIndex {
            let byte = bytes[index]
            if byte == UInt8(ascii: "%"), let code = code(at: index, of: bytes) {
                decoded.append(code)
                index += 3
            } else {
                decoded.append(plusIsSpace && byte == UInt8(ascii: "+") ? UInt8(ascii: " ") : byte)
                index += 1
            }
        }
        return decoded
    }

    /// The same for text, but the codes of `kept` stay as they are. Bytes that are not UTF-8 become U+FFFD.
    static func decoded(_ text: String, except kept: UInt8? = nil) -> String {
        let bytes = Array(text.utf8)[...]
        var decoded: [UInt8] = []
        decoded.reserveCapacity(bytes.count)
        var index = bytes.startIndex
        while index < bytes.endIndex {
            if bytes[index] == UInt8(ascii: "%"), let code = code(at: index, of: bytes), code != kept {
                decoded.append(code)
                index += 3
            } else {
                decoded.append(bytes[index])
                index += 1
            }
        }
        return String(decoding: decoded, as: UTF8.self)
    }

    /// The byte that `%XX` at this index stands for; nil when no two hexadecimal digits follow.
    static func code(at index: Int, of bytes: ArraySlice<UInt8>) -> UInt8? {
        guard index + 2 < bytes.endIndex, let high = BinaryText.hexValue(bytes[index + 1]),
            let low = BinaryText.hexValue(bytes[index + 2])
        else { return nil }
        return high << 4 | low
    }
}
