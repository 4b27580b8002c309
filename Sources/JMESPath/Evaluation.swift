public import JSON

/// One evaluation of an expression: what is visible, and what may still be spent.
public struct Evaluation: ~Copyable {
    let program: Program
    /// What `$` stands for; null in an expression without `$`.
    private let document: JSONValue
    private let limits: EvaluationLimits
    private var stepsLeft: Int
    /// The operation being evaluated, for the place of an error.
    private var node: NodeID
    /// Nil until there is a variable or a trace, so that most evaluations carry nothing of it.
    private(set) var scope: Scope?

    /// What an evaluation remembers beside its value.
    final class Scope {
        /// Visible variables, the innermost last, by their numbers in the program.
        var bindings: [(variable: Int32, value: JSONValue)] = []
        var trace: Trace?
    }

    init(
        _ program: Program,
        _ document: JSONValue,
        _ variables: [(String, JSONValue)],
        _ limits: EvaluationLimits,
        _ trace: Trace? = nil
    ) {
        self.program = program
        self.document = program.usesRoot ? document : .null
        self.limits = limits
        stepsLeft = limits.steps
        node = program.root
        if let trace {
            let scope = Scope()
            scope.trace = trace
            self.scope = scope
        }
        guard !variables.isEmpty else { return }
        let bindings = variables.compactMap { name, value in
            program.variables.firstIndex(of: name).map { (variable: Int32($0), value: value) }
        }
        if !bindings.isEmpty { bind(bindings) }
    }

    private mutating func bind(_ bindings: [(variable: Int32, value: JSONValue)]) {
        let scope = scope ?? Scope()
        scope.bindings += bindings
        self.scope = scope
    }

    /// The value of an expression that was given as an argument, on `current`.
    public mutating func value(
        of expression: ExpressionReference,
        on current: JSONValue
    ) throws(JMESPathError) -> JSONValue {
        try value(of: expression.node, on: current)
    }

    /// Takes steps from what is left. Call it where a function's work grows with its arguments.
    public mutating func spend(_ steps: Int) throws(JMESPathError) {
        stepsLeft -= steps
        guard stepsLeft >= 0 else {
            throw JMESPathError(
                .limitExceeded,
                at: program.range(of: node),
                "the evaluation takes more than \(limits.steps) steps"
            )
        }
    }

    /// Takes the steps of going through all that a value holds: one for each eight bytes of an array or an object, one
    /// for each sixteen of a text.
    public mutating func spend(onAllOf value: JSONValue) throws(JMESPathError) {
        switch value.kind {
        case .array, .object: try spend(value.weight >> 3)
        case .string: try spend(value.weight >> 4)
        case .null, .boolean, .number: break
        }
    }

    /// Checks that a value may be as large as this before it is made, and takes the steps of writing it.
    public mutating func reserve(_ bytes: Int) throws(JMESPathError) {
        guard bytes <= limits.resultSize else {
            throw JMESPathError(
                .limitExceeded,
                at: program.range(of: node),
                "a value of more than \(limits.resultSize) bytes"
            )
        }
        try spend(bytes >> 4)
    }

    /// An array, when it is not too large.
    public mutating func array(_ elements: [JSONValue]) throws(JMESPathError) -> JSONValue {
        try spend(elements.count)
        return try checked(.array(elements))
    }

    /// An object, when it is not too large.
    public mutating func object(_ members: [(String, JSONValue)]) throws(JMESPathError) -> JSONValue {
        try spend(members.count)
        return try checked(.object(members))
    }

    private func checked(_ value: JSONValue) throws(JMESPathError) -> JSONValue {
        guard value.weight <= limits.resultSize else {
            throw JMESPathError(
                .limitExceeded,
                at: program.range(of: node),
                "a value of more than \(limits.resultSize) bytes"
            )
        }
        return value
    }
}

// MARK: - Operations

