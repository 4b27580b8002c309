import JMESPath
import JSON
import Model

/// What the examples of a set of rules exercise, and what not.
public struct Coverage: Sendable {
    /// A rule, or a part of one, that no example exercises.
    public struct Gap: Sendable, Equatable {
        public let rule: String
        /// `when`, `trigger.snId`; nil for the rule as a whole.
        public let place: String?
        public let message: String
    }

    /// Rules that at least one example makes match, of how many.
    public fileprivate(set) var rules = Share()
    /// Ways that a `when` may go, and parts of expressions that may be skipped, which at least one example takes.
    public fileprivate(set) var branches = Share()
    /// In the order of the rules.
    public fileprivate(set) var gaps: [Gap] = []

    public struct Share: Sendable, Equatable {
        public fileprivate(set) var covered = 0
        public fileprivate(set) var all = 0

        fileprivate mutating func count(_ isCovered: Bool) {
            all += 1
            if isCovered { covered += 1 }
        }
    }
}

extension RuleSet {
    /// Runs the examples of all rules through all rules of their sources, and notes what is reached.
    public func coverage() -> Coverage {
        var collectors = Dictionary(rules.map { ($0.name, RuleCoverage($0)) }) { first, _ in first }
        let examples = rules.flatMap { rule in rule.definition.examples.flatMap { rule.events(of: $0) } }
        for event in examples {
            for rule in rules(of: event.source) {
                let matched = collectors[rule.name]?.observe(event.document) ?? false
                if matched, rule.definition.stop { break }
            }
        }
        var coverage = Coverage()
        for rule in rules { collectors[rule.name]?.report(to: &coverage) }
        return coverage
    }
}

/// What the examples reach of one rule.
private struct RuleCoverage {
    private let rule: Rule
    private let expressions: [Rule.PlacedExpression]
    /// For each expression, the nodes that were evaluated.
    private var reached: [Set<Int>]
    private var hasMatched = false
    private var hasNotMatched = false

    init(_ rule: Rule) {
        self.rule = rule
        expressions = rule.expressions
        reached = Array(repeating: [], count: expressions.count)
    }

    /// Asks the rule; whether it matched.
    mutating func observe(_ document: JSONValue) -> Bool {
        evaluate(on: document) { $0.place == "each" }
        guard let elements = try? rule.elements(of: document) else { return false }
        var matched = false
        for (number, element) in elements.enumerated() {
            let document = rule.each == nil ? document : document.with(item: element)
            evaluate(on: document) { $0.place == "when" }
            var scope = Scope(document: document, bindings: rule.bindings)
            let mayMatch = rule.unmetGuard(for: document) == nil
            guard let isMatch = mayMatch ? try? rule.matches(&scope, item: number) : false else { continue }
            if isMatch {
                (matched, hasMatched) = (true, true)
                evaluate(on: document) { $0.place != "when" && $0.place != "each" }
            } else {
                hasNotMatched = true
            }
        }
        return matched
    }

    private mutating func evaluate(on document: JSONValue, where isMeant: (Rule.PlacedExpression) -> Bool) {
        for (number, placed) in expressions.enumerated() where isMeant(placed) {
            var scope = Scope(document: document, bindings: rule.bindings)
            var trace = Trace(limit: .max)
            _ = try? scope.value(of: placed.expression, trace: &trace)
            reached[number].formUnion(trace.entries.map(\.node))
        }
    }

    func report(to coverage: inout Coverage) {
        func note(_ place: String?, _ message: String) {
            coverage.gaps.append(Coverage.Gap(rule: rule.name, place: place, message: message))
        }
        coverage.rules.count(hasMatched)
        if !hasMatched { note(nil, "no example makes it match") }
        if rule.when != nil {
            coverage.branches.count(hasMatched)
            coverage.branches.count(hasNotMatched)
            if !hasNotMatched { note("when", "it holds in every example") }
        }
        for (placed, reached) in zip(expressions, reached) {
            for branch in placed.expression.expression.root.branches {
                let isCovered = reached.contains(branch.node.id)
                coverage.branches.count(isCovered)
                // One gap tells of all that lies within it.
                if !isCovered, reached.contains(branch.owner.id) {
                    note(placed.place, "`\(branch.node.text)` is never reached in `\(branch.owner.text)`")
                }
            }
        }
    }
}

extension SyntaxNode {
    /// The parts, at any depth, that an evaluation may skip, each with the operation that decides.
    fileprivate var branches: [(node: SyntaxNode, owner: SyntaxNode)] {
        let children = children
        let skippable: ArraySlice<SyntaxNode> =
            switch kind {
            case .or, .and, .ternary, .listProjection, .sliceProjection, .objectProjection, .flattenProjection,
                .filterProjection:
                children.dropFirst()
            default: []
            }
        // What stands for the element itself has no text of its own.
        let own = skippable.filter { !$0.text.isEmpty }.map { (node: $0, owner: self) }
        return own + children.flatMap(\.branches)
    }
}
