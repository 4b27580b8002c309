import JSON
import SeededRandom
import Testing

@Suite struct `The search for a member` {
    /// Names that share beginnings, ends and lengths, of all lengths that are compared in different ways.
    private static let names: [String] = {
        var names = ["", "a", "b", "ab", "ba", "é", "id", "sku", "title", "price", "\"", "tab\t", "a\u{0}b"]
        for length in [7, 8, 9, 15, 16, 17, 24, 40] {
            let name = String("abcdefghabcdefghabcdefghabcdefghabcdefgh".prefix(length))
            names += [name, name.dropLast() + "x", "x" + name.dropFirst(), name.prefix(length / 2) + "x"]
        }
        return names
    }()

    /// An object as a list of its members, and the text of it.
    private struct Written {
        var members: [(key: String, value: JSONValue)] = []
        var text = "{"

        init(depth: Int, _ random: inout SplitMix64) {
            let pool = (0..<6).map { _ in names.randomElement(using: &random) ?? "" }
            for place in 0..<Int.random(in: 0...12, using: &random) {
                let key = pool.randomElement(using: &random) ?? ""
                let value = Self.value(depth: depth, place, &random)
                if place > 0 { text += "," }
                text += Self.quoted(key, &random) + ":" + value
                members.append((key, (try? JSONValue.parse(value)) ?? .null))
            }
            text += "}"
        }

        /// Values of one node and of several, which tell how far a key lies from the one before it.
        private static func value(depth: Int, _ place: Int, _ random: inout SplitMix64) -> String {
            switch Int.random(in: 0..<(depth > 0 ? 8 : 5), using: &random) {
            case 0: "\(place)"
            case 1: "\"text \(place)\""
            case 2: "[]"
            case 3: "{}"
            case 4: "[\(place)]"
            default: Written(depth: depth - 1, &random).text
            }
        }

        private static func quoted(_ key: String, _ random: inout SplitMix64) -> String {
            guard Int.random(in: 0..<4, using: &random) == 0, let first = key.unicodeScalars.first else {
                return JSONValue.string(key).description
            }
            let digits = String(first.value, radix: 16)
            let escaped = "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            let rest = JSONValue.string(String(key.unicodeScalars.dropFirst())).description
            return "\"" + escaped + rest.dropFirst()
        }
    }

    @Test(arguments: [1, 2, 3, 4] as [UInt64])
    func `finds the last of each name, wherever it lies and however it is written`(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let keys = JSONKeys(Self.names)
        for _ in 0..<100 {
            let written = Written(depth: 2, &random)
            // The object as a whole document, whose end is near, and within another one.
            for object in [try JSONValue.parse(written.text), try JSONValue.parse("[\(written.text),0]")[0]] {
                for (place, name) in Self.names.enumerated() {
                    let expected = written.members.last { $0.key == name }?.value
                    #expect(object?[name] == expected, "\(name) in \(written.text)")
                    var visited = 0
                    let found = object?.member(at: place..<place + 1, of: keys, visited: &visited)
                    #expect(found == expected ?? .null, "\(name) in \(written.text)")
                    #expect(visited <= written.members.count)
                    if expected == nil { #expect(visited == written.members.count) }
                }
            }
        }
    }

    @Test
    func `follows a path from object to object`() throws {
        let value = try JSONValue.parse(#"{"a": {"b": [1], "c": {"longer than eight": 7}}, "a b": 1}"#)
        let keys = JSONKeys(["a", "c", "longer than eight", "a", "b", "longer than eight"])
        var visited = 0
        #expect(value.member(at: 0..<3, of: keys, visited: &visited) == 7)
        #expect(value.member(at: 3..<6, of: keys, visited: &visited) == .null)
        #expect(value.member(at: 0..<0, of: keys, visited: &visited) == value)
    }
}
