/// Names of members, made ready once for many searches.
public final class JSONKeys: Sendable {
    /// A name's place in `bytes`, and its first eight bytes, by which most others are told from it.
    struct Key: Sendable {
        let range: Range<Int>
        let prefix: UInt64
    }

    /// The UTF-8 of all names in one piece.
    let bytes: [UInt8]
    let keys: [Key]

    public init(_ names: [String]) {
        bytes = names.flatMap(\.utf8)
        var end = 0
        keys = names.map { name in
            let start = end
            end += name.utf8.count
            return Key(range: start..<end, prefix: Self.prefix(name.utf8Span.span))
        }
    }

    public var count: Int { keys.count }

    /// The name at `place`.
    public subscript(_ place: Int) -> String { String(decoding: bytes[keys[place].range], as: UTF8.self) }

    /// As eight bytes of memory hold them; zeros where a name is shorter.
    static func prefix(_ name: Span<UInt8>) -> UInt64 {
        var prefix: UInt64 = 0
        for place in (0..<min(8, name.count)).reversed() { prefix = prefix << 8 | UInt64(name[place]) }
        return UInt64(littleEndian: prefix)
    }
}

/// A name, made ready to be compared with keys.
package struct JSONName {
    fileprivate let text: String
    fileprivate let prefix: UInt64

    package init(_ text: String) {
        self.text = text
        prefix = JSONKeys.prefix(text.utf8Span.span)
    }
}

extension JSONKeys {
    /// Whether the key at `place` is this name.
    package func isKey(at place: Int, _ name: JSONName) -> Bool {
        let key = keys[place]
        guard key.prefix == name.prefix, key.range.count == name.text.utf8.count else { return false }
        if key.range.count <= 8 { return true }
        let (bytes, text) = (bytes, name.text)
        return bytes.span.extracting(key.range).isEqual(to: text.utf8Span.span)
    }
}

extension JSONKeys.Key {
    /// Whether a name in a document is this one, whose UTF-8 is `name`.
    @inline(__always)
    func isAt(_ start: Int, _ end: Int, of bytes: Span<UInt8>, _ name: Span<UInt8>) -> Bool {
        let count = range.count
        guard end &- start == count else { return false }
        if start &+ 8 <= bytes.count {
            let word = bytes.bytes.unsafeLoadUnaligned(fromByteOffset: start, as: UInt64.self)
            let differences = UInt64(littleEndian: word ^ prefix)
            if count <= 8 { return count == 0 || differences << UInt64(64 &- 8 &* count) == 0 }
            if differences != 0 { return false }
        }
        return bytes.extracting(start..<end).isEqual(to: name)
    }
}
