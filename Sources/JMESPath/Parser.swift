import JSON

/// Tokens → program, by operator precedence: each token has a power with which it binds what stands on its left.
struct Parser {
    private let text: String
    private let tokens: [Token]
    private var position = 0
    private var depth = 0
    private let limits: ExpressionLimits
    private let table: FunctionTable
    private var builder: ProgramBuilder

    init(_ text: String, functions: FunctionTable, limits: ExpressionLimits) throws(JMESPathError) {
        guard text.utf8.count <= limits.length else {
            throw JMESPathError(
                .limitExceeded,
                at: 0..<0,
                "the expression has \(text.utf8.count) bytes",
                expected: "\(limits.length) at most"
            )
        }
        self.text = text
        self.limits = limits
        table = functions
        var lexer = Lexer(text)
        tokens = try lexer.tokens()
        builder = ProgramBuilder(depthLimit: limits.depth)
    }

    mutating func parse() throws(JMESPathError) -> Program {
        let root = try expression(above: 0)
        guard token.kind == .end else { throw unexpected("an operator, or the expression's end") }
        return Program(text, builder, root: root)
    }

    // MARK: - Precedence

    /// Powers at and below this one end a projection.
    private static let projectionStop = 10

    private static func power(of kind: Token.Kind) -> Int {
        switch kind {
        case .pipe: 1
        case .question: 2
        case .or: 3
        case .and: 4
        case .comparator: 5
        case .plus, .minus: 6
        case .star, .times, .divide, .integerDivide, .modulo: 7
        case .flatten: 9
        case .filter: 21
        case .dot: 40
        case .leftBracket: 55
        default: 0
        }
    }

    /// Between arithmetic and the postfix forms: `!a.b == c` is `(!(a.b)) == c`.
    private static let unaryPower = 8

    /// With which the right side of a projection is read: `foo[*].bar[0]` goes on in the projection.
    private static let projectionPower = 20

    private mutating func expression(above power: Int) throws(JMESPathError) -> NodeID {
        try descend()
        defer { depth -= 1 }
        var left = try prefix()
        while power < Self.power(of: token.kind) { left = try infix(left) }
        return left
    }

    /// Counts a level of recursion, so that no text can use up the stack.
    private mutating func descend() throws(JMESPathError) {
        depth += 1
        guard depth <= limits.depth else {
            throw JMESPathError(
                .limitExceeded,
                at: token.range,
                "more than \(limits.depth) expressions within each other"
            )
        }
    }

    // MARK: - What may begin an expression

    private mutating func prefix() throws(JMESPathError) -> NodeID {
        let first = token
        switch first.kind {
        case .identifier:
            if isLet { return try letExpression() }
            return try identifierOrCall()
        case .quotedIdentifier: return try quotedField()
        case .rawString:
            advance()
            return try builder.add(.literal(builder.literal(.string(first.rawString(in: text)))), first.range)
        case .literal:
            advance()
            return try builder.add(.literal(builder.literal(try first.literal(in: text, limits))), first.range)
        case .variable:
            advance()
            return try builder.add(.variable(builder.variable(first.variable(in: text))), first.range)
        case .current:
            advance()
            return try builder.add(.current, first.range)
        case .root:
            advance()
            return try builder.add(.root, first.range)
        case .star:
            advance()
            return try projection(Operation.objectProjection, try implicitCurrent(before: first))
        case .flatten:
            advance()
            return try projection(Operation.flattenProjection, try implicitCurrent(before: first))
        case .filter:
            return try filter(try implicitCurrent(before: first))
        case .leftBracket:
            return isBracketSpecifier ? try bracket(try implicitCurrent(before: first)) : try multiSelectList()
        case .leftBrace: return try multiSelectHash()
        case .leftParenthesis:
            advance()
            let inner = try expression(above: 0)
            try expect(.rightParenthesis, "')'")
            return inner
        case .not:
            advance()
            let operand = try expression(above: Self.unaryPower)
            return try builder.add(.not(operand), span(first.range.lowerBound))
        case .plus, .minus:
            advance()
            let operand = try expression(above: Self.unaryPower)
            let operation: Operation = first.kind == .plus ? .plusSign(operand) : .minusSign(operand)
            return try builder.add(operation, span(first.range.lowerBound))
        case .ampersand:
            throw unexpected("an expression; '&' stands only before a function's argument")
        case .number:
            throw unexpected("an expression; a number is written in backticks: `\(slice(first))`")
        default:
            throw unexpected("an expression")
        }
    }

    /// The current value, where an expression begins with what works on it: `[0]`, `*`.
    private mutating func implicitCurrent(before token: Token) throws(JMESPathError) -> NodeID {
        try builder.add(.current, token.range.lowerBound..<token.range.lowerBound)
    }

