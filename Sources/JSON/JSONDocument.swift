/// The received bytes and the index over them. Never changed once made, so that views may be read from any thread.
final class JSONDocument: Sendable {
    let bytes: [UInt8]
    let nodes: [Node]

    init(_ bytes: [UInt8], limits: JSONLimits) throws(JSONError) {
        nodes = try Indexer.index(bytes.span, limits: limits)
        self.bytes = bytes
    }
}

/// One value, or one key, of a document. The nodes lie in the document's order: a container is followed by its content,
/// a key by its value.
///
/// | kind | start | end | next |
/// |---|---|---|---|
/// | scalar | its first byte | the byte after it | the node after it |
/// | string | the byte after the quote | the closing quote | the node after it |
/// | array | its bracket | how many elements | the node after all its content |
/// | object | its brace | the node of its last key, 0 when empty | the node after all its content |
/// | key | the byte after the quote | the closing quote | the node of the key before it, 0 for the first |
///
/// Keys are linked backwards, so that a search for a member meets the last of the same name first.
struct Node: Sendable {
    var start: UInt32
    var end: UInt32
    var next: UInt32
    var kind: NodeKind
}

enum NodeKind: UInt8, Sendable {
    case null, `true`, `false`
    /// A number without fraction and exponent.
    case integer
    case number
    /// A string (or key) without escapes: its bytes are its text.
    case string
    case escapedString
    case array, object

    var kind: JSONKind {
        switch self {
        case .null: .null
        case .true, .false: .boolean
        case .integer, .number: .number
        case .string, .escapedString: .string
        case .array: .array
        case .object: .object
        }
    }
}

// MARK: - Scalars

extension JSONDocument {
    func boolean(at node: Int) -> Bool? {
        switch nodes[node].kind {
        case .true: true
        case .false: false
        default: nil
        }
    }

    func number(at node: Int) -> JSONNumber? {
        let entry = nodes[node]
        let bytes = bytes
        switch entry.kind {
        case .integer, .number: return JSONNumber(checked: bytes.span.extracting(entry.range))
        default: return nil
        }
    }

    func string(at node: Int) -> String? {
        let entry = nodes[node]
        let bytes = bytes
        switch entry.kind {
        case .string: return String(copying: UTF8Span(unchecked: bytes.span.extracting(entry.range)))
        case .escapedString: return unescaped(bytes.span.extracting(entry.range))
        default: return nil
        }
    }

    func isEmpty(at node: Int) -> Bool {
        let entry = nodes[node]
        switch entry.kind {
        case .string: return entry.start == entry.end
        case .array, .object: return entry.end == 0
        default: return false
        }
    }

    /// About how many bytes the value takes.
    func extent(of node: Int) -> Int {
        let entry = nodes[node]
        switch entry.kind {
        case .array, .object:
            let next = Int(entry.next)
            return (next < nodes.count ? Int(nodes[next].start) : bytes.count) - Int(entry.start)
        default:
            return Int(entry.end - entry.start) + 2
        }
    }
}

extension Node {
    /// The bytes of a scalar, a string or a key.
    var range: Range<Int> { Int(start)..<Int(end) }
}

// MARK: - Containers

extension JSONDocument {
    /// The value of the last member called `key`, whose UTF-8 is given. Adds to `visited` how many were looked at.
    func member(of object: Int, named key: Span<UInt8>, visited: inout Int) -> Int? {
        let (nodes, bytes) = (nodes, bytes)
        return Self.member(of: object, named: key, nodes.span, bytes.span, &visited)
    }

    /// The value that these keys lead to from an object.
    func member(of object: Int, at path: Range<Int>, of keys: JSONKeys, visited: inout Int) -> Int? {
        let (nodes, bytes, names) = (nodes, bytes, keys.bytes)
        return Self.member(of: object, at: path, of: keys, names.span, nodes.span, bytes.span, &visited)
    }

