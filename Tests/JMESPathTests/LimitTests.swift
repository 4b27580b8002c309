import JMESPath
import JSON
import SeededRandom
import Testing

@Suite struct `The limits of an expression` {
    @Test(arguments: [
        String(repeating: "(", count: 30_000), String(repeating: "!", count: 30_000),
        String(repeating: "[", count: 30_000),
        String(repeating: "a[?", count: 20_000), String(repeating: "[*]", count: 20_000),
        String(repeating: "a.", count: 30_000) + "a",
        String(repeating: "a|", count: 30_000) + "a", String(repeating: "a?", count: 30_000),
        String(repeating: "length(", count: 9_000),
        String(repeating: "{a:", count: 20_000), String(repeating: "let $a = ", count: 7_000),
        String(repeating: "-", count: 60_000) + "a",
        String(repeating: "a+", count: 30_000) + "a", "a" + String(repeating: "[]", count: 30_000),
        "a" + String(repeating: ".*", count: 30_000),
        "`" + String(repeating: "[", count: 30_000), String(repeating: "a||", count: 20_000) + "a",
    ])
    func `end too deep an expression while it is compiled`(text: String) {
        let error = #expect(throws: JMESPathError.self) { try Expression(text) }
        #expect(error?.kind == .limitExceeded || error?.kind == .syntax)
    }

    @Test
    func `allow what people write`() throws {
        let chain = (0..<200).map { "a\($0)" }
        for separator in [".", " || ", " | ", " + "] {
            #expect(throws: Never.self) { try Expression(chain.joined(separator: separator)) }
        }
        let literal = String(repeating: "[", count: 100) + String(repeating: "]", count: 100)
        #expect(throws: Never.self) { try Expression("`\(literal)`") }
    }

    @Test
    func `end too long an expression`() {
        let error = #expect(throws: JMESPathError.self) { try Expression("'\(String(repeating: "x", count: 65_536))'") }
        #expect(error?.kind == .limitExceeded)
        let limits = ExpressionLimits(length: 5)
        #expect(throws: Never.self) { try Expression("a.b.c", limits: limits) }
        #expect(throws: JMESPathError.self) { try Expression("a.b.cd", limits: limits) }
    }

    /// Each grows with the square, or the power, of what it is given.
    @Test(arguments: [
        (0..<60).map { _ in "[@, @]" }.joined(separator: " | "),
        "text | " + (0..<60).map { _ in "join('', [@, @])" }.joined(separator: " | "),
        "list[*].[$.list[*].[$.list[*].[$.list]]]", "pad_left('', `1000000000000000000`)",
        "pad_right('x', `9223372036854775807`)",
        "map(&map(&map(&length(@), $.list), $.list), list)",
        "list[?contains($.list, @)] | map(&contains($.list, 'nothing'), $.list) | map(&sort($.list), $.list)",
        "replace(text, 'x', text)", "let $a = list in list[*].[$a == $a, sort($a)]",
        "list[*].[$.object.missing] | map(&$.object.missing, $.list) | map(&map(&$.object.missing, $.list), $.list)",
        "map(&to_string($), list)",
        "map(&reverse($.text), list) | map(&reverse($.text), $.list) | map(&map(&upper($.text), $.list), $.list)",
        "map(&$.nested[1999], list) | map(&map(&$.nested[1999], $.list), $.list) | map(&map(&$.nested[1999], $.list), $.list)",
    ])
    func `end whatever costs too much`(text: String) throws {
        let document = JSONValue.object([
            ("list", .array((0..<2_000).map { .string("element \($0)") })),
            ("text", .string(String(repeating: "x", count: 20_000))),
            ("object", .object((0..<2_000).map { ("key\($0)", .integer(Int64($0))) })),
            ("nested", .array((0..<2_000).map { [.integer(Int64($0))] })),
        ])
        let parsed = try JSONValue.parse(document.serialized())
        let expression = try Expression(text)
        for document in [document, parsed] {
            let error = #expect(throws: JMESPathError.self) { try expression.evaluate(document) }
            #expect(error?.kind == .limitExceeded, "\(text)")
        }
    }

    @Test
    func `can be set for an evaluation`() throws {
        let expression = try Expression("[*].a")
        let document = JSONValue.array((0..<100).map { _ in ["a": 1] })
        #expect(throws: Never.self) { try expression.evaluate(document, limits: EvaluationLimits(steps: 1_000)) }
        let steps = #expect(throws: JMESPathError.self) {
            try expression.evaluate(document, limits: EvaluationLimits(steps: 50))
        }
        #expect(steps?.kind == .limitExceeded)
        let size = #expect(throws: JMESPathError.self) {
            try expression.evaluate(document, limits: EvaluationLimits(resultSize: 50))
        }
        #expect(size?.kind == .limitExceeded)
    }

    @Test
    func `let a large document through`() throws {
        let items = (0..<20_000).map { #"{"id": \#($0), "title": "item \#($0)", "price": "1.50"}"# }
        let document = try JSONValue.parse("{\"items\": [\(items.joined(separator: ","))]}")
        for text in [
            "items[*].title | length(@)", "sort_by(items, &title)[0].id", "sum(items[*].to_number(price))",
            "items[?id > `19998`].title",
        ] {
            #expect(throws: Never.self) { try Expression(text).evaluate(document) }
        }
    }

    @Test(arguments: 0..<20)
    func `and the parser hold against any damage`(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let document = try JSONValue.parse(`An expression`.document)
        let pieces = [
            "a", "items", "[*]", ".", "[", "]", "[?", "(", ")", "{", "}", ":", ",", "|", "||", "&&", "!", "&", "@", "$",
            "$v", "let ", " in ", "=", "==", "<",
            "`1`", "'x'", "\"q\"", "length(", "sort_by(", "map(&", "join('',", "0", "-1", "*", "+", "-", "/", "//", "%",
            "?", "`", "'", "\"", "\\", "é", "#", " ",
        ]
        for _ in 0..<300 {
            var text: String
            if Bool.random(using: &random) {
                text = (0..<Int.random(in: 1...12, using: &random)).map { _ in
                    pieces.randomElement(using: &random) ?? ""
                }.joined()
            } else {
                var characters = Array(`The tree of an expression`.expressions.randomElement(using: &random) ?? "")
                for _ in 0..<Int.random(in: 1...3, using: &random) where !characters.isEmpty {
                    let place = Int.random(in: 0..<characters.count, using: &random)
                    if Bool.random(using: &random) {
                        characters.remove(at: place)
                    } else {
                        characters.insert(contentsOf: pieces.randomElement(using: &random) ?? "", at: place)
                    }
                }
                text = String(characters)
            }
            guard let expression = try? Expression(text) else { continue }
            let again = try Expression(expression.root.description)
            let value = try? expression.evaluate(document, limits: EvaluationLimits(steps: 20_000, resultSize: 1 << 16))
            let valueAgain = try? again.evaluate(document, limits: EvaluationLimits(steps: 20_000, resultSize: 1 << 16))
            #expect(value == valueAgain, "\(text) → \(expression.root)")
        }
    }
}
