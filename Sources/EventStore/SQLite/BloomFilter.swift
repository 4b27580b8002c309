/// A set of hashes that may say "perhaps" for one it does not have, about once in a thousand times, and never "no" for one it has.
///
/// Blocked: all bits of a hash lie in one cache line of 64 bytes, so that a question touches memory once.
/// With 16 bits for each hash, a million take 2 MiB.
struct BloomFilter: Sendable {
    private static let wordsPerBlock = 8
    private static let bitsPerHash = 6

    private var words: [UInt64]

    init(capacity: Int) {
        let blocks = max(1, (capacity * 16 + 511) / 512)
        words = [UInt64](repeating: 0, count: blocks * Self.wordsPerBlock)
    }

    mutating func insert(_ hash: UInt64) {
        let block = block(of: hash)
        for bit in Self.bits(of: hash) { words[block + Int(bit >> 6)] |= 1 << (bit & 63) }
    }

    func mayContain(_ hash: UInt64) -> Bool {
        let block = block(of: hash)
        return Self.bits(of: hash).allSatisfy { words[block + Int($0 >> 6)] & 1 << ($0 & 63) != 0 }
    }

    /// The block by the upper half of the hash, spread evenly without division.
    private func block(of hash: UInt64) -> Int {
        let blocks = UInt64(words.count / Self.wordsPerBlock)
        return Int(((hash >> 32) * blocks) >> 32) * Self.wordsPerBlock
    }

    /// Six places of 0...511: nine bits each, of the hash multiplied once more, since its upper half chose the block.
    private static func bits(of hash: UInt64) -> some Sequence<UInt64> {
        let mixed = hash &* 0x9E37_79B9_7F4A_7C15
        return (0..<bitsPerHash).lazy.map { (mixed >> (UInt64($0) * 9)) & 511 }
    }
}

extension BloomFilter {
    /// As it is stored, little-endian.
    var bytes: [UInt8] {
        words.flatMap { word in (0..<8).map { UInt8(truncatingIfNeeded: word >> (8 * $0)) } }
    }

    init(bytes: [UInt8]) {
        words = stride(from: 0, to: bytes.count - 7, by: 8).map { start in
            (0..<8).reduce(0) { $0 | UInt64(bytes[start + $1]) << (8 * $1) }
        }
    }
}
