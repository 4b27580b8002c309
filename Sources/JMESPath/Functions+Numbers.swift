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
        var sum = Sum()
        arguments[0].forEachElement { if let number = $0.number { sum.add(number) } }
        if let total = sum.total { return total }
        throw JMESPathError(.notANumber, at: arguments.range(of: 0), "the sum is greater than any number")
    }

    @Sendable
    private static func max(_ arguments: Arguments, _: inout Evaluation) -> JSONValue {
        var best: Extreme?
        arguments[0].forEachElement { Extreme.take(&best, $0, key: SortKey($0), isGreatest: true) }
        return best?.element ?? .null
    }

    @Sendable
    private static func min(_ arguments: Arguments, _: inout Evaluation) -> JSONValue {
        var best: Extreme?
        arguments[0].forEachElement { Extreme.take(&best, $0, key: SortKey($0), isGreatest: false) }
        return best?.element ?? .null
    }
}

/// By what an element is ordered: a number, or a text by its code points.
enum SortKey: Comparable {
    case number(JSONNumber)
    case text(ExactText)

    /// Nil unless a number or a string.
    init?(_ value: JSONValue) {
        if let number = value.number {
            self = .number(number)
        } else if let text = value.stringValue {
            self = .text(ExactText(text))
        } else {
            return nil
        }
    }

    /// Bytes that a comparison may have to look at.
    var length: Int {
        switch self {
        case .number: 8
        case .text(let text): text.text.utf8.count
        }
    }
}

/// The element with the greatest or the least key so far; of equal ones the first.
struct Extreme {
    private(set) var element: JSONValue
    private var key: SortKey

    /// Takes `element` in place of `best` when its key is beyond.
    static func take(_ best: inout Extreme?, _ element: JSONValue, key: SortKey?, isGreatest: Bool) {
        guard let key else { return }
        guard let known = best?.key else {
            best = Extreme(element: element, key: key)
            return
        }
        if isGreatest ? known < key : key < known { best = Extreme(element: element, key: key) }
    }
}
