import Glibc
public import JSON
import Model
import Rules

/// `init rule`: a rule drafted from an event, with the event's payload as its example.
public struct RuleDraft: Sendable {
    /// An entry of `rules:`, to be put into the config.
    public let yaml: String
    /// Where the payload is kept: in `examples/` beside the config.
    public let examplePath: String
    private let payload: String

    /// - Parameters:
    ///   - story: The event, as the admin API tells its story.
    ///   - configPath: The config that the rule is for.
    public init(from story: JSONValue, configPath: String) throws {
        let event = try Event(story: story)
        let suggestion = RuleSuggestion.draft(for: event)
        let file = "examples/\(suggestion.rule.name)-\(event.id.description.suffix(6)).json"
        let folder = configPath.lastIndex(of: "/").map { configPath[...$0] } ?? ""
        examplePath = folder + file
        payload = String(decoding: event.body.serialized(), as: UTF8.self) + "\n"
        yaml = suggestion.yaml + Self.example(file, of: suggestion.rule, for: event)
    }

    public func writeExample() throws(OutputFile.Failed) {
        if let slash = examplePath.lastIndex(of: "/") { mkdir(String(examplePath[...slash]), 0o755) }
        try OutputFile.write(payload, to: examplePath)
    }

    /// `examples:` with what the draft makes of the event today, so that the author sees whether it is right.
    private static func example(_ file: String, of rule: RuleDefinition, for event: Event) -> String {
        var lines = ["    examples:", "      - given: \(file)"]
        if let topic = event.topic { lines.append("        topic: \(quoted(topic))") }
        let journeys = [rule.trigger.journey: String(repeating: "0", count: 24)]
        let rules = try? RuleSet([rule], vocabulary: RuleVocabulary(journeys: journeys))
        let deliveries = rules?.map(event).deliveries ?? []
        if deliveries.isEmpty {
            lines.append("        expect: none")
        } else {
            lines.append("        expect:")
            for delivery in deliveries {
                let trigger = delivery.trigger
                lines.append("          - snType: \(quoted(trigger.snType))")
                lines.append("            snId: \(quoted(trigger.snID))")
                guard !trigger.contextParams.isEmpty else { continue }
                lines.append("            contextParams:")
                lines += trigger.contextParams.map { "              \(quoted($0.name)): \(quoted($0.value))" }
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// A JSON string, which is YAML too.
    private static func quoted(_ text: String) -> String {
        String(decoding: JSONValue.string(text).serialized(), as: UTF8.self)
    }
}
