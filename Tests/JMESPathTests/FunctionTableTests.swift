import JMESPath
import JSON
import Testing

@Suite struct `The table of functions` {
    @Test(arguments: FunctionTable.standard.functions.map(\.name))
    func `explains each function by examples that hold`(name: String) throws {
        let function = try #require(FunctionTable.standard[name])
        #expect(!function.summary.isEmpty)
        #expect(!function.examples.isEmpty)
        for example in function.examples {
            let value = try Expression(example.expression).evaluate(.null)
            #expect(value.description == example.result, "\(example.expression)")
        }
    }

    @Test
    func `has the functions of the specification and of the community`() {
        let names = """
            abs avg ceil contains ends_with find_first find_last floor from_items group_by items join keys length lower map max \
            max_by merge min min_by not_null pad_left pad_right replace reverse sort sort_by split starts_with sum to_array \
            to_number to_string trim trim_left trim_right type upper values zip
            """
        #expect(FunctionTable.standard.functions.map(\.name).sorted() == names.split(separator: " ").map(String.init))
    }

    @Test
    func `takes further functions, which see their arguments and may evaluate expressions`() throws {
        let twice = Function(
            "twice",
            [Parameter("each", .expression), Parameter("value", .any), Parameter("times", .number, .optional)],
            returns: .array,
            "Evaluates an expression again and again.",
            examples: []
        ) { (arguments, run) throws(JMESPathError) in
            let times = try arguments.integer(2, in: 0...5) ?? 2
            var values: [JSONValue] = []
            for _ in 0..<times { values.append(try run.value(of: arguments.expression(0), on: arguments[1])) }
            return try run.array(values)
        }
        let table = FunctionTable.standard.adding([twice])
        let document: JSONValue = ["a": ["b": 1]]
        #expect(try Expression("twice(&b, a)", functions: table).evaluate(document) == [1, 1])
        #expect(try Expression("twice(&b, a, `3`) | length(@)", functions: table).evaluate(document) == 3)
        #expect(twice.signature == "twice(each, value, times?)")
        let error = #expect(throws: JMESPathError.self) {
            try Expression("twice(&b, a, `6`)", functions: table).evaluate(document)
        }
        #expect(error?.kind == .invalidValue)
        #expect(FunctionTable.standard["twice"] == nil)
        #expect(throws: JMESPathError.self) { try Expression("twice(&b, a)") }
    }

    @Test
    func `lets a later function take the place of an earlier one`() throws {
        let other = Function("length", [Parameter("value", .any)], returns: .number, "Always 0.", examples: []) {
            (_, _) throws(JMESPathError) in 0
        }
        let table = FunctionTable.standard.adding([other])
        #expect(try Expression("length('abc')", functions: table).evaluate(.null) == 0)
        #expect(table.functions.count == FunctionTable.standard.functions.count)
    }

    @Test(arguments: [
        ("group_by(@, &k)", #"{"a":[{"k":"a","n":1},{"k":"a","n":3}],"b":[{"k":"b","n":2}]}"#),
        ("sort_by(@[:3], &k)[*].n", "[1,3,2]"), ("min_by(@[:3], &n).k", "\"a\""),
        ("zip([0].[k], [1].[k, n])", #"[["a","b"]]"#),
        ("items([0]) | from_items(@)", #"{"k":"a","n":1}"#), ("merge([0], [1])", #"{"k":"b","n":2}"#),
        ("keys([0])", #"["k","n"]"#),
        ("split('a,b,,c', ',')", #"["a","b","","c"]"#), ("split('äbc', '', `1`)", #"["ä","bc"]"#),
        ("split('aXXbXXc', 'XX', `1`)", #"["a","bXXc"]"#),
        ("replace('aaaa', 'aa', 'b')", "\"bb\""), ("replace('abc', '', '-')", "\"abc\""),
        ("find_last('äbäb', 'b')", "3"), ("find_first('äbäb', 'b', `2`)", "3"),
        ("find_first('abc', 'c', `0`, `-1`)", "null"), ("find_last('aaa', 'aa')", "1"),
        ("trim('\u{2003}x\u{A0}')", "\"x\""), ("upper('éß')", "\"ÉSS\""),
        ("pad_left('é', `3`, '→')", "\"→→é\""), ("contains('a long text with a needle in it', 'needle in')", "true"),
        ("contains('aaaaaaaaaaaaaaaab', 'aaaaaaaaab')", "true"),
        ("contains('abababababac', 'abababac')", "true"), ("contains(@, {k: 'b', n: `2.0`})", "true"),
        ("contains('1', `1`)", "false"), ("reverse([*].n)", "[4,3,2,1]"),
        ("sort(`[\"\u{FB03}\", \"\u{1D306}\", \"a\"]`)", "[\"a\",\"\u{FB03}\",\"\u{1D306}\"]"),
        ("to_string(@[0])", #""{\"k\":\"a\",\"n\":1}""#), ("max(`[]`)", "null"),
    ])
    func `works as it says`(text: String, result: String) throws {
        let document = try JSONValue.parse(#"[{"k": "a", "n": 1}, {"k": "b", "n": 2}, {"k": "a", "n": 3}, {"n": 4}]"#)
        #expect(try Expression(text).evaluate(document).description == result)
    }
}
