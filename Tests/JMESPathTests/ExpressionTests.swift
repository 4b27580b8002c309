import JMESPath
import JSON
import Testing

@Suite struct `An expression` {
    static let document = """
        {"topic": "orders/create", "total": 19.90, "id": 9007199254740993, "note": null, "tags": [], "name": "Zoë",
         "customer": {"email": "jon@example.com", "address": {"city": "Ottawa", "zip": "K2P0V6"}, "a b": 1},
         "items": [{"title": "Cap", "price": "199.00", "n": 1}, {"title": "Mug", "price": "99.50", "n": 2},
                   {"title": "Shirt", "n": 1, "extra": {"color": "green"}}],
         "matrix": [[1, 2], [3, [4]], 5, null]}
        """

    @Test(arguments: [
        ("customer.address.city", "\"Ottawa\""), ("customer.\"a b\"", "1"), ("customer.missing.city", "null"),
        ("name.first", "null"), ("@.topic", "\"orders/create\""), ("\"topic\"", "\"orders/create\""),
        ("items[0].title", "\"Cap\""), ("items[-1].title", "\"Shirt\""), ("items[3]", "null"), ("items[-4]", "null"),
        ("items[*].title", #"["Cap","Mug","Shirt"]"#), ("items[*].price", #"["199.00","99.50"]"#),
        ("items[:2].n", "[1,2]"), ("items[::-1].n", "[1,2,1]"), ("items[*].missing", "[]"), ("topic[*]", "null"),
        ("items[*].title | [0]", "\"Cap\""), ("items[*].title[0]", "[]"), ("(items[*].title)[0]", "\"Cap\""),
        ("matrix[]", "[1,2,3,[4],5]"), ("matrix[][]", "[1,2,3,4,5]"), ("matrix[*][0]", "[1,3]"),
        ("matrix[?@]", "[[1,2],[3,[4]],5]"),
        ("customer.*", #"["jon@example.com",{"city":"Ottawa","zip":"K2P0V6"},1]"#), ("customer.*.city", #"["Ottawa"]"#),
        ("items[?n == `1`].title", #"["Cap","Shirt"]"#), ("items[?price].n", "[1,2]"),
        ("items[?n > `1`] | [0].title", "\"Mug\""),
        ("items[?!price].title", #"["Shirt"]"#), ("items[?extra.color == 'green'].title | [0]", "\"Shirt\""),
        ("[topic, total]", #"["orders/create",19.90]"#), ("{a: total, \"b c\": note}", #"{"a":19.90,"b c":null}"#),
        ("items[0].[title, n]", #"["Cap",1]"#), ("items[0].{t: title}", #"{"t":"Cap"}"#), ("note.[@]", "null"),
        ("note | [@]", "[null]"),
        ("note || tags || name", "\"Zoë\""), ("topic && total", "19.90"), ("tags && total", "[]"), ("!tags", "true"),
        ("!customer.address.city", "false"), ("!note == `true`", "true"),
        ("topic == 'orders/create' && items[0].n == `1.0`", "true"),
        ("total > `19.9`", "false"), ("total >= `19.9`", "true"), ("name < topic", "null"),
        ("id == `9007199254740992`", "false"),
        ("id > `9007199254740992`", "true"), ("'it\\'s \\\\ \\n'", #""it's \\ \\n""#), ("`\"\\`\"`", "\"`\""),
        ("`{\"a\": [1]}`.a[0]", "1"),
        ("name[0:2]", "\"Zo\""), ("name[::-1]", "\"ëoZ\""), ("'foo'[:].length(@)", "3"),
        ("tags ? 'some' : 'none'", "\"none\""), ("note ? topic : total ? name : id", "\"Zoë\""),
        ("items[?$.total > `1`] | length(@)", "3"),
        ("let $n = total in items[*].[title, $n][]", #"["Cap",19.90,"Mug",19.90,"Shirt",19.90]"#),
        ("let $a = 'x', $b = `2` in {a: $a, b: $b}", #"{"a":"x","b":2}"#), ("let", "null"), ("in", "null"),
        ("map(&n, items)", "[1,2,1]"), ("sort_by(items, &n)[*].title", #"["Cap","Shirt","Mug"]"#),
        ("items[].n | sum(@)", "4"),
        ("items[?contains(title, 'u')].title", #"["Mug"]"#), ("max_by(items, &n).title", "\"Mug\""),
        ("* | length(@)", "8"),
    ])
    func `yields what the specification says`(text: String, result: String) throws {
        let value = try Expression(text).evaluate(try JSONValue.parse(Self.document))
        #expect(value.description == result)
    }

    @Test
    func `gives back an untouched number with its lexeme`() throws {
        let document = try JSONValue.parse(#"{"a": 19.90, "b": 12345678901234567890, "c": [1.0, 1E2]}"#)
        #expect(try Expression("a").evaluate(document).description == "19.90")
        #expect(try Expression("to_string(b)").evaluate(document) == "12345678901234567890")
        #expect(try Expression("max(c)").evaluate(document).description == "1E2")
        #expect(try Expression("to_number('007.50')").evaluate(document).isNull)
        #expect(try Expression("to_number('7.50')").evaluate(document).description == "7.50")
    }

    @Test(arguments: [
        ("`19.90` * `3`", "59.70"), ("`0.1` + `0.2`", "0.3"), ("`19.90` + `0.10`", "20.00"), ("`1` - `0.99`", "0.01"),
        ("`10` / `4`", "2.5"), ("`6` / `3`", "2"), ("`2` / `3`", "0.6666666666666666"), ("`59.70` / `3`", "19.90"),
        ("`-7` // `2`", "-4"), ("`-7` % `2`", "1"), ("`7` % `-2`", "-1"), ("`5.5` % `2`", "1.5"),
        ("-`19.90`", "-19.90"), ("+`1.0`", "1.0"),
        ("`2` + `3` * `4`", "14"), ("(`2` + `3`) * `4`", "20"), ("`8` / `2` / `2`", "2"), ("`8` - `2` - `1`", "5"),
        ("`2` × `4` ÷ `8` − `1`", "0"),
        ("`9223372036854775807` + `1`", "9223372036854775808"),
        ("`12345678901234567890` * `10`", "123456789012345678900"),
        ("`1e2` + `1`", "101"), ("`1e300` * `10`", "1e+301"), ("`1e-30` + `1`", "1"), ("abs(`-0.50`)", "0.50"),
        ("ceil(`-1.5`)", "-1"),
        ("floor(`-1.5`)", "-2"), ("ceil(`12345678901234567890.5`)", "12345678901234567891"),
        ("sum(`[0.1, 0.2, 0.30]`)", "0.60"),
        ("avg(`[1, 2]`)", "1.5"), ("`1` + `2` == `3.0`", "true"), ("-`1` - + `2`", "-3"), ("`1`-`1`", "0"),
        ("`3`*`2`", "6"),
    ])
    func `computes with numbers as they are written`(text: String, result: String) throws {
        #expect(try Expression(text).evaluate(.null).description == result)
    }

    @Test(arguments: [
        ("note.abs('x')", "null"), ("tags[?max(`1`)]", "[]"), ("topic || length(&a)", "\"orders/create\""),
        ("max(items[?n > `9`].n)", "null"), ("sort(matrix[:0])", "[]"), ("join('', items[:0])", "\"\""),
    ])
    func `fails only where it is evaluated`(text: String, result: String) throws {
        #expect(try Expression(text).evaluate(try JSONValue.parse(Self.document)).description == result)
    }

    @Test
    func `sees the variables it is given, unless a let hides them`() throws {
        let expression = try Expression("[$a, let $a = 'inner' in $a, map(&[@, $b], list)]")
        let value = try expression.evaluate(["list": [1]], variables: [("a", "outer"), ("b", 2), ("unused", 3)])
        #expect(value == ["outer", "inner", [[1, 2]]])
        #expect(expression.root.freeVariables == ["a", "b"])
    }

    @Test
    func `is evaluated by many threads at once`() async throws {
        let document = try JSONValue.parse(Self.document)
        let expression = try Expression("sort_by(items, &n)[*].title | join(', ', @)")
        await withTaskGroup(of: JSONValue?.self) { group in
            for _ in 0..<200 { group.addTask { try? expression.evaluate(document) } }
            for await value in group { #expect(value == "Cap, Shirt, Mug") }
        }
    }

    @Test
    func `writes down what each part yields, when asked`() throws {
        let expression = try Expression("items[?n > `1`].title | [0]")
        var trace = Trace()
        let value = try expression.evaluate(try JSONValue.parse(Self.document), trace: &trace)
        #expect(value == "Mug")
        var condition: SyntaxNode?
        expression.root.forEachNode { if $0.kind == .comparison(.greater) { condition = $0 } }
        #expect(trace.values(of: try #require(condition)) == [false, true, false])
        #expect(trace.values(of: expression.root) == ["Mug"])
        #expect(trace.failure == nil)
    }

    @Test
    func `writes down what failed, and what was done before`() throws {
        let expression = try Expression("[topic, customer.email.length(@) + name]")
        var trace = Trace()
        let document = try JSONValue.parse(Self.document)
        #expect(throws: JMESPathError.self) { try expression.evaluate(document, trace: &trace) }
        let failure = try #require(trace.failure)
        #expect(failure.error.kind == .notANumber)
        let sum = try #require(expression.root.children.last)
        #expect(failure.node == sum.id)
        #expect(trace.values(of: sum.children[0]) == [15])
    }

    @Test
    func `keeps a bounded trace`() throws {
        var trace = Trace(limit: 5)
        let document = JSONValue.array((0..<10).map { .integer($0) })
        _ = try Expression("[*].to_string(@)").evaluate(document, trace: &trace)
        #expect(trace.entries.count == 5)
        #expect(trace.omitted > 0)
    }
}
