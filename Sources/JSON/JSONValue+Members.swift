extension JSONValue {
    /// The member of this name; nil when there is none, or when this is not an object.
    public subscript(_ key: String) -> JSONValue? {
        var visited = 0
        switch storage {
        case .view(let document, let node):
            return document.member(of: node, named: key, visited: &visited).map { JSONValue(.view(document, $0)) }
        case .object(let members, _):
            return Self.place(of: key.utf8Span.span, in: members, visited: &visited).map { members[$0].value }
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
            let key = bytes.span.extracting(keys.keys[path.lowerBound].range)
            guard let place = Self.place(of: key, in: members, visited: &visited) else { return .null }
            if path.count == 1 { return members[place].value }
            return members[place].value.member(at: path.dropFirst(), of: keys, visited: &visited)
        default: return .null
        }
    }

    /// The members of an object that was made by us, as they were given; empty for all else.
    package var madeMembers: [JSONMember] {
        if case .object(let members, _) = storage { members } else { [] }
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
            guard members.count > 1, let kept = lastOfEachName(members) else { return members }
            return kept.map { members[$0] }
        default:
            return nil
        }
    }
}
