/// The name of a member, made ready once for many searches.
public struct JSONKey: Sendable, Hashable, ExpressibleByStringLiteral {
    /// Its UTF-8.
    let bytes: [UInt8]

    public init(_ text: String) {
        bytes = Array(text.utf8)
    }

    public var text: String { String(decoding: bytes, as: UTF8.self) }

    public init(stringLiteral value: String) { self.init(value) }
}

// MARK: - Looking into containers

extension JSONValue {
    /// The member of this name; nil when there is none, or when this is not an object.
    public subscript(_ key: String) -> JSONValue? {
        var visited = 0
        return member(named: key.utf8Span.span, visited: &visited)
    }

    /// The same with a key made ready.
    public subscript(_ key: JSONKey) -> JSONValue? {
        var visited = 0
        return member(named: key.bytes.span, visited: &visited)
    }

    /// The same, adding to `visited` how many members were looked at.
    public func member(_ key: JSONKey, visited: inout Int) -> JSONValue? {
        member(named: key.bytes.span, visited: &visited)
    }

    private func member(named key: Span<UInt8>, visited: inout Int) -> JSONValue? {
        switch storage {
        case .view(let document, let node):
            guard let value = document.member(of: node, named: key, visited: &visited) else { return nil }
            return JSONValue(.view(document, value))
        case .object(let members, _):
            for member in members.reversed() {
                visited += 1
                if member.key.utf8.count == key.count, member.key.utf8Span.span.isEqual(to: key) { return member.value }
            }
            return nil
        default: return nil
        }
    }

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

    /// In the order of the document; of a key that is there twice, only the last. Nil unless an object.
    public var members: [(key: String, value: JSONValue)]? {
        switch storage {
        case .view(let document, let node):
            guard document.nodes[node].kind == .object else { return nil }
            return document.keys(of: node).map {
                (document.string(at: $0) ?? "", JSONValue(.view(document, $0 + 1)))
            }
        case .object(let members, _):
            guard members.count > 1, let kept = lastOfEach(members.map(\.key)) else { return members }
            return kept.map { members[$0] }
        default:
            return nil
        }
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
}