extension Evaluation {
    mutating func value(of node: NodeID, on current: JSONValue) throws(JMESPathError) -> JSONValue {
        self.node = node
        try spend(1)
        guard let scope, scope.trace != nil else {
            return try result(of: program.shortened[Int(node)], node, on: current)
        }
        do throws(JMESPathError) {
            let value = try result(of: program.operations[Int(node)], node, on: current)
            scope.trace?.record(node, current, value)
            return value
        } catch {
            scope.trace?.record(node, current, error)
            throw error
        }
    }

    private mutating func result(
        of operation: Operation,
        _ node: NodeID,
        on current: JSONValue
    ) throws(JMESPathError) -> JSONValue {
        switch operation {
        case .current: return current
        case .root: return document
        case .field(let key): return try member(key, key, of: current)
        case .path(let first, let last): return try member(first, last, of: current)
        case .index(let index): return try element(Int(index), of: current)
        case .literal(let literal): return program.literals[Int(literal)]
        case .subexpression(let left, let right):
            let value = try value(of: left, on: current)
            return value.isNull ? .null : try self.value(of: right, on: value)
        case .pipe(let left, let right):
            return try value(of: right, on: try value(of: left, on: current))
        case .or(let left, let right):
            let value = try value(of: left, on: current)
            return value.isTrueLike ? value : try self.value(of: right, on: current)
        case .and(let left, let right):
            let value = try value(of: left, on: current)
            return value.isTrueLike ? try self.value(of: right, on: current) : value
        case .not(let operand): return .bool(!(try value(of: operand, on: current).isTrueLike))
        case .ternary(let condition, let first, let second):
            return try value(of: try value(of: condition, on: current).isTrueLike ? first : second, on: current)
        case .comparison(let comparator, let left, let right):
            let value = try value(of: left, on: current)
            return try compare(value, comparator, try self.value(of: right, on: current))
        case .arithmetic(let arithmetic, let left, let right):
            return try compute(arithmetic, left, right, on: current)
        case .plusSign(let operand): return .number(try number(operand, on: current))
        case .minusSign(let operand): return .number(Arithmetic.negated(try number(operand, on: current)))
        case .slice(let slice): return try elements(program.slices[Int(slice)], of: current)
        case .listProjection(let left, let right):
            return try project(try value(of: left, on: current), right)
        case .sliceProjection(let left, let right):
            let value = try value(of: left, on: current)
            // A slice of a string is a string, and nothing to go through (JEP-15).
            return value.kind == .string ? try self.value(of: right, on: value) : try project(value, right)
        case .objectProjection(let left, let right):
            return try projectMembers(try value(of: left, on: current), right)
        case .flattenProjection(let left, let right):
            return try projectFlattened(try value(of: left, on: current), right)
        case .filterProjection(let left, let condition, let right):
            return try projectFiltered(try value(of: left, on: current), condition, right)
        case .multiSelectList(let list): return try multiSelect(list, on: current)
        case .multiSelectHash(let pairs): return try multiSelectHash(pairs, on: current)
        case .call(let function, let list): return try call(function, list, node, on: current)
        case .variable(let variable): return try self.variable(variable)
        case .letIn(let pairs, let body): return try letIn(pairs, body, on: current)
        case .reference:
            preconditionFailure("the parser takes a reference only as an argument, which is not evaluated by itself")
        }
    }

    private mutating func member(
        _ first: Int32,
        _ last: Int32,
        of current: JSONValue
    ) throws(JMESPathError) -> JSONValue {
        var visited = 0
        let value = current.member(at: Int(first)..<Int(last) + 1, of: program.keys, visited: &visited)
        try spend(visited >> 3)
        return value
    }

    private mutating func element(_ index: Int, of current: JSONValue) throws(JMESPathError) -> JSONValue {
        guard current.kind == .array else { return .null }
        let place = index < 0 ? index + current.count : index
        try spend(max(0, place) >> 3)
        return current[place] ?? .null
    }

