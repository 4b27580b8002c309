extension JSONValue {
    /// The member of this name; nil when there is none, or when this is not an object.
    public subscript(_ key: String) -> JSONValue? {
        var visited = 0
        return member(named: key.utf8Span.span, visited: &visited)
    }

    /// The member whose name has this UTF-8. Adds to `visited` how many members were looked at.
    public func member(named key: Span<UInt8>, visited: inout Int) -> JSONValue? {
        switch storage {
        case .view(let document, let node):
            guard let value = document.member(of: node, named: key, visited: &visited) else { return nil }
            return JSONValue(.view(document, value))
        case .object(let members, _):
            guard let place = Self.place(of: key, in: members, visited: &visited) else { return nil }
            return members[place].value
        default: return nil
        }
    }

    /// The member of a member, and so on, by those of `keys`; null when one of them is missing. Only the last is made a
    /// value.
    public func member(at path: Range<Int>, of keys: JSONKeys, visited: inout Int) -> JSONValue {
        switch storage {
        case .view(let document, let node):
            guard let value = document.member(of: node, at: path, of: keys, visited: &visited) else { return .null }
            return JSONValue(.view(document, value))
        case .object(let members, _):
            let bytes = keys.bytes
            let key = bytes.span.extracting(keys.range(of: path.lowerBound))
            guard let place = Self.place(of: key, in: members, visited: &visited) else { return .null }
            if path.count == 1 { return members[place].value }
            return members[place].value.member(at: path.dropFirst(), of: keys, visited: &visited)
        default: return .null
        }
    }

    /// The same for each element of an array, without those that have nothing there, or null.
    public func members(ofElementsAt path: Range<Int>, of keys: JSONKeys, visited: inout Int) -> [JSONValue] {
        if case .view(let document, let node) = storage, document.nodes[node].kind == .array {
            return document.members(ofElementsOf: node, at: path, of: keys, visited: &visited)
                .map { JSONValue(.view(document, $0)) }
        }
        var values: [JSONValue] = []
        forEachElement { element in
            let value = element.member(at: path, of: keys, visited: &visited)
            if !value.isNull { values.append(value) }
        }
        return values
    }

    /// Where the last member of this name stands.
    private static func place(of key: Span<UInt8>, in members: [JSONMember], visited: inout Int) -> Int? {
        var place = members.count
        while place > 0 {
            place -= 1
            visited += 1
            if members[place].key.utf8.count == key.count, members[place].key.utf8Span.span.isEqual(to: key) {
                return place
            }
        }
        return nil
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
}
