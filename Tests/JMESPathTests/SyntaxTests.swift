import JMESPath
import JSON
import SeededRandom
import Testing

@Suite struct `The tree of an expression` {
    @Test
    func `tells each part with its place`() throws {
        let root = try Expression("topic == 'x' && length(body.items[*].id) > `2`").root
        #expect(root.kind == .and)
        #expect(root.children.map(\.text) == ["topic == 'x'", "length(body.items[*].id) > `2`"])
        let call = root.children[1].children[0]
        #expect(call.kind == .call(function: "length"))
        #expect(call.function?.parameters.map(\.name) == ["subject"])
        #expect(call.range == 16..<40)
        let projection = call.children[0]
        #expect(projection.kind == .listProjection)
        #expect(projection.text == "body.items[*].id")
        #expect(projection.children.map(\.kind) == [.subexpression, .field("id")])
        #expect(projection.children[0].children.map(\.kind) == [.field("body"), .field("items")])
    }

    @Test
    func `tells names of fields, keys and variables`() throws {
        var fields: [String] = []
        let root = try Expression("let $x = a.\"b c\" in {k: $x.d, l: $y}").root
        root.forEachNode { if case .field(let name) = $0.kind { fields.append(name) } }
        #expect(fields == ["a", "b c", "d"])
        #expect(root.kind == .letIn(names: ["x"]))
        #expect(root.children[1].kind == .multiSelectHash(keys: ["k", "l"]))
        #expect(root.freeVariables == ["y"])
    }

    static let expressions = [
        "a.b.c", "a[0]", "a[-1].b", "[0][1]", "a[1:2]", "a[::-2].b", "[*].a[*].b", "(a[*])[0]", "(a.*).b", "a[].b[]",
        "a[*][]", "*.*.a",
        "a[?b == `1`].c[?d]", "a[?b[?c]].d", "a || b && c | d", "(a || b) && c", "a | (b | c)", "(a | b) | c",
        "a - (b - c)", "a * (b + c) // d % -e",
        "!a.b", "!(a == b)", "!!a", "-+-a", "(!a).b", "a ? b : c ? d : e", "(a ? b : c) ? d : e", "(a | b) ? c | d : e",
        "a == b == c", "(let $x = a in $x) | b",
        "let $x = a, $y = $x in let $x = b in [$x, $y]", "a || (let $x = b in $x)",
        "length(f).g.[a, b].{c: d, \"e f\": g}", "@", "$", "$.a[0]", "@[*]", "a.\"b-c\".\"\\u00e9\\n\"",
        "sort_by(a, &b.c)", "map(&(a | b), c)", "map(&let $x = @ in $x, c)", "'it\\'s'", "'a\\\\b\\n'", "`\"\\`\"`",
        "`{\"a\": [1.50, \"\\\\\"]}`", "not_null(a, b[0], 'c')", "a[*].b.*.c[0:1].d",
        "a[0].*[1]", "a.to_string(@)[0:1]", "(a)[*]", "a[*].[b, c[*]]", "{a: b ? c : d}", "a[? let $x = b in $x == c]",
        "in.let.in", "(a[?b])[?c]",
    ]

    @Test(arguments: expressions)
    func `written out and compiled again is the same`(text: String) throws {
        let root = try Expression(text).root
        let again = try Expression(root.description).root
        #expect(root.hasSameShape(as: again), "\(text) → \(root.description)")
        #expect(again.description == root.description)
    }

    @Test(.enabled(if: Conformance.folder != nil), arguments: ["core", "community"])
    func `written out and compiled again is the same, for the suites' expressions`(suite: String) throws {
        for test in try Conformance.cases(of: suite) {
            guard let root = try? Expression(test.expression).root else { continue }
            let again = try Expression(root.description).root
            #expect(root.hasSameShape(as: again), "\(test.expression) → \(root.description)")
        }
    }

    @Test(arguments: 1...10)
    func `made at random is the same after being written out`(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        for _ in 0..<100 {
            let text = Self.expression(depth: 4, &random)
            let root = try Expression(text).root
            let again = try Expression(root.description).root
            #expect(root.hasSameShape(as: again), "\(text) → \(root.description)")
        }
    }

    /// Text of the grammar, with parentheses around some parts.
    private static func expression(depth: Int, _ random: inout SplitMix64) -> String {
        func part() -> String { expression(depth: depth - 1, &random) }
        guard depth > 0 else {
            return ["a", "b", "@", "$", "\"c d\"", "'x'", "`1.50`", "$v"].randomElement(using: &random) ?? "a"
        }
        let operators = [" | ", " || ", " && ", " == ", " < ", " + ", " - ", " * ", " / ", " // ", " % "]
        switch Int.random(in: 0..<14, using: &random) {
        case 0, 1, 2: return part() + (operators.randomElement(using: &random) ?? "") + part()
        case 3: return "(\(part()))"
        case 4: return "(\(part())).a"
        case 5: return "(\(part()))[*].b[0]"
        case 6: return "(\(part()))[?\(part())].c"
        case 7: return "(\(part())).*[]"
        case 8: return "!\(part())"
        case 9: return "[\(part()), \(part())]"
        case 10: return "{k: \(part())}[1:2].d"
        case 11: return "(\(part()) ? \(part()) : \(part()))"
        case 12: return "(let $v = \(part()) in \(part()))"
        default: return "map(&\(part()), (\(part()))[*])"
        }
    }
}

extension SyntaxNode {
    /// Whether both mean the same, wherever they stand.
    func hasSameShape(as other: SyntaxNode) -> Bool {
        let (children, others) = (children, other.children)
        return kind == other.kind && children.count == others.count
            && zip(children, others).allSatisfy { $0.hasSameShape(as: $1) }
    }
}
