import JSON

extension Function {
    /// What tells and changes types, and what works on several of them.
    static let ofTypes: [Function] = [
        Function(
            "contains",
            [Parameter("subject", [.array, .string]), Parameter("search", .any)],
            returns: .boolean,
            "Whether an array has an element equal to `search`, or a text has it as a part.",
            examples: [
                Example("contains('hello world', 'world')", "true"), Example("contains(`[1, 2]`, `2.0`)", "true"),
            ],
            body: contains
        ),
        Function(
            "length",
            [Parameter("subject", [.string, .array, .object])],
            returns: .number,
            "How many code points a text, elements an array, or members an object has.",
            examples: [Example("length('✓ ok')", "4")],
            body: length
        ),
        Function(
            "not_null",
            [Parameter("values", .any, .repeated)],
            returns: .any,
            "The first argument that is not null.",
            examples: [Example("not_null(missing, 'other')", "\"other\"")],
            body: notNull
        ),
        Function(
            "reverse",
            [Parameter("subject", [.string, .array])],
            returns: [.string, .array],
            "The elements of an array, or the code points of a text, from the last to the first.",
            examples: [Example("reverse('abc')", "\"cba\"")],
            body: reverse
        ),
        Function(
            "to_array",
            [Parameter("value", .any)],
            returns: .array,
            "The array itself, or an array of this one value.",
            examples: [Example("to_array('a')", "[\"a\"]")],
            body: toArray
        ),
        Function(
            "to_number",
            [Parameter("value", .any)],
            returns: [.number, .null],
            "The number itself, or the one that a text spells by the rules of JSON; null for all else.",
            examples: [Example("to_number('19.90')", "19.90"), Example("to_number('1.')", "null")],
            body: toNumber
        ),
        Function(
            "to_string",
            [Parameter("value", .any)],
            returns: .string,
            "The text itself, or the value as compact JSON.",
            examples: [Example("to_string(`19.90`)", "\"19.90\"")],
            body: toString
        ),
        Function(
            "type",
            [Parameter("value", .any)],
            returns: .string,
            "`null`, `boolean`, `number`, `string`, `array` or `object`.",
            examples: [Example("type(`1`)", "\"number\"")],
            body: type
        ),
    ]

    @Sendable
    private static func contains(_ operands: Operands, _ run: inout Evaluation) throws(JMESPathError) -> Value {
        let (subject, search) = (run.operand(0, operands), run.operand(1, operands))
        guard var elements = run.elements(of: subject) else {
            guard let part = run.string(search), let text = run.string(subject) else { return .boolean(false) }
            try run.spend((run.weight(subject) + run.weight(search)) >> 4)
            return .boolean(TextSearch(part).first(in: text.utf8Span.span, from: 0) != nil)
        }
        var isFound = false
        while let element = run.next(&elements) {
            try run.spend(1)
            if !isFound { isFound = try run.areEqual(element, search) }
        }
        return .boolean(isFound)
    }

    @Sendable
    private static func length(_ operands: Operands, _ run: inout Evaluation) throws(JMESPathError) -> Value {
        let subject = run.operand(0, operands)
        let length: Int
        switch run.kind(subject) {
        case .string:
            try run.spend(run.weight(subject) >> 4)
            length = run.string(subject)?.unicodeScalars.count ?? 0
        case .object:
            try run.spend(run.weight(subject) >> 3)
            length = run.json(subject).count
        case .null, .boolean, .number, .array: length = run.elementCount(subject)
        }
        return run.borrow(.integer(Int64(length)))
    }

    @Sendable
    private static func notNull(_ operands: Operands, _ run: inout Evaluation) -> Value {
        for index in 0..<operands.count where !run.operand(index, operands).isNull {
            return run.operand(index, operands)
        }
        return .null
    }

    @Sendable
    private static func reverse(_ operands: Operands, _ run: inout Evaluation) throws(JMESPathError) -> Value {
        let subject = run.operand(0, operands)
        if let text = run.string(subject) {
            try run.spend(run.weight(subject) >> 2)
            return run.borrow(.string(String(String.UnicodeScalarView(text.unicodeScalars.reversed()))))
        }
        let base = run.heap.stack.count
        run.push(elementsOf: subject)
        run.heap.stack.reverse(from: base)
        return try run.list(from: base)
    }

    @Sendable
    private static func toArray(_ operands: Operands, _ run: inout Evaluation) throws(JMESPathError) -> Value {
        let value = run.operand(0, operands)
        if run.kind(value) == .array { return value }
        let base = run.heap.stack.count
        run.heap.stack.append(value)
        return try run.list(from: base)
    }

    @Sendable
    private static func toNumber(_ operands: Operands, _ run: inout Evaluation) throws(JMESPathError) -> Value {
        let value = run.operand(0, operands)
        switch run.kind(value) {
        case .number: return value
        case .string:
            try run.spend(run.weight(value) >> 4)
            return JSONNumber(lexeme: run.string(value) ?? "").map { run.borrow(.number($0)) } ?? .null
        case .null, .boolean, .array, .object: return .null
        }
    }

    @Sendable
    private static func toString(_ operands: Operands, _ run: inout Evaluation) throws(JMESPathError) -> Value {
        let value = run.operand(0, operands)
        switch run.kind(value) {
        case .string: return value
        case .array, .object: try run.reserve(run.weight(value))
        case .null, .boolean, .number: break
        }
        return run.borrow(.string(run.text(value) ?? "null"))
    }

    @Sendable
    private static func type(_ operands: Operands, _ run: inout Evaluation) -> Value {
        run.borrow(.string(run.kind(run.operand(0, operands)).rawValue))
    }
}
