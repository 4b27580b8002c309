public import JSON

/// A sub-expression of a compiled expression: what it is, where it stands and what it is made of.
public struct SyntaxNode: Sendable, Identifiable {
    public enum Kind: Sendable, Equatable {
        /// `@`, and the elements of a projection that nothing follows.
        case current
        /// `$`
        case root
        case field(String)
        case index(Int)
        case slice(start: Int?, stop: Int?, step: Int)
        case literal(JSONValue)
        /// `$name`
        case variable(String)
        /// `left.right`, `left[0]`; children: left, right.
        case subexpression
        /// `left | right`
        case pipe
        case or, and, not
        case comparison(Comparator)
        case arithmetic(ArithmeticOperator)
        case plusSign, minusSign
        /// Children: condition, then, otherwise.
        case ternary
        /// `left[*]right`; children: what is gone through, what is done with each.
        case listProjection
        /// `left[1:2]right`
        case sliceProjection
        /// `left.*right`
        case objectProjection
        /// `left[]right`
        case flattenProjection
        /// `left[?condition]right`; children: left, condition, right.
        case filterProjection
        case multiSelectList
        /// Children: the values, in the order of the keys.
        case multiSelectHash(keys: [String])
        case call(function: String)
        /// `&expression`
        case reference
        /// Children: the values, in the order of the names, then the body.
        case letIn(names: [String])
    }

    let program: Program
    /// The number of the sub-expression within its expression; children have lower ones.
    public let id: Int
    private let source: String

    init(program: Program, id: Int, text: String) {
        self.program = program
        self.id = id
        source = text
    }

    /// Where it stands, in bytes of the expression's UTF-8.
    public var range: Range<Int> { program.range(of: NodeID(id)) }

    /// Its own text.
    public var text: String { String(decoding: Array(source.utf8)[range], as: UTF8.self) }

    /// In the order of the text.
    public var children: [SyntaxNode] {
        var children: [SyntaxNode] = []
        program.operations[id].forEachChild(program.operands) {
            children.append(SyntaxNode(program: program, id: Int($0), text: source))
        }
        return children
    }

    /// The registered function of a call.
    public var function: Function? {
        guard case .call(let function, _) = program.operations[id] else { return nil }
        return program.functions[Int(function)]
    }

    public var kind: Kind {
        switch program.operations[id] {
        case .current: .current
        case .root: .root
        case .field(let key): .field(program.keys[Int(key)])
        case .index(let index): .index(Int(index))
        case .slice(let slice): Self.kind(program.slices[Int(slice)])
        case .literal(let literal): .literal(program.literals[Int(literal)])
        case .variable(let variable): .variable(program.variables[Int(variable)])
        case .subexpression, .path: .subexpression
        case .pipe: .pipe
        case .or: .or
        case .and: .and
        case .not: .not
        case .comparison(let comparator, _, _): .comparison(comparator)
        case .arithmetic(let arithmetic, _, _): .arithmetic(arithmetic)
        case .plusSign: .plusSign
        case .minusSign: .minusSign
        case .ternary: .ternary
        case .listProjection: .listProjection
        case .sliceProjection: .sliceProjection
        case .objectProjection: .objectProjection
        case .flattenProjection: .flattenProjection
        case .filterProjection: .filterProjection
        case .multiSelectList: .multiSelectList
        case .multiSelectHash(let pairs): .multiSelectHash(keys: names(pairs) { program.keys[$0] })
        case .call(let function, _): .call(function: program.functions[Int(function)].name)
        case .reference: .reference
        case .letIn(let pairs, _): .letIn(names: names(pairs) { program.variables[$0] })
        }
    }

    private static func kind(_ slice: Slice) -> Kind {
        .slice(start: slice.start, stop: slice.stop, step: slice.step)
    }

    /// The names of a list of pairs, whose first parts are their numbers.
    private func names(_ pairs: OperandList, _ name: (Int) -> String) -> [String] {
        stride(from: pairs.indices.lowerBound, to: pairs.indices.upperBound, by: 2).map {
            name(Int(program.operands[$0]))
        }
    }
}

extension SyntaxNode {
    /// Calls `body` with this node and all below it, parents first.
    public func forEachNode(_ body: (SyntaxNode) -> Void) {
        body(self)
        for child in children { child.forEachNode(body) }
    }

    /// The variables that are used without a `let` around them: whoever evaluates the expression must give them.
    public var freeVariables: Set<String> {
        switch kind {
        case .variable(let name): [name]
        case .letIn(let names):
            children.dropLast().reduce(into: (children.last?.freeVariables ?? []).subtracting(names)) {
                $0.formUnion($1.freeVariables)
            }
        default: children.reduce(into: []) { $0.formUnion($1.freeVariables) }
        }
    }
}
