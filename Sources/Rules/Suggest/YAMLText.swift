import JSON
import Model

/// Writes a rule as the config's YAML. Only what is needed for that: no anchors, no block texts.
struct YAMLText {
    private(set) var lines: [String] = []
    private let indent: String

    init(indent: String) {
        self.indent = indent
    }

    /// The entry of a `rules:` list.
    static func entry(_ rule: RuleDefinition, comments: [String] = []) -> String {
        var text = YAMLText(indent: "    ")
        text.add("name", rule.name)
        let sources = rule.sources.map(Self.scalar)
        text.lines.append(
            "    source: " + (sources.count == 1 ? sources[0] : "[" + sources.joined(separator: ", ") + "]")
        )
        if let when = rule.when { text.add("when", when) }
        if let each = rule.each { text.add("each", each) }
        text.lines.append("    trigger:")
        text.add("  journey", rule.trigger.journey)
        text.add("  snType", rule.trigger.snType)
        text.add("  snId", rule.trigger.snID)
        if !rule.trigger.contextParams.isEmpty {
            text.lines.append("      contextParams:")
            for param in rule.trigger.contextParams {
                let value = param.isRequired ? "{ value: \(quoted(param.value)), required: true }" : scalar(param.value)
                text.lines.append("        \(scalar(param.name)): \(value)")
            }
        }
        if let newProfile = rule.newProfile {
            text.lines.append("    newProfile:")
            text.add("  mode", newProfile.mode.rawValue)
            text.add(newProfile.profile, depth: 3)
        }
        if let queue = rule.queue { text.add("queue", queue) }
        if let delay = rule.delay { text.lines.append("    delay: " + delay.configText) }
        if let expiresAfter = rule.expiresAfter { text.lines.append("    expiresAfter: " + expiresAfter.configText) }
        let head = comments.map { "  # " + $0 + "\n" }.joined()
        return head + "  - " + text.lines.joined(separator: "\n").drop { $0 == " " } + "\n"
    }

    private mutating func add(_ key: String, _ value: String) {
        lines.append("\(indent)\(key): \(Self.scalar(value))")
    }

    private mutating func add(_ members: [TemplateTree.Member], depth: Int) {
        let space = String(repeating: "  ", count: depth)
        for member in members {
            switch member.value {
            case .template(let text): lines.append("\(space)\(Self.scalar(member.name)): \(Self.scalar(text))")
            case .constant(let value):
                lines.append("\(space)\(Self.scalar(member.name)): \(value.excerpt)")
            case .object(let inner):
                lines.append("\(space)\(Self.scalar(member.name)):")
                add(inner, depth: depth + 1)
            case .list(let elements):
                lines.append("\(space)\(Self.scalar(member.name)):")
                for element in elements { add(element: element, depth: depth + 1) }
            }
        }
    }

    private mutating func add(element: TemplateTree, depth: Int) {
        let space = String(repeating: "  ", count: depth)
        switch element {
        case .object(let members):
            let start = lines.count
            add(members, depth: depth + 1)
            if start < lines.count { lines[start] = space + "- " + lines[start].dropFirst(space.count + 2) }
        case .template(let text): lines.append("\(space)- \(Self.scalar(text))")
        case .constant(let value): lines.append("\(space)- \(value.excerpt)")
        case .list: lines.append("\(space)- []")
        }
    }

    /// A text as YAML: plain where that is unmistakably the same text, else in double quotes.
    static func scalar(_ text: String) -> String { isPlain(text) ? text : quoted(text) }

    private static func quoted(_ text: String) -> String {
        // A JSON string is a YAML string.
        String(decoding: JSONValue.string(text).serialized(), as: UTF8.self)
    }

    private static func isPlain(_ text: String) -> Bool {
        guard let first = text.first, first.isASCII, first.isLetter || first == "_", text.last != " " else {
            return false
        }
        if ["true", "false", "null", "yes", "no", "on", "off", "y", "n", "nan", "inf"].contains(text.lowercased()) {
            return false
        }
        return !text.contains(": ") && !text.contains(" #") && !text.hasSuffix(":")
            && text.unicodeScalars.allSatisfy {
                $0.value >= 0x20 && $0.value < 0x7F && !"\"{}[],".unicodeScalars.contains($0)
            }
    }
}

extension Duration {
    /// In the config's form, by the largest unit that fits: `90m`.
    var configText: String {
        for (unit, length) in [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000)] as [(String, Int64)]
        where milliseconds != 0 && milliseconds % length == 0 {
            return "\(milliseconds / length)\(unit)"
        }
        return milliseconds == 0 ? "0s" : "\(milliseconds)ms"
    }
}
