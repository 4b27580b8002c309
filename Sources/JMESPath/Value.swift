import JSON

/// A value while an expression is evaluated: a few bytes that own nothing, so that handing it on costs nothing.
///
/// What it refers to is kept by the evaluation: by the document it is about, by its program's literals, or among what it
/// has made. It is of no meaning after the evaluation, and becomes a `JSONValue` before it leaves it.
enum Value {
    case null
    case boolean(Bool)
    /// A node of a document, neither null nor a boolean. The document outlives the evaluation's use of it.
    case node(Unmanaged<JSONDocument>, Int)
    /// An array that was made of values: its number in `Heap.lists`.
    case list(Int)
    /// Any other value that is no view of a document: its number in `Heap.values`.
    case made(Int)
    /// `&expression`, which is an argument only.
    case reference(NodeID)

    @inline(__always)
    init(_ document: Unmanaged<JSONDocument>, _ node: Int) {
        self = document._withUnsafeGuaranteedRef { document in
            switch document.kind(of: node) {
            case .null: .null
            case .boolean: .boolean(document.boolean(at: node) == true)
            case .number, .string, .array, .object: .node(Unmanaged.passUnretained(document), node)
            }
        }
    }

    var isNull: Bool { if case .null = self { true } else { false } }
}

/// What an evaluation has made, until it ends. Bounded by its steps: each costs sixteen bytes or some more.
struct Heap {
    /// The elements of a list, a piece of `elements`.
    struct List {
        let start: Int
        let count: Int
        /// As `JSONValue.weight`.
        let weight: Int
    }

    var values: [JSONValue] = []
    /// The members of the document, in its order, when that is an object made by us: nearly every expression begins with
    /// one of them.
    var members: [(name: JSONName, value: Value)] = []
    var lists: [List] = []
    var elements = ValueStack()
    /// Arguments and elements that wait for what they belong to. Whoever adds to it takes away as much.
    var stack = ValueStack()
    /// Where text is put together.
    var text: [UInt8] = []

    /// Forgets all but the first of `values`, and keeps the room.
    mutating func empty(butFirst kept: Int) {
        while values.count > kept { values.removeLast() }
        if !lists.isEmpty { lists.removeAll(keepingCapacity: true) }
        elements.pop(to: 0)
        stack.pop(to: 0)
    }
}

/// The elements of an array, one after another.
enum Elements {
    case nodes(Unmanaged<JSONDocument>, next: Int, left: Int)
    case list(next: Int, end: Int)
    /// Of the array with this number in `Heap.values`.
    case made(Int, next: Int)
}

// Of a value that cannot be copied, a method that is not mutating is given a copy of the bytes: so all are.

// MARK: - Into values and out of them

extension Evaluation {
    /// A value that comes from outside; it is kept.
    mutating func take(_ value: JSONValue) -> Value {
        if let place = value.place {
            // A node keeps nothing alive.
            let taken = Value(Unmanaged.passUnretained(place.document), place.node)
            if case .node = taken { heap.values.append(value) }
            return taken
        }
        return borrow(value)
    }

    /// A value that lies in something which the evaluation keeps.
    mutating func borrow(_ value: JSONValue) -> Value {
        if let place = value.place { return Value(Unmanaged.passUnretained(place.document), place.node) }
        switch value.kind {
        case .null: return .null
        case .boolean: return .boolean(value.boolValue == true)
        case .number, .string, .array, .object:
            heap.values.append(value)
            return .made(heap.values.count - 1)
        }
    }

    mutating func json(_ value: Value) -> JSONValue {
        switch value {
        case .null, .reference: .null
        case .boolean(let value): .bool(value)
        case .node(let document, let node): JSONValue(document.takeUnretainedValue(), node)
        case .list(let list): array(of: heap.lists[list])
        case .made(let value): heap.values[value]
        }
    }

    private mutating func array(of list: Heap.List) -> JSONValue {
        var elements: [JSONValue] = []
        elements.reserveCapacity(list.count)
        for place in list.range { elements.append(json(heap.elements[place])) }
        return .array(elements)
    }

