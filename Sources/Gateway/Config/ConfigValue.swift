/// A value of the config, where it stands in the file and in the vocabulary.
struct ConfigValue {
    let node: ConfigNode
    let path: String
    let context: ConfigContext

    var position: ConfigPosition { node.position }

    func problem(_ message: String, severity: ConfigProblem.Severity = .error) -> ConfigProblem {
        ConfigProblem(severity, at: position, path: path, message)
    }

    /// A problem at a character of the scalar, for example where an expression goes wrong.
    /// Where the text came by substitution, the place is the scalar's own.
    func problem(_ message: String, atOffset offset: Int, severity: ConfigProblem.Severity = .error) -> ConfigProblem {
        guard case .scalar(let scalar) = node.content, !scalar.text.contains("${") || scalar.text.contains("${{") else {
            return problem(message, severity: severity)
        }
        return ConfigProblem(severity, at: node.position(of: offset, in: context.lines), path: path, message)
    }

    var isMapping: Bool {
        if case .mapping = node.content { true } else { false }
    }

    // MARK: - Scalars

    /// The scalar's text with everything put in that it refers to. Nil, and noted, when it is no scalar, when it is
    /// empty without being written as text, or when something is missing.
    func text(expected: String = "text", _ problems: inout [ConfigProblem]) -> String? {
        guard case .scalar(let scalar) = node.content, !node.isNull else {
            problems.append(problem("found \(node.summary), expected \(expected)"))
            return nil
        }
        do throws(Substitution.Failure) {
            return try Substitution(context: context)(scalar.text)
        } catch {
            let position = node.position(of: error.offset, in: context.lines)
            problems.append(ConfigProblem(at: position, path: path, error.message))
            return nil
        }
    }

    func read<Value>(_ reading: ConfigReading<Value>, _ problems: inout [ConfigProblem]) -> Value? {
        guard let text = text(expected: reading.expected, &problems) else { return nil }
        if let value = reading.parse(text) { return value }
        problems.append(problem("found \(node.summary), expected \(reading.expected)\(reading.remedy(text))"))
        return nil
    }

    // MARK: - Lists and mappings

    /// The elements of a list; nil, and noted, when it is anything else.
    func elements(_ problems: inout [ConfigProblem]) -> [ConfigValue]? {
        guard case .list(let list) = node.content else {
            problems.append(problem("found \(node.summary), expected a list"))
            return nil
        }
        return list.enumerated().map { index, node in
            ConfigValue(node: node, path: "\(path)[\(index)]", context: context)
        }
    }

    /// The elements of a list, or the value itself as the only one.
    var elementsOrSelf: [ConfigValue] {
        guard case .list = node.content else { return [self] }
        var none: [ConfigProblem] = []
        return elements(&none) ?? []
    }

    /// The entries of a mapping (none when it is left empty); nil, and noted, when it is anything else.
    func members(_ problems: inout [ConfigProblem]) -> [(key: String, value: ConfigValue)]? {
        switch node.content {
        case .mapping(let entries):
            return entries.map {
                ($0.key, ConfigValue(node: $0.value, path: path.appending(key: $0.key), context: context))
            }
        case _ where node.isNull:
            return []
        default:
            problems.append(problem("found \(node.summary), expected a mapping"))
            return nil
        }
    }

    // MARK: - Places

    /// The value at a place below this one, as `trigger.contextParams.total` or `newProfile.profiles[0].channelId`
    /// names it; when it is not all there, the deepest value on the way.
    func value(at place: String) -> ConfigValue {
        var rest = place[...]
        var value = self
        while !rest.isEmpty {
            guard let (next, remaining) = value.step(into: rest) else { return value }
            value = next
            rest = remaining
        }
        return value
    }

    private func step(into place: Substring) -> (ConfigValue, Substring)? {
        switch node.content {
        case .scalar:
            return nil
        case .list(let list):
            guard place.hasPrefix("["), let end = place.firstIndex(of: "]"),
                let index = wholeNumber(place.dropFirst().prefix(upTo: end)), list.indices.contains(index)
            else { return nil }
            let rest = place[place.index(after: end)...]
            let value = ConfigValue(node: list[index], path: "\(path)[\(index)]", context: context)
            return (value, rest.hasPrefix(".") ? rest.dropFirst() : rest)
        case .mapping(let entries):
            // Keys may hold dots; the longest that fits is meant.
            let fitting = entries.filter { entry in
                guard place.hasPrefix(entry.key) else { return false }
                let next = place.dropFirst(entry.key.count).first
                return next == nil || next == "." || next == "["
            }
            guard let entry = fitting.max(by: { $0.key.count < $1.key.count }) else { return nil }
            let rest = place.dropFirst(entry.key.count)
            let value = ConfigValue(node: entry.value, path: path.appending(key: entry.key), context: context)
            return (value, rest.hasPrefix(".") ? rest.dropFirst() : rest)
        }
    }
}

extension String {
    /// The path of a key below this one.
    func appending(key: String) -> String {
        isEmpty ? key : "\(self).\(key)"
    }
}
