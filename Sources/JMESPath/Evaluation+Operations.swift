import JSON

extension Evaluation {
    mutating func result(
        of operation: Operation,
        _ node: NodeID,
        on current: Value
    ) throws(JMESPathError) -> Value {
        switch operation {
        case .current: return current
        case .root: return root
        case .field(let key): return try member(at: Int(key)..<Int(key) + 1, of: current)
        case .path(let first, let last): return try member(at: Int(first)..<Int(last) + 1, of: current)
        case .index(let index): return try element(Int(index), of: current)
        case .literal(let literal):
            if let value = program.literalValues[Int(literal)] { return value }
            return borrow(program.literals[Int(literal)])
        case .subexpression(let left, let right):
            let value = try value(of: left, on: current)
            return value.isNull ? .null : try self.value(of: right, on: value)
        case .pipe(let left, let right):
            return try value(of: right, on: try value(of: left, on: current))
        case .or(let left, let right):
            let value = try value(of: left, on: current)
            return isTrueLike(value) ? value : try self.value(of: right, on: current)
        case .and(let left, let right):
            let value = try value(of: left, on: current)
            return isTrueLike(value) ? try self.value(of: right, on: current) : value
        case .not(let operand): return .boolean(!isTrueLike(try value(of: operand, on: current)))
        case .ternary(let condition, let first, let second):
            let isMet = isTrueLike(try value(of: condition, on: current))
            return try value(of: isMet ? first : second, on: current)
        case .comparison(let comparator, let left, let right):
            let value = try value(of: left, on: current)
            return try compare(value, comparator, try self.value(of: right, on: current))
        case .arithmetic(let arithmetic, let left, let right):
            return try compute(arithmetic, left, right, on: current)
        case .plusSign(let operand): return borrow(.number(try number(operand, on: current)))
        case .minusSign(let operand): return borrow(.number(Arithmetic.negated(try number(operand, on: current))))
        case .slice(let slice): return try elements(program.slices[Int(slice)], of: current)
        case .listProjection(let left, let right):
            return try project(try value(of: left, on: current), right)
        case .sliceProjection(let left, let right):
            let value = try value(of: left, on: current)
            // A slice of a string is a string, and nothing to go through (JEP-15).
            return kind(value) == .string ? try self.value(of: right, on: value) : try project(value, right)
        case .objectProjection(let left, let right):
            return try projectMembers(try value(of: left, on: current), right)
        case .flattenProjection(let left, let right):
            return try projectFlattened(try value(of: left, on: current), right)
        case .filterProjection(let left, let condition, let right):
            return try projectFiltered(try value(of: left, on: current), condition, right)
        case .multiSelectList(let list): return try multiSelect(list, on: current)
        case .multiSelectHash(let pairs): return try multiSelectHash(pairs, on: current)
        case .call(let function, let list): return try call(program.functions[Int(function)], list, node, on: current)
        case .variable(let variable): return try self.variable(variable)
        case .letIn(let pairs, let body): return try letIn(pairs, body, on: current)
        case .reference:
            preconditionFailure("the parser takes a reference only as an argument, which is not evaluated by itself")
        }
    }

    private mutating func element(_ index: Int, of current: Value) throws(JMESPathError) -> Value {
        let place = index < 0 ? index + elementCount(current) : index
        try spend(max(0, place) >> 3)
        return element(at: place, of: current)
    }

    private mutating func elements(_ slice: Slice, of current: Value) throws(JMESPathError) -> Value {
        switch kind(current) {
        case .array:
            let count = elementCount(current)
            try spend(count >> 2)
            let base = heap.stack.count
            push(elementsOf: current)
            let taken = slice.places(in: count)
            // What is taken comes behind what there is, and then moves to its place.
            for place in taken { heap.stack.append(heap.stack[base + place]) }
            heap.stack.remove(base..<base + count)
            return try list(from: base)
        case .string:
            let text = string(current) ?? ""
            try spend(text.utf8.count >> 2)
            let scalars = Array(text.unicodeScalars)
            var taken = String.UnicodeScalarView()
            for place in slice.places(in: scalars.count) { taken.append(scalars[place]) }
            return borrow(.string(String(taken)))
        default: return .null
        }
    }

