import JMESPath
import JSON
import SeededRandom
import Testing

/// However a value came about and whatever was evaluated before, an expression yields the same.
@Suite struct `An evaluation` {
    @Test(arguments: 1...20)
    func `yields the same step by step, on made values, and after others`(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let document = Self.value(depth: 4, &random)
        let parsed = try JSONValue.parse(document.serialized())
        var ofParsed = Evaluation(of: parsed)
        var ofMade = Evaluation(of: document)
        for _ in 0..<200 {
            let text = Self.expression(depth: 4, &random)
            let expression = try Expression(text)
            let alone = Result { () throws(JMESPathError) in try expression.evaluate(parsed) }
            let made = Result { () throws(JMESPathError) in try ofMade.value(of: expression) }
            let after = Result { () throws(JMESPathError) in try ofParsed.value(of: expression) }
            var trace = Trace()
            let traced = Result { () throws(JMESPathError) in try ofParsed.value(of: expression, trace: &trace) }
            let words = Result { () throws(JMESPathError) in try ofParsed.text(of: expression) }
            let truth = Result { () throws(JMESPathError) in try ofMade.isTrueLike(expression) }
            for other in [made, after, traced] { #expect(Self.agree(alone, other), "\(text) on \(document)") }
            let value = try? alone.get()
            #expect(((try? words.get()) ?? nil) == value.flatMap { $0.isNull ? nil : $0.stringValue ?? $0.description })
            #expect((try? truth.get()) == value?.isTrueLike)
        }
    }

    @Test(arguments: [
        // Keys in a document with and without escapes, and made ones; of equal ones the first stays first.
        ("sort_by(@, &k)[*].n", "[3,1,4,0,2,5]"), ("sort_by(@, &join('', [k, '']))[*].n", "[3,1,4,0,2,5]"),
        ("sort_by(@, &n)[*].n", "[0,1,2,3,4,5]"), ("sort_by(@, &length(k))[*].n", "[3,1,2,4,5,0]"),
        ("max_by(@, &k).n", "2"), ("min_by(@, &k).n", "3"), ("max_by(@, &length(k)).n", "0"),
        ("min_by(@[1:], &join('', ['', k])).n", "3"), ("sort([*].k)[:2]", #"["","a"]"#),
        ("max([*].k) == `\"é\"`", "true"),
        ("join([4].k, ([*].k)[:3])", #""bcbabé""#), ("sort([*].length(k))", "[0,1,1,1,1,2]"),
    ])
    func `orders texts by their code points, wherever they lie`(text: String, expected: String) throws {
        let document = try JSONValue.parse(
            #"[{"k":"\u0062c","n":0},{"k":"a","n":1},{"k":"\u00e9","n":2},{"k":"","n":3},{"k":"b","n":4},{"k":"é","n":5}]"#
        )
        let parsed = try Expression(text).evaluate(document)
        #expect(parsed.description == expected)
        let made = JSONValue.array(
            (document.elements ?? []).map { element in
                .object(
                    (element.members ?? []).map { ($0.key, $0.value.stringValue.map(JSONValue.string) ?? $0.value) }
                )
            }
        )
        #expect(try Expression(text).evaluate(made) == parsed)
    }

    @Test
    func `needs no expression once it is evaluated`() throws {
        var evaluation = Evaluation(of: ["a": [1, 2]])
        for text in ["a", "a[0] + `1`", "a.b[0]", "sum(a)"] {
            #expect(throws: Never.self) { _ = try evaluation.value(of: try Expression(text)) }
            #expect(throws: JMESPathError.self) { try evaluation.spend(.max) }
        }
        #expect(try evaluation.value(of: Expression("a[1]")) == 2)
    }

    @Test
    func `keeps what a function has made`() throws {
        let fresh = Function("fresh", [], returns: .object, "", examples: []) { _, _ in
            (try? JSONValue.parse(#"{"a": {"b": ["one", "two"]}}"#)) ?? .null
        }
        let table = FunctionTable.standard.adding([fresh])
        var evaluation = Evaluation(of: .null)
        for _ in 0..<3 {
            let expression = try Expression("[fresh().a, fresh()].{x: [0].b[1], y: [1].a.b[0]}", functions: table)
            #expect(try evaluation.value(of: expression) == ["x": "two", "y": "one"])
        }
    }

    @Test
    func `tells names apart that begin alike and are as long as each other`() throws {
        var evaluation = Evaluation(of: ["receivedAt": 1, "receivedBy": 2, "received": 3, "receivedBz": 4])
        for (text, value) in [("received", 3), ("receivedBy", 2), ("receivedAt", 1), ("receivedBz", 4)] {
            #expect(try evaluation.value(of: Expression(text)) == .integer(Int64(value)))
        }
        #expect(try evaluation.value(of: Expression("receivedXy")) == .null)
    }

    @Test
    func `gives each expression all of its steps`() throws {
        var evaluation = Evaluation(of: [[1, 2, 3]], limits: EvaluationLimits(steps: 12))
        for _ in 0..<20 { #expect(try evaluation.value(of: Expression("[0][*]")) == [1, 2, 3]) }
        #expect(throws: JMESPathError.self) { try evaluation.value(of: Expression("[0][*].[@, @]")) }
        #expect(try evaluation.value(of: Expression("[0][0]")) == 1)
    }

    private static func agree(
        _ one: Result<JSONValue, JMESPathError>,
        _ other: Result<JSONValue, JMESPathError>
    ) -> Bool {
        switch (one, other) {
        case (.success(let one), .success(let other)): one.description == other.description
        case (.failure(let one), .failure(let other)): "\(one)" == "\(other)"
        default: false
        }
    }

    /// JSON of a few names, so that expressions often find something.
    private static func value(depth: Int, _ random: inout SplitMix64) -> JSONValue {
        let scalars: [JSONValue] = [
            .null, true, false, 0, 7, "", "text", "a \"quoted\" text that is longer than fifteen bytes", "é\u{1F600}",
            JSONNumber(lexeme: "19.90").map(JSONValue.number) ?? .null,
        ]
        let kind = Int.random(in: 0..<(depth > 0 ? 5 : 2), using: &random)
        if kind < 2 { return scalars.randomElement(using: &random) ?? .null }
        var values: [JSONValue] = []
        for _ in 0..<Int.random(in: 0...4, using: &random) { values.append(value(depth: depth - 1, &random)) }
        return kind == 2 ? .array(values) : .object(Array(zip(["a", "b", "a longer name", "d"], values)))
    }

    private static func expression(depth: Int, _ random: inout SplitMix64) -> String {
        func part() -> String { expression(depth: depth - 1, &random) }
        guard depth > 0 else {
            let leaves = ["a", "b", "d", "@", "$", "\"a longer name\"", "a.b", "$.a", "'text'", "`7`", "`[1, \"x\"]`"]
            return leaves.randomElement(using: &random) ?? "a"
        }
        let operators = [" | ", " || ", " && ", " == ", " != ", " < ", " + "]
        let functions = [
            "length", "reverse", "to_string", "to_array", "to_number", "type", "sort", "max", "sum", "keys", "values",
        ]
        switch Int.random(in: 0..<19, using: &random) {
        case 0, 1: return "(\(part()))\(operators.randomElement(using: &random) ?? "")(\(part()))"
        case 2, 3: return "(\(part())).a"
        case 4: return "(\(part()))[*].b"
        case 5: return "(\(part()))[?\(part())].a.b"
        case 6: return "(\(part())).*"
        case 7: return "(\(part()))[]"
        case 8: return "(\(part()))[-1]"
        case 9: return "(\(part()))[::-1].a"
        case 10: return "[\(part()), \(part())]"
        case 11: return "{a: \(part()), b: \(part())}"
        case 12: return "(let $v = \(part()) in [$v, \(part())])"
        case 13: return "map(&\(part()), to_array(\(part())))"
        case 14: return "sort_by(to_array(\(part())), &\(part()))"
        case 15: return "join(', ', map(&to_string(@), to_array(\(part()))))"
        case 16: return "contains(to_array(\(part())), \(part()))"
        case 17: return "not_null(\(part()), \(part()))"
        default: return "\(functions.randomElement(using: &random) ?? "type")(\(part()))"
        }
    }
}
