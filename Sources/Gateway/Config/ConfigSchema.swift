public import JSON

extension GatewayConfig {
    /// A JSON Schema (draft 2020-12) of the config for editors, drawn from the keys that the readers ask for.
    public static var schema: JSONValue {
        let root = ConfigSection.template { GatewayConfigDraft($0, isDry: false, &$1) }
        let members: [(String, JSONValue)] = [
            ("$schema", "https://json-schema.org/draft/2020-12/schema"),
            ("title", "The config of a JourneyGateway"),
            ("$defs", .object(ConfigSchema.definitions)),
        ]
        return .object(members + ConfigSchema.members(of: root, at: ""))
    }
}

/// How keys and kinds of values are written as JSON Schema.
enum ConfigSchema {
    /// What any scalar may be: put in from the environment or a file.
    private static let reference = "reference"

    static let definitions: [(String, JSONValue)] = [
        (reference, pattern(#"\$\{"#)),
        ("text", .object([("type", ["string", "number", "boolean"])])),
        ("duration", pattern(#"^[0-9]+(ms|s|m|h|d)$|\$\{"#)),
        ("size", pattern(#"^[0-9]+(B|KiB|MiB|GiB)$|\$\{"#)),
        ("share", pattern(#"^[0-9]+%$|\$\{"#)),
    ]

    /// What is said of a mapping with these keys. `path` is where it stands, with `*` for names of the user's own.
    static func members(of section: ConfigSection, at path: String) -> [(String, JSONValue)] {
        var members: [(String, JSONValue)] = [
            ("type", "object"),
            ("properties", .object(section.keys.map { ($0.name, schema(of: $0, at: path.appending(key: $0.name))) })),
            ("additionalProperties", .bool(section.isOpen)),
        ]
        let required = section.keys.filter(\.isRequired).map { JSONValue.string($0.name) }
        if !required.isEmpty { members.append(("required", .array(required))) }
        return members
    }

    private static func schema(of key: ConfigKey, at path: String) -> JSONValue {
        var members = schema(of: key.kind, at: path)
        if let sentence = ConfigDescriptions.sentence(at: path) { members.append(("description", .string(sentence))) }
        if let text = key.defaultText { members.append(("default", defaultValue(text, key.kind))) }
        return .object(members)
    }

    private static func defaultValue(_ text: String, _ kind: ConfigKind) -> JSONValue {
        switch kind {
        case .integer: JSONNumber(lexeme: text).map(JSONValue.number) ?? .string(text)
        case .boolean: .bool(text == "true")
        default: .string(text)
        }
    }

    private static func schema(of kind: ConfigKind, at path: String) -> [(String, JSONValue)] {
        switch kind {
        case .text: return [("$ref", "#/$defs/text")]
        case .duration: return [("$ref", "#/$defs/duration")]
        case .size: return [("$ref", "#/$defs/size")]
        case .share: return [("$ref", "#/$defs/share")]
        case .boolean: return orReference([("type", "boolean")])
        case .choice(let names): return orReference([("enum", .array(names.map(JSONValue.string)))])
        case .integer(let range):
            let bounds: [(String, JSONValue)] = [
                ("minimum", .integer(Int64(range.lowerBound))), ("maximum", .integer(Int64(range.upperBound))),
            ]
            return orReference([("type", "integer")] + bounds)
        case .json:
            return []
        case .section(let section):
            return members(of: section, at: path)
        case .list(let element):
            return [("type", "array"), ("items", .object(schema(of: element, at: path + "[]")))]
        case .oneOrMore(let element):
            return anyOf([schema(of: element, at: path), schema(of: .list(element), at: path)])
        case .named(let value):
            return [("type", "object"), ("additionalProperties", .object(schema(of: value, at: path + ".*")))]
        case .either(let one, let other):
            return anyOf([schema(of: one, at: path), schema(of: other, at: path)])
        }
    }

    private static func orReference(_ members: [(String, JSONValue)]) -> [(String, JSONValue)] {
        anyOf([members, [("$ref", .string("#/$defs/\(reference)"))]])
    }

    private static func anyOf(_ schemas: [[(String, JSONValue)]]) -> [(String, JSONValue)] {
        [("anyOf", .array(schemas.map(JSONValue.object)))]
    }

    private static func pattern(_ expression: String) -> JSONValue {
        .object([("type", "string"), ("pattern", .string(expression))])
    }
}

extension ConfigSection {
    /// The paths of all keys, here and below, with `*` for names of the user's own and `[]` for elements.
    func allPaths(at path: String = "") -> [String] {
        keys.flatMap { key in
            let path = path.appending(key: key.name)
            return [path] + key.kind.paths(at: path)
        }
    }
}

extension ConfigKind {
    fileprivate func paths(at path: String) -> [String] {
        switch self {
        case .section(let section): section.allPaths(at: path)
        case .list(let element): element.paths(at: path + "[]")
        case .oneOrMore(let element): element.paths(at: path)
        case .named(let value): value.paths(at: path + ".*")
        case .either(let one, let other): one.paths(at: path) + other.paths(at: path)
        default: []
        }
    }
}
