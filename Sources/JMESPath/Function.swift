public import JSON

/// A function of the expression language: what it is called, takes and yields, how it is explained, and how it is done.
///
/// It sees its arguments and nothing else; what it needs beside them (a table, a time zone) its implementation captures.
public final class Function: Sendable {
    /// Computes the result. Types and number of the arguments have been checked.
    public typealias Implementation = @Sendable (Arguments, inout Evaluation) throws(JMESPathError) -> JSONValue

    public let name: String
    public let parameters: [Parameter]
    public let returns: ValueTypes
    /// One or two sentences for whoever writes expressions.
    public let summary: String
    public let examples: [Example]
    let body: Body
    /// The types of each parameter.
    fileprivate let types: [ValueTypes]

    /// An implementation that looks at its arguments where they lie, and makes no values of them.
    typealias Body = @Sendable (Operands, inout Evaluation) throws(JMESPathError) -> Value

    public convenience init(
        _ name: String,
        _ parameters: [Parameter],
        returns: ValueTypes,
        _ summary: String,
        examples: [Example],
        implementation: @escaping Implementation
    ) {
        self.init(name, parameters, returns: returns, summary, examples: examples) {
            (operands, run) throws(JMESPathError) in
            let result = try implementation(run.arguments(operands), &run)
            return run.take(try run.checked(result))
        }
    }

    init(
        _ name: String,
        _ parameters: [Parameter],
        returns: ValueTypes,
        _ summary: String,
        examples: [Example],
        body: @escaping Body
    ) {
        self.name = name
        self.parameters = parameters
        self.returns = returns
        self.summary = summary
        self.examples = examples
        self.body = body
        types = parameters.map(\.types)
    }

    /// An expression on null, and the JSON it yields.
    public struct Example: Sendable {
        public let expression: String
        public let result: String

        public init(_ expression: String, _ result: String) {
            self.expression = expression
            self.result = result
        }
    }
}

/// One place for an argument.
public struct Parameter: Sendable {
    public enum Presence: Sendable {
        case required, optional
        /// The last of a function's parameters: one argument or more.
        case repeated
    }

    public let name: String
    public let types: ValueTypes
    public let presence: Presence

    public init(_ name: String, _ types: ValueTypes, _ presence: Presence = .required) {
        self.name = name
        self.types = types
        self.presence = presence
    }
}

/// The types of value that are allowed at a place.
public struct ValueTypes: OptionSet, Sendable, Hashable {
    public let rawValue: UInt16

    public init(rawValue: UInt16) {
        self.rawValue = rawValue
    }

    public static let null = ValueTypes(rawValue: 1 << 0)
    public static let boolean = ValueTypes(rawValue: 1 << 1)
    public static let number = ValueTypes(rawValue: 1 << 2)
    public static let string = ValueTypes(rawValue: 1 << 3)
    public static let array = ValueTypes(rawValue: 1 << 4)
    public static let object = ValueTypes(rawValue: 1 << 5)
    /// An array of nothing but numbers, strings or objects; an empty array is each of them.
    public static let numbers = ValueTypes(rawValue: 1 << 6)
    public static let strings = ValueTypes(rawValue: 1 << 7)
    public static let objects = ValueTypes(rawValue: 1 << 8)
    /// `&expression`.
    public static let expression = ValueTypes(rawValue: 1 << 9)

    public static let any: ValueTypes = [.null, .boolean, .number, .string, .array, .object]

    public init(_ kind: JSONKind) {
        switch kind {
        case .null: self = .null
        case .boolean: self = .boolean
        case .number: self = .number
        case .string: self = .string
        case .array: self = .array
        case .object: self = .object
        }
    }

    /// Of arrays with elements of this kind.
    init(arrayOf kind: JSONKind) {
        switch kind {
        case .number: self = .numbers
        case .string: self = .strings
        case .object: self = .objects
        case .null, .boolean, .array: self = []
        }
    }
}

extension ValueTypes: CustomStringConvertible {
    private static let names: [(ValueTypes, String)] = [
        (.null, "null"), (.boolean, "boolean"), (.number, "number"), (.string, "string"), (.array, "array"),
        (.object, "object"), (.numbers, "array of numbers"), (.strings, "array of strings"),
        (.objects, "array of objects"), (.expression, "&expression"),
    ]

    /// `string, array or object`.
    public var description: String {
        if isSuperset(of: .any) { return contains(.expression) ? "anything" : "any value" }
        let names = Self.names.filter { contains($0.0) }.map(\.1)
        return names.count < 2
            ? names.joined() : names.dropLast().joined(separator: ", ") + " or " + names[names.count - 1]
    }
}

extension Function {
    /// `find_first(subject, sub, start?, end?)`; `…` marks what may be repeated.
    public var signature: String {
        let list = parameters.map { parameter in
            switch parameter.presence {
            case .required: parameter.name
            case .optional: parameter.name + "?"
            case .repeated: parameter.name + "…"
            }
        }
        return "\(name)(\(list.joined(separator: ", ")))"
    }

    /// Fewest and most arguments; nil: any number.
    public var argumentCount: (least: Int, most: Int?) {
        let isRepeated = parameters.last?.presence == .repeated
        return (parameters.count { $0.presence != .optional }, isRepeated ? nil : parameters.count)
    }

    /// What is wrong with this number of arguments.
    func arityProblem(of count: Int) -> String? {
        let (least, most) = argumentCount
        if count >= least, most.map({ count <= $0 }) ?? true { return nil }
        let wanted =
            most == nil ? "\(least) or more arguments" : most == least ? "\(least)" : "\(least) to \(most ?? 0)"
        return "\(name)() takes \(wanted)\(most == nil ? "" : most == 1 ? " argument" : " arguments"), \(count) given"
    }

    /// What the argument at `index` may be.
    func type(at index: Int) -> ValueTypes { types[min(index, types.count - 1)] }

    /// The parameter that takes the argument at `index`.
    public func parameter(at index: Int) -> Parameter { parameters[min(index, parameters.count - 1)] }
}
