import JSON
import Model
import Rules

/// `test --update`: the config's text, with what failed examples expect replaced by what their rules make.
///
/// Lines are replaced, and all others stay as they are, with their comments and their order.
public struct ExpectationUpdate: Sendable {
    /// One `expect:` that is rewritten.
    public struct Edit: Sendable, Equatable {
        public let rule: String
        public let example: String
        public let old: [String]
        public let new: [String]
        /// The first of the old lines, from 0.
        let line: Int
    }

    /// In the order of the file.
    public let edits: [Edit]
    /// Examples that cannot be rewritten, and why; a sentence each.
    public let obstacles: [String]
    private let path: String
    private let lines: [Substring]

    /// Why the config could not be read once more.
    public struct Failed: Error, CustomStringConvertible {
        public let description: String
    }

    public init(configPath path: String, report: ExampleReport) throws {
        guard let text = String(validating: try ConfigEnvironment.process.file(path), as: UTF8.self),
            let root = try YAML.document(text, file: path)
        else { throw Failed(description: "\(path) is no config any more") }
        self.path = path
        lines = text.split(omittingEmptySubsequences: false) { $0 == "\n" }
        var edits: [Edit] = []
        var obstacles: [String] = []
        for result in report.results where !result.passed {
            let name = "rule \(result.rule), \(ExampleReport.name(result))"
            let definition = report.rules.definitions.first { $0.name == result.rule }
            guard let expectation = definition?.examples[result.index].expect,
                let entry = root.expectation(ofRule: result.rule, example: result.index)
            else { continue }
            if entry.keyPosition.file != path {
                obstacles.append("\(name): it stands in another file")
            } else if let new = ExpectationText(result, expectation).yaml {
                if let edit = Self.edit(entry.keyPosition, new, result, lines) {
                    edits.append(edit)
                } else {
                    obstacles.append("\(name): it is written in braces; expected is now \(new.joined(separator: " "))")
                }
            } else {
                obstacles.append("\(name): it makes deliveries and failures, which no example can expect together")
            }
        }
        self.edits = edits.sorted { $0.line < $1.line }
        self.obstacles = obstacles
    }

    /// Nil where the key does not begin its line, but for the dash of its list.
    private static func edit(
        _ key: ConfigPosition,
        _ new: [String],
        _ result: ExampleResult,
        _ lines: [Substring]
    ) -> Edit? {
        let first = key.line - 1
        let depth = key.column - 1
        let before = lines[first].prefix(depth)
        guard before.allSatisfy({ $0 == " " || $0 == "-" }) else { return nil }
        var end = first + 1
        var next = end
        while next < lines.count {
            let content = lines[next].drop { $0 == " " }
            let isBlank = content.isEmpty || content.hasPrefix("#")
            let indent = lines[next].count - content.count
            if !isBlank {
                // The elements of a list may stand at the depth of its key.
                guard indent > depth || (indent == depth && content.hasPrefix("- ")) else { break }
                end = next + 1
            }
            next += 1
        }
        let indent = String(repeating: " ", count: depth)
        let rewritten = new.enumerated().map { $0.offset == 0 ? before + $0.element : indent + $0.element }
        return Edit(
            rule: result.rule,
            example: ExampleReport.name(result),
            old: lines[first..<end].map(String.init),
            new: rewritten,
            line: first
        )
    }

    /// The lines that go and those that come, as a difference.
    public func text(isColoured: Bool) -> String {
        func paint(_ text: String, _ colour: Int) -> String { isColoured ? "\u{1B}[\(colour)m\(text)\u{1B}[0m" : text }
        return edits.flatMap { edit in
            ["\(path):\(edit.line + 1): rule \(edit.rule), \(edit.example)"]
                + edit.old.map { paint("-" + $0, 31) } + edit.new.map { paint("+" + $0, 32) }
        }.joined(separator: "\n")
    }

    public func write() throws(OutputFile.Failed) {
        var lines = lines.map(String.init)
        for edit in edits.reversed() { lines.replaceSubrange(edit.line..<edit.line + edit.old.count, with: edit.new) }
        try OutputFile.write(lines.joined(separator: "\n"), to: path)
    }
}

extension ConfigNode {
    /// The entry `expect:` of a rule's example.
    fileprivate func expectation(ofRule name: String, example index: Int) -> Entry? {
        let rule = member("rules")?.value.elements.first { rule in
            if case .scalar(let scalar) = rule.member("name")?.value.content { scalar.text == name } else { false }
        }
        let examples = rule?.member("examples")?.value.elements ?? []
        return examples.indices.contains(index) ? examples[index].member("expect") : nil
    }

    private func member(_ key: String) -> Entry? {
        guard case .mapping(let entries) = content else { return nil }
        return entries.first { $0.key == key }
    }

    private var elements: [ConfigNode] {
        if case .list(let elements) = content { elements } else { [] }
    }
}

/// What a rule made of an example, written as an expectation of it.
private struct ExpectationText {
    /// Nil when no expectation can say it.
    let yaml: [String]?

    init(_ result: ExampleResult, _ expected: Expectation) {
        switch (result.deliveries.count, result.failures.first) {
        case (0, nil): yaml = ["expect: none"]
        case (0, let failure?): yaml = ["expect: { failure: \(Self.scalar(failure.place)) }"]
        case (_, _?): yaml = nil
        case (1, nil): yaml = ["expect:"] + Self.lines(result.deliveries[0], Self.model(expected, 0)).map { "  " + $0 }
        case (_, nil):
            let elements = result.deliveries.enumerated().flatMap { number, delivery in
                Self.lines(delivery, Self.model(expected, number)).enumerated().map {
                    ($0.offset == 0 ? "  - " : "    ") + $0.element
                }
            }
            yaml = ["expect:"] + elements
        }
    }

    /// What was expected of a delivery tells which of its fields are compared.
    private static func model(_ expected: Expectation, _ number: Int) -> ExpectedDelivery {
        let usual = ExpectedDelivery(snType: "", snID: "", contextParams: [])
        guard case .deliveries(let all) = expected else { return usual }
        return number < all.count ? all[number] : all.last ?? usual
    }

    private static func lines(_ delivery: DeliveryDraft, _ model: ExpectedDelivery) -> [String] {
        var lines: [String] = []
        let trigger = delivery.trigger
        if model.snType != nil { lines.append("snType: " + scalar(trigger.snType)) }
        if model.snID != nil { lines.append("snId: " + scalar(trigger.snID)) }
        if model.journey != nil { lines.append("journey: " + scalar(trigger.journeyID)) }
        if model.contextParams != nil {
            lines.append("contextParams:" + (trigger.contextParams.isEmpty ? " {}" : ""))
            lines += trigger.contextParams.map { "  \(scalar($0.name)): \(scalar($0.value))" }
        }
        // JSON is YAML.
        if model.newProfile != nil {
            lines.append("newProfile: " + (trigger.newProfile?.unifiedProfile ?? .object([])).description)
        }
        if model.queue != nil { lines.append("queue: " + scalar(delivery.queue)) }
        if model.destination != nil { lines.append("destination: " + scalar(delivery.destination)) }
        return lines.isEmpty ? ["snId: " + scalar(trigger.snID)] : lines
    }

    /// Without quotes where that is sure to be text.
    private static func scalar(_ text: String) -> String {
        let isPlain =
            text.first?.isLetter == true && text.last != " " && text.last != ":"
            && text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "_-./@+ ".contains($0)) }
        let words: Set<String> = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"]
        return isPlain && !words.contains(text.lowercased()) ? text : JSONValue.string(text).description
    }
}
