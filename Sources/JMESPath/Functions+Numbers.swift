import JSON

extension Function {
    /// What computes with numbers.
    static let ofNumbers: [Function] = [
        Function(
            "abs",
            [Parameter("value", .number)],
            returns: .number,
            "The number without its sign.",
            examples: [Example("abs(`-1.50`)", "1.50")],
            implementation: abs
        ),
        Function(
            "avg",
            [Parameter("values", .numbers)],
            returns: [.number, .null],
            "The average of an array of numbers; null when it is empty.",
            examples: [Example("avg(`[1, 2, 4.5]`)", "2.5"), Example("avg(`[]`)", "null")],
            body: avg
        ),
        Function(
            "ceil",
            [Parameter("value", .number)],
            returns: .number,
            "The lowest whole number that is not less.",
            examples: [Example("ceil(`1.001`)", "2")],
            implementation: ceil
        ),
        Function(
            "floor",
            [Parameter("value", .number)],
            returns: .number,
            "The highest whole number that is not greater.",
            examples: [Example("floor(`-1.5`)", "-2")],
            implementation: floor
        ),
        Function(
            "sum",
            [Parameter("values", .numbers)],
            returns: .number,
            "The sum of an array of numbers; 0 when it is empty.",
            examples: [Example("sum(`[19.90, 0.10]`)", "20.00")],
            body: sum
        ),
        Function(
            "max",
            [Parameter("values", [.numbers, .strings])],
            returns: [.number, .string, .null],
            "The greatest of an array of numbers, or of strings by their code points; null when it is empty.",
            examples: [Example("max(`[1, 3, 2]`)", "3")],
            body: max
        ),
        Function(
            "min",
            [Parameter("values", [.numbers, .strings])],
            returns: [.number, .string, .null],
            "The least of an array of numbers, or of strings by their code points; null when it is empty.",
            examples: [Example("min(`[\"b\", \"a\"]`)", "\"a\"")],
            body: min
        ),
    ]

    @Sendable
    private static func abs(_ arguments: Arguments, _: inout Evaluation) -> JSONValue {
        .number(Arithmetic.absolute(arguments.number(0)))
    }

    @Sendable
    private static func ceil(_ arguments: Arguments, _: inout Evaluation) -> JSONValue {
        .number(Arithmetic.rounded(arguments.number(0), .up))
    }

    @Sendable
    private static func floor(_ arguments: Arguments, _: inout Evaluation) -> JSONValue {
        .number(Arithmetic.rounded(arguments.number(0), .down))
    }

    @Sendable
    private static func sum(_ operands: Operands, _ run: inout Evaluation) throws(JMESPathError) -> Value {
        run.borrow(.number(try total(operands, &run)))
    }

    @Sendable
    private static func avg(_ operands: Operands, _ run: inout Evaluation) throws(JMESPathError) -> Value {
        let count = run.elementCount(run.operand(0, operands))
        guard count > 0 else { return .null }
        let average = Arithmetic.compute(try total(operands, &run), .divide, JSONNumber(Int64(count)))
        return average.map { run.borrow(.number($0)) } ?? .null
    }

    private static func total(_ operands: Operands, _ run: inout Evaluation) throws(JMESPathError) -> JSONNumber {
        var sum = Sum()
        guard var elements = run.elements(of: run.operand(0, operands)) else { return JSONNumber(0) }
        while let element = run.next(&elements) {
            if let number = run.number(element) { sum.add(number) }
        }
        if let total = sum.total { return total }
        let place = run.arguments(operands).range(of: 0)
        throw JMESPathError(.notANumber, at: place, "the sum is greater than any number")
    }

    @Sendable
    private static func max(_ operands: Operands, _ run: inout Evaluation) -> Value {
        extreme(operands, &run, isGreatest: true)
    }

    @Sendable
    private static func min(_ operands: Operands, _ run: inout Evaluation) -> Value {
        extreme(operands, &run, isGreatest: false)
    }

    private static func extreme(_ operands: Operands, _ run: inout Evaluation, isGreatest: Bool) -> Value {
        var best: Keyed?
        guard var elements = run.elements(of: run.operand(0, operands)) else { return .null }
        while let element = run.next(&elements) {
            guard let key = run.sortKey(element) else { continue }
            run.take(&best, Keyed(key: key, element: element), isGreatest: isGreatest)
        }
        return best?.element ?? .null
    }
}

/// By what an element is ordered: a number, or a text by its code points.
enum SortKey {
    case number(JSONNumber)
    /// A string, which is compared where it lies.
    case text(Value)
}

struct Keyed {
    let key: SortKey
    let element: Value
}

extension Evaluation {
    /// Nil unless a number or a string.
    mutating func sortKey(_ value: Value) -> SortKey? {
        if let number = number(value) { return .number(number) }
        return kind(value) == .string ? .text(value) : nil
    }

    /// Bytes that a comparison may have to look at.
    mutating func length(_ key: SortKey) -> Int {
        switch key {
        case .number: 8
        case .text(let text): weight(text) - 2
        }
    }

    /// Whether `one` comes before `other`, which is of the same kind.
    mutating func isLess(_ one: SortKey, _ other: SortKey) -> Bool {
        switch (one, other) {
        case (.number(let one), .number(let other)): return one < other
        case (.text(.node(let one, let node)), .text(.node(let other, let otherNode))):
            return one._withUnsafeGuaranteedRef { one in
                other._withUnsafeGuaranteedRef { one.hasLesserText(at: node, than: $0, at: otherNode) }
            }
        case (.text(let one), .text(let other)):
            return ExactText(string(one) ?? "") < ExactText(string(other) ?? "")
        case (.number, .text), (.text, .number):
            preconditionFailure("what is ordered has been found to be of one kind")
        }
    }

    /// Takes `next` in place of `best` when its key is beyond; of equal ones the first stays.
    mutating func take(_ best: inout Keyed?, _ next: Keyed, isGreatest: Bool) {
        if let best, isGreatest ? !isLess(best.key, next.key) : !isLess(next.key, best.key) { return }
        best = next
    }
}
