import Yams

/// Reads YAML text into nodes with their places.
enum YAML {
    /// Aliases are copied where they are used; a config that grows beyond this many values that way is refused.
    static let maximumNodes = 200_000

    /// The one document of the text; nil when it holds none (empty, or only comments).
    /// Throws the first mistake of syntax, a key that stands twice in one mapping, or a second document.
    static func document(_ text: String, file: String) throws(ConfigProblem) -> ConfigNode? {
        let root: Node?
        do {
            root = try Yams.compose(yaml: text)
        } catch {
            throw problem(error, text: text, file: file)
        }
        guard let root else { return nil }
        var converter = Converter(file: file)
        return try converter.convert(root)
    }

    private static func problem(_ error: any Error, text: String, file: String) -> ConfigProblem {
        func problem(_ line: Int, _ column: Int, _ message: String) -> ConfigProblem {
            ConfigProblem(at: ConfigPosition(file: file, line: line, column: column), path: "", message)
        }
        guard let error = error as? YamlError else { return problem(1, 1, "not YAML: \(error)") }
        switch error {
        case .scanner(let context, let message, let mark, _), .parser(let context, let message, let mark, _),
            .composer(let context, let message, let mark, _):
            let begun = context.map { " (\($0.text), line \($0.mark.line))" } ?? ""
            return problem(mark.line, mark.column, "not YAML: \(message)\(begun)")
        case .duplicatedKeysInMapping(let keys, let context):
            let key = keys.first ?? ""
            let first = context.mark
            guard let second = lineOfSecond(key, after: first, in: text) else {
                return problem(first.line, first.column, "key '\(key)' stands twice in this mapping")
            }
            return problem(
                second,
                first.column,
                "key '\(key)' stands twice in this mapping, first at line \(first.line)"
            )
        case .reader(let message, let offset, _, _):
            let before = text.prefix(offset ?? 0)
            let line = before.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).last ?? ""
            let number = before.count { $0.isNewline } + 1
            return problem(number, line.unicodeScalars.count + 1, "not YAML: \(message)")
        default:
            return problem(1, 1, "not YAML: \(error)")
        }
    }

    /// Yams names the first of two equal keys; in a block mapping the second is the next line that begins with it at
    /// the same depth. Nil in a flow mapping.
    private static func lineOfSecond(_ key: String, after first: Mark, in text: String) -> Int? {
        let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        for (index, line) in lines.enumerated().dropFirst(first.line) {
            let content = line.drop { $0 == " " }
            if content.isEmpty || content.hasPrefix("#") { continue }
            let depth = line.count - content.count
            if depth < first.column - 1 { return nil }
            let unquoted = content.drop { $0 == "\"" || $0 == "'" }
            guard depth == first.column - 1, unquoted.hasPrefix(key) else { continue }
            if unquoted.dropFirst(key.count).drop(while: { "\"' ".contains($0) }).first == ":" { return index + 1 }
        }
        return nil
    }
}

private struct Converter {
    let file: String
    var count = 0

    mutating func convert(_ node: Node) throws(ConfigProblem) -> ConfigNode {
        let position = position(of: node)
        count += 1
        guard count <= YAML.maximumNodes else {
            throw ConfigProblem(
                at: position,
                path: "",
                "more than \(YAML.maximumNodes) values, with what its aliases copy"
            )
        }
        switch node {
        case .scalar(let scalar):
            return ConfigNode(content: .scalar(.init(text: scalar.string, style: style(scalar))), position: position)
        case .sequence(let sequence):
            var list: [ConfigNode] = []
            for element in sequence { list.append(try convert(element)) }
            return ConfigNode(content: .list(list), position: position)
        case .mapping(let mapping):
            return ConfigNode(content: .mapping(try entries(mapping)), position: position)
        case .alias:
            throw ConfigProblem(at: position, path: "", "an alias whose anchor comes later")
        }
    }

    /// The entries, with those that `<<` brings in behind; a mapping's own keys win over them.
    private mutating func entries(_ mapping: Node.Mapping) throws(ConfigProblem) -> [ConfigNode.Entry] {
        var entries: [ConfigNode.Entry] = []
        var merged: [ConfigNode.Entry] = []
        for (key, value) in mapping {
            guard case .scalar(let name) = key else {
                throw ConfigProblem(at: position(of: key), path: "", "a key that is not text")
            }
            let value = try convert(value)
            if name.string == "<<" {
                merged += try mergedEntries(value)
            } else {
                entries.append(.init(key: name.string, keyPosition: position(of: key), value: value))
            }
        }
        for entry in merged where !entries.contains(where: { $0.key == entry.key }) { entries.append(entry) }
        return entries
    }

    private func mergedEntries(_ value: ConfigNode) throws(ConfigProblem) -> [ConfigNode.Entry] {
        switch value.content {
        case .mapping(let entries):
            return entries
        case .list(let list):
            var entries: [ConfigNode.Entry] = []
            for element in list { entries += try mergedEntries(element) }
            return entries
        case .scalar:
            throw ConfigProblem(at: value.position, path: "", "'<<' takes a mapping, or a list of them")
        }
    }

    private func style(_ scalar: Node.Scalar) -> ConfigNode.Style {
        switch scalar.style {
        case .any, .plain: .plain
        case .singleQuoted: .singleQuoted
        case .doubleQuoted: .doubleQuoted
        case .literal: .literal
        case .folded: .folded
        }
    }

    private func position(of node: Node) -> ConfigPosition {
        ConfigPosition(file: file, line: node.mark?.line ?? 1, column: node.mark?.column ?? 1)
    }
}
