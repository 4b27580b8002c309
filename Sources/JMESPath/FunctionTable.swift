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
        let nearest = nearestName(to: name).map { "\($0)()" }
        throw JMESPathError(.unknownFunction, at: range, "there is no function \(name)()", expected: nearest)
    }

    /// The known name that is least unlike `name`, when it is like it at all.
    public func nearestName(to name: String) -> String? {
        let distances = functions.map { (name: $0.name, distance: editDistance($0.name, name)) }
        guard let best = distances.min(by: { ($0.distance, $0.name) < ($1.distance, $1.name) }) else { return nil }
        return best.distance <= max(1, name.count / 3) ? best.name : nil
    }
}

/// How many characters must be put in, left out or replaced to make one word of the other (Levenshtein).
private func editDistance(_ one: String, _ other: String) -> Int {
    let (one, other) = (Array(one.prefix(64)), Array(other.prefix(64)))
    var row = Array(0...other.count)
    for (line, character) in one.enumerated() {
        var diagonal = row[0]
        row[0] = line + 1
        for column in other.indices {
            let replaced = diagonal + (character == other[column] ? 0 : 1)
            diagonal = row[column + 1]
            row[column + 1] = min(replaced, diagonal + 1, row[column] + 1)
        }
    }
    return row[other.count]
}
