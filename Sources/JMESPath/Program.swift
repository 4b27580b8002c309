import JSON

/// A compiled expression: its operations in one array, children before their parents, and what they refer to beside it.
/// Operations hold numbers only, so that walking them counts no references.
final class Program: Sendable {
    let text: String
    let operations: [Operation]
    /// The same, with names and chains of them (`a`, `a.b.c`) made one operation: what is evaluated unless a trace is wanted.
    let shortened: [Operation]
    /// Where each operation stands in the text.
    let ranges: [Range<Int32>]
    /// Operands of those with any number of them, each list in one piece.
    let operands: [NodeID]
    let keys: JSONKeys
    let literals: [JSONValue]
    /// Those of them that are views, which nearly all are, as an evaluation has them. `literals` keep what they refer to.
    let literalValues: [Value?]
    let slices: [Slice]
    let variables: [String]
    let functions: [Function]
    let root: NodeID
    /// What `shortened` has for the root, at hand.
    let start: Operation

    /// What an evaluation has before it is given an expression.
    static let nothing = Program("", ProgramBuilder(depthLimit: 0), root: 0)

    init(_ text: String, _ builder: ProgramBuilder, root: NodeID) {
        self.text = text
        operations = builder.operations
        shortened = builder.shortened()
        ranges = builder.ranges
        operands = builder.operands
        keys = JSONKeys(builder.keys)
        literals = builder.literals
        literalValues = literals.map { literal in
            literal.place.map { Value(Unmanaged.passUnretained($0.document), $0.node) }
        }
        slices = builder.slices
        variables = builder.variables
        functions = builder.functions
        self.root = root
        start = shortened.isEmpty ? .current : shortened[Int(root)]
    }

    /// Empty when there is no such operation.
    func range(of node: NodeID) -> Range<Int> {
        guard ranges.indices.contains(Int(node)) else { return 0..<0 }
        let range = ranges[Int(node)]
        return Int(range.lowerBound)..<Int(range.upperBound)
    }
}

/// The number of an operation in its program.
typealias NodeID = Int32

/// A piece of `Program.operands`.
struct OperandList: Sendable {
    var start: Int32
    var count: Int32

    var indices: Range<Int> { Int(start)..<Int(start + count) }
}

/// What a sub-expression does with the current value.
enum Operation: Sendable {
    case current
    case root
    /// Numbers of a key, a literal, a slice, a variable.
    case field(Int32)
    case index(Int32)
    case slice(Int32)
    case literal(Int32)
    case variable(Int32)
    /// Nothing is evaluated on null.
    case subexpression(NodeID, NodeID)
    /// The numbers of the first and the last key of a chain of names.
    case path(Int32, Int32)
    /// The right side is evaluated whatever the left one yields (JEP-19).
    case pipe(NodeID, NodeID)
    case or(NodeID, NodeID)
    case and(NodeID, NodeID)
    case not(NodeID)
    case comparison(Comparator, NodeID, NodeID)
    case arithmetic(ArithmeticOperator, NodeID, NodeID)
    case plusSign(NodeID)
    case minusSign(NodeID)
    case ternary(NodeID, NodeID, NodeID)
    /// The left side yields what is gone through, the right one is evaluated on each of it.
    case listProjection(NodeID, NodeID)
    case sliceProjection(NodeID, NodeID)
    case objectProjection(NodeID, NodeID)
    case flattenProjection(NodeID, NodeID)
    /// Source, condition, what is done with each that meets it.
    case filterProjection(NodeID, NodeID, NodeID)
    case multiSelectList(OperandList)
    /// Operands are pairs: the number of a key, and its value's node.
    case multiSelectHash(OperandList)
    /// The number of a function.
    case call(Int32, OperandList)
    /// `&expression`, as an argument.
    case reference(NodeID)
    /// Operands are pairs: the number of a variable, and its value's node. Then the body.
    case letIn(OperandList, NodeID)
}

/// `[start:stop:step]`.
struct Slice: Sendable, Equatable {
    var start: Int?
    var stop: Int?
    var step: Int

    /// The places it takes of `count`, in order, as Python does.
    func places(in count: Int) -> StrideTo<Int> {
        if step > 0 {
            return stride(from: clamp(start ?? 0, 0, count), to: clamp(stop ?? count, 0, count), by: step)
        }
        let from = start.map { clamp($0, -1, count - 1, count) } ?? count - 1
        let to = stop.map { clamp($0, -1, count - 1, count) } ?? -1
        return stride(from: from, to: to, by: step)
    }

    private func clamp(_ place: Int, _ lowest: Int, _ count: Int) -> Int { clamp(place, lowest, count, count) }