    // MARK: - Comparing and computing

    private mutating func compare(
        _ left: Value,
        _ comparator: Comparator,
        _ right: Value
    ) throws(JMESPathError) -> Value {
        switch comparator {
        case .equal: return .boolean(try areEqual(left, right))
        case .notEqual: return .boolean(!(try areEqual(left, right)))
        case .less, .lessOrEqual, .greater, .greaterOrEqual:
            // The specification orders numbers only; of anything else the answer is null.
            guard let left = number(left), let right = number(right) else { return .null }
            switch comparator {
            case .less: return .boolean(left < right)
            case .lessOrEqual: return .boolean(left <= right)
            case .greater: return .boolean(left > right)
            default: return .boolean(left >= right)
            }
        }
    }

    private mutating func number(_ operand: NodeID, on current: Value) throws(JMESPathError) -> JSONNumber {
        let value = try value(of: operand, on: current)
        if let number = number(value) { return number }
        throw JMESPathError(
            .notANumber,
            at: program.range(of: operand),
            "arithmetic with \(kind(value).withArticle)",
            expected: "a number; to_number() makes one of text"
        )
    }

    private mutating func compute(
        _ arithmetic: ArithmeticOperator,
        _ left: NodeID,
        _ right: NodeID,
        on current: Value
    ) throws(JMESPathError) -> Value {
        let first = try number(left, on: current)
        let second = try number(right, on: current)
        if let result = Arithmetic.compute(first, arithmetic, second) { return borrow(.number(result)) }
        throw JMESPathError(
            .notANumber,
            at: program.range(of: left).lowerBound..<program.range(of: right).upperBound,
            "\(first.lexeme) \(arithmetic.rawValue) \(second.lexeme) is no number that there is"
        )
    }

    // MARK: - Making values

    private mutating func multiSelect(_ list: OperandList, on current: Value) throws(JMESPathError) -> Value {
        let base = heap.stack.count
        for index in list.indices { heap.stack.append(try value(of: program.operands[index], on: current)) }
        return try self.list(from: base)
    }

    private mutating func multiSelectHash(_ pairs: OperandList, on current: Value) throws(JMESPathError) -> Value {
        var members: [JSONMember] = []
        members.reserveCapacity(Int(pairs.count) / 2)
        for index in stride(from: pairs.indices.lowerBound, to: pairs.indices.upperBound, by: 2) {
            let value = try value(of: program.operands[index + 1], on: current)
            members.append((program.keys[Int(program.operands[index])], json(value)))
        }
        try spend(members.count)
        return take(try checked(.object(members: members)))
    }

    private mutating func call(
        _ function: Function,
        _ list: OperandList,
        _ node: NodeID,
        on current: Value
    ) throws(JMESPathError) -> Value {
        let operands = Operands(start: heap.stack.count, count: Int(list.count), node: node)
        for index in list.indices {
            let operand = program.operands[index]
            if case .reference(let expression) = program.operations[Int(operand)] {
                heap.stack.append(.reference(expression))
            } else {
                heap.stack.append(try value(of: operand, on: current))
            }
        }
        self.node = node
        for index in 0..<operands.count { try checkType(function.type(at: index), operands, index) }
        let result = try function.body(operands, &self)
        heap.stack.pop(to: operands.start)
        return result
    }

    // MARK: - Variables

    private mutating func variable(_ variable: Int32) throws(JMESPathError) -> Value {
        if let binding = bindings.last(where: { $0.variable == variable }) { return binding.value }
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
        on current: Value
    ) throws(JMESPathError) -> Value {
        let outer = bindings.count
        var values: [(variable: Int32, value: Value)] = []
        for index in stride(from: pairs.indices.lowerBound, to: pairs.indices.upperBound, by: 2) {
            values.append((program.operands[index], try value(of: program.operands[index + 1], on: current)))
        }
        bindings += values
        defer { bindings.removeLast(bindings.count - outer) }
        return try value(of: body, on: current)
    }
}
