import Model

/// The header of an answer, taken line by line; informational ones before it are passed over.
struct AnswerHead {
    /// So many bytes at most, informational headers included.
    static let limit = 64 * 1_024

    /// 0 until the first line came.
    private(set) var status = 0
    private(set) var fields: [Field] = []
    /// Whether all of the final header is there. What comes after it are trailers, which are left out.
    private(set) var isComplete = false
    private(set) var isTooLong = false
    private var length = 0

    /// - Parameter line: with its line break; an empty one ends a header.
    /// - Returns: false when the header is too long.
    mutating func take(_ line: some BidirectionalCollection<UInt8>) -> Bool {
        length += line.count
        guard length <= Self.limit else {
            isTooLong = true
            return false
        }
        let text = line.trimmingWhitespace()
        if text.starts(with: "HTTP/".utf8), status < 200 {
            let code = text.split(separator: UInt8(ascii: " "), maxSplits: 2).dropFirst().first
            status = code.flatMap { Int(String(decoding: $0, as: UTF8.self)) } ?? 0
            fields = []
        } else if text.isEmpty {
            isComplete = status >= 200
        } else if !isComplete {
            add(text, folded: line.first == 0x20 || line.first == 0x09)
        }
        return true
    }

    private mutating func add(_ text: some BidirectionalCollection<UInt8>, folded: Bool) {
        if folded, !fields.isEmpty {
            // RFC 9112 §5.2: a client reads an obsolete line folding as white space.
            fields[fields.count - 1].value += " " + String(decoding: text, as: UTF8.self)
        } else if let colon = text.firstIndex(of: UInt8(ascii: ":")) {
            let name = text[..<colon].trimmingWhitespace()
            let value = text[text.index(after: colon)...].trimmingWhitespace()
            fields.append(Field(String(decoding: name, as: UTF8.self), String(decoding: value, as: UTF8.self)))
        }
    }
}

extension BidirectionalCollection<UInt8> {
    /// Without the blanks, tabs and line breaks at both ends.
    fileprivate func trimmingWhitespace() -> SubSequence {
        guard let first = firstIndex(where: { !$0.isBlank }), let last = lastIndex(where: { !$0.isBlank }) else {
            return self[endIndex...]
        }
        return self[first...last]
    }
}

extension UInt8 {
    fileprivate var isBlank: Bool { self == 0x20 || self == 0x09 || self == 0x0D || self == 0x0A }
}
