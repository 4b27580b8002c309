/// A JSON value (RFC 8259): either made by us, or a view of a place in a parsed document.
///
/// A view is a reference to the document and a number, so that taking a member of a parsed document copies no bytes;
/// strings and numbers are decoded when they are asked for. A view keeps its whole document alive.
///
/// Two values are equal when they mean the same JSON: `1` equals `1.0` (compared exactly, however large), the order
/// of members plays no part, and strings are compared by code points, without normalization.
public struct JSONValue: Sendable {
    enum Storage: Sendable {
        case null
        case boolean(Bool)
        case number(JSONNumber)
        case string(String)
        case array([JSONValue], weight: Int)
        case object([JSONMember], weight: Int)
        case view(JSONDocument, Int)
    }

    let storage: Storage

    init(_ storage: Storage) {
        self.storage = storage
    }

    /// The value of a node of a document.
    package init(_ document: JSONDocument, _ node: Int) {
        storage = .view(document, node)
    }

    /// The document and the node that this is a view of; nil when it was made by us.
    package var place: (document: JSONDocument, node: Int)? {
        if case .view(let document, let node) = storage { (document, node) } else { nil }
    }

    /// Checks `bytes` and indexes them in one pass; nothing is copied.
    ///
    /// A leading byte order mark is passed over. Of a member that is there twice, the last counts. A lone surrogate
    /// in an escape is taken, and decoded as U+FFFD.
    public static func parse(_ bytes: [UInt8], limits: JSONLimits = JSONLimits()) throws(JSONError) -> JSONValue {
        JSONValue(.view(try JSONDocument(bytes, limits: limits), 0))
    }

    /// Checks and indexes the UTF-8 of `text`.
    public static func parse(_ text: String, limits: JSONLimits = JSONLimits()) throws(JSONError) -> JSONValue {
        try parse(Array(text.utf8), limits: limits)
    }

    public var kind: JSONKind {
        switch storage {
        case .null: .null
        case .boolean: .boolean
        case .number: .number
        case .string: .string
        case .array: .array
        case .object: .object
        case .view(let document, let node): document.nodes[node].kind.kind
        }
    }
}

/// The six kinds of JSON value.
public enum JSONKind: String, Sendable, CaseIterable {
    case null, boolean, number, string, array, object
}

/// A name and a value of an object.
public typealias JSONMember = (key: String, value: JSONValue)

/// What `JSONValue.parse` takes at most.
public struct JSONLimits: Sendable {
    /// Arrays and objects within each other.
    public var depth: Int
    /// The length of the document. Positions are kept in 32 bits, so that 2 GiB is the most there can be.
    public var byteCount: Int

    public init(depth: Int = 512, byteCount: Int = 256 << 20) {
        self.depth = depth
        self.byteCount = min(byteCount, Int(Int32.max))
    }
}

// MARK: - Making values

extension JSONValue {
    public static var null: JSONValue { JSONValue(.null) }

    public static func bool(_ value: Bool) -> JSONValue { JSONValue(.boolean(value)) }

    public static func string(_ value: String) -> JSONValue { JSONValue(.string(value)) }

    public static func number(_ value: JSONNumber) -> JSONValue { JSONValue(.number(value)) }

    public static func integer(_ value: Int64) -> JSONValue { JSONValue(.number(JSONNumber(value))) }

    public static func array(_ elements: [JSONValue]) -> JSONValue {
        JSONValue(.array(elements, weight: elements.reduce(2) { clampedWeight($0 + $1.weight + 1) }))
    }

    /// An object with its members in this order. Of a key that is there twice, the last counts.
    public static func object(_ members: [(String, JSONValue)]) -> JSONValue {
        // Left to itself, the language casts each member dynamically to have it labelled.
        object(members: members.map { (key: $0.0, value: $0.1) })
    }

    /// The same of members with their labels, which are taken as they are.
    public static func object(members: [JSONMember]) -> JSONValue {
        var weight = 2
        for place in members.indices {
            weight = clampedWeight(weight + members[place].key.utf8.count + members[place].value.weight + 4)
        }
        return JSONValue(.object(members, weight: weight))
    }

    /// Values made of values can double at each step; their sum stays far from an overflow.
    private static func clampedWeight(_ weight: Int) -> Int { min(weight, 1 << 48) }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByBooleanLiteral {
    public init(stringLiteral value: String) { self = .string(value) }

    public init(booleanLiteral value: Bool) { self = .bool(value) }
}

extension JSONValue: ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral {
    public init(integerLiteral value: Int64) { self = .integer(value) }

    /// The shortest lexeme of the double: `19.90` becomes `19.9`. The literals `infinity` and `nan` do not exist.
    public init(floatLiteral value: Double) { self = JSONNumber(value).map(JSONValue.number) ?? .null }
}

extension JSONValue: ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral {
    public init(arrayLiteral elements: JSONValue...) { self = .array(elements) }

    public init(dictionaryLiteral elements: (String, JSONValue)...) { self = .object(elements) }
}

// MARK: - Reading values

extension JSONValue {
    public var isNull: Bool { kind == .null }

    /// Nil unless a boolean.
    public var boolValue: Bool? {
        switch storage {
        case .boolean(let value): value
        case .view(let document, let node): document.boolean(at: node)
        default: nil
        }
    }

    /// The decoded text; nil unless a string.
    public var stringValue: String? {
        switch storage {
        case .string(let value): value
        case .view(let document, let node): document.string(at: node)
        default: nil
        }
    }

    /// Nil unless a number.
    public var number: JSONNumber? {
        switch storage {
        case .number(let value): value
        case .view(let document, let node): document.number(at: node)
        default: nil
        }
    }

    /// The elements of an array, or the members of an object with different keys; 0 for all else.
    public var count: Int {
        switch storage {
        case .array(let elements, _): elements.count
        case .object: members?.count ?? 0
        case .view(let document, let node):
            switch document.nodes[node].kind {
            case .array: Int(document.nodes[node].end)
            case .object: members?.count ?? 0
            default: 0
            }
        default: 0
        }
    }

    /// Whether an array or an object without content, or an empty string; false for all else.
    public var isEmpty: Bool {
        switch storage {
        case .array(let elements, _): elements.isEmpty
        case .object(let members, _): members.isEmpty
        case .string(let text): text.isEmpty
        case .view(let document, let node): document.isEmpty(at: node)
        default: false
        }
    }

    /// About how many bytes it takes as JSON. Known without looking at what is inside, so that a bound can be kept
    /// where values are made from values.
    public var weight: Int {
        switch storage {
        case .null, .boolean: 4
        case .number(let number): number.lexemeLength
        case .string(let text): text.utf8.count + 2
        case .array(_, let weight), .object(_, let weight): weight
        case .view(let document, let node): document.extent(of: node)
        }
    }
}

extension JSONValue {
    /// Appends the UTF-8 of a string; nothing when this is none.
    public func appendText(to output: inout [UInt8]) {
        switch storage {
        case .string(let text): output.append(contentsOf: text.utf8)
        case .view(let document, let node): document.appendText(at: node, to: &output)
        default: break
        }
    }
}