    /// Makes an array of what lies on the stack from `base` on, when it is not too large.
    mutating func list(from base: Int) throws(JMESPathError) -> Value {
        let count = heap.stack.count - base
        try spend(count)
        var weight = 2
        for place in base..<heap.stack.count { weight = min(weight + self.weight(heap.stack[place]) + 1, 1 << 48) }
        try check(weight: weight)
        if heap.lists.isEmpty { heap.lists.reserveCapacity(8) }
        heap.lists.append(Heap.List(start: heap.elements.count, count: count, weight: weight))
        heap.elements.move(&heap.stack, from: base)
        return .list(heap.lists.count - 1)
    }
}

extension Heap.List {
    var range: Range<Int> { start..<start + count }
}

// MARK: - Reading values

extension Evaluation {
    mutating func kind(_ value: Value) -> JSONKind {
        switch value {
        case .null, .reference: .null
        case .boolean: .boolean
        case .node(let document, let node): document._withUnsafeGuaranteedRef { $0.kind(of: node) }
        case .list: .array
        case .made(let value): heap.values[value].kind
        }
    }

    /// False are `false`, `null`, and empty strings, arrays and objects; all else is true.
    mutating func isTrueLike(_ value: Value) -> Bool {
        switch value {
        case .null, .reference: false
        case .boolean(let value): value
        case .node(let document, let node): document._withUnsafeGuaranteedRef { !$0.isEmpty(at: node) }
        case .list(let list): heap.lists[list].count > 0
        case .made(let value): !heap.values[value].isEmpty
        }
    }

    /// Nil unless a number.
    mutating func number(_ value: Value) -> JSONNumber? {
        switch value {
        case .node(let document, let node): document._withUnsafeGuaranteedRef { $0.number(at: node) }
        case .made(let value): heap.values[value].number
        case .null, .boolean, .list, .reference: nil
        }
    }

    /// Nil unless a string.
    mutating func string(_ value: Value) -> String? {
        switch value {
        case .node(let document, let node): document._withUnsafeGuaranteedRef { $0.string(at: node) }
        case .made(let value): heap.values[value].stringValue
        case .null, .boolean, .list, .reference: nil
        }
    }

    /// A string as it is, a number by its lexeme, `true` and `false`, compact JSON of arrays and objects; nil for null.
    mutating func text(_ value: Value) -> String? {
        switch value {
        case .null, .reference: nil
        case .boolean(let value): value ? "true" : "false"
        case .node(let document, let node):
            document._withUnsafeGuaranteedRef { $0.string(at: node) ?? $0.lexeme(at: node) } ?? written(json(value))
        case .made(let number): heap.values[number].stringValue ?? written(heap.values[number])
        case .list: written(json(value))
        }
    }

    private mutating func written(_ value: JSONValue) -> String {
        heap.text.removeAll(keepingCapacity: true)
        value.write(into: &heap.text)
        return String(copying: UTF8Span(unchecked: heap.text.span))
    }

    /// Appends the UTF-8 of a string to `Heap.text`; nothing when it is none.
    mutating func appendText(of value: Value) {
        switch value {
        case .node(let document, let node):
            document._withUnsafeGuaranteedRef { $0.appendText(at: node, to: &heap.text) }
        case .made(let value): heap.values[value].appendText(to: &heap.text)
        case .null, .boolean, .list, .reference: break
        }
    }

    /// How many elements an array has; 0 for all else.
    mutating func elementCount(_ value: Value) -> Int {
        switch value {
        case .node(let document, let node): document._withUnsafeGuaranteedRef { $0.elementCount(of: node) }
        case .list(let list): heap.lists[list].count
        case .made(let value): heap.values[value].kind == .array ? heap.values[value].count : 0
        case .null, .boolean, .reference: 0
        }
    }

    /// As `JSONValue.weight`.
    mutating func weight(_ value: Value) -> Int {
        switch value {
        case .null, .boolean, .reference: 4
        case .node(let document, let node): document._withUnsafeGuaranteedRef { $0.extent(of: node) }
        case .list(let list): heap.lists[list].weight
        case .made(let value): heap.values[value].weight
        }
    }

    /// What a chain of names leads to; null when one of them is missing.
    @inline(__always)
    mutating func member(at path: Range<Int>, of value: Value) throws(JMESPathError) -> Value {
        guard case .node(let document, let node) = value else { return try otherMember(at: path, of: value) }
        var visited = 0
        let member = Self.member(at: path, of: document, node, keys, &visited)
        try spend(visited >> 3)
        return member
    }

