import JMESPath
import JSON

/// The fields of the document that an expression reads, as far as its shape tells.
struct FieldUse {
    struct Read {
        let path: FieldPath
        /// Where the field's name stands in the expression, in UTF-8 bytes.
        let offset: Int
    }

    private(set) var reads: [Read] = []
    /// Where `$name` comes from.
    private let variables: [String: FieldPath]

    /// `item` is where the elements of `each` are taken from; `variables` are the ways of the rule's lets.
    static func of(_ expression: Expression, variables: [String: FieldPath] = [:]) -> (
        reads: [Read], result: FieldPath?
    ) {
        var use = FieldUse(variables: variables)
        let result = use.walk(expression.root, from: FieldPath())
        return (use.reads, result)
    }

    private init(variables: [String: FieldPath]) {
        self.variables = variables
    }

    /// Where the node's value lies in the document when it is evaluated on `base`; nil when that cannot be said.
    private mutating func walk(_ node: SyntaxNode, from base: FieldPath?) -> FieldPath? {
        let children = node.children
        switch node.kind {
        case .current: return base
        case .root: return FieldPath()
        case .variable(let name): return variables[name]
        case .field(let name):
            guard let path = base?.appending(.field(name)) else { return nil }
            reads.append(Read(path: path, offset: node.range.lowerBound))
            return path
        case .index: return base?.appending(.each)
        case .slice: return base
        case .subexpression, .pipe:
            return walk(children[1], from: walk(children[0], from: base))
        case .listProjection, .flattenProjection:
            return walk(children[1], from: walk(children[0], from: base)?.appending(.each))
        case .sliceProjection:
            return walk(children[1], from: walk(children[0], from: base)?.appending(.each))
        case .filterProjection:
            let element = walk(children[0], from: base)?.appending(.each)
            _ = walk(children[1], from: element)
            return walk(children[2], from: element)
        case .objectProjection:
            _ = walk(children[0], from: base)
            _ = walk(children[1], from: nil)
            return nil
        case .call(let function): return call(function, children, from: base)
        case .reference: return nil
        default:
            for child in children { _ = walk(child, from: base) }
            return nil
        }
    }

    /// `&expression` is evaluated on the elements of the list beside it.
    private mutating func call(_ function: String, _ arguments: [SyntaxNode], from base: FieldPath?) -> FieldPath? {
        var list: FieldPath?
        for argument in arguments where argument.kind != .reference {
            let path = walk(argument, from: base)
            list = list ?? path
        }
        for argument in arguments where argument.kind == .reference {
            _ = walk(argument.children[0], from: list?.appending(.each))
        }
        switch function {
        case "sort_by", "reverse", "sort": return list
        case "max_by", "min_by": return list?.appending(.each)
        default: return nil
        }
    }
}

extension JSONValue {
    /// The values at a way through the document; a list's elements are all gone through, and a step to elements of
    /// what is no list stays where it is, as flattening does.
    func values(at steps: some Collection<FieldPath.Step>) -> [JSONValue] {
        guard let step = steps.first else { return [self] }
        let rest = steps.dropFirst()
        switch step {
        case .field(let name): return self[name].map { $0.values(at: rest) } ?? []
        case .index(let index): return self[index].map { $0.values(at: rest) } ?? []
        case .each:
            guard let elements else { return values(at: rest) }
            return elements.flatMap { $0.values(at: rest) }
        }
    }
}
