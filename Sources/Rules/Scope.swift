import JMESPath
import JSON

/// A compiled expression of a rule, and which of the rule's `lets` it needs. A class as `Rule` is one.
final class RuleExpression: Sendable {
    let expression: Expression
    /// Indices into the rule's `lets`, ascending, with those that the named ones need themselves.
    let needs: [Int]

    init(expression: Expression, needs: [Int]) {
        self.expression = expression
        self.needs = needs
    }

    var text: String { expression.text }
}

/// One compiled entry of a rule's `lets`.
struct Binding: Sendable {
    let name: String
    let expression: RuleExpression
}

/// Why an expression gave no value.
struct ExpressionFailure: Error {
    /// The `lets` entry in which it failed; nil when it was the expression itself.
    var binding: String?
    var expression: String
    var error: JMESPathError

    /// For the rule's author: `'12' is too short for region CA, in msisdn(body.phone, 'CA') at offset 0`.
    var reason: String {
        var text = error.message
        if let expected = error.expected { text += "; expected \(expected)" }
        return text + ", in \(expression) at offset \(error.offset)"
    }
}

/// What rules' expressions see while they are asked about one event, or one element of it.
/// Each `let` of a rule is evaluated when first needed, and once.
struct Scope: ~Copyable {
    let document: JSONValue
    private var evaluation: Evaluation
    private var bindings: [Binding] = []
    private var values: [JSONValue?] = []

    init(document: JSONValue, bindings: [Binding] = []) {
        self.document = document
        evaluation = Evaluation(of: document)
        use(bindings)
    }

    /// Turns to the `lets` of another rule.
    mutating func use(_ bindings: [Binding]) {
        if bindings.isEmpty, self.bindings.isEmpty { return }
        self.bindings = bindings
        values = Array(repeating: nil, count: bindings.count)
    }

    mutating func value(of expression: RuleExpression) throws(ExpressionFailure) -> JSONValue {
        try bind(expression)
        return try evaluate(expression, binding: nil)
    }

    /// The value as text; nil when it is null.
    mutating func text(of expression: RuleExpression) throws(ExpressionFailure) -> String? {
        try bind(expression)
        do {
            return try evaluation.text(of: expression.expression, variables: variables(for: expression))
        } catch {
            throw ExpressionFailure(binding: nil, expression: expression.text, error: error)
        }
    }

    /// Whether the value is true as JMESPath has it: false, null, and whatever is empty are not.
    mutating func isTrue(_ expression: RuleExpression) throws(ExpressionFailure) -> Bool {
        try bind(expression)
        do {
            return try evaluation.isTrueLike(expression.expression, variables: variables(for: expression))
        } catch {
            throw ExpressionFailure(binding: nil, expression: expression.text, error: error)
        }
    }

    /// The value, writing down what each part yields.
    mutating func value(of expression: RuleExpression, trace: inout Trace) throws(ExpressionFailure) -> JSONValue {
        try bind(expression)
        do {
            return try evaluation.value(
                of: expression.expression,
                variables: variables(for: expression),
                trace: &trace
            )
        } catch {
            throw ExpressionFailure(binding: nil, expression: expression.text, error: error)
        }
    }

    /// Evaluates the `lets` that an expression needs and no other has needed before.
    @inline(__always)
    private mutating func bind(_ expression: RuleExpression) throws(ExpressionFailure) {
        if !expression.needs.isEmpty { try evaluateNeeds(of: expression) }
    }

    private mutating func evaluateNeeds(of expression: RuleExpression) throws(ExpressionFailure) {
        for index in expression.needs where values[index] == nil {
            let binding = bindings[index]
            values[index] = try evaluate(binding.expression, binding: binding.name)
        }
    }

    /// The values of the `lets` that an expression needs, which are known by now.
    @inline(__always)
    private func variables(for expression: RuleExpression) -> [(String, JSONValue)] {
        expression.needs.isEmpty ? [] : expression.needs.map { (bindings[$0].name, values[$0] ?? .null) }
    }

    private mutating func evaluate(
        _ expression: RuleExpression,
        binding: String?
    ) throws(ExpressionFailure) -> JSONValue {
        do {
            return try evaluation.value(of: expression.expression, variables: variables(for: expression))
        } catch {
            throw ExpressionFailure(binding: binding, expression: expression.text, error: error)
        }
    }
}