    @inline(__always)
    private static func member(
        at path: Range<Int>,
        of document: Unmanaged<JSONDocument>,
        _ node: Int,
        _ keys: Unmanaged<JSONKeys>,
        _ visited: inout Int
    ) -> Value {
        let found = document._withUnsafeGuaranteedRef { document in
            keys._withUnsafeGuaranteedRef { document.member(of: node, at: path, of: $0, visited: &visited) }
        }
        return found.map { Value(document, $0) } ?? .null
    }

    /// The same of what is no node of a document.
    @inline(never)
    private mutating func otherMember(at path: Range<Int>, of value: Value) throws(JMESPathError) -> Value {
        guard case .made(let number) = value else { return .null }
        var visited = 0
        let member: Value
        if number == 0, !heap.members.isEmpty {
            try spend(heap.members.count >> 3)
            let first = documentMember(path.lowerBound)
            if path.count == 1 { return first }
            guard case .node(let document, let node) = first else {
                return try otherMember(at: path.dropFirst(), of: first)
            }
            member = Self.member(at: path.dropFirst(), of: document, node, keys, &visited)
        } else {
            member = borrow(
                keys._withUnsafeGuaranteedRef { heap.values[number].member(at: path, of: $0, visited: &visited) }
            )
        }
        try spend(visited >> 3)
        return member
    }

    /// The member of the made document with the name of this key, the last of several; null when there is none.
    @inline(__always)
    private mutating func documentMember(_ key: Int) -> Value {
        keys._withUnsafeGuaranteedRef { keys in
            var place = heap.members.count
            while place > 0 {
                place &-= 1
                let member = heap.members[place]
                if keys.isKey(at: key, member.name, text: { self.document.madeMembers[place].key }) {
                    return member.value
                }
            }
            return .null
        }
    }

    /// The element at a place counted from 0; null outside, or when it is no array.
    mutating func element(at place: Int, of value: Value) -> Value {
        switch value {
        case .node(let document, let node):
            let element = document._withUnsafeGuaranteedRef { $0.element(of: node, at: place) }
            return element.map { Value(document, $0) } ?? .null
        case .list(let list):
            let list = heap.lists[list]
            return place >= 0 && place < list.count ? heap.elements[list.start + place] : .null
        case .made(let number): return heap.values[number][place].map { borrow($0) } ?? .null
        case .null, .boolean, .reference: return .null
        }
    }

    /// The elements of an array; nil when it is none.
    mutating func elements(of value: Value) -> Elements? {
        switch value {
        case .node(let document, let node):
            guard kind(value) == .array else { return nil }
            return .nodes(document, next: node + 1, left: elementCount(value))
        case .list(let list): return .list(next: heap.lists[list].start, end: heap.lists[list].range.upperBound)
        case .made(let number): return heap.values[number].kind == .array ? .made(number, next: 0) : nil
        case .null, .boolean, .reference: return nil
        }
    }

    @inline(__always)
    mutating func next(_ elements: inout Elements) -> Value? {
        switch elements {
        case .nodes(let document, let next, let left):
            guard left > 0 else { return nil }
            elements = .nodes(
                document,
                next: document._withUnsafeGuaranteedRef { $0.node(after: next) },
                left: left - 1
            )
            return Value(document, next)
        case .list(let next, let end):
            guard next < end else { return nil }
            elements = .list(next: next + 1, end: end)
            return heap.elements[next]
        case .made(let number, let next):
            guard let element = heap.values[number][next] else { return nil }
            elements = .made(number, next: next + 1)
            return borrow(element)
        }
    }

    /// Equality, paid for by the size of what is compared.
    mutating func areEqual(_ left: Value, _ right: Value) throws(JMESPathError) -> Bool {
        let kind = kind(left)
        guard kind == self.kind(right) else { return false }
        switch (left, right) {
        case (.null, _), (.reference, _): return true
        case (.boolean(let one), .boolean(let other)): return one == other
        default: break
        }
        if kind != .number { try spend(min(weight(left), weight(right)) >> (kind == .string ? 4 : 3)) }
        if kind == .string, case .node(let one, let node) = left, case .node(let other, let otherNode) = right {
            return one._withUnsafeGuaranteedRef { one in
                other._withUnsafeGuaranteedRef { one.hasSameText(at: node, as: $0, at: otherNode) }
            }
        }
        return kind == .number ? number(left) == number(right) : json(left) == json(right)
    }
}
