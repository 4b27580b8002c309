import JSON
import SeededRandom
import Testing

@Suite struct `Parsing JSON` {
    static let good = [
        #"{"id": 820982911946154508, "total": "409.94", "items": [{"title": "Cap", "n": -1.5e+10}, [], {}], "ok": true}"#,
        #"[null, false, true, "\"\\\/\b\f\n\r\té\u00e9\ud834\udf06", 0, -0.0, 1E5, [[[[]]]]]"#,
        "{\"\u{1F600} key\": {\"\": [\"\u{E9}\u{20AC}\"]}}",
        "\"a string of some length, longer than eight bytes\"",
    ]

    @Test(arguments: good)
    func `refuses each prefix of a good document at its end, and never anywhere else`(text: String) throws {
        let bytes = Array(text.utf8)
        for length in 0..<bytes.count {
            let error = #expect(throws: JSONError.self) { try JSONValue.parse(Array(bytes[..<length])) }
            // A prefix that ends within a code point is not UTF-8, which is found at its first byte.
            let isCut = length < bytes.count && bytes[length] & 0xC0 == 0x80
            if !isCut, case .unexpectedEnd? = error?.reason {
                #expect(error?.position.offset == length)
            } else {
                #expect(error?.reason == .invalidUTF8)
            }
        }
        #expect(throws: Never.self) { try JSONValue.parse(bytes) }
        #expect(throws: JSONError.self) { try JSONValue.parse(bytes + Array(" ,".utf8)) }
    }

