import JSON

extension Function {
    /// What orders, gathers and takes apart arrays.
    static let ofArrays: [Function] = [
        Function(
            "group_by",
            [Parameter("elements", .objects), Parameter("key", .expression)],
            returns: .object,
            "An object of arrays: under each text that the key yields, the elements that yield it. "
                + "Those that yield null are left out.",
            examples: [Example("group_by(`[{\"k\": \"a\"}]`, &k)", #"{"a":[{"k":"a"}]}"#)],
            implementation: groupBy
        ),
        Function(
            "join",
            [Parameter("separator", .string), Parameter("texts", .strings)],
            returns: .string,
            "The texts, with the separator between each two.",
            examples: [Example("join(', ', `[\"a\", \"b\"]`)", "\"a, b\"")],
            body: join
        ),
        Function(
            "map",
            [Parameter("each", .expression), Parameter("elements", .array)],
            returns: .array,
            "What the expression yields on each element, nulls included.",
            examples: [Example("map(&a, `[{\"a\": 1}, {}]`)", "[1,null]")],
            body: map
        ),
        Function(
            "max_by",
            [Parameter("elements", .array), Parameter("key", .expression)],
            returns: .any,
            "The element with the greatest key, all of them numbers or all strings; null when there is none.",
            examples: [Example("max_by(`[{\"a\": 1}, {\"a\": 2}]`, &a)", #"{"a":2}"#)],
            body: maxBy
        ),
        Function(
            "min_by",
            [Parameter("elements", .array), Parameter("key", .expression)],
            returns: .any,
            "The element with the least key, all of them numbers or all strings; null when there is none.",
            examples: [Example("min_by(`[{\"a\": 1}, {\"a\": 2}]`, &a)", #"{"a":1}"#)],
            body: minBy
        ),
        Function(
            "sort",
            [Parameter("elements", [.numbers, .strings])],
            returns: .array,
            "Numbers, or strings by their code points, from the least to the greatest.",
            examples: [Example("sort(`[3, 1, 2]`)", "[1,2,3]")],
            body: sort
        ),
        Function(
            "sort_by",
            [Parameter("elements", .array), Parameter("key", .expression)],
            returns: .array,
            "The elements from the least key to the greatest; those with the same key keep their order.",
            examples: [Example("sort_by(`[{\"a\": 2}, {\"a\": 1}]`, &a)[*].a", "[1,2]")],
            body: sortBy
        ),
        Function(
            "zip",
            [Parameter("arrays", .array, .repeated)],
            returns: .array,
            "Arrays of what stands at the same place in each; as many as the shortest has elements.",
            examples: [Example("zip(`[\"a\", \"b\"]`, `[1, 2, 3]`)", #"[["a",1],["b",2]]"#)],
            implementation: zip
        ),
    ]

    @Sendable
    private static func join(_ operands: Operands, _ run: inout Evaluation) throws(JMESPathError) -> Value {
        let texts = run.operand(1, operands)
        let separator = run.operand(0, operands)
        // Of strings the weight tells their length, two quotes more, and so no more is written than is reserved.
        try run.reserve(run.weight(texts) + run.elementCount(texts) * (run.weight(separator) - 2))
        run.heap.text.removeAll(keepingCapacity: true)
        run.heap.text.reserveCapacity(256)
        var isFirst = true
        guard var elements = run.elements(of: texts) else { return .null }
        while let element = run.next(&elements) {
            if !isFirst { run.appendText(of: separator) }
            isFirst = false
            run.appendText(of: element)
        }
        return run.borrow(.string(String(copying: UTF8Span(unchecked: run.heap.text.span))))
    }

    @Sendable
    private static func map(_ operands: Operands, _ run: inout Evaluation) throws(JMESPathError) -> Value {
        let expression = run.expression(0, operands)
        let base = run.heap.stack.count
        guard var elements = run.elements(of: run.operand(1, operands)) else { return .null }
        while let element = run.next(&elements) {
            run.heap.stack.append(try run.value(of: expression, on: element))
        }
        return try run.list(from: base)
    }

    @Sendable
    private static func sort(_ operands: Operands, _ run: inout Evaluation) throws(JMESPathError) -> Value {
        var sorted: [Keyed] = []
        guard var elements = run.elements(of: run.operand(0, operands)) else { return .null }
        while let element = run.next(&elements) {
            if let key = run.sortKey(element) { sorted.append(Keyed(key: key, element: element)) }
        }
        return try sort(&sorted, &run)
    }

    @Sendable
    private static func sortBy(_ operands: Operands, _ run: inout Evaluation) throws(JMESPathError) -> Value {
        var sorted: [Keyed] = []
        sorted.reserveCapacity(min(run.elementCount(run.operand(0, operands)), 64))
        try forEachKey(operands, &run) { element, key, _ in sorted.append(Keyed(key: key, element: element)) }
        return try sort(&sorted, &run)
    }

    @Sendable
    private static func maxBy(_ operands: Operands, _ run: inout Evaluation) throws(JMESPathError) -> Value {
        var best: Keyed?
        try forEachKey(operands, &run) { element, key, run in
            run.take(&best, Keyed(key: key, element: element), isGreatest: true)
        }
        return best?.element ?? .null
    }

    @Sendable
    private static func minBy(_ operands: Operands, _ run: inout Evaluation) throws(JMESPathError) -> Value {
        var best: Keyed?
        try forEachKey(operands, &run) { element, key, run in
            run.take(&best, Keyed(key: key, element: element), isGreatest: false)
        }
        return best?.element ?? .null
    }

    /// A list of the elements in the order of their keys; those with the same key keep their order.
    private static func sort(_ elements: inout [Keyed], _ run: inout Evaluation) throws(JMESPathError) -> Value {
        // Each element is compared some log₂ n times, each time by no more than its key's length.
        let rounds = Int.bitWidth - elements.count.leadingZeroBitCount
        var steps = 0
        for element in elements { steps += 1 + run.length(element.key) >> 4 }
        try run.spend(steps * rounds)
        elements.sort { run.isLess($0.key, $1.key) }
        let base = run.heap.stack.count
        for element in elements { run.heap.stack.append(element.element) }
        return try run.list(from: base)
    }

    /// What the second argument yields on each element of the first: all numbers, or all strings.
    private static func forEachKey(
        _ operands: Operands,
        _ run: inout Evaluation,
        _ body: (Value, SortKey, inout Evaluation) -> Void
    ) throws(JMESPathError) {
        let expression = run.expression(1, operands)
        var place = 0
        var expected: JSONKind?
        guard var elements = run.elements(of: run.operand(0, operands)) else { return }
        while let element = run.next(&elements) {
            let value = try run.value(of: expression, on: element)
            let kind = run.kind(value)
            guard let key = run.sortKey(value), kind == expected ?? kind else {
                throw run.arguments(operands).invalidType(
                    1,
                    "yields \(kind.withArticle) at [\(place)]",
                    expected: expected.map { "\($0.withArticle), as before" } ?? "a number or a string"
                )
            }
            expected = kind
            place += 1
            body(element, key, &run)
        }
    }

    @Sendable
    private static func groupBy(_ arguments: Arguments, _ run: inout Evaluation) throws(JMESPathError) -> JSONValue {
        var groups: [(String, [JSONValue])] = []
        var places: [ExactText: Int] = [:]
        for (place, element) in arguments.elements(0).enumerated() {
            let value = try run.value(of: arguments.expression(1), on: element)
            if value.isNull { continue }
            try run.spend(8)
            guard let key = value.stringValue else {
                throw arguments.invalidType(
                    1,
                    "yields \(value.kind.withArticle) at [\(place)]",
                    expected: "a string; to_string() makes one"
                )
            }
            if let known = places[ExactText(key)] {
                groups[known].1.append(element)
            } else {
                places[ExactText(key)] = groups.count
                groups.append((key, [element]))
            }
        }
        return try run.object(groups.map { ($0.0, .array($0.1)) })
    }

    @Sendable
    private static func zip(_ arguments: Arguments, _ run: inout Evaluation) throws(JMESPathError) -> JSONValue {
        let arrays = (0..<arguments.count).map(arguments.elements)
        let length = arrays.map(\.count).min() ?? 0
        try run.spend(length * arrays.count)
        return try run.array((0..<length).map { place in .array(arrays.map { $0[place] }) })
    }
}
