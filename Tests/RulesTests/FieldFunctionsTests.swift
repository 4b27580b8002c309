import JMESPath
import JSON
import Testing

@testable import Rules

@Suite struct `The functions of the field` {
    private static let zones = TimeZones.load()
    static let hasZones = zones["Europe/Berlin"] != nil
    private static let tables = LookupTables([
        "timezones": ["CA": "America/Toronto", "GB": "Europe/London", "1": "one", "true": "yes"]
    ])
    private static let table = FieldFunctions.table(tables: tables, timeZones: zones)

    private func evaluate(_ expression: String, _ document: JSONValue = .null) throws -> JSONValue {
        try Expression(expression, functions: Self.table).evaluate(document)
    }

    private static let examples = FieldFunctions.all(tables: tables, timeZones: zones).flatMap { function in
        function.examples.map { (function.name, $0.expression, $0.result) }
    }

    @Test(arguments: examples)
    func `do what their examples say`(name: String, expression: String, result: String) throws {
        #expect(try evaluate(expression) == json(result))
        #expect(expression.contains(name + "("))
    }

    @Test func `are all documented, with an example each`() {
        let functions = FieldFunctions.all(tables: LookupTables(), timeZones: TimeZones())
        #expect(Set(functions.map(\.name)).count == functions.count)
        #expect(functions.allSatisfy { !$0.summary.isEmpty && !$0.examples.isEmpty })
        let names: Set = [
            "phone", "msisdn", "email", "format_date", "parse_date", "add_duration", "format_number", "default",
            "regex_match", "regex_capture", "regex_replace", "sha256", "base64_encode", "base64_decode", "url_encode",
            "url_decode", "html_to_text", "truncate", "lookup",
        ]
        #expect(Set(functions.map(\.name)) == names)
    }

    @Test func `hide none of JMESPath's`() {
        let standard = Set(FunctionTable.standard.functions.map(\.name))
        #expect(standard.isDisjoint(with: FieldFunctions.all(tables: .init(), timeZones: .init()).map(\.name)))
    }

    @Test(arguments: [
        "phone(@)", "msisdn(@, 'CA')", "email(@)", "format_date(@, 'yyyy')", "parse_date(@, 'yyyy')",
        "add_duration(@, '1d')", "format_number(@, `2`)", "regex_match(@, 'a')", "regex_capture(@, 'a')",
        "regex_replace(@, 'a', 'b')", "sha256(@)", "base64_encode(@)", "base64_decode(@)", "url_encode(@)",
        "url_decode(@)", "html_to_text(@)", "truncate(@, `3`)", "lookup('timezones', @)", "default(@, @)",
        "phone(' ', 'CA')", "email('  ')", "lookup('timezones', 'XX')", "regex_capture('b', '(a)?b')",
    ])
    func `give null for null`(expression: String) throws {
        #expect(try evaluate(expression) == .null)
    }

    @Test(
        arguments: [
            ("phone(`15145550199`, 'US')", "\"+15145550199\""), ("phone('514 555 0199', 'ca')", "\"+15145550199\""),
            ("phone('+351912345678', '')", "\"+351912345678\""),
            ("email('Ana+tag@EXAMPLE.co.uk')", "\"ana+tag@example.co.uk\""),
            ("email('jörg@exämple.de')", "\"jörg@exämple.de\""),
            ("lookup('timezones', `1`)", "\"one\""), ("lookup('timezones', `true`)", "\"yes\""),
            ("default('', 'x')", "\"x\""), ("default(`[]`, 'x')", "[]"), ("default(`0`, 'x')", "0"),
            ("truncate('👨‍👩‍👧👍🏽é', `2`)", "\"👨‍👩‍👧👍🏽\""), ("truncate('abc', `0`)", "\"\""),
            ("truncate('abc', `2`, '...')", "\"..\""), ("truncate('abc', `3`, '...')", "\"abc\""),
            ("format_number(`19.9`, `2`)", "\"19.90\""), ("format_number(`-0.005`, `2`)", "\"-0.01\""),
            ("format_number(`-0.004`, `2`)", "\"0.00\""), ("format_number(`999.995`, `2`)", "\"1000.00\""),
            ("format_number(`1e3`, `0`)", "\"1000\""), ("format_number(`1.5e-3`, `4`)", "\"0.0015\""),
            ("format_number(`1234567`, `0`, '.', ' ')", "\"1 234 567\""),
            ("format_number(`123456`, `1`, '.', ',')", "\"123,456.0\""),
            ("format_number('0012.50', `1`)", "\"12.5\""), ("format_number(`0.5`, `0`)", "\"1\""),
            ("format_number(`2.675`, `2`)", "\"2.68\""),
            ("format_number(`12345678901234567890.125`, `2`)", "\"12345678901234567890.13\""),
            ("regex_match('ABC', 'b')", "false"), ("regex_match('', '')", "true"),
            ("regex_match(`1042`, '^\\\\d{4}$')", "true"),
            ("regex_capture('a=1;b=2', 'b=(\\\\d)', `0`)", "\"b=2\""), ("regex_capture('Grüße', 'ü(.)')", "\"ß\""),
            ("regex_replace('aaa', 'a', 'b$$')", "\"b$b$b$\""), ("regex_replace('héé', '', '-')", "\"-h-é-é-\""),
            ("regex_replace('a1b2', '(?P<d>\\\\d)', '<${d}>')", "\"a<1>b<2>\""),
            ("regex_replace('abc', 'x', 'y')", "\"abc\""),
            ("regex_replace('ab', '(a)|(b)', '[$1$2]')", "\"[a][b]\""),
            ("sha256('')", "\"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\""),
            ("base64_encode('')", "\"\""), ("base64_decode('_-Kagg')", nil), ("base64_decode('YQ==')", "\"a\""),
            ("base64_decode('YWI=\n')", "\"ab\""), ("url_encode('ü~')", "\"%C3%BC~\""),
            ("url_decode('%C3%bc+')", "\"ü+\""),
            ("add_duration(`1769851800`, '0s')", "\"2026-01-31T09:30:00.000Z\""),
            ("add_duration('2026-01-31T10:30:00+01:00', '200ms')", "\"2026-01-31T09:30:00.200Z\""),
            ("parse_date('1769851800123')", "\"2026-01-31T09:30:00.123Z\""),
        ] as [(String, String?)]
    )
    func `give what they should`(expression: String, result: String?) throws {
        if let result {
            #expect(try evaluate(expression) == json(result))
        } else {
            #expect(throws: JMESPathError.self) { try evaluate(expression) }
        }
    }