    private mutating func elements(_ slice: Slice, of current: JSONValue) throws(JMESPathError) -> JSONValue {
        switch current.kind {
        case .array:
            let elements = current.elements ?? []
            try spend(elements.count >> 2)
            return try array(slice.places(in: elements.count).map { elements[$0] })
        case .string:
            let text = current.stringValue ?? ""
            try spend(text.utf8.count >> 2)
            let scalars = Array(text.unicodeScalars)
            var taken = String.UnicodeScalarView()
            for place in slice.places(in: scalars.count) { taken.append(scalars[place]) }
            return .string(String(taken))
        default: return .null
        }
    }

    private mutating func compare(
        _ left: JSONValue,
        _ comparator: Comparator,
        _ right: JSONValue
    ) throws(JMESPathError) -> JSONValue {
        switch comparator {
        case .equal: return .bool(try areEqual(left, right))
        case .notEqual: return .bool(!(try areEqual(left, right)))
        case .less, .lessOrEqual, .greater, .greaterOrEqual:
            // The specification orders numbers only; of anything else the answer is null.
            guard let left = left.number, let right = right.number else { return .null }
            switch comparator {
            case .less: return .bool(left < right)
            case .lessOrEqual: return .bool(left <= right)
            case .greater: return .bool(left > right)
            default: return .bool(left >= right)
            }
        }
    }

    /// Equality, paid for by the size of what is compared.
    mutating func areEqual(_ left: JSONValue, _ right: JSONValue) throws(JMESPathError) -> Bool {
        guard left.kind == right.kind else { return false }
        try spend(onAllOf: left.weight < right.weight ? left : right)
        return left == right
    }

    private mutating func number(_ operand: NodeID, on current: JSONValue) throws(JMESPathError) -> JSONNumber {
        let value = try value(of: operand, on: current)
        if let number = value.number { return number }
        throw JMESPathError(
            .notANumber,
            at: program.range(of: operand),
            "arithmetic with \(value.kind.withArticle)",
            expected: "a number; to_number() makes one of text"
        )
    }

    private mutating func compute(
        _ arithmetic: ArithmeticOperator,
        _ left: NodeID,
        _ right: NodeID,
        on current: JSONValue
    ) throws(JMESPathError) -> JSONValue {
        let first = try number(left, on: current)
        let second = try number(right, on: current)
        if let result = Arithmetic.compute(first, arithmetic, second) { return .number(result) }
        throw JMESPathError(
            .notANumber,
            at: program.range(of: left).lowerBound..<program.range(of: right).upperBound,
            "\(first.lexeme) \(arithmetic.rawValue) \(second.lexeme) is no number that there is"
        )
    }

    // MARK: - Projections

    private mutating func project(_ source: JSONValue, _ right: NodeID) throws(JMESPathError) -> JSONValue {
        guard source.kind == .array else { return .null }
        if scope?.trace == nil, let path = program.path(of: right) {
            var visited = 0
            let values = source.members(ofElementsAt: path, of: program.keys, visited: &visited)
            try spend(source.count + visited >> 3)
            return try array(values)
        }
        var values: [JSONValue] = []
        values.reserveCapacity(min(source.count, 64))
        try source.forEachElement { (element) throws(JMESPathError) in
            let value = try self.projected(element, right)
            if !value.isNull { values.append(value) }
        }
        return try array(values)
    }

    private mutating func projectMembers(_ source: JSONValue, _ right: NodeID) throws(JMESPathError) -> JSONValue {
        guard source.kind == .object else { return .null }
        try spend(onAllOf: source)
        guard let members = source.members else { return .null }
        var values: [JSONValue] = []
        for member in members {
            let value = try projected(member.value, right)
            if !value.isNull { values.append(value) }
        }
        return try array(values)
    }

    private mutating func projectFlattened(_ source: JSONValue, _ right: NodeID) throws(JMESPathError) -> JSONValue {
        guard source.kind == .array else { return .null }
        var values: [JSONValue] = []
        values.reserveCapacity(min(source.count, 64))
        try source.forEachElement { (element) throws(JMESPathError) in
            if element.kind == .array {
                try element.forEachElement { (inner) throws(JMESPathError) in
                    let value = try self.projected(inner, right)
                    if !value.isNull { values.append(value) }
                }
            } else {
                let value = try self.projected(element, right)
                if !value.isNull { values.append(value) }
            }
        }
        return try array(values)
    }

