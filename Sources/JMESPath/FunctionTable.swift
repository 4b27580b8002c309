/// The functions an expression may call, by name. All there is to know of a function is registered here: checks, help
/// and documentation are made from it.
public struct FunctionTable: Sendable {
    private var byName: [String: Function] = [:]
    /// In the order of registration.
    public private(set) var functions: [Function] = []

    /// Of two functions of one name, the later counts.
    public init(_ functions: [Function]) {
        for function in functions { add(function) }
    }

    /// The functions of the JMESPath specification and of the community's proposals.
    public static let standard = FunctionTable(
        Function.ofNumbers + Function.ofStrings + Function.ofArrays + Function.ofObjects + Function.ofTypes
    )

    /// This table and these; a function of a known name replaces it.
    public func adding(_ functions: [Function]) -> FunctionTable {
        var table = self
        for function in functions { table.add(function) }
        return table
    }

    public subscript(_ name: String) -> Function? { byName[name] }

    private mutating func add(_ function: Function) {
        if byName.updateValue(function, forKey: function.name) != nil {
            functions.removeAll { $0.name == function.name }
        }
        functions.append(function)
    }

    func function(named name: String, at range: Range<Int>) throws(JMESPathError) -> Function {
        if let function = byName[name] { return function }
        let nearest = nearestName(to: name, among: byName.keys).map { "\($0)()" }
        throw JMESPathError(.unknownFunction, at: range, "there is no function \(name)()", expected: nearest)
    }
}