    @Test(arguments: [
        "a@b.c", "a.b+c'd@sub.example.co", "1@2.x3", "x@xn--d1acufc.xn--p1ai", "\u{A0} ana@example.com\u{2003}\n",
        String(repeating: "a", count: 64) + "@" + String(repeating: "b", count: 63) + ".de",
    ])
    func `take an e-mail address`(address: String) {
        #expect(EmailAddress(address) != nil)
    }

    @Test(arguments: [
        "", "@", "a", "a@", "@b.c", "a@b", "a@b.", "a@.b", "a@b..c", ".a@b.c", "a.@b.c", "a..b@c.d", "a b@c.d",
        "a@b c.d",
        "a@b@c.d", "a@-b.c", "a@b-.c", "a@b.c-", "a@b_c.d", "a@1.2", "a@b.12", "(a)@b.c", "\"a\"@b.c", "a@[127.0.0.1]",
        "<a@b.c>", "a@b,c", String(repeating: "a", count: 65) + "@b.de",
        "a@" + String(repeating: "b", count: 64) + ".de", "é@" + String(repeating: "é", count: 32) + ".de",
        "a@" + Array(repeating: String(repeating: "b", count: 62), count: 4).joined(separator: ".") + ".de",
    ])
    func `refuse what is no e-mail address`(text: String) {
        #expect(EmailAddress(text) == nil)
    }

    @Test(
        .enabled(if: hasZones),
        arguments: [
            ("format_date('2026-07-01T10:00:00Z', 'HH:mm z', 'Europe/Berlin')", "\"12:00 CEST\""),
            ("format_date('2026-03-29T01:00:00Z', 'HH:mm', 'Europe/Berlin')", "\"03:00\""),
            ("format_date('2026-10-25T01:00:00Z', 'HH:mm XXX', 'Europe/Berlin')", "\"02:00 +01:00\""),
            ("format_date('2026-01-31T09:30:00Z', 'd MMM', lookup('timezones', 'CA'))", "\"31 Jan\""),
            ("parse_date('29.03.2026 02:30', 'dd.MM.yyyy HH:mm', 'Europe/Berlin')", "\"2026-03-29T01:30:00.000Z\""),
            ("parse_date('25.10.2026 02:30', 'dd.MM.yyyy HH:mm', 'Europe/Berlin')", "\"2026-10-25T00:30:00.000Z\""),
        ]
    )
    func `know the clocks of places`(expression: String, result: String) throws {
        #expect(try evaluate(expression) == json(result))
    }

