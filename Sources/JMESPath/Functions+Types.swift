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
            implementation: contains
        ),
        Function(
            "length",
            [Parameter("subject", [.string, .array, .object])],
            returns: .number,
            "How many code points a text, elements an array, or members an object has.",
            examples: [Example("length('✓ ok')", "4")],
            implementation: length
        ),
        Function(
            "not_null",
            [Parameter("values", .any, .repeated)],
            returns: .any,
            "The first argument that is not null.",
            examples: [Example("not_null(missing, 'other')", "\"other\"")],
            implementation: notNull
        ),
        Function(
            "reverse",
            [Parameter("subject", [.string, .array])],
            returns: [.string, .array],
            "The elements of an array, or the code points of a text, from the last to the first.",
            examples: [Example("reverse('abc')", "\"cba\"")],
            implementation: reverse
        ),
        Function(
            "to_array",
            [Parameter("value", .any)],
            returns: .array,
            "The array itself, or an array of this one value.",
            examples: [Example("to_array('a')", "[\"a\"]")],
            implementation: toArray
        ),
        Function(
            "to_number",
            [Parameter("value", .any)],
            returns: [.number, .null],
            "The number itself, or the one that a text spells by the rules of JSON; null for all else.",
            examples: [Example("to_number('19.90')", "19.90"), Example("to_number('1.')", "null")],
            implementation: toNumber
        ),
        Function(
            "to_string",
            [Parameter("value", .any)],
            returns: .string,
            "The text itself, or the value as compact JSON.",
            examples: [Example("to_string(`19.90`)", "\"19.90\"")],
            implementation: toString
        ),
        Function(
            "type",
            [Parameter("value", .any)],
            returns: .string,
            "`null`, `boolean`, `number`, `string`, `array` or `object`.",
            examples: [Example("type(`1`)", "\"number\"")],
            implementation: type
        ),
    ]

    @Sendable
    private static func contains(_ arguments: Arguments, _ run: inout Evaluation) throws(JMESPathError) -> JSONValue {
        let (subject, search) = (arguments[0], arguments[1])
        if subject.kind == .string {
            guard search.kind == .string else { return false }
            try run.spend((subject.weight + search.weight) >> 4)
            let text = arguments.string(0)
            return .bool(TextSearch(arguments.string(1)).first(in: text.utf8Span.span, from: 0) != nil)
        }
        var isFound = false
        try subject.forEachElement { (element) throws(JMESPathError) in
            try run.spend(1)
            if !isFound { isFound = try run.areEqual(element, search) }
        }
        return .bool(isFound)
    }

    @Sendable
    private static func length(_ arguments: Arguments, _ run: inout Evaluation) throws(JMESPathError) -> JSONValue {
        if arguments[0].kind == .array { return .integer(Int64(arguments[0].count)) }
        try run.spend(onAllOf: arguments[0])
        if arguments[0].kind == .object { return .integer(Int64(arguments[0].count)) }
        return .integer(Int64(arguments.string(0).unicodeScalars.count))
    }

    @Sendable
    private static func notNull(_ arguments: Arguments, _: inout Evaluation) -> JSONValue {
        (0..<arguments.count).lazy.map { arguments[$0] }.first { !$0.isNull } ?? .null
    }

    @Sendable
    private static func reverse(_ arguments: Arguments, _ run: inout Evaluation) throws(JMESPathError) -> JSONValue {
        guard arguments[0].kind == .string else { return try run.array(arguments.elements(0).reversed()) }
        try run.spend(arguments[0].weight >> 2)
        return .string(String(String.UnicodeScalarView(arguments.string(0).unicodeScalars.reversed())))
    }

    @Sendable
    private static func toArray(_ arguments: Arguments, _ run: inout Evaluation) throws(JMESPathError) -> JSONValue {
        arguments[0].kind == .array ? arguments[0] : try run.array([arguments[0]])
    }

    @Sendable
    private static func toNumber(_ arguments: Arguments, _ run: inout Evaluation) throws(JMESPathError) -> JSONValue {
        switch arguments[0].kind {
        case .number: return arguments[0]
        case .string:
            try run.spend(arguments[0].weight >> 4)
            return JSONNumber(lexeme: arguments.string(0)).map(JSONValue.number) ?? .null
        default: return .null
        }
    }

    @Sendable
    private static func toString(_ arguments: Arguments, _ run: inout Evaluation) throws(JMESPathError) -> JSONValue {
        if arguments[0].kind == .string { return arguments[0] }
        if let number = arguments[0].number { return .string(number.lexeme) }
        try run.reserve(arguments[0].weight)
        return .string(arguments[0].description)
    }

    @Sendable
    private static func type(_ arguments: Arguments, _: inout Evaluation) -> JSONValue {
        .string(arguments[0].kind.rawValue)
    }
}