    /// A negative place counts from the end.
    private func clamp(_ place: Int, _ lowest: Int, _ highest: Int, _ count: Int) -> Int {
        min(max(place < 0 ? place + count : place, lowest), max(highest, lowest))
    }
}

/// Collects operations while an expression is parsed.
struct ProgramBuilder {
    private(set) var operations: [Operation] = []
    private(set) var ranges: [Range<Int32>] = []
    private(set) var operands: [NodeID] = []
    private(set) var keys: [String] = []
    private(set) var literals: [JSONValue] = []
    private(set) var slices: [Slice] = []
    private(set) var variables: [String] = []
    private(set) var functions: [Function] = []
    /// How many levels lie below each operation, itself included.
    private var heights: [Int] = []
    private let depthLimit: Int

    init(depthLimit: Int) {
        self.depthLimit = depthLimit
    }

    mutating func add(_ operation: Operation, _ range: Range<Int>) throws(JMESPathError) -> NodeID {
        var height = 1
        operation.forEachChild(operands) { height = max(height, heights[Int($0)] + 1) }
        guard height <= depthLimit else {
            throw JMESPathError(.limitExceeded, at: range, "more than \(depthLimit) expressions within each other")
        }
        operations.append(operation)
        ranges.append(Int32(range.lowerBound)..<Int32(range.upperBound))
        heights.append(height)
        return NodeID(operations.count - 1)
    }

    func range(of node: NodeID) -> Range<Int> {
        Int(ranges[Int(node)].lowerBound)..<Int(ranges[Int(node)].upperBound)
    }

    mutating func list(_ nodes: [NodeID]) -> OperandList {
        let list = OperandList(start: Int32(operands.count), count: Int32(nodes.count))
        operands += nodes
        return list
    }

    mutating func key(_ text: String) -> Int32 {
        keys.append(text)
        return Int32(keys.count - 1)
    }

    /// A literal becomes a view of a document of its own, so that evaluating it makes nothing.
    mutating func literal(_ value: JSONValue) -> Int32 {
        literals.append(value.place == nil ? (try? JSONValue.parse(value.serialized())) ?? value : value)
        return Int32(literals.count - 1)
    }

    mutating func slice(_ slice: Slice) -> Int32 {
        slices.append(slice)
        return Int32(slices.count - 1)
    }

    mutating func variable(_ name: String) -> Int32 {
        if let known = variables.firstIndex(of: name) { return Int32(known) }
        variables.append(name)
        return Int32(variables.count - 1)
    }

    mutating func function(_ function: Function) -> Int32 {
        functions.append(function)
        return Int32(functions.count - 1)
    }
}

extension ProgramBuilder {
    /// The operations, with names and chains of them made paths. The keys of a chain were added one after another.
    fileprivate func shortened() -> [Operation] {
        var shortened = operations.map { operation in
            if case .field(let key) = operation { Operation.path(key, key) } else { operation }
        }
        for (node, operation) in operations.enumerated() {
            guard case .subexpression(let left, let right) = operation,
                case .field(let last) = operations[Int(right)]
            else { continue }
            switch shortened[Int(left)] {
            case .path(let first, let previous) where previous + 1 == last: shortened[node] = .path(first, last)
            default: break
            }
        }
        return shortened
    }
}

extension Operation {
    /// Its children in the order of the text.
    func forEachChild(_ operands: [NodeID], _ body: (NodeID) -> Void) {
        switch self {
        case .current, .root, .field, .path, .index, .slice, .literal, .variable: break
        case .subexpression(let left, let right), .pipe(let left, let right), .or(let left, let right),
            .and(let left, let right), .comparison(_, let left, let right), .arithmetic(_, let left, let right),
            .listProjection(let left, let right), .sliceProjection(let left, let right),
            .objectProjection(let left, let right), .flattenProjection(let left, let right):
            body(left)
            body(right)
        case .not(let operand), .plusSign(let operand), .minusSign(let operand), .reference(let operand):
            body(operand)
        case .ternary(let first, let second, let third), .filterProjection(let first, let second, let third):
            body(first)
            body(second)
            body(third)
        case .multiSelectList(let list), .call(_, let list):
            for index in list.indices { body(operands[index]) }
        case .multiSelectHash(let pairs):
            for index in pairs.indices where (index - pairs.indices.lowerBound) % 2 == 1 { body(operands[index]) }
        case .letIn(let pairs, let inner):
            for index in pairs.indices where (index - pairs.indices.lowerBound) % 2 == 1 { body(operands[index]) }
            body(inner)
        }
    }
}
