import JSON

/// Projections gather on the stack what their right side yields, and make a list of it.
extension Evaluation {
    mutating func project(_ source: Value, _ right: NodeID) throws(JMESPathError) -> Value {
        guard var elements = elements(of: source) else { return .null }
        let base = heap.stack.count
        while let element = next(&elements) { try push(right, on: element) }
        return try list(from: base)
    }

    mutating func projectMembers(_ source: Value, _ right: NodeID) throws(JMESPathError) -> Value {
        guard kind(source) == .object else { return .null }
        try spend(weight(source) >> 3)
        let base = heap.stack.count
        for member in json(source).members ?? [] { try push(right, on: borrow(member.value)) }
        return try list(from: base)
    }

    mutating func projectFlattened(_ source: Value, _ right: NodeID) throws(JMESPathError) -> Value {
        guard var elements = elements(of: source) else { return .null }
        let base = heap.stack.count
        while let element = next(&elements) {
            if var inner = self.elements(of: element) {
                while let element = next(&inner) { try push(right, on: element) }
            } else {
                try push(right, on: element)
            }
        }
        return try list(from: base)
    }

    mutating func projectFiltered(
        _ source: Value,
        _ condition: NodeID,
        _ right: NodeID
    ) throws(JMESPathError) -> Value {
        guard var elements = elements(of: source) else { return .null }
        let base = heap.stack.count
        while let element = next(&elements) {
            if isTrueLike(try value(of: condition, on: element)) { try push(right, on: element) }
        }
        return try list(from: base)
    }

    /// Adds what the right side of a projection yields on an element, unless that is null.
    private mutating func push(_ right: NodeID, on element: Value) throws(JMESPathError) {
        // On null, only what follows a pipe is evaluated (JEP-19), and no pipe lies within a projection.
        if element.isNull { return }
        let value = try value(of: right, on: element)
        if value.isNull { return }
        heap.stack.append(value)
    }

    /// Adds all elements of an array.
    mutating func push(elementsOf array: Value) {
        guard var elements = elements(of: array) else { return }
        while let element = next(&elements) { heap.stack.append(element) }
    }
}