    @Test(arguments: [
        ("phone('12', 'CA')", "'12' is too short for region CA"),
        ("msisdn('514 555 0199')", "'514 555 0199' has no country code; it needs a leading + or a region"),
        ("email('ana@example')", "'ana@example' is not an e-mail address"),
        ("format_date('x', 'yyyy')", "\"x\" is not a moment"),
        ("format_date('2026-01-31T09:30:00Z', 'YYYY')", "'YYYY' is none of"),
        ("format_date('2026-01-31T09:30:00Z', 'yyyy', 'Mars')", "there is no time zone 'Mars'"),
        ("parse_date('x', 'yyyy')", "'x' does not fit the pattern: expected 4 digits, found 'x'"),
        ("add_duration('2026-01-31T09:30:00Z', '1w')", "'1w' is not a duration"),
        ("format_number('1,5', `2`)", "\"1,5\" is not a number"),
        ("format_number(`1`, `21`)", "is 21"), ("format_number(`1`, `1.5`)", "is 1.5"),
        ("truncate('a', `-1`)", "is -1"),
        ("regex_match('a', '(')", "'(' is no regular expression: missing ): ("),
        ("regex_capture('a', 'a', `1`)", "the pattern has no group '1'"),
        ("regex_replace('a', 'a', '$1')", "the pattern has no group '1'"),
        ("regex_replace('a', 'a', '$')", "the pattern has no group ''"),
        ("base64_decode('a')", "\"a\" is not base64"), ("base64_decode('YQ=')", "\"YQ=\" is not base64"),
        ("base64_decode('YR==')", "\"YR==\" is not base64"), ("base64_decode('/w==')", "is base64, but not of a text"),
        ("url_decode('%4')", "is not percent-encoded text"), ("url_decode('%ff')", "is not percent-encoded text"),
        ("lookup('timezone', 'CA')", "there is no table 'timezone'; did you mean 'timezones'?"),
    ])
    func `say what is wrong`(expression: String, message: String) {
        let error = #expect(throws: JMESPathError.self) { try evaluate(expression) }
        #expect(error?.kind == .invalidValue)
        #expect(error?.message.contains(message) == true, "\(error?.message ?? "")")
    }

    @Test func `end, whatever they are given`() throws {
        let long = JSONValue.string(String(repeating: "ab", count: 500_000))
        #expect(throws: JMESPathError.self) { try evaluate("regex_replace(@, 'a', 'b')", long) }
        #expect(try evaluate("regex_match(@, '(a*)*c$')", long) == false)
        let blowUp = JSONValue.string(String(repeating: "a", count: 3_000))
        let wide = String(repeating: "$0", count: 4_000)
        #expect(throws: JMESPathError.self) { try evaluate("regex_replace(@, 'a*', '\(wide)')", blowUp) }
    }
}

@Suite struct `The text of HTML` {
    @Test(arguments: [
        ("plain", "plain"), ("", ""), ("a  b\n\tc", "a b c"), ("<p>one</p><p>two</p>", "one\ntwo"),
        ("one<br>two<br/>three", "one\ntwo\nthree"), ("<ul><li>a</li><li>b</li></ul>", "a\nb"),
        ("<b>bo</b>ld", "bold"), ("a <b> b </b> c", "a b c"), ("a &lt; b &amp;&amp; c", "a < b && c"),
        ("a < b and b > c", "a < b and b > c"), ("AT&T &copy &copy;", "AT&T &copy ©"),
        ("&#233;&#xE9;&#0;&#x110000;&#xD800;", "éé\u{FFFD}\u{FFFD}\u{FFFD}"), ("&eacute;&yuml;&nbsp;x", "éÿ x"),
        ("<script>alert('</p>')</script>x", "x"), ("<style>p{}</style >y", "y"), ("<!-- <b>no</b> -->z", "z"),
        ("<a title='a > b'>link</a>", "link"), ("<td>1</td><td>2</td>", "1 2"), ("<p", ""), ("a<", "a<"), ("&", "&"),
        ("<P>Up</P>", "Up"), ("<p></p><p> </p>x", "x"), ("<scripts>x</scripts>", "x"),
        ("<script>unclosed", ""), ("<!-- unclosed", ""), ("a&;b", "a&;b"), ("<é>", "<é>"),
    ])
    func `is what a reader sees`(html: String, text: String) {
        #expect(HTMLText.text(of: html) == text)
    }

    @Test func `is found in time linear in its length`() {
        // Quadratic work over a megabyte of these would take minutes.
        for piece in ["<", "&", "<!--", "<script>", "</", "&#", "<a '"] {
            _ = HTMLText.text(of: String(repeating: piece, count: 100_000))
        }
    }
}

@Suite struct `An e-mail address` {
    @Test(arguments: ["a@b.co", "a.b@c-d.example", "o'neil@x.org", "用户@例子.广告", " a@b.co\n", "A@B.CO", "a@1.b2"])
    func `is taken`(text: String) { #expect(EmailAddress(text) != nil) }

    @Test(arguments: [
        "", "a", "@", "a@", "@b.co", "a@b", "a@@b.co", "a b@c.de", "a@b..co", ".a@b.co", "a.@b.co", "a@-b.co",
        "a@b-.co", "a@b.1", "a@b.co.", "a@b_c.co", "Ana <a@b.co>", "a,b@c.de",
        String(repeating: "a", count: 65) + "@b.co",
        "a@" + String(repeating: "b", count: 64) + ".co",
    ])
    func `is refused`(text: String) { #expect(EmailAddress(text) == nil) }
}
