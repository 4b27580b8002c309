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
            implementation: join
        ),
        Function(
            "map",
            [Parameter("each", .expression), Parameter("elements", .array)],
            returns: .array,
            "What the expression yields on each element, nulls included.",
            examples: [Example("map(&a, `[{\"a\": 1}, {}]`)", "[1,null]")],
            implementation: map
        ),
        Function(
            "max_by",
            [Parameter("elements", .array), Parameter("key", .expression)],
            returns: .any,
            "The element with the greatest key, all of them numbers or all strings; null when there is none.",
            examples: [Example("max_by(`[{\"a\": 1}, {\"a\": 2}]`, &a)", #"{"a":2}"#)],
            implementation: maxBy
        ),
        Function(
            "min_by",
            [Parameter("elements", .array), Parameter("key", .expression)],
            returns: .any,
            "The element with the least key, all of them numbers or all strings; null when there is none.",
            examples: [Example("min_by(`[{\"a\": 1}, {\"a\": 2}]`, &a)", #"{"a":1}"#)],
            implementation: minBy
        ),
        Function(
            "sort",
            [Parameter("elements", [.numbers, .strings])],
            returns: .array,
            "Numbers, or strings by their code points, from the least to the greatest.",
            examples: [Example("sort(`[3, 1, 2]`)", "[1,2,3]")],
            implementation: sort
        ),
        Function(
            "sort_by",
            [Parameter("elements", .array), Parameter("key", .expression)],
            returns: .array,
            "The elements from the least key to the greatest; those with the same key keep their order.",
            examples: [Example("sort_by(`[{\"a\": 2}, {\"a\": 1}]`, &a)[*].a", "[1,2]")],
            implementation: sortBy
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
    private static func join(_ arguments: Arguments, _ run: inout Evaluation) throws(JMESPathError) -> JSONValue {
        let separator = arguments.string(0)
        // Of strings the array's weight tells their length, and so no more is written than is reserved.
        let size = arguments[1].weight + arguments[1].count * separator.utf8.count
        try run.reserve(size)
        var text: [UInt8] = []
        text.reserveCapacity(min(size, 1 << 10))
        var isFirst = true
        arguments[1].forEachElement { element in
            if !isFirst { text.append(contentsOf: separator.utf8) }
            isFirst = false
            element.appendText(to: &text)
        }
        return .string(String(decoding: text, as: UTF8.self))
    }

    @Sendable
    private static func map(_ arguments: Arguments, _ run: inout Evaluation) throws(JMESPathError) -> JSONValue {
        var values: [JSONValue] = []
        for element in arguments.elements(1) { values.append(try run.value(of: arguments.expression(0), on: element)) }
        return try run.array(values)
    }

    @Sendable
    private static func sort(_ arguments: Arguments, _ run: inout Evaluation) throws(JMESPathError) -> JSONValue {
        let elements = arguments.elements(0)
        return try sorted(elements, by: elements.compactMap(SortKey.init), &run)
    }

    @Sendable
    private static func sortBy(_ arguments: Arguments, _ run: inout Evaluation) throws(JMESPathError) -> JSONValue {
        var keys: [SortKey] = []
        try forEachKey(arguments, &run) { _, key in keys.append(key) }
        return try sorted(arguments.elements(0), by: keys, &run)
    }

    @Sendable
    private static func maxBy(_ arguments: Arguments, _ run: inout Evaluation) throws(JMESPathError) -> JSONValue {
        var best: Extreme?
        try forEachKey(arguments, &run) { element, key in Extreme.take(&best, element, key: key, isGreatest: true) }
        return best?.element ?? .null
    }

    @Sendable
    private static func minBy(_ arguments: Arguments, _ run: inout Evaluation) throws(JMESPathError) -> JSONValue {
        var best: Extreme?
        try forEachKey(arguments, &run) { element, key in Extreme.take(&best, element, key: key, isGreatest: false) }
        return best?.element ?? .null
    }

    private static func sorted(
        _ elements: [JSONValue],
        by keys: [SortKey],
        _ run: inout Evaluation
    ) throws(JMESPathError) -> JSONValue {
        // Each element is compared some log₂ n times, each time by no more than its key's length.
        let rounds = Int.bitWidth - elements.count.leadingZeroBitCount
        try run.spend(keys.reduce(0) { $0 + 1 + $1.length >> 4 } * rounds)
        // The place decides between equal keys, which keeps their order.
        let places = elements.indices.sorted { one, other in
            keys[one] < keys[other] || (one < other && !(keys[other] < keys[one]))
        }
        return try run.array(places.map { elements[$0] })
    }

    /// What the second argument yields on each element of the first: all numbers, or all strings.
    private static func forEachKey(
        _ arguments: Arguments,
        _ run: inout Evaluation,
        _ body: (JSONValue, SortKey) -> Void
    ) throws(JMESPathError) {
        let expression = arguments.expression(1)
        var place = 0
        var expected: JSONKind?
        try arguments[0].forEachElement { (element) throws(JMESPathError) in
            let value = try run.value(of: expression, on: element)
            guard let key = SortKey(value), value.kind == expected ?? value.kind else {
                throw arguments.invalidType(
                    1,
                    "yields \(value.kind.withArticle) at [\(place)]",
                    expected: expected.map { "\($0.withArticle), as before" } ?? "a number or a string"
                )
            }
            expected = value.kind
            place += 1
            body(element, key)
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
