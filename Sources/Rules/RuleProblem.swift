import JMESPath

/// Something that is wrong with a rule, or looks so, for its author.
public struct RuleProblem: Sendable, Equatable {
    public enum Severity: String, Sendable {
        /// The rules cannot be used.
        case error
        /// The rules can be used; somebody should look.
        case warning
    }

    public var severity: Severity
    /// The rule's name; nil for what belongs to no rule (an unused journey).
    public var rule: String?
    /// Where in the rule, or in the config when it belongs to none: `trigger.contextParams.total`,
    /// `newProfile.profiles[0].channelId`, `journeys.welcome`.
    public var place: String
    /// Where in the text at `place`, in UTF-8 bytes; nil when the whole of it is meant.
    public var offset: Int?
    public var message: String

    public init(_ severity: Severity, rule: String?, place: String, offset: Int? = nil, _ message: String) {
        self.severity = severity
        self.rule = rule
        self.place = place
        self.offset = offset
        self.message = message
    }
}

extension RuleProblem: CustomStringConvertible {
    /// `error: rule order-confirmation, trigger.snId, offset 3: unknown function 'msisnd'; did you mean 'msisdn'?`
    public var description: String {
        var text = severity.rawValue + ": "
        if let rule { text += "rule \(rule), " }
        text += place
        if let offset { text += ", offset \(offset)" }
        return text + ": " + message
    }
}

/// All that is wrong with a set of rules, errors and warnings in the order of the rules; at least one is an error.
public struct RuleProblems: Error, Sendable, Equatable, CustomStringConvertible {
    public var problems: [RuleProblem]

    public init(_ problems: [RuleProblem]) {
        self.problems = problems
    }

    public var description: String { problems.map(\.description).joined(separator: "\n") }
}

/// `; did you mean 'x'?`, or nothing when no name is like it.
func nearestNameHint(to name: String, among names: some Sequence<String>) -> String {
    nearestName(to: name, among: names).map { "; did you mean '\($0)'?" } ?? ""
}
