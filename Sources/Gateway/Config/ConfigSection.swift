/// One mapping of the config, read key by key.
///
/// Every reader notes a mistake and answers the default, so that one run reports them all; as a config with a mistake
/// is never used, no such default ever takes effect. The section remembers which keys it was asked for: from that
/// `refuseUnknownKeys` knows what is unknown, and `ConfigSchema` what there is. So a reader asks for all its keys,
/// always, and in the order in which they should be shown.
final class ConfigSection {
    /// The mapping as a value: its place, and the way to places inside it.
    let value: ConfigValue
    private let entries: [ConfigNode.Entry]
    private(set) var keys: [ConfigKey] = []
    /// Whether keys that no reader asks for are somebody else's to judge.
    private(set) var isOpen = false
    private var children: [ConfigSection] = []
    /// True in a section that stands for any: each of its lists and maps has one element, which stands for any again.
    let isTemplate: Bool

    var path: String { value.path }

    /// The mapping of `value`; what is none is noted and read as an empty one.
    init(_ value: ConfigValue, _ problems: inout [ConfigProblem]) {
        self.value = value
        self.isTemplate = false
        switch value.node.content {
        case .mapping(let entries):
            self.entries = entries
        case _ where value.node.isNull:
            entries = []
        default:
            entries = []
            problems.append(value.problem("found \(value.node.summary), expected a mapping"))
        }
    }

    /// A section with nothing in it: where the key is absent, or as a template.
    private init(empty value: ConfigValue, isTemplate: Bool) {
        self.value = value
        self.isTemplate = isTemplate
        entries = []
    }

    /// The section that stands for any which this reader takes: what it asks for is all that is of interest.
    static func template<Value>(_ read: (ConfigSection, inout [ConfigProblem]) -> Value) -> ConfigSection {
        let node = ConfigNode(content: .mapping([]), position: ConfigPosition(file: ""))
        let environment = ConfigEnvironment(
            variable: { _ in nil },
            file: { _ throws(ConfigEnvironment.FileError) in throw ConfigEnvironment.FileError("no file") }
        )
        let context = ConfigContext(environment: environment)
        let section = ConfigSection(empty: ConfigValue(node: node, path: "", context: context), isTemplate: true)
        var ignored: [ConfigProblem] = []
        _ = read(section, &ignored)
        return section
    }

    /// The value of a key, whatever it is; nil when it is absent.
    subscript(key: String) -> ConfigValue? {
        entries.first { $0.key == key }.map { entry in
            ConfigValue(node: entry.value, path: path.appending(key: key), context: value.context)
        }
    }

    /// A problem at this key's value, or at the section when the key is absent.
    func problem(
        _ key: String,
        _ message: String,
        severity: ConfigProblem.Severity = .error
    ) -> ConfigProblem {
        if let value = self[key] { return value.problem(message, severity: severity) }
        return ConfigProblem(severity, at: value.position, path: path.appending(key: key), message)
    }

    /// Notes that a key must be there, when it is not.
    func require(_ key: String, _ problems: inout [ConfigProblem]) {
        if let index = keys.firstIndex(where: { $0.name == key }) { keys[index].isRequired = true }
        if self[key] == nil, !isTemplate { problems.append(problem(key, "missing")) }
    }

    /// Notes each key, here and in every section below, that no reader has asked for.
    func refuseUnknownKeys(_ problems: inout [ConfigProblem]) {
        let names = keys.map(\.name)
        for entry in entries where !isOpen && !names.contains(entry.key) {
            problems.append(
                ConfigProblem(
                    at: entry.keyPosition,
                    path: path.appending(key: entry.key),
                    "unknown key" + suggestion(for: entry.key, among: names)
                )
            )
        }
        for child in children { child.refuseUnknownKeys(&problems) }
    }

    /// Takes any key beside those asked for.
    func open() {
        isOpen = true
    }

    /// Notes that there is such a key, which the caller reads in its own way.
    func know(_ name: String, _ kind: ConfigKind, default defaultText: String? = nil) {
        if keys.contains(where: { $0.name == name }) { return }
        keys.append(ConfigKey(name: name, kind: kind, isRequired: false, defaultText: defaultText))
    }
}

// MARK: - Sections and lists of them

extension ConfigSection {
    /// The section below `key`; an empty one when it is absent.
    func section(_ key: String, _ problems: inout [ConfigProblem]) -> ConfigSection {
        let child = child(self[key], key, &problems)
        know(key, .section(child))
        return child
    }

    /// The section below `key`; nil when it is absent.
    /// - Parameter other: what the key may hold in place of a section; the caller has looked for that.
    func section(
        ifPresent key: String,
        or other: ConfigKind? = nil,
        _ problems: inout [ConfigProblem]
    ) -> ConfigSection? {
        let child = child(self[key], key, &problems)
        know(key, other.map { .either($0, .section(child)) } ?? .section(child))
        return self[key] == nil && !isTemplate ? nil : child
    }

    /// The sections of a list.
    func sections(listedIn key: String, _ problems: inout [ConfigProblem]) -> [ConfigSection] {
        if isTemplate {
            let child = child(nil, "\(key)[]", &problems)
            know(key, .list(.section(child)))
            return [child]
        }
        know(key, .list(.json))
        let elements = self[key].flatMap { $0.node.isNull ? [] : $0.elements(&problems) } ?? []
        return elements.map { child($0, key, &problems) }
    }

    /// The sections of a mapping whose keys are names of the user's own, in the order of the file.
    func sections(namedIn key: String, _ problems: inout [ConfigProblem]) -> [(name: String, section: ConfigSection)] {
        if isTemplate {
            let child = child(nil, "\(key).*", &problems)
            know(key, .named(.section(child)))
            return [("*", child)]
        }
        know(key, .named(.json))
        let members = self[key].flatMap { $0.members(&problems) } ?? []
        return members.map { ($0.key, child($0.value, key, &problems)) }
    }

    private func child(_ found: ConfigValue?, _ key: String, _ problems: inout [ConfigProblem]) -> ConfigSection {
        let child: ConfigSection
        if let found {
            child = ConfigSection(found, &problems)
        } else {
            let node = ConfigNode(content: .mapping([]), position: value.position)
            let empty = ConfigValue(node: node, path: path.appending(key: key), context: value.context)
            child = ConfigSection(empty: empty, isTemplate: isTemplate)
        }
        children.append(child)
        return child
    }
}
