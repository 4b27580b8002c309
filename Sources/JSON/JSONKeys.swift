/// Names of members, made ready once for many searches.
public final class JSONKeys: Sendable {
    /// A name's place in `bytes`, and its ends, by which it is told from nearly all others.
    @usableFromInline struct Key: Sendable {
        @usableFromInline let range: Range<Int>
        /// The first eight bytes as memory holds them; zeros where the name is shorter.
        @usableFromInline let prefix: UInt64
        /// Ones where `prefix` has a byte of the name.
        @usableFromInline let mask: UInt64
        /// The last eight bytes; those of `prefix` when the name is shorter.
        @usableFromInline let suffix: UInt64
    }

    /// The UTF-8 of all names in one piece.
    let bytes: [UInt8]
    @usableFromInline let keys: [Key]

    public init(_ names: [String]) {
        let bytes = names.flatMap(\.utf8)
        var end = 0
        keys = names.map { name in
            let start = end
            end += name.utf8.count
            return Key(bytes.span, in: start..<end)
        }
        self.bytes = bytes
    }

    public var count: Int { keys.count }

    /// The name at `place`.
    public subscript(_ place: Int) -> String { String(decoding: bytes[keys[place].range], as: UTF8.self) }
}

extension JSONKeys.Key {
    init(_ names: Span<UInt8>, in range: Range<Int>) {
        self.range = range
        prefix = Self.word(names.extracting(range).extracting(first: 8))
        suffix = range.count < 8 ? prefix : Self.word(names.extracting(range).extracting(last: 8))
        mask = UInt64(littleEndian: range.count < 8 ? 1 << UInt64(8 * range.count) &- 1 : .max)
    }

    /// Up to eight bytes as memory holds them, then zeros.
    fileprivate static func word(_ bytes: Span<UInt8>) -> UInt64 {
        var word: UInt64 = 0
        for place in bytes.indices.reversed() { word = word << 8 | UInt64(bytes[place]) }
        return UInt64(littleEndian: word)
    }

    /// Whether this is the name at `start` in a document, which is as long as it; nil when its ends do not tell.
    @inlinable @inline(__always)
    func isAt(_ start: Int, of bytes: Span<UInt8>) -> Bool? {
        // What ends less than eight bytes before the document's end is looked at in another way.
        guard _fastPath(start &+ 8 <= bytes.count) else { return nil }
        let first = bytes.bytes.unsafeLoadUnaligned(fromByteOffset: start, as: UInt64.self)
        if (first ^ prefix) & mask != 0 { return false }
        let count = range.count
        if count <= 8 { return true }
        let last = bytes.bytes.unsafeLoadUnaligned(fromByteOffset: start &+ count &- 8, as: UInt64.self)
        return last != suffix ? false : count <= 16 ? true : nil
    }
}

/// What of a name tells it from nearly all keys. It owns nothing.
@usableFromInline package struct JSONName {
    @usableFromInline let count: Int
    @usableFromInline let prefix: UInt64

    package init(_ text: String) {
        count = text.utf8.count
        prefix = JSONKeys.Key.word(text.utf8Span.span.extracting(first: 8))
    }
}

extension JSONKeys {
    /// Whether the key at `place` is the name that this was made of, whose text is asked for only where it has to be.
    @inlinable @inline(__always)
    package func isKey(at place: Int, _ name: JSONName, text: () -> String) -> Bool {
        let key = keys[place]
        guard key.prefix == name.prefix, key.range.count == name.count else { return false }
        return key.range.count <= 8 || isKey(in: key.range, text())
    }

    @usableFromInline func isKey(in range: Range<Int>, _ text: String) -> Bool {
        let bytes = bytes
        return bytes.span.extracting(range).isEqual(to: text.utf8Span.span)
    }
}
