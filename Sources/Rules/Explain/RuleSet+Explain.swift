import JMESPath
import JSON
public import Model

extension RuleSet {
    /// Maps an event, and shows how. Costs many times what `map` does; that one pays nothing for it.
    ///
    /// Evaluation has no effects, so each expression is evaluated once more with its parts written down.
    public func explain(_ event: Event) -> Explanation {
        let document = event.document
        var stopper: String?
        var explanations: [RuleExplanation] = []
        for rule in rules(of: event.source) {
            if let stopper {
                explanations.append(.notAsked(rule.name, "rule \(stopper) matched, and says stop"))
                continue
            }
            let explainer = RuleExplainer(rule: rule, event: event, document: document)
            let explanation = explainer.explanation()
            explanations.append(explanation)
            if rule.definition.stop, explanation.items.contains(where: \.matched) { stopper = rule.name }
        }
        return Explanation(
            event: event.id,
            source: event.source,
            topic: event.topic,
            document: document,
            mapping: map(event),
            rules: explanations
        )
    }
}

extension RuleExplanation {
    fileprivate static func notAsked(_ rule: String, _ reason: String) -> RuleExplanation {
        RuleExplanation(rule: rule, verdict: .notAsked, reason: reason, each: nil, items: [])
    }
}

/// Asks one rule as `Rule.apply` does, and keeps what it sees.
private struct RuleExplainer {
    let rule: Rule
    let event: Event
    let document: JSONValue

    func explanation() -> RuleExplanation {
        let each = rule.each.map { trace($0, on: document) }
        if let condition = rule.unmetGuard(for: document) {
            return unmet(condition, each)
        }
        let elements: [JSONValue]
        do {
            elements = try rule.elements(of: document)
        } catch {
            return RuleExplanation(
                rule: rule.name,
                verdict: .failed,
                reason: "each: " + error.failure.reason,
                each: each,
                items: []
            )
        }
        let items = elements.enumerated().map { item($0, $1) }
        let verdict: RuleExplanation.Verdict =
            items.contains { $0.failure != nil } ? .failed : items.contains(where: \.matched) ? .matched : .unmatched
        let reason = rule.each != nil && elements.isEmpty ? "each gives no element" : nil
        return RuleExplanation(rule: rule.name, verdict: verdict, reason: reason, each: each, items: items)
    }

    /// The comparison that the rule cannot do without does not hold.
    private func unmet(_ condition: Guard, _ each: ExpressionTrace?) -> RuleExplanation {
        let path = FieldPath(fields: condition.path).text
        let found = condition.text(in: document).map { "'\($0)'" } ?? "no text"
        let wanted = condition.constants.map { "'\($0)'" }.joined(separator: " or ")
        var items: [ItemExplanation] = []
        if rule.each == nil, let when = rule.when {
            items = [
                ItemExplanation(
                    item: 0,
                    element: nil,
                    matched: false,
                    lets: [],
                    when: trace(when, on: document),
                    templates: [],
                    delivery: nil,
                    failure: nil
                )
            ]
        }
        return RuleExplanation(
            rule: rule.name,
            verdict: .unmatched,
            reason: "\(path) is \(found), and the rule wants \(wanted)",
            each: each,
            items: items
        )
    }

    private func item(_ number: Int, _ element: JSONValue) -> ItemExplanation {
        let document = rule.each == nil ? document : document.with(item: element)
        var scope = Scope(document: document, bindings: rule.bindings)
        var matched = false
        var delivery: DeliveryDraft?
        var failure: MappingFailure?
        do {
            matched = try rule.matches(&scope, item: number)
            if matched { delivery = try rule.delivery(&scope, item: number, event: event) }
        } catch {
            failure = error.failure
        }
        let templates = matched ? rule.templates.map { trace($0, $1, on: document) } + policies(on: document) : []
        var needed = Set(rule.when?.needs ?? [])
        if matched {
            needed.formUnion(rule.templates.flatMap { $0.template.expressions.flatMap(\.needs) })
            needed.formUnion(rule.policies.expressions.flatMap(\.expression.needs))
        }
        let lets = needed.sorted().map { index in
            (name: rule.bindings[index].name, trace: trace(rule.bindings[index].expression, on: document))
        }
        return ItemExplanation(
            item: number,
            // Not `nil`, which in this place would be a JSON null.
            element: rule.each == nil ? .none : .some(element),
            matched: matched,
            lets: lets,
            when: rule.when.map { trace($0, on: document) },
            templates: templates,
            delivery: delivery,
            failure: failure
        )
    }

    private func policies(on document: JSONValue) -> [TemplateTrace] {
        rule.policies.expressions.map { place, expression in
            TemplateTrace(place: place, text: expression.text, expressions: [trace(expression, on: document)])
        }
    }

    private func trace(_ place: String, _ template: Template, on document: JSONValue) -> TemplateTrace {
        TemplateTrace(
            place: place,
            text: template.text,
            expressions: template.expressions.map { trace($0, on: document) }
        )
    }

    private func trace(_ expression: RuleExpression, on document: JSONValue) -> ExpressionTrace {
        var scope = Scope(document: document, bindings: rule.bindings)
        var trace = Trace()
        var failed: String?
        do throws(ExpressionFailure) {
            _ = try scope.value(of: expression, trace: &trace)
        } catch {
            failed = (error.binding.map { "lets.\($0): " } ?? "") + error.reason
        }
        let values = Dictionary(grouping: trace.entries, by: \.node).mapValues { $0.map(\.value) }
        return ExpressionTrace(expression.expression.root, values, error: failed)
    }
}

extension Template {
    var expressions: [RuleExpression] {
        pieces.compactMap { piece in
            if case .expression(let expression, _) = piece { expression } else { nil }
        }
    }
}

extension ExpressionTrace {
    fileprivate init(_ node: SyntaxNode, _ values: [Int: [JSONValue]], error: String? = nil) {
        text = node.text
        self.values = values[node.id] ?? []
        self.error = error
        parts = Self.parts(of: node).map { ExpressionTrace($0, values) }
    }

    /// A way to a field, and what is constant, has no parts worth showing.
    private static func parts(of node: SyntaxNode) -> [SyntaxNode] {
        if FieldPath(node) != nil { return [] }
        return node.children.flatMap { (child: SyntaxNode) -> [SyntaxNode] in
            switch child.kind {
            case .literal, .current, .root: return []
            // What `&` refers to is evaluated on elements, which its list shows.
            case .reference: return parts(of: child)
            default: return [child]
            }
        }
    }
}
