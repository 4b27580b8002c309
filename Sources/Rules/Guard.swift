import JMESPath
import JSON

/// A comparison with constants that a rule's `when` cannot do without: `topic == 'orders/create'`.
///
/// Where one of a rule's does not hold, the rule does not match, and nothing else of it is evaluated: neither `each`,
/// nor what stands before the comparison in `when`. By their guards a thousand rules are found as quickly as ten.
struct Guard: Sendable, Equatable {
    /// A field of the document, by names alone.
    let path: [String]
    /// The texts of which one must be the field's value.
    let constants: [String]
    private let keys: JSONKeys

    /// The field's text; nil when it is no string.
    func text(in document: JSONValue) -> String? { document.text(at: keys) }

    func holds(for document: JSONValue) -> Bool { text(in: document).map(constants.contains) ?? false }

    static func == (one: Guard, other: Guard) -> Bool { one.path == other.path && one.constants == other.constants }

    /// The guards of a `when`, all of which must hold: comparisons of the topic, then of other fields of the event.
    static func all(of when: SyntaxNode) -> [Guard] {
        let found = conjuncts(of: when).compactMap(comparison).filter { $0.path.first != "item" }
        return found.filter(\.isOfTopic) + found.filter { !$0.isOfTopic }
    }

    var isOfTopic: Bool { path == ["topic"] }

    private init(path: [String], constants: [String]) {
        self.path = path
        self.constants = constants
        keys = JSONKeys(path)
    }

    /// Whether an expression is nothing but a comparison of this kind.
    static func isWhole(_ when: SyntaxNode) -> Bool { comparison(when) != nil }

    private static func conjuncts(of node: SyntaxNode) -> [SyntaxNode] {
        node.kind == .and ? node.children.flatMap(conjuncts) : [node]
    }

    /// `field == 'text'`, several of them for one field with `||`, or `contains(['a', 'b'], field)`.
    private static func comparison(_ node: SyntaxNode) -> Guard? {
        let children = node.children
        switch node.kind {
        case .comparison(.equal):
            let sides = [(children[0], children[1]), (children[1], children[0])]
            for (field, constant) in sides {
                if let path = FieldPath(field)?.fields, !path.isEmpty, case .literal(let value) = constant.kind,
                    let text = value.stringValue
                {
                    return Guard(path: path, constants: [text])
                }
            }
            return nil
        case .or:
            guard let left = comparison(children[0]), let right = comparison(children[1]), left.path == right.path
            else { return nil }
            return Guard(path: left.path, constants: left.constants + right.constants)
        case .call("contains"):
            guard children.count == 2, let path = FieldPath(children[1])?.fields, !path.isEmpty,
                let texts = texts(children[0])
            else { return nil }
            return Guard(path: path, constants: texts)
        default: return nil
        }
    }

    /// The strings of a constant list; nil when it is none, or holds anything else.
    private static func texts(_ node: SyntaxNode) -> [String]? {
        let values: [JSONValue]
        switch node.kind {
        case .literal(let value): values = value.elements ?? [.null]
        case .multiSelectList:
            values = node.children.map { child in
                if case .literal(let value) = child.kind { value } else { .null }
            }
        default: return nil
        }
        let texts = values.compactMap(\.stringValue)
        return texts.count == values.count ? texts : nil
    }
}

extension JSONValue {
    /// The text of the field that these keys lead to; nil when it is no string.
    func text(at keys: JSONKeys) -> String? {
        var visited = 0
        return member(at: 0..<keys.count, of: keys, visited: &visited).stringValue
    }
}

extension FieldPath {
    /// The path that an expression is, when it is nothing but names and indices from the document on.
    init?(_ node: SyntaxNode) {
        switch node.kind {
        case .field(let name): self.init([.field(name)])
        case .index(let index): self.init([.index(index)])
        case .root, .current: self.init()
        case .subexpression:
            guard let left = FieldPath(node.children[0]), let right = FieldPath(node.children[1]) else { return nil }
            self.init(left.steps + right.steps)
        default: return nil
        }
    }
}