    private mutating func projectFiltered(
        _ source: JSONValue,
        _ condition: NodeID,
        _ right: NodeID
    ) throws(JMESPathError) -> JSONValue {
        guard source.kind == .array else { return .null }
        var values: [JSONValue] = []
        values.reserveCapacity(min(source.count, 64))
        try source.forEachElement { (element) throws(JMESPathError) in
            guard try self.value(of: condition, on: element).isTrueLike else { return }
            let value = try self.projected(element, right)
            if !value.isNull { values.append(value) }
        }
        return try array(values)
    }

    /// The right side of a projection on one element.
    private mutating func projected(_ element: JSONValue, _ right: NodeID) throws(JMESPathError) -> JSONValue {
        // On null, only what follows a pipe is evaluated (JEP-19), and no pipe lies within a projection.
        element.isNull ? .null : try value(of: right, on: element)
    }

    // MARK: - Making values

    private mutating func multiSelect(_ list: OperandList, on current: JSONValue) throws(JMESPathError) -> JSONValue {
        var values: [JSONValue] = []
        values.reserveCapacity(Int(list.count))
        for index in list.indices { values.append(try value(of: program.operands[index], on: current)) }
        return try array(values)
    }

    private mutating func multiSelectHash(
        _ pairs: OperandList,
        on current: JSONValue
    ) throws(JMESPathError) -> JSONValue {
        var members: [(String, JSONValue)] = []
        members.reserveCapacity(Int(pairs.count) / 2)
        for index in stride(from: pairs.indices.lowerBound, to: pairs.indices.upperBound, by: 2) {
            let value = try value(of: program.operands[index + 1], on: current)
            members.append((program.keys[Int(program.operands[index])], value))
        }
        return try object(members)
    }

    private mutating func call(
        _ function: Int32,
        _ list: OperandList,
        _ node: NodeID,
        on current: JSONValue
    ) throws(JMESPathError) -> JSONValue {
        var values: [Arguments.Argument] = []
        values.reserveCapacity(Int(list.count))
        for index in list.indices {
            let operand = program.operands[index]
            if case .reference(let referenced) = program.operations[Int(operand)] {
                values.append(.expression(referenced))
            } else {
                values.append(.value(try value(of: operand, on: current)))
            }
        }
        self.node = node
        let arguments = Arguments(arguments: values, node: node, program: program)
        for index in values.indices { try arguments.checkType(index, &self) }
        return try checked(try program.functions[Int(function)].implementation(arguments, &self))
    }

    // MARK: - Variables

    private func variable(_ variable: Int32) throws(JMESPathError) -> JSONValue {
        if let binding = scope?.bindings.last(where: { $0.variable == variable }) { return binding.value }
        let name = program.variables[Int(variable)]
        throw JMESPathError(
            .undefinedVariable,
            at: program.range(of: node),
            "$\(name) is not defined here",
            expected: "let $\(name) = … in …"
        )
    }

    private mutating func letIn(
        _ pairs: OperandList,
        _ body: NodeID,
        on current: JSONValue
    ) throws(JMESPathError) -> JSONValue {
        var values: [(variable: Int32, value: JSONValue)] = []
        for index in stride(from: pairs.indices.lowerBound, to: pairs.indices.upperBound, by: 2) {
            values.append((program.operands[index], try value(of: program.operands[index + 1], on: current)))
        }
        bind(values)
        defer { scope?.bindings.removeLast(values.count) }
        return try value(of: body, on: current)
    }
}

extension JSONValue {
    /// False are `false`, `null`, and empty strings, arrays and objects; all else is true.
    public var isTrueLike: Bool {
        switch kind {
        case .null: false
        case .boolean: boolValue == true
        case .number: true
        case .string, .array, .object: !isEmpty
        }
    }
}
