public import JSON

/// A compiled JMESPath expression: the core specification with the community's proposals, among them `let`, arithmetic,
/// `$`, `condition ? a : b`, and the functions of `FunctionTable.standard`.
///
/// It is immutable, and may be evaluated from any number of threads at once. Where the two specifications contradict
/// each other, the newer proposal is followed: a literal in backticks must be JSON (JEP-12a), `'\\'` is one backslash
/// (JEP-12a), a pipe's right side is evaluated on null too (JEP-19).
public struct Expression: Sendable {
    let program: Program

    public var text: String { program.text }

    /// Compiles `text`. Unknown functions and wrong numbers of arguments are found here.
    public init(
        _ text: String,
        functions: FunctionTable = .standard,
        limits: ExpressionLimits = ExpressionLimits()
    ) throws(JMESPathError) {
        var parser = try Parser(text, functions: functions, limits: limits)
        program = try parser.parse()
    }

    /// The value on this document. `variables` are visible as `$name`, unless a `let` inside hides them.
    public func evaluate(
        _ document: JSONValue,
        variables: [(String, JSONValue)] = [],
        limits: EvaluationLimits = EvaluationLimits()
    ) throws(JMESPathError) -> JSONValue {
        var evaluation = Evaluation(of: document, limits: limits)
        return try evaluation.value(of: self, variables: variables)
    }

    /// The same, writing down what each sub-expression yields; also of an evaluation that fails.
    public func evaluate(
        _ document: JSONValue,
        variables: [(String, JSONValue)] = [],
        limits: EvaluationLimits = EvaluationLimits(),
        trace: inout Trace
    ) throws(JMESPathError) -> JSONValue {
        var evaluation = Evaluation(of: document, limits: limits)
        return try evaluation.value(of: self, variables: variables, trace: &trace)
    }

    /// The whole expression, to be walked.
    public var root: SyntaxNode { SyntaxNode(program: program, id: Int(program.root), text: program.text) }
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
