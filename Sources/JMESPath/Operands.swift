import JSON

/// The arguments of a call as values on the evaluation's stack.
struct Operands {
    let start: Int
    let count: Int
    /// The call.
    let node: NodeID
}

extension Evaluation {
    /// An argument; null when it is not given.
    mutating func operand(_ index: Int, _ operands: Operands) -> Value {
        index < operands.count ? heap.stack[operands.start + index] : .null
    }

    /// An argument that is an `&expression`.
    mutating func expression(_ index: Int, _ operands: Operands) -> NodeID {
        guard case .reference(let node) = operand(index, operands) else {
            preconditionFailure("argument \(index + 1) of the call is declared as &expression")
        }
        return node
    }

    /// The arguments as values of their own.
    mutating func arguments(_ operands: Operands) -> Arguments {
        var arguments: [Arguments.Argument] = []
        arguments.reserveCapacity(operands.count)
        for index in 0..<operands.count {
            let value = operand(index, operands)
            if case .reference(let node) = value {
                arguments.append(.expression(node))
            } else {
                arguments.append(.value(json(value)))
            }
        }
        return Arguments(arguments: arguments, node: operands.node, program: program)
    }

    /// Checks an argument against its parameter.
    mutating func checkType(_ types: ValueTypes, _ operands: Operands, _ index: Int) throws(JMESPathError) {
        let value = operand(index, operands)
        if case .reference = value {
            if types.contains(.expression) { return }
            throw arguments(operands).invalidType(index, "is an &expression", expected: "\(types)")
        }
        let kind = kind(value)
        if types.contains(ValueTypes(kind)) { return }
        guard kind == .array, !types.isDisjoint(with: [.numbers, .strings, .objects]) else {
            throw arguments(operands).invalidType(index, "is \(kind.withArticle)", expected: "\(types)")
        }
        try checkElements(of: value, types, operands, index)
    }

    /// Checks what an argument holds, where its parameter takes only arrays of one kind.
    private mutating func checkElements(
        of value: Value,
        _ types: ValueTypes,
        _ operands: Operands,
        _ index: Int
    ) throws(JMESPathError) {
        try spend(elementCount(value))
        guard var elements = elements(of: value) else { return }
        var place = 0
        // The first element decides of which kind all must be.
        var expected: JSONKind?
        while let element = next(&elements) {
            let kind = kind(element)
            let allowed = ValueTypes(arrayOf: kind)
            guard kind == expected ?? kind, !allowed.isEmpty, types.isSuperset(of: allowed) else {
                let found = "holds \(kind.withArticle) at [\(place)]"
                throw arguments(operands).invalidType(index, found, expected: "\(types)")
            }
            expected = kind
            place += 1
        }
    }
}
