public import JSON

/// Evaluates expressions on one document, one after another: what is visible, and what may still be spent.
public struct Evaluation: ~Copyable {
    let document: JSONValue
    private let limits: EvaluationLimits
    /// The program of the expression that is being evaluated, which its caller keeps; else `nothing`, which stays for ever.
    private var running: Unmanaged<Program>
    private let nothing: Unmanaged<Program>
    /// The program's, which keeps them.
    private(set) var keys: Unmanaged<JSONKeys>
    private(set) var trace: Trace?
    var heap = Heap()
    /// Visible variables, the innermost last, by their numbers in the program.
    var bindings: [(variable: Int32, value: Value)] = []
    private var stepsLeft: Int
    /// The operation being evaluated, for the place of an error.
    var node: NodeID
    /// What `$` stands for, and what expressions begin with.
    private(set) var root: Value
    /// How many expressions there have been.
    private var evaluated = 0
    /// How many values of the heap belong to the document.
    private var kept = 0

    /// Each expression may spend what `limits` allow.
    public init(of document: JSONValue, limits: EvaluationLimits = EvaluationLimits()) {
        self.document = document
        self.limits = limits
        nothing = .passUnretained(.nothing)
        running = nothing
        keys = .passUnretained(Program.nothing.keys)
        stepsLeft = limits.steps
        node = 0
        root = .null
        root = borrow(document)
        kept = heap.values.count
    }

    var program: Program { @inline(__always) mutating get { running._withUnsafeGuaranteedRef { $0 } } }

    /// Makes the members of a made document ready to be found.
    private mutating func indexDocument() {
        let members = document.madeMembers
        heap.members.reserveCapacity(members.count)
        heap.values.reserveCapacity(members.count + 16)
        for (name, value) in members { heap.members.append((JSONName(name), borrow(value))) }
        kept = heap.values.count
    }

    /// The value of an expression. `variables` are visible as `$name`, unless a `let` inside hides them.
    public mutating func value(
        of expression: Expression,
        variables: [(String, JSONValue)] = []
    ) throws(JMESPathError) -> JSONValue {
        json(try result(of: expression, variables))
    }

    /// The same as text: a string as it is, a number by its lexeme, `true` and `false`, compact JSON of arrays and
    /// objects; nil for null.
    public mutating func text(
        of expression: Expression,
        variables: [(String, JSONValue)] = []
    ) throws(JMESPathError) -> String? {
        text(try result(of: expression, variables))
    }

    /// Whether the value is true as JMESPath has it.
    public mutating func isTrueLike(
        _ expression: Expression,
        variables: [(String, JSONValue)] = []
    ) throws(JMESPathError) -> Bool {
        isTrueLike(try result(of: expression, variables))
    }

    /// The value, writing down what each sub-expression yields; also of an evaluation that fails.
    public mutating func value(
        of expression: Expression,
        variables: [(String, JSONValue)] = [],
        trace: inout Trace
    ) throws(JMESPathError) -> JSONValue {
        self.trace = trace
        defer {
            trace = self.trace ?? trace
            self.trace = nil
        }
        return try value(of: expression, variables: variables)
    }

    /// A value that stands until the next expression is evaluated.
    private mutating func result(
        of expression: Expression,
        _ variables: [(String, JSONValue)]
    ) throws(JMESPathError) -> Value {
        precondition(
            running.toOpaque() == nothing.toOpaque(),
            "a function evaluates expressions that it is given, on values"
        )
        let program = expression.program
        running = .passUnretained(program)
        defer { running = nothing }
        keys = .passUnretained(program.keys)
        stepsLeft = limits.steps
        heap.empty(butFirst: kept)
        evaluated += 1
        // One expression finds its way without; with the second, more are to be expected.
        if evaluated == 2 { indexDocument() }
        if !bindings.isEmpty { bindings.removeAll(keepingCapacity: true) }
        for (name, value) in variables {
            guard let variable = program.variables.firstIndex(of: name) else { continue }
            bindings.append((Int32(variable), take(value)))
        }
        if trace == nil, case .path(let first, let last) = program.start {
            // What `value(of:on:)` would do, without the way there: most expressions are a path and nothing else.
            node = program.root
            try spend(1)
            return try member(at: Int(first)..<Int(last) + 1, of: root)
        }
        return try value(of: program.root, on: root)
    }

    /// The value of an expression that was given as an argument, on `current`.
    public mutating func value(
        of expression: ExpressionReference,
        on current: JSONValue
    ) throws(JMESPathError) -> JSONValue {
        json(try value(of: expression.node, on: take(current)))
    }

    mutating func value(of node: NodeID, on current: Value) throws(JMESPathError) -> Value {
        self.node = node
        try spend(1)
        if trace != nil { return try tracedValue(of: node, on: current) }
        let operation = program.shortened[Int(node)]
        // Most operations are of this kind, and need not be told from the others.
        if case .path(let first, let last) = operation {
            return try member(at: Int(first)..<Int(last) + 1, of: current)
        }
        return try result(of: operation, node, on: current)
    }

    @inline(never)
    private mutating func tracedValue(of node: NodeID, on current: Value) throws(JMESPathError) -> Value {
        let (operation, shown) = (program.operations[Int(node)], json(current))
        do throws(JMESPathError) {
            let value = try result(of: operation, node, on: current)
            let yielded = json(value)
            trace?.record(node, shown, yielded)
            return value
        } catch {
            trace?.record(node, shown, error)
            throw error
        }
    }
}

// MARK: - Limits

extension Evaluation {
    /// Takes steps from what is left. Call it where a function's work grows with its arguments.
    @inline(__always)
    public mutating func spend(_ steps: Int) throws(JMESPathError) {
        stepsLeft -= steps
        if stepsLeft < 0 { throw tooManySteps() }
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
        try check(weight: bytes)
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

    mutating func checked(_ value: JSONValue) throws(JMESPathError) -> JSONValue {
        try check(weight: value.weight)
        return value
    }

    mutating func check(weight: Int) throws(JMESPathError) {
        if weight > limits.resultSize { throw limitExceeded("a value of more than \(limits.resultSize) bytes") }
    }

    @inline(never)
    private mutating func tooManySteps() -> JMESPathError {
        limitExceeded("the evaluation takes more than \(limits.steps) steps")
    }

    private mutating func limitExceeded(_ message: String) -> JMESPathError {
        JMESPathError(.limitExceeded, at: program.range(of: node), message)
    }
}
