/// Names of members, made ready once for many searches: their UTF-8 in one piece.
public final class JSONKeys: Sendable {
    let bytes: [UInt8]
    private let ends: [Int]

    public init(_ names: [String]) {
        bytes = names.flatMap(\.utf8)
        var end = 0
        ends = names.map { name in
            end += name.utf8.count
            return end
        }
    }

    /// The name at `place`.
    public subscript(_ place: Int) -> String { String(decoding: bytes[range(of: place)], as: UTF8.self) }

    /// Where a name's bytes lie.
    func range(of place: Int) -> Range<Int> { (place > 0 ? ends[place - 1] : 0)..<ends[place] }
}
