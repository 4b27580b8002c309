extension JSONValue {
    /// The element at `index`, from 0; nil outside, or when this is not an array.
    ///
    /// In a document whose elements have content of their own it takes time by `index`: go through `elements`, or
    /// `forEachElement`, when you need them all.
    public subscript(_ index: Int) -> JSONValue? {
        switch storage {
        case .view(let document, let node):
            document.element(of: node, at: index).map { JSONValue(.view(document, $0)) }
        case .array(let elements, _):
            elements.indices.contains(index) ? elements[index] : nil
        default: nil
        }
    }

    /// Nil unless an array.
    public var elements: [JSONValue]? {
        if case .array(let elements, _) = storage { return elements }
        guard kind == .array else { return nil }
        var elements: [JSONValue] = []
        elements.reserveCapacity(count)
        forEachElement { elements.append($0) }
        return elements
    }

    /// Goes through the elements of an array; through nothing when this is no array.
    public func forEachElement<Failure: Error>(_ body: (JSONValue) throws(Failure) -> Void) throws(Failure) {
        switch storage {
        case .array(let elements, _):
            for element in elements { try body(element) }
        case .view(let document, let node):
            let entry = document.nodes[node]
            guard entry.kind == .array else { return }
            var element = node + 1
            for _ in 0..<entry.end {
                try body(JSONValue(.view(document, element)))
                element = Int(document.nodes[element].next)
            }
        default: return
        }
    }

    /// Whether this is an array of nothing but values of this kind.
    public func holdsOnly(_ kind: JSONKind) -> Bool { firstElement(notOf: kind) == nil && self.kind == .array }

    /// The place and the kind of the first element of an array that is not of this kind. No value is made.
    public func firstElement(notOf kind: JSONKind) -> (place: Int, kind: JSONKind)? {
        switch storage {
        case .array(let elements, _):
            for (place, element) in elements.enumerated() where element.kind != kind { return (place, element.kind) }
            return nil
        case .view(let document, let node): return document.firstElement(of: node, notOf: kind)
        default: return nil
        }
    }
}