    @Test(arguments: [
        ("", 1, 1, "the document ends where a value is expected"),
        ("[1,]", 1, 4, "found ']', expected a value"),
        ("{\"a\" 1}", 1, 6, "found '1', expected ':'"),
        ("{\n  \"a\": 1,\n  b: 2\n}", 3, 3, "found 'b', expected a key in quotes"),
        ("{,}", 1, 2, "found ',', expected a key in quotes, or '}'"),
        ("[1 2]", 1, 4, "found '2', expected ',' or ']'"),
        ("{\"a\": 1]", 1, 8, "found ']', expected ',' or '}'"),
        ("[\"\u{E9}\u{1F600}\", x]", 1, 8, "found 'x', expected a value"),
        ("01", 1, 2, "found '1', expected '.', an exponent or the number's end after a leading 0"),
        ("1.", 1, 3, "the document ends where a digit is expected"),
        ("-", 1, 2, "the document ends where a digit is expected"),
        ("[1e+]", 1, 5, "found ']', expected a digit"),
        ("[tru]", 1, 5, "found ']', expected 'true'"),
        ("\"a\tb\"", 1, 3, "byte 0x09 in a string must be escaped"),
        (#"["ab\x"]"#, 1, 5, "not an escape of JSON"),
        (#""\u12g4""#, 1, 2, "not an escape of JSON"),
        ("nullx", 1, 5, "found 'x', expected the document's end"),
        ("{} {}", 1, 4, "found '{', expected the document's end"),
    ])
    func `says where and why it fails`(text: String, line: Int, column: Int, reason: String) {
        let error = #expect(throws: JSONError.self) { try JSONValue.parse(text) }
        #expect(error?.position.line == line)
        #expect(error?.position.column == column)
        #expect(error?.reason.description == reason)
    }

    @Test(
        arguments: [
            [0x80], [0xC0, 0x80], [0xC1, 0xBF], [0xC3], [0xC3, 0x28], [0xE0, 0x80, 0x80], [0xE2, 0x82],
            [0xE2, 0x28, 0xA1],
            [0xED, 0xA0, 0x80], [0xF0, 0x80, 0x80, 0x80], [0xF0, 0x9F, 0x98], [0xF4, 0x90, 0x80, 0x80], [0xF5, 0x80],
            [0xFF], [0xE2, 0x82, 0x28],
        ] as [[UInt8]]
    )
    func `refuses what is not UTF-8`(sequence: [UInt8]) {
        for padding in 0..<9 {
            let start = Array("[\"".utf8) + [UInt8](repeating: 0x61, count: padding)
            let error = #expect(throws: JSONError.self) { try JSONValue.parse(start + sequence + Array("\"]".utf8)) }
            #expect(error?.reason == .invalidUTF8)
            #expect(error?.position.offset == start.count)
        }
    }

    @Test(arguments: [
        (#""\ud834\udf06""#, "\u{1D306}"), (#""\ud834""#, "\u{FFFD}"), (#""\udf06x""#, "\u{FFFD}x"),
        (#""\ud834\ud834\udf06""#, "\u{FFFD}\u{1D306}"), (#""\ud834\n""#, "\u{FFFD}\n"), (#""\u0000""#, "\0"),
        (#""\uD7FF\uE000""#, "\u{D7FF}\u{E000}"), (#""\ud834\u0041""#, "\u{FFFD}A"), (#""\/\b\f""#, "/\u{8}\u{C}"),
    ])
    func `decodes escapes; half a surrogate pair becomes U+FFFD`(json: String, text: String) throws {
        #expect(try JSONValue.parse(json).stringValue == text)
    }

    @Test(arguments: ["[", "{\"a\":", "[{\"a\":"])
    func `refuses more depth than is allowed, before anything else is read`(opening: String) throws {
        let deep = String(repeating: opening, count: 100_000)
        let error = #expect(throws: JSONError.self) { try JSONValue.parse(deep) }
        #expect(error?.reason == .tooDeep(limit: 512))

        let limits = JSONLimits(depth: 3)
        #expect(throws: Never.self) { try JSONValue.parse("[[[1]], [[]]]", limits: limits) }
        let small = #expect(throws: JSONError.self) { try JSONValue.parse("[[[[]]]]", limits: limits) }
        #expect(small?.position.offset == 3)
    }

    @Test
    func `refuses more bytes than are allowed`() {
        let error = #expect(throws: JSONError.self) { try JSONValue.parse("[1, 2]", limits: JSONLimits(byteCount: 5)) }
        #expect(error?.reason == .tooLarge(limit: 5))
        #expect(throws: Never.self) { try JSONValue.parse("[1,2]", limits: JSONLimits(byteCount: 5)) }
    }

    @Test(arguments: ["0", "-1e5", "[]", "{}", #"{"":0}"#, #""""#, "[[0,0],[]]", #"{"a":{"b":[null,true]},"c":false}"#])
    func `finds room for however many values come`(element: String) throws {
        for count in [1, 7, 8, 9, 15, 16, 17, 31, 33, 64, 100, 1_000] {
            let list = "[" + Array(repeating: element, count: count).joined(separator: ",") + "]"
            let members = (0..<count).map { "\"\($0)\":\(element)" }
            let object = "{" + members.joined(separator: ",") + "}"
            #expect(try JSONValue.parse(list).description == list)
            #expect(try JSONValue.parse(list).count == count)
            #expect(try JSONValue.parse(object).description == object)
            #expect(try JSONValue.parse(object)["\(count - 1)"]?.description == element)
        }
    }

    @Test
    func `passes over a byte order mark`() throws {
        #expect(try JSONValue.parse([0xEF, 0xBB, 0xBF] + Array("[1]".utf8)) == [1])
        #expect(throws: JSONError.self) { try JSONValue.parse([0xEF, 0xBB]) }
    }

    @Test
    func `finds the end of a string wherever it lies`() throws {
        for length in 0..<40 {
            let text = String(repeating: "x", count: length)
            #expect(try JSONValue.parse("[\"\(text)\"]")[0]?.stringValue == text)
            #expect(try JSONValue.parse("[\"\(text)\\\"\(text)\"]")[0]?.stringValue == "\(text)\"\(text)")
            #expect(try JSONValue.parse("[\"\(text)\u{E9}\(text)\"]")[0]?.stringValue == "\(text)\u{E9}\(text)")
            #expect(throws: JSONError.self) { try JSONValue.parse("[\"\(text)\u{1F}\(text)\"]") }
        }
    }

    @Test(arguments: 0..<20)
    func `survives any damage to a document, and reads back what it took`(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        for _ in 0..<500 {
            var bytes = Array(Self.good.randomElement(using: &random).map(\.utf8) ?? "".utf8)
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<4, using: &random) {
                case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
                case 1: bytes.insert(Array("{}[],:\"\\u0e-".utf8).randomElement(using: &random) ?? 0, at: place)
                case 2: bytes.remove(at: place)
                default: bytes.insert(contentsOf: bytes[place..<min(bytes.count, place + 9)], at: place)
                }
                if bytes.isEmpty { bytes = [0x20] }
            }
            guard let value = try? JSONValue.parse(bytes) else { continue }
            #expect(try JSONValue.parse(value.serialized()) == value)
        }
    }
}
