/// What the vocabulary has and the gateway cannot do yet. It is refused, as nobody should believe that it is in force.
enum Unavailable {
    private static let keys: [(pattern: String, remedy: String)] = [
        ("encryption", "keep the store's folder on an encrypted disk")
    ]

    static let postgreSQL = "PostgreSQL is not available yet; use sqlite:///absolute/path or sqlite:relative/path"

    static func refuse(in root: ConfigSection, _ problems: inout [ConfigProblem]) {
        for (pattern, remedy) in keys {
            for (key, value) in root.value.entries(matching: pattern.split(separator: ".")[...]) {
                problems.append(
                    ConfigProblem(at: key, path: value.path, "not available yet; \(remedy)")
                )
            }
        }
    }
}

extension ConfigValue {
    /// The entries (with the place of their keys) that a pattern finds: `*` is any key, `[]` any element.
    fileprivate func entries(matching pattern: ArraySlice<Substring>) -> [(key: ConfigPosition, value: ConfigValue)] {
        guard let first = pattern.first, case .mapping(let entries) = node.content else { return [] }
        let isList = first.hasSuffix("[]")
        let name = isList ? first.dropLast(2) : first
        var found: [(ConfigPosition, ConfigValue)] = []
        for entry in entries where name == "*" || entry.key == name {
            let value = ConfigValue(node: entry.value, path: path.appending(key: entry.key), context: context)
            let values = isList ? value.elementsOrSelf : [value]
            if pattern.count == 1 {
                found += values.map { (entry.keyPosition, $0) }
            } else {
                found += values.flatMap { $0.entries(matching: pattern.dropFirst()) }
            }
        }
        return found
    }
}
