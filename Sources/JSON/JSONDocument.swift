/// The received bytes and the index over them. Never changed once made, so that views may be read from any thread.
@usableFromInline package final class JSONDocument: Sendable {
    @usableFromInline let bytes: [UInt8]
    @usableFromInline let nodes: [Node]

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
@usableFromInline struct Node: Sendable {
    @usableFromInline var start: UInt32
    @usableFromInline var end: UInt32
    @usableFromInline var next: UInt32
    @usableFromInline var kind: NodeKind
    /// Of a key: whether the one before it is the node before the last, as it is when that one's value is one node.
    @usableFromInline var isNear = false
}

@usableFromInline enum NodeKind: UInt8, Sendable {
    case null, `true`, `false`
    /// A number without fraction and exponent.
    case integer
    case number
    /// A string (or key) without escapes: its bytes are its text.
    case string
    case escapedString
    case array, object

    @inlinable var kind: JSONKind {
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

extension JSONDocument {
    @inlinable @inline(__always) package func kind(of node: Int) -> JSONKind { nodes[node].kind.kind }

    /// How many elements an array has; 0 for all else.
    @inlinable package func elementCount(of node: Int) -> Int { nodes[node].kind == .array ? Int(nodes[node].end) : 0 }

    /// The node after a value and all its content: within an array, its next element.
    @inlinable @inline(__always) package func node(after node: Int) -> Int { Int(nodes[node].next) }
}

// MARK: - Scalars

extension JSONDocument {
    @inlinable @inline(__always) package func boolean(at node: Int) -> Bool? {
        switch nodes[node].kind {
        case .true: true
        case .false: false
        default: nil
        }
    }

    package func number(at node: Int) -> JSONNumber? {
        let entry = nodes[node]
        let bytes = bytes
        switch entry.kind {
        case .integer, .number: return JSONNumber(checked: bytes.span.extracting(entry.range))
        default: return nil
        }
    }

    /// A number as it is written.
    package func lexeme(at node: Int) -> String? {
        let entry = nodes[node]
        guard entry.kind.kind == .number else { return nil }
        let bytes = bytes
        return String(copying: UTF8Span(unchecked: bytes.span.extracting(entry.range)))
    }

    /// Appends the UTF-8 of a string; nothing when it is none.
    package func appendText(at node: Int, to output: inout [UInt8]) {
        let entry = nodes[node]
        if entry.kind == .string {
            append(entry.range, to: &output)
        } else if let text = string(at: node) {
            output.append(contentsOf: text.utf8)
        }
    }

    /// Appends a piece of the document.
    func append(_ range: Range<Int>, to output: inout [UInt8]) {
        let bytes = bytes
        guard range.count > 4 else {
            for place in range { output.append(bytes[place]) }
            return
        }
        bytes.span.extracting(range).withUnsafeBufferPointer { output.append(contentsOf: $0) }
    }

    /// Whether two strings of documents have the same text.
    package func hasSameText(at node: Int, as other: JSONDocument, at otherNode: Int) -> Bool {
        let (entry, otherEntry) = (nodes[node], other.nodes[otherNode])
        guard entry.kind == .string, otherEntry.kind == .string else {
            return string(at: node)?.isSame(as: other.string(at: otherNode) ?? "") ?? false
        }
        let (bytes, otherBytes) = (bytes, other.bytes)
        return bytes.span.extracting(entry.range).isEqual(to: otherBytes.span.extracting(otherEntry.range))
    }

    /// Whether a string of this document comes before one of another, by their code points.
    package func hasLesserText(at node: Int, than other: JSONDocument, at otherNode: Int) -> Bool {
        let (entry, otherEntry) = (nodes[node], other.nodes[otherNode])
        guard entry.kind == .string, otherEntry.kind == .string else {
            return ExactText(string(at: node) ?? "") < ExactText(other.string(at: otherNode) ?? "")
        }
        let (bytes, otherBytes) = (bytes, other.bytes)
        return bytes.span.extracting(entry.range).precedes(otherBytes.span.extracting(otherEntry.range))
    }

    package func string(at node: Int) -> String? {
        let entry = nodes[node]
        let bytes = bytes
        switch entry.kind {
        case .string: return String(copying: UTF8Span(unchecked: bytes.span.extracting(entry.range)))
        case .escapedString: return unescaped(bytes.span.extracting(entry.range))
        default: return nil
        }
    }

    @inlinable @inline(__always) package func isEmpty(at node: Int) -> Bool {
        let entry = nodes[node]
        switch entry.kind {
        case .string: return entry.start == entry.end
        case .array, .object: return entry.end == 0
        default: return false
        }
    }

    /// About how many bytes the value takes.
    @inlinable package func extent(of node: Int) -> Int {
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
    /// The value of the last member called `name`. Adds to `visited` how many were looked at.
    package func member(of object: Int, named name: String, visited: inout Int) -> Int? {
        search(object, visited: &visited, for: name.utf8Span.span)
    }

    /// The value that these keys lead to from an object; of a name that is there twice, the last. Adds to `visited` how
    /// many members were looked at.
    @inlinable @inline(__always)
    package func member(of object: Int, at path: Range<Int>, of keys: JSONKeys, visited: inout Int) -> Int? {
        var node = object
        for place in path {
            guard let found = member(of: node, place, of: keys, visited: &visited) else { return nil }
            node = found
        }
        return node
    }

    /// What most searches are; at the first key that it cannot tell by its ends, it leaves the search to `search`.
    @inlinable @inline(__always)
    func member(of object: Int, _ place: Int, of keys: JSONKeys, visited: inout Int) -> Int? {
        let (all, content, key) = (nodes, bytes, keys.keys[place])
        let (nodes, bytes) = (all.span, content.span)
        guard nodes[object].kind == .object else { return nil }
        let length = UInt32(truncatingIfNeeded: key.range.count)
        var index = Int(nodes[object].end)
        var count = 0
        while index != 0 {
            let entry = nodes[index]
            count &+= 1
            if entry.kind != .string { return search(object, visited: &visited, place, of: keys) }
            if entry.end &- entry.start == length {
                guard let isFound = key.isAt(Int(entry.start), of: bytes) else {
                    return search(object, visited: &visited, place, of: keys)
                }
                if isFound {
                    visited &+= count
                    return index &+ 1
                }
            }
            // Both ways lead to the same key. Counting lets the processor go ahead, where it would wait for `next`.
            index = _fastPath(entry.isNear) ? index &- 2 : Int(entry.next)
        }
        visited &+= count
        return nil
    }

    @usableFromInline func search(_ object: Int, visited: inout Int, _ place: Int, of keys: JSONKeys) -> Int? {
        let names = keys.bytes
        return search(object, visited: &visited, for: names.span.extracting(keys.keys[place].range))
    }

    /// Compares each key as a whole.
    private func search(_ object: Int, visited: inout Int, for name: Span<UInt8>) -> Int? {
        guard nodes[object].kind == .object else { return nil }
        var index = Int(nodes[object].end)
        while index != 0 {
            visited &+= 1
            if isKey(at: index, name) { return index &+ 1 }
            index = Int(nodes[index].next)
        }
        return nil
    }

    private func isKey(at node: Int, _ name: Span<UInt8>) -> Bool {
        let (entry, bytes) = (nodes[node], bytes)
        let content = bytes.span.extracting(entry.range)
        if entry.kind == .string { return content.isEqual(to: name) }
        return unescaped(content).utf8Span.span.isEqual(to: name)
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
    @inlinable package func element(of array: Int, at position: Int) -> Int? {
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
        guard let kept = lastOfEachName(keys.map { (string(at: $0) ?? "", .null) }) else { return keys }
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
