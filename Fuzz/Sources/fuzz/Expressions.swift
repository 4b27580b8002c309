import JSON

@testable import JMESPath

/// Expressions: an input is an expression and, behind a zero byte, the document it is evaluated on.
///
/// What compiles, and is printed, compiles to the same tree. Its evaluation ends within the limits, and yields the same
/// with and without a trace.
enum Expressions {
    static func check(_ bytes: [UInt8]) {
        let end = bytes.firstIndex(of: 0) ?? bytes.count
        guard let text = String(validating: bytes[..<end], as: UTF8.self) else { return }
        let expression: Expression
        do {
            expression = try Expression(text)
        } catch {
            require(0...text.utf8.count ~= error.range.lowerBound, "an error at \(error.range)")
            require(error.range.upperBound <= text.utf8.count, "an error at \(error.range)")
            _ = (error.description, error.caret(in: text))
            return
        }
        checkPrinting(of: expression)
        let document = (try? JSONValue.parse(Array(bytes[min(end + 1, bytes.count)...]))) ?? sample
        checkEvaluation(of: expression, on: document)
    }

    private static func checkPrinting(of expression: Expression) {
        let printed = expression.root.description
        let again: Expression
        do {
            again = try Expression(printed, limits: ExpressionLimits(length: 1 << 20))
        } catch {
            broken("\(expression.text) is printed as \(printed): \(error)")
        }
        require(isSame(expression.root, again.root), "\(expression.text) is printed as \(printed)")
        require(again.root.description == printed, "\(printed) is printed as \(again.root.description)")
    }

    private static func isSame(_ one: SyntaxNode, _ other: SyntaxNode) -> Bool {
        let (children, others) = (one.children, other.children)
        return one.kind == other.kind && children.count == others.count && zip(children, others).allSatisfy(isSame)
    }

    private static func checkEvaluation(of expression: Expression, on document: JSONValue) {
        let limits = EvaluationLimits(steps: 20_000, resultSize: 1 << 16)
        let variables = [("x", document)]
        let plain = Result { () throws(JMESPathError) in
            try expression.evaluate(document, variables: variables, limits: limits)
        }
        var trace = Trace()
        let traced = Result { () throws(JMESPathError) in
            try expression.evaluate(document, variables: variables, limits: limits, trace: &trace)
        }
        switch (plain, traced) {
        case (.success(let value), .success(let same)):
            require(value == same, "\(expression.text): \(value), with a trace \(same)")
            require((try? JSONValue.parse(value.serialized())) == value, "\(expression.text): \(value)")
        // A trace counts each name of a chain as a step.
        case (_, .failure(let error)) where error.kind == .limitExceeded: break
        case (.failure(let error), .failure(let same)):
            require(error.kind == same.kind, "\(expression.text): \(error), with a trace \(same)")
        default: broken("\(expression.text): \(plain), with a trace \(traced)")
        }
    }

    static let sample: JSONValue = [
        "a": [1, -2, 3.5, ["b": "x", "n": 1], ["b": "é😀", "n": 2], .null, true, [[], [1, [2]]]],
        "s": "Hello, Wörld", "o": ["k": "v", "l": ["m": 0]], "z": .null, "names": ["b", "a", "c"],
    ]

    @Sendable static func seeds() -> [[UInt8]] {
        let own = [
            "a[?n > `1`].b | [0]", "let $y = a[0] in $y + `2` * $x.a[1]", "o.l.m ? 'a' : s", "a[::-1]", "*.l[]",
            "{a: s, \"b c\": [o.k, `{\"a\": [1]}`]}", "sort_by(a[?n], &b)[*].n", "$.o == $x.o && !z || -a[0]",
        ]
        let examples = FunctionTable.standard.functions.flatMap { $0.examples.map(\.expression) }
        return (own + examples).map { Array($0.utf8) } + suite
    }

    private static var suite: [[UInt8]] {
        Conformance.documents(in: "jmespath").flatMap { $0.elements ?? [] }.flatMap { group in
            (group["cases"]?.elements ?? []).compactMap { test in
                guard let text = test["expression"]?.stringValue else { return nil }
                return Array(text.utf8) + [0] + (group["given"] ?? .null).serialized()
            }
        }
    }
}