    /// What these keys lead to from each element of an array; where there is nothing, or null, nothing is added.
    func members(ofElementsOf array: Int, at path: Range<Int>, of keys: JSONKeys, visited: inout Int) -> [Int] {
        let (nodes, bytes, names) = (nodes, bytes, keys.bytes)
        let count = Int(nodes[array].end)
        var members: [Int] = []
        members.reserveCapacity(count)
        var element = array + 1
        for _ in 0..<count {
            let member = Self.member(of: element, at: path, of: keys, names.span, nodes.span, bytes.span, &visited)
            if let member, nodes[member].kind != .null { members.append(member) }
            element = Int(nodes[element].next)
        }
        return members
    }

    private static func member(
        of object: Int,
        at path: Range<Int>,
        of keys: JSONKeys,
        _ names: Span<UInt8>,
        _ nodes: Span<Node>,
        _ bytes: Span<UInt8>,
        _ visited: inout Int
    ) -> Int? {
        var node = object
        for place in path {
            let name = names.extracting(keys.range(of: place))
            guard let member = member(of: node, named: name, nodes, bytes, &visited) else { return nil }
            node = member
        }
        return node
    }

    private static func member(
        of object: Int,
        named key: Span<UInt8>,
        _ nodes: Span<Node>,
        _ bytes: Span<UInt8>,
        _ visited: inout Int
    ) -> Int? {
        guard nodes[object].kind == .object else { return nil }
        var index = Int(nodes[object].end)
        while index != 0 {
            let entry = nodes[index]
            visited &+= 1
            if entry.kind == .string {
                if Int(entry.end - entry.start) == key.count, bytes.extracting(entry.range).isEqual(to: key) {
                    return index + 1
                }
            } else {
                let name = unescaped(bytes.extracting(entry.range))
                if name.utf8Span.span.isEqual(to: key) { return index + 1 }
            }
            index = Int(entry.next)
        }
        return nil
    }

    func firstElement(of array: Int, notOf kind: JSONKind) -> (place: Int, kind: JSONKind)? {
        guard nodes[array].kind == .array else { return nil }
        var element = array + 1
        for place in 0..<Int(nodes[array].end) {
            let found = nodes[element].kind.kind
            if found != kind { return (place, found) }
            element = Int(nodes[element].next)
        }
        return nil
    }

    /// The node of an element, counted from 0; nil past the end, or when not an array.
    func element(of array: Int, at position: Int) -> Int? {
        let entry = nodes[array]
        guard entry.kind == .array, position >= 0, position < Int(entry.end) else { return nil }
        // When there are as many nodes as elements, none has content of its own.
        if Int(entry.next) - array - 1 == Int(entry.end) { return array + 1 + position }
        var element = array + 1
        for _ in 0..<position { element = Int(nodes[element].next) }
        return element
    }

    /// The nodes of an object's keys, in the document's order, without those that a later one replaces.
    func keys(of object: Int) -> [Int] {
        var keys: [Int] = []
        var index = Int(nodes[object].end)
        while index != 0 {
            keys.append(index)
            index = Int(nodes[index].next)
        }
        keys.reverse()
        if areSurelyDifferent(keys) { return keys }
        guard let kept = lastOfEach(keys.map { string(at: $0) ?? "" }) else { return keys }
        return kept.map { keys[$0] }
    }

    /// Whether a look at the bytes of a few keys tells that no two are the same.
    private func areSurelyDifferent(_ keys: [Int]) -> Bool {
        guard keys.count <= 32 else { return false }
        let bytes = bytes
        for (place, key) in keys.enumerated() {
            let entry = nodes[key]
            guard entry.kind == .string else { return false }
            let name = bytes.span.extracting(entry.range)
            for other in keys[..<place] where nodes[other].range.count == name.count {
                if bytes.span.extracting(nodes[other].range).isEqual(to: name) { return false }
            }
        }
        return true
    }
}
