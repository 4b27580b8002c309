import JMESPath
import JSON
import Model

/// Looks for fields that a rule reads and no example of its sources has: mostly misspelt ones.
///
/// Only the body is looked at, and only examples that the rule's guards let through: an order's example says nothing of
/// a customer's fields.
struct FieldCheck {
    let rule: Rule
    let examples: ExampleDocuments

    func problems() -> [RuleProblem] {
        let documents = examples.documents(of: rule.definition.sources).filter(isOfInterest)
        var problems: [RuleProblem] = []
        var known: Set<FieldPath> = []
        for placed in rule.expressions {
            for read in FieldUse.of(placed.expression.expression, variables: variables()).reads {
                let at = { (severity: RuleProblem.Severity, message: String) in
                    let offset = placed.offset + read.offset
                    return RuleProblem(severity, rule: rule.name, place: placed.place, offset: offset, message)
                }
                if let message = unknownField(read.path) {
                    problems.append(at(.error, message))
                } else if known.insert(read.path).inserted, let message = absence(of: read.path, in: documents) {
                    problems.append(at(.warning, message))
                }
            }
        }
        return problems
    }

    // MARK: The document's own fields

    private static let fields = ["source", "id", "topic", "receivedAt", "headers", "query", "body"]

    /// What is wrong with a path whose first name the document never has.
    private func unknownField(_ path: FieldPath) -> String? {
        guard path.steps.count == 1, case .field(let name) = path.steps[0] else { return nil }
        if Self.fields.contains(name) || (name == "item" && rule.each != nil) { return nil }
        if name == "item" { return "'item' is there only in a rule with each:" }
        let known = Self.fields + (rule.each == nil ? [] : ["item"])
        let nearest = nearestName(to: name, among: known) ?? "body." + FieldPath.identifier(name)
        return "an event has no field '\(name)'; did you mean '\(nearest)'?"
    }

    // MARK: The body's fields

    /// What to say when no document has the path, but some have what leads to its last name.
    private func absence(of path: FieldPath, in documents: [JSONValue]) -> String? {
        let path = resolved(path)
        guard path.steps.first == .field("body"), path.steps.count > 1, case .field(let name)? = path.steps.last else {
            return nil
        }
        let parents = documents.flatMap { $0.values(at: path.steps.dropLast()) }.filter { $0.kind == .object }
        guard !parents.isEmpty, !parents.contains(where: { $0[name] != nil }) else { return nil }
        let siblings = Set(parents.flatMap { ($0.members ?? []).map(\.key) })
        let hint = nearestName(to: name, among: siblings).map {
            "; did you mean `\(FieldPath(path.steps.dropLast() + [.field($0)]).text)`?"
        }
        let count = documents.count == 1 ? "1 example" : "\(documents.count) examples"
        return "`\(path.text)` is never present in this source's \(count)\(hint ?? "")"
    }

    /// `item` replaced by what `each` goes through.
    private func resolved(_ path: FieldPath) -> FieldPath {
        guard path.steps.first == .field("item"), let each = rule.each,
            let list = FieldUse.of(each.expression, variables: variables()).result
        else { return path }
        return FieldPath(list.steps + [.each] + path.steps.dropFirst())
    }

    /// Whether a document may be one of the rule's. A field that a guard looks at and that is not there may be misspelt.
    private func isOfInterest(_ document: JSONValue) -> Bool {
        rule.guards.allSatisfy { condition in
            condition.holds(for: document)
                || (!condition.isOfTopic && condition.text(in: document) == nil)
        }
    }

    /// Where the rule's lets lie in the document.
    private func variables() -> [String: FieldPath] {
        var variables: [String: FieldPath] = [:]
        for binding in rule.bindings {
            variables[binding.name] = FieldUse.of(binding.expression.expression, variables: variables).result
        }
        return variables
    }
}

/// What the examples of all rules give, by the sources of their rules.
struct ExampleDocuments {
    private var documents: [JSONValue] = []
    private var places: [String: [Int]] = [:]

    init(_ rules: [Rule]) {
        for rule in rules {
            let own = rule.definition.examples.flatMap { rule.events(of: $0).map(\.document) }
            for source in Set(rule.definition.sources) {
                places[source, default: []] += documents.count..<documents.count + own.count
            }
            documents += own
        }
    }

    /// In the order of the rules, each once.
    func documents(of sources: [String]) -> [JSONValue] {
        Set(sources.flatMap { places[$0] ?? [] }).sorted().map { documents[$0] }
    }
}

extension Rule {
    /// An expression of the rule, and where it stands.
    struct PlacedExpression {
        /// `when`, `lets.total`, `trigger.snId`
        let place: String
        let expression: RuleExpression
        /// Where it begins in the text at its place, in UTF-8 bytes.
        let offset: Int
    }

    /// All expressions, in the order in which they are read.
    var expressions: [PlacedExpression] {
        var all = bindings.map { PlacedExpression(place: "lets." + $0.name, expression: $0.expression, offset: 0) }
        if let when { all.append(PlacedExpression(place: "when", expression: when, offset: 0)) }
        if let each { all.append(PlacedExpression(place: "each", expression: each, offset: 0)) }
        for (place, template) in templates {
            for case .expression(let expression, let offset) in template.pieces {
                all.append(PlacedExpression(place: place, expression: expression, offset: offset))
            }
        }
        return all
    }

    /// All templates with their places, in the order in which they are filled.
    var templates: [(place: String, template: Template)] {
        var all = [
            ("trigger.journey", trigger.journey), ("trigger.snType", trigger.snType), ("trigger.snId", trigger.snID),
        ]
        all += trigger.contextParams.map { ("trigger.contextParams." + $0.name, $0.value) }
        if let newProfile { all += Self.templates(newProfile.profile, "newProfile") }
        return all
    }

    private static func templates(_ members: [NewProfileTemplate.Member], _ place: String) -> [(String, Template)] {
        members.flatMap { templates($0.node, place + "." + $0.name) }
    }

    private static func templates(_ node: NewProfileTemplate.Node, _ place: String) -> [(String, Template)] {
        switch node {
        case .template(let template, _): [(place, template)]
        case .constant: []
        case .object(let members): templates(members, place)
        case .list(let nodes): nodes.enumerated().flatMap { templates($0.element, "\(place)[\($0.offset)]") }
        }
    }
}
