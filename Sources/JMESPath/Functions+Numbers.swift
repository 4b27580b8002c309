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
            implementation: avg
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
            implementation: sum
        ),
        Function(
            "max",
            [Parameter("values", [.numbers, .strings])],
            returns: [.number, .string, .null],
            "The greatest of an array of numbers, or of strings by their code points; null when it is empty.",
            examples: [Example("max(`[1, 3, 2]`)", "3")],
            implementation: max
        ),
        Function(
            "min",
            [Parameter("values", [.numbers, .strings])],
            returns: [.number, .string, .null],
            "The least of an array of numbers, or of strings by their code points; null when it is empty.",
            examples: [Example("min(`[\"b\", \"a\"]`)", "\"a\"")],
            implementation: min
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
    private static func sum(_ arguments: Arguments, _: inout Evaluation) throws(JMESPathError) -> JSONValue {
        .number(try total(arguments))
    }

    @Sendable
    private static func avg(_ arguments: Arguments, _: inout Evaluation) throws(JMESPathError) -> JSONValue {
        let count = arguments[0].count
        guard count > 0 else { return .null }
        let average = Arithmetic.compute(try total(arguments), .divide, JSONNumber(Int64(count)))
        return average.map(JSONValue.number) ?? .null
    }

    private static func total(_ arguments: Arguments) throws(JMESPathError) -> JSONNumber {
        if let sum = Arithmetic.sum(arguments.elements(0).compactMap(\.number)) { return sum }
        throw JMESPathError(.notANumber, at: arguments.range(of: 0), "the sum is greater than any number")
    }

    @Sendable
    private static func max(_ arguments: Arguments, _: inout Evaluation) -> JSONValue {
        let elements = arguments.elements(0)
        return greatest(of: elements, by: elements) ?? .null
    }

    @Sendable
    private static func min(_ arguments: Arguments, _: inout Evaluation) -> JSONValue {
        let elements = arguments.elements(0)
        return least(of: elements, by: elements) ?? .null
    }

    /// The first element whose key no other key is greater than. The keys are all numbers, or all strings.
    static func greatest(of elements: [JSONValue], by keys: [JSONValue]) -> JSONValue? {
        let keys = SortKeys(keys)
        var best: Int?
        for place in elements.indices where best.map({ keys.isLess($0, place) }) ?? true { best = place }
        return best.map { elements[$0] }
    }

    /// The first element whose key no other key is less than.
    static func least(of elements: [JSONValue], by keys: [JSONValue]) -> JSONValue? {
        let keys = SortKeys(keys)
        var best: Int?
        for place in elements.indices where best.map({ keys.isLess(place, $0) }) ?? true { best = place }
        return best.map { elements[$0] }
    }
}

/// Keys by which elements are ordered, decoded once.
enum SortKeys {
    case numbers([JSONNumber])
    case texts([ExactText])

    /// Of values that are all numbers, or all strings.
    init(_ keys: [JSONValue]) {
        if keys.first?.kind == .string {
            self = .texts(keys.map { ExactText($0.stringValue ?? "") })
        } else {
            self = .numbers(keys.map { $0.number ?? JSONNumber(0) })
        }
    }

    func isLess(_ one: Int, _ other: Int) -> Bool {
        switch self {
        case .numbers(let numbers): numbers[one] < numbers[other]
        case .texts(let texts): texts[one] < texts[other]
        }
    }
}