    /// `let` is a keyword only before a variable.
    private var isLet: Bool { slice(token) == "let" && tokens[position + 1].kind == .variable }

    private mutating func letExpression() throws(JMESPathError) -> NodeID {
        let start = token.range.lowerBound
        advance()
        var pairs: [NodeID] = []
        while true {
            let name = token
            try expect(.variable, "a variable, such as $name")
            try expect(.assign, "'='")
            let value = try expression(above: 0)
            pairs += [builder.variable(name.variable(in: text)), value]
            guard token.kind == .comma else { break }
            advance()
        }
        guard token.kind == .identifier, slice(token) == "in" else { throw unexpected("',' or 'in'") }
        advance()
        let body = try expression(above: 0)
        return try builder.add(.letIn(builder.list(pairs), body), span(start))
    }

    private mutating func identifierOrCall() throws(JMESPathError) -> NodeID {
        let name = token
        advance()
        guard token.kind == .leftParenthesis else {
            return try builder.add(.field(builder.key(slice(name))), name.range)
        }
        advance()
        var arguments: [NodeID] = []
        if token.kind != .rightParenthesis {
            arguments.append(try argument())
            while token.kind == .comma {
                advance()
                arguments.append(try argument())
            }
        }
        try expect(.rightParenthesis, "',' or ')'")
        let function = try table.function(named: slice(name), at: name.range)
        let range = span(name.range.lowerBound)
        if let problem = function.arityProblem(of: arguments.count) {
            throw JMESPathError(.invalidArity, at: range, problem, expected: function.signature)
        }
        return try builder.add(.call(builder.function(function), builder.list(arguments)), range)
    }

    private mutating func argument() throws(JMESPathError) -> NodeID {
        let start = token.range.lowerBound
        guard token.kind == .ampersand else { return try expression(above: 0) }
        advance()
        let operand = try expression(above: 0)
        return try builder.add(.reference(operand), span(start))
    }

    private mutating func quotedField() throws(JMESPathError) -> NodeID {
        let name = token
        advance()
        if token.kind == .leftParenthesis {
            throw JMESPathError(
                .syntax,
                at: name.range,
                "a function's name stands in quotes",
                expected: "it without quotes"
            )
        }
        return try builder.add(.field(builder.key(try name.quotedIdentifier(in: text, limits))), name.range)
    }

    private mutating func multiSelectList() throws(JMESPathError) -> NodeID {
        let start = token.range.lowerBound
        advance()
        var items = [try expression(above: 0)]
        while token.kind == .comma {
            advance()
            items.append(try expression(above: 0))
        }
        try expect(.rightBracket, "',' or ']'")
        return try builder.add(.multiSelectList(builder.list(items)), span(start))
    }

    private mutating func multiSelectHash() throws(JMESPathError) -> NodeID {
        let start = token.range.lowerBound
        advance()
        var pairs: [NodeID] = []
        while true {
            let name = token
            guard name.kind == .identifier || name.kind == .quotedIdentifier else { throw unexpected("a key") }
            advance()
            let key = builder.key(name.kind == .identifier ? slice(name) : try name.quotedIdentifier(in: text, limits))
            try expect(.colon, "':'")
            pairs += [key, try expression(above: 0)]
            guard token.kind == .comma else { break }
            advance()
        }
        try expect(.rightBrace, "',' or '}'")
        return try builder.add(.multiSelectHash(builder.list(pairs)), span(start))
    }

    // MARK: - What may follow an expression

    private mutating func infix(_ left: NodeID) throws(JMESPathError) -> NodeID {
        let kind = token.kind
        let start = builder.range(of: left).lowerBound
        switch kind {
        case .dot:
            advance()
            if token.kind == .star {
                advance()
                return try projection(Operation.objectProjection, left)
            }
            let right = try afterDot()
            return try builder.add(.subexpression(left, right), start..<builder.range(of: right).upperBound)
        case .leftBracket: return try bracket(left)
        case .flatten:
            advance()
            return try projection(Operation.flattenProjection, left)
        case .filter: return try filter(left)
        case .question:
            advance()
            let first = try expression(above: 0)
            try expect(.colon, "':' and what is taken otherwise")
            let second = try expression(above: Self.power(of: .question) - 1)
            return try builder.add(.ternary(left, first, second), start..<builder.range(of: second).upperBound)
        default:
            advance()
            let right = try expression(above: Self.power(of: kind))
            return try builder.add(binary(kind, left, right), start..<builder.range(of: right).upperBound)
        }
    }

    private func binary(_ kind: Token.Kind, _ left: NodeID, _ right: NodeID) -> Operation {
        switch kind {
        case .or: .or(left, right)
        case .and: .and(left, right)
        case .comparator(let comparator): .comparison(comparator, left, right)
        case .plus: .arithmetic(.plus, left, right)
        case .minus: .arithmetic(.minus, left, right)
        case .star, .times: .arithmetic(.times, left, right)
        case .divide: .arithmetic(.divide, left, right)
        case .integerDivide: .arithmetic(.integerDivide, left, right)
        case .modulo: .arithmetic(.modulo, left, right)
        default: .pipe(left, right)
        }
    }

