public import JSON
public import Model

/// What the rules made of an event, and why: every rule of its source with the values its decision came from.
public struct Explanation: Sendable {
    public let event: EventID
    public let source: String
    public let topic: String?
    /// What the expressions saw.
    public let document: JSONValue
    /// The same as `RuleSet.map` gives.
    public let mapping: Mapping
    /// In the order written.
    public let rules: [RuleExplanation]
}

/// One rule's part.
public struct RuleExplanation: Sendable {
    public enum Verdict: String, Sendable {
        case matched
        case unmatched
        /// It matched, or could not say whether it does, and gave a mapping failure.
        case failed
        /// An earlier rule ended the search.
        case notAsked
    }

    public let rule: String
    public let verdict: Verdict
    /// Why, in a sentence, where the values below do not say it.
    public let reason: String?
    public let each: ExpressionTrace?
    /// One for each element of `each`; without it one. Empty when the rule was not asked.
    public let items: [ItemExplanation]
}

/// What became of a rule for one element.
public struct ItemExplanation: Sendable {
    public let item: Int
    /// Nil without `each`.
    public let element: JSONValue?
    public let matched: Bool
    /// The `lets` that were needed, with their names.
    public let lets: [(name: String, trace: ExpressionTrace)]
    /// Nil when the rule has no `when`.
    public let when: ExpressionTrace?
    /// Empty unless it matched.
    public let templates: [TemplateTrace]
    public let delivery: DeliveryDraft?
    public let failure: MappingFailure?
}

/// A template and what its expressions gave.
public struct TemplateTrace: Sendable {
    /// `trigger.snId`
    public let place: String
    /// As it was written.
    public let text: String
    /// What its expressions gave, in their order.
    public let expressions: [ExpressionTrace]
}

/// An expression or a part of one, with what it gave.
public struct ExpressionTrace: Sendable {
    public let text: String
    /// None when it was not evaluated, several within a projection.
    public let values: [JSONValue]
    /// Why it gave no value.
    public let error: String?
    /// Its parts in the order of the text; a way to a field is shown whole, and constants not at all.
    public let parts: [ExpressionTrace]
}
