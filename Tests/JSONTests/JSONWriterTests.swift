import JSON
import SeededRandom
import Testing

@Suite struct `Writing JSON` {
    @Test
    func `leaves out spaces, and keeps lexemes, escapes and order`() throws {
        let value = try JSONValue.parse(" { \"b\" : [ 1.50 , -0, 1E5 ] , \"a\" : \"\\u00e9\\/\" , \"\\n\":{ } } ")
        #expect(value.description == #"{"b":[1.50,-0,1E5],"a":"\u00e9\/","\n":{}}"#)
        #expect(value["b"]?.description == "[1.50,-0,1E5]")
    }

    @Test
    func `gives a whole document as it came, and all else compact`() throws {
        let text = " { \"a\" : [ 1.50 ] } "
        let document = try JSONValue.parse(text)
        #expect(String(decoding: document.asReceived(), as: UTF8.self) == text)
        #expect(document["a"].map { String(decoding: $0.asReceived(), as: UTF8.self) } == "[1.50]")
        #expect(
            String(decoding: JSONValue.object([("b", document)]).asReceived(), as: UTF8.self) == #"{"b":{"a":[1.50]}}"#
        )
    }

    @Test
    func `escapes what must be, and nothing else`() {
        let value = JSONValue.string("\"\\/\u{0}\u{8}\t\n\u{C}\r\u{1F}\u{7F}é\u{2028}\u{1F600}")
        #expect(value.description == "\"\\\"\\\\/\\u0000\\b\\t\\n\\f\\r\\u001f\u{7F}é\u{2028}\u{1F600}\"")
    }

    @Test
    func `appends to what is there`() {
        var output = Array("x=".utf8)
        JSONValue.object([("a", [1, "b"])]).write(into: &output)
        #expect(String(decoding: output, as: UTF8.self) == #"x={"a":[1,"b"]}"#)
    }

    @Test(arguments: 1...20)
    func `is undone by parsing`(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        for _ in 0..<100 {
            let value = Self.value(depth: 4, &random)
            let written = value.serialized()
            let parsed = try JSONValue.parse(written)
            #expect(parsed == value)
            #expect(value == parsed)
            #expect(parsed.serialized() == written)
            // A document of views and of values made by hand.
            let mixed = JSONValue.array([parsed, value, .object([("view", parsed)])])
            #expect(try JSONValue.parse(mixed.serialized()) == mixed)
        }
    }

    private static func value(depth: Int, _ random: inout SplitMix64) -> JSONValue {
        switch Int.random(in: 0..<(depth > 0 ? 8 : 6), using: &random) {
        case 0: .null
        case 1: .bool(.random(using: &random))
        case 2: .integer(Int64(bitPattern: random.next()) >> Int64.random(in: 0..<64, using: &random))
        case 3: JSONNumber(Double(bitPattern: random.next())).map(JSONValue.number) ?? .null
        case 4, 5: .string(text(&random))
        case 6: .array((0..<Int.random(in: 0..<5, using: &random)).map { _ in value(depth: depth - 1, &random) })
        default:
            .object(
                (0..<Int.random(in: 0..<5, using: &random)).map { place in
                    (text(&random) + String(place), value(depth: depth - 1, &random))
                }
            )
        }
    }

    private static func text(_ random: inout SplitMix64) -> String {
        var text = String.UnicodeScalarView()
        for _ in 0..<Int.random(in: 0..<20, using: &random) {
            let top: UInt32 = [0x20, 0x7F, 0x800, 0x10FFFF].randomElement(using: &random) ?? 0
            text.append(Unicode.Scalar(UInt32.random(in: 0...top, using: &random)) ?? "\\")
        }
        return String(text)
    }
}