    /// What may stand after a dot, besides `*`.
    private mutating func afterDot() throws(JMESPathError) -> NodeID {
        switch token.kind {
        case .identifier: return try identifierOrCall()
        case .quotedIdentifier: return try quotedField()
        case .leftBrace: return try multiSelectHash()
        case .leftBracket where !isBracketSpecifier: return try multiSelectList()
        default: throw unexpected("a name, a function, '*', '[' and a list of expressions, or '{'")
        }
    }

    /// Whether `[` begins an index, a slice or `[*]`, and no list of expressions.
    private var isBracketSpecifier: Bool {
        switch tokens[position + 1].kind {
        case .number, .colon: true
        case .minus: tokens[position + 2].kind == .number
        case .star: tokens[position + 2].kind == .rightBracket
        default: false
        }
    }

    /// `[1]`, `[1:2]` or `[*]`.
    private mutating func bracket(_ left: NodeID) throws(JMESPathError) -> NodeID {
        let start = token.range.lowerBound
        advance()
        if token.kind == .star {
            advance()
            try expect(.rightBracket, "']'")
            return try projection(Operation.listProjection, left)
        }
        let first = try integer()
        if let first, token.kind == .rightBracket {
            advance()
            let index = try builder.add(.index(first), span(start))
            return try builder.add(.subexpression(left, index), builder.range(of: left).lowerBound..<end)
        }
        guard token.kind == .colon else { throw unexpected("an index, a slice or '*'") }
        advance()
        var slice = Slice(start: first.map(Int.init), stop: try integer().map(Int.init), step: 1)
        if token.kind == .colon {
            advance()
            if let step = try integer() { slice.step = Int(step) }
        }
        try expect(.rightBracket, "']'")
        if slice.step == 0 { throw JMESPathError(.invalidValue, at: span(start), "a slice's step is 0") }
        let node = try builder.add(.slice(builder.slice(slice)), span(start))
        let source = try builder.add(.subexpression(left, node), builder.range(of: left).lowerBound..<end)
        return try projection(Operation.sliceProjection, source)
    }

    /// A number with its sign, when there is one.
    private mutating func integer() throws(JMESPathError) -> Int32? {
        let first = token
        let isNegative = first.kind == .minus && tokens[position + 1].range.lowerBound == first.range.upperBound
        if isNegative { advance() }
        guard token.kind == .number else {
            if isNegative { throw unexpected("a number") }
            return nil
        }
        guard let value = Int32(slice(token)) else { throw unexpected("a number of 32 bits") }
        advance()
        return isNegative ? -value : value
    }

    private mutating func filter(_ left: NodeID) throws(JMESPathError) -> NodeID {
        advance()
        let condition = try expression(above: 0)
        try expect(.rightBracket, "']'")
        let right = try projected()
        let range = builder.range(of: left).lowerBound..<end
        return try builder.add(.filterProjection(left, condition, right), range)
    }

    private mutating func projection(
        _ make: (NodeID, NodeID) -> Operation,
        _ left: NodeID
    ) throws(JMESPathError) -> NodeID {
        let right = try projected()
        return try builder.add(make(left, right), builder.range(of: left).lowerBound..<end)
    }

    /// What is done with each element of a projection: all that follows and binds tighter than an operator.
    private mutating func projected() throws(JMESPathError) -> NodeID {
        if Self.power(of: token.kind) < Self.projectionStop { return try builder.add(.current, end..<end) }
        try descend()
        defer { depth -= 1 }
        let isAfterDot = token.kind == .dot
        if isAfterDot { advance() }
        var right = isAfterDot && token.kind != .star ? try afterDot() : try prefix()
        while Self.projectionPower < Self.power(of: token.kind) { right = try infix(right) }
        return right
    }

    // MARK: - Tokens

    private var token: Token { tokens[position] }

    /// Where the token before this one ends.
    private var end: Int { position > 0 ? tokens[position - 1].range.upperBound : 0 }

    private func span(_ start: Int) -> Range<Int> { start..<end }

    private mutating func advance() {
        if position < tokens.count - 1 { position += 1 }
    }

    private mutating func expect(_ kind: Token.Kind, _ expected: String) throws(JMESPathError) {
        guard token.kind == kind else { throw unexpected(expected) }
        advance()
    }

    private func unexpected(_ expected: String) -> JMESPathError {
        let found = token.kind == .end ? "the expression ends" : "found \(slice(token))"
        return JMESPathError(.syntax, at: token.range, found, expected: expected)
    }

    private func slice(_ token: Token) -> String { token.text(in: text) }
}
