public import JSON

/// What a function is called with.
public struct Arguments: Sendable {
    enum Argument: Sendable {
        case value(JSONValue)
        case expression(NodeID)
    }

    let arguments: [Argument]
    let node: NodeID
    let program: Program

    /// The function that is called.
    var function: Function {
        guard case .call(let function, _) = program.operations[Int(node)] else {
            preconditionFailure("arguments are made for a call only")
        }
        return program.functions[Int(function)]
    }

    public var count: Int { arguments.count }

    /// An argument's value; null when it is not given, or an expression.
    public subscript(_ index: Int) -> JSONValue {
        guard index < arguments.count, case .value(let value) = arguments[index] else { return .null }
        return value
    }

    /// The text of an argument whose parameter takes nothing but strings; empty when it is not given.
    public func string(_ index: Int) -> String { self[index].stringValue ?? "" }

    /// The number of an argument; 0 when it is none.
    public func number(_ index: Int) -> JSONNumber { self[index].number ?? JSONNumber(0) }

    /// The elements of an argument; empty when it is no array.
    public func elements(_ index: Int) -> [JSONValue] { self[index].elements ?? [] }

    /// A whole number in `range`; nil when the argument is not given.
    ///
    /// - Throws: `invalidValue` when it has a fraction or lies outside.
    public func integer(
        _ index: Int,
        in range: ClosedRange<Int> = Int.min...Int.max
    ) throws(JMESPathError) -> Int? {
        guard index < count else { return nil }
        let number = number(index)
        guard let value = number.int64Value.flatMap(Int.init(exactly:)), range.contains(value) else {
            let expected = range.lowerBound == 0 ? "a whole number, 0 or more" : "a whole number"
            throw invalidValue(index, "is \(number.lexeme)", expected: expected)
        }
        return value
    }

    /// `&expression`, to be handed to `Evaluation.value(of:on:)`.
    public func expression(_ index: Int) -> ExpressionReference {
        guard index < arguments.count, case .expression(let node) = arguments[index] else {
            preconditionFailure("\(function.name)(): argument \(index + 1) is declared as &expression")
        }
        return ExpressionReference(node: node)
    }
}

/// An expression that was given as an argument.
public struct ExpressionReference: Sendable {
    let node: NodeID
}

// MARK: - Errors

extension Arguments {
    /// The place of an argument in the expression, or the whole call's.
    public func range(of index: Int) -> Range<Int> {
        guard case .call(_, let list) = program.operations[Int(node)], index < list.count else {
            return program.range(of: node)
        }
        return program.range(of: program.operands[list.indices.lowerBound + index])
    }

    /// `name(): argument 2 (width) is 1.5; expected a whole number`.
    public func invalidValue(_ index: Int, _ found: String, expected: String? = nil) -> JMESPathError {
        JMESPathError(.invalidValue, at: range(of: index), "\(label(index)) \(found)", expected: expected)
    }

    /// For what a parameter's types cannot say: `name(): argument 2 yields a boolean; expected …`.
    public func invalidType(_ index: Int, _ found: String, expected: String) -> JMESPathError {
        JMESPathError(.invalidType, at: range(of: index), "\(label(index)) \(found)", expected: expected)
    }

    private func label(_ index: Int) -> String {
        "\(function.name)(): argument \(index + 1) (\(function.parameter(at: index).name))"
    }
}

extension JSONKind {
    var withArticle: String {
        switch self {
        case .null: "null"
        case .array, .object: "an \(rawValue)"
        case .boolean, .number, .string: "a \(rawValue)"
        }
    }
}
