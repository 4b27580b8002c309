/// What an expression's text may have at most.
public struct ExpressionLimits: Sendable {
    /// Bytes of UTF-8.
    public var length: Int
    /// Expressions within each other. A chain counts too: of `a.b.c`, `a.b` lies in the whole.
    public var depth: Int

    public init(length: Int = 64 << 10, depth: Int = 250) {
        self.length = length
        self.depth = depth
    }
}

/// What evaluating an expression may cost at most. Whatever the expression and the document, it ends within them.
public struct EvaluationLimits: Sendable {
    /// One for each sub-expression evaluated, each element gone through, each sixteen bytes compared or written: some
    /// 20 ns each.
    public var steps: Int
    /// The weight (`JSONValue.weight`) of any value made on the way.
    public var resultSize: Int

    public init(steps: Int = 4_000_000, resultSize: Int = 16 << 20) {
        self.steps = steps
        self.resultSize = resultSize
    }
}
