import JSON

extension Function {
    /// What makes and takes apart objects.
    static let ofObjects: [Function] = [
        Function(
            "from_items",
            [Parameter("items", .array)],
            returns: .object,
            "An object of [key, value] pairs; of two with one key the later counts.",
            examples: [Example("from_items(`[[\"a\", 1], [\"b\", 2]]`)", #"{"a":1,"b":2}"#)],
            implementation: fromItems
        ),
        Function(
            "items",
            [Parameter("object", .object)],
            returns: .array,
            "The object's members as [key, value] pairs, in their order.",
            examples: [Example("items(`{\"a\": 1}`)", #"[["a",1]]"#)],
            implementation: items
        ),
        Function(
            "keys",
            [Parameter("object", .object)],
            returns: .array,
            "The names of the object's members, in their order.",
            examples: [Example("keys(`{\"a\": 1, \"b\": 2}`)", #"["a","b"]"#)],
            implementation: keys
        ),
        Function(
            "values",
            [Parameter("object", .object)],
            returns: .array,
            "The values of the object's members, in their order.",
            examples: [Example("values(`{\"a\": 1, \"b\": 2}`)", "[1,2]")],
            implementation: values
        ),
        Function(
            "merge",
            [Parameter("objects", .object, .repeated)],
            returns: .object,
            "One object with the members of all; of two with one key the later counts.",
            examples: [Example("merge(`{\"a\": 1}`, `{\"a\": 2, \"b\": 3}`)", #"{"a":2,"b":3}"#)],
            implementation: merge
        ),
    ]

    @Sendable
    private static func keys(_ arguments: Arguments, _ run: inout Evaluation) throws(JMESPathError) -> JSONValue {
        try run.array(try members(arguments[0], &run).map { .string($0.key) })
    }

    @Sendable
    private static func values(_ arguments: Arguments, _ run: inout Evaluation) throws(JMESPathError) -> JSONValue {
        try run.array(try members(arguments[0], &run).map(\.value))
    }

    @Sendable
    private static func items(_ arguments: Arguments, _ run: inout Evaluation) throws(JMESPathError) -> JSONValue {
        try run.array(try members(arguments[0], &run).map { .array([.string($0.key), $0.value]) })
    }

    @Sendable
    private static func fromItems(_ arguments: Arguments, _ run: inout Evaluation) throws(JMESPathError) -> JSONValue {
        var members: [(String, JSONValue)] = []
        for (place, item) in arguments.elements(0).enumerated() {
            guard item.kind == .array else {
                throw arguments.invalidType(
                    0,
                    "holds \(item.kind.withArticle) at [\(place)]",
                    expected: "arrays of a key and a value"
                )
            }
            guard item.count == 2, let key = item[0], let value = item[1] else {
                throw arguments.invalidValue(
                    0,
                    "holds \(item.count) elements at [\(place)]",
                    expected: "two: a key and a value"
                )
            }
            guard let name = key.stringValue else {
                throw arguments.invalidType(
                    0,
                    "has \(key.kind.withArticle) as the key at [\(place)]",
                    expected: "a string"
                )
            }
            members.append((name, value))
        }
        return try merged([members], &run)
    }

    @Sendable
    private static func merge(_ arguments: Arguments, _ run: inout Evaluation) throws(JMESPathError) -> JSONValue {
        var parts: [[(String, JSONValue)]] = []
        for index in 0..<arguments.count { parts.append(try members(arguments[index], &run)) }
        return try merged(parts, &run)
    }

    private static func members(
        _ object: JSONValue,
        _ run: inout Evaluation
    ) throws(JMESPathError) -> [(key: String, value: JSONValue)] {
        try run.spend(onAllOf: object)
        return object.members ?? []
    }

    /// One object of all members. A key stands where it first was, with the value it last had.
    private static func merged(
        _ parts: [[(String, JSONValue)]],
        _ run: inout Evaluation
    ) throws(JMESPathError) -> JSONValue {
        var members: [(String, JSONValue)] = []
        var places: [ExactText: Int] = [:]
        for part in parts {
            try run.spend(part.count * 4)
            for (key, value) in part {
                if let known = places[ExactText(key)] {
                    members[known].1 = value
                } else {
                    places[ExactText(key)] = members.count
                    members.append((key, value))
                }
            }
        }
        return try run.object(members)
    }
}
