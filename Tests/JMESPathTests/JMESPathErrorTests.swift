import JMESPath
import JSON
import Testing

@Suite struct `An error in an expression` {
    @Test(
        arguments: [
            ("", 0, "the expression ends", "an expression"),
            ("a.", 2, "the expression ends", "a name, a function, '*', '[' and a list of expressions, or '{'"),
            ("a..b", 2, "found .", "a name, a function, '*', '[' and a list of expressions, or '{'"),
            ("foo[abc]", 4, "found abc", "an index, a slice or '*'"),
            ("length(a", 8, "the expression ends", "',' or ')'"),
            ("[a, b", 5, "the expression ends", "',' or ']'"),
            ("{a b}", 3, "found b", "':'"),
            ("a b", 2, "found b", "an operator, or the expression's end"),
            ("a == 5", 5, "found 5", "an expression; a number is written in backticks: `5`"),
            ("'text", 0, "the expression ends inside quotes", "the closing quote '"),
            ("a ? b", 5, "the expression ends", "':' and what is taken otherwise"),
            ("let $a = b", 10, "the expression ends", "',' or 'in'"),
            ("\"length\"(a)", 0, "a function's name stands in quotes", "it without quotes"),
            ("&a", 0, "found &", "an expression; '&' stands only before a function's argument"),
            ("a # b", 2, "'#' has no meaning here", nil),
            ("`foo`", 0, "`foo`: found 'o', expected 'false'", "JSON in backticks; text is written 'so'"),
            ("a[99999999999]", 2, "found 99999999999", "a number of 32 bits"),
            ("a.$b", 2, "found $b", "a name, a function, '*', '[' and a list of expressions, or '{'"),
            ("é", 0, "'é' has no meaning here", nil),
        ] as [(String, Int, String, String?)]
    )
    func `of syntax says where, what was found and what was expected`(
        text: String,
        offset: Int,
        message: String,
        expected: String?
    ) {
        let error = #expect(throws: JMESPathError.self) { try Expression(text) }
        #expect(error?.kind == .syntax)
        #expect(error?.offset == offset)
        #expect(error?.message == message)
        #expect(error?.expected == expected)
    }

    @Test(
        arguments: [
            ("lenght(a)", JMESPathError.Kind.unknownFunction, "there is no function lenght()", "length()"),
            ("nothing_like_it(a)", .unknownFunction, "there is no function nothing_like_it()", nil),
            ("abs()", .invalidArity, "abs() takes 1 argument, 0 given", "abs(value)"),
            (
                "find_first('a')", .invalidArity, "find_first() takes 2 to 4 arguments, 1 given",
                "find_first(subject, sub, start?, end?)"
            ),
            ("not_null()", .invalidArity, "not_null() takes 1 or more arguments, 0 given", "not_null(values…)"),
            ("a[::0]", .invalidValue, "a slice's step is 0", nil),
        ] as [(String, JMESPathError.Kind, String, String?)]
    )
    func `is found while it is compiled, where that can be`(
        text: String,
        kind: JMESPathError.Kind,
        message: String,
        expected: String?
    ) {
        let error = #expect(throws: JMESPathError.self) { try Expression(text) }
        #expect(error?.kind == kind)
        #expect(error?.message == message)
        #expect(error?.expected == expected)
    }

    @Test(
        arguments: [
            ("abs('1')", JMESPathError.Kind.invalidType, "'1'", "abs(): argument 1 (value) is a string", "number"),
            ("map(name, mixed)", .invalidType, "name", "map(): argument 1 (each) is a string", "&expression"),
            (
                "length(&a)", .invalidType, "&a", "length(): argument 1 (subject) is an &expression",
                "string, array or object"
            ),
            (
                "length(total)", JMESPathError.Kind.invalidType, "total", "length(): argument 1 (subject) is a number",
                "string, array or object"
            ),
            (
                "join(', ', mixed)", .invalidType, "mixed", "join(): argument 2 (texts) holds a number at [1]",
                "array of strings"
            ),
            (
                "sum(mixed)", .invalidType, "mixed", "sum(): argument 1 (values) holds a string at [0]",
                "array of numbers"
            ),
            (
                "max(mixed)", .invalidType, "mixed", "max(): argument 1 (values) holds a number at [1]",
                "array of numbers or array of strings"
            ),
            (
                "sort_by(objects, &a)", .invalidType, "&a", "sort_by(): argument 2 (key) yields a string at [1]",
                "a number, as before"
            ),
            (
                "sort_by(objects, &missing)", .invalidType, "&missing",
                "sort_by(): argument 2 (key) yields null at [0]", "a number or a string"
            ),
            (
                "pad_left('a', `1.5`)", .invalidValue, "`1.5`", "pad_left(): argument 2 (width) is 1.5",
                "a whole number, 0 or more"
            ),
            (
                "pad_left('a', `5`, '--')", .invalidValue, "'--'", "pad_left(): argument 3 (pad) has 2 characters",
                "one character to fill up with"
            ),
            (
                "name + total", .notANumber, "name", "arithmetic with a string",
                "a number; to_number() makes one of text"
            ),
            ("total / `0`", .notANumber, "total / `0`", "19.90 / 0 is no number that there is", nil),
            ("total % `0`", .notANumber, "total % `0`", "19.90 % 0 is no number that there is", nil),
            ("`1e308` * `1e308`", .notANumber, "`1e308` * `1e308`", "1e308 * 1e308 is no number that there is", nil),
            ("[$nope]", .undefinedVariable, "$nope", "$nope is not defined here", "let $nope = … in …"),
            (
                "from_items(mixed)", .invalidType, "mixed", "from_items(): argument 1 (items) holds a string at [0]",
                "arrays of a key and a value"
            ),
            (
                "group_by(objects, &a)", .invalidType, "&a", "group_by(): argument 2 (key) yields a number at [0]",
                "a string; to_string() makes one"
            ),
        ] as [(String, JMESPathError.Kind, String, String, String?)]
    )
    func `of evaluation names the function, the argument, and what was found`(
        text: String,
        kind: JMESPathError.Kind,
        place: String,
        message: String,
        expected: String?
    ) throws {
        let document = try JSONValue.parse(
            #"{"total": 19.90, "name": "Zoë", "mixed": ["a", 1], "objects": [{"a": 1}, {"a": "x"}]}"#
        )
        let expression = try Expression(text)
        let error = #expect(throws: JMESPathError.self) { try expression.evaluate(document) }
        #expect(error?.kind == kind)
        #expect(error.map { String(decoding: Array(text.utf8)[$0.range], as: UTF8.self) } == place)
        #expect(error?.message == message)
        #expect(error?.expected == expected)
    }

    @Test
    func `is shown with carets below its place`() throws {
        let text = "name == 'é' &&\n\tlength(total) > `1`"
        let expression = try Expression(text)
        let error = #expect(throws: JMESPathError.self) { try expression.evaluate(["name": "é", "total": 1]) }
        #expect(error?.caret(in: text) == "\tlength(total) > `1`\n\t       ^^^^^")
        let early = #expect(throws: JMESPathError.self) { try Expression("'é' == ") }
        #expect(early?.caret(in: "'é' == ") == "'é' == \n       ^")
    }
}
