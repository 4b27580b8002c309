import JSON

/// The fields of a form, in the order they came.
struct FormFields: Equatable {
    struct Field: Equatable {
        var name: String
        var value: Value
    }

    enum Value: Equatable {
        case text(String)
        case file(FormFile)
    }

    var fields: [Field] = []

    /// The first text of this name.
    func text(_ name: String) -> String? {
        for field in fields where field.name == name {
            if case .text(let text) = field.value { return text }
        }
        return nil
    }

    /// An object: name → value, or a list of values for a name that came more than once; in order of first appearance.
    /// With `nesting`, brackets in names nest as PHP has it: `a[b][c]` is `a.b.c`, `a[]` appends to a list.
    func object(nesting: Bool) -> JSONValue {
        var root = FormTree()
        for field in fields {
            root.insert(field.value.json, at: nesting ? FormTree.path(of: field.name) : [.name(field.name)])
        }
        return root.object
    }

    /// What Twilio signs: names sorted by their bytes, each followed by its distinct values, sorted too.
    var runTogether: String {
        var texts: [String: Set<String>] = [:]
        for field in fields {
            if case .text(let text) = field.value { texts[field.name, default: []].insert(text) }
        }
        let isBefore: (String, String) -> Bool = { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        return texts.keys.sorted(by: isBefore)
            .flatMap { name in (texts[name] ?? []).sorted(by: isBefore).map { name + $0 } }
            .joined()
    }
}

/// A file that came in a form. Its content is not kept: nothing of it could go into a journey.
struct FormFile: Equatable {
    /// As the sender wrote it; never to be used as a path.
    var filename: String
    var contentType: String?
    var content: [UInt8]

    /// `{"filename", "contentType", "size", "sha256"}`; null for a file field that was left empty.
    var json: JSONValue {
        if filename.isEmpty && content.isEmpty { return .null }
        return .object([
            ("filename", .string(filename)), ("contentType", contentType.map(JSONValue.string) ?? .null),
            ("size", .integer(Int64(content.count))),
            ("sha256", .string(BinaryText.hex.encoded(HashFunction.sha256.digest(content)))),
        ])
    }
}

extension FormFields.Value {
    fileprivate var json: JSONValue {
        switch self {
        case .text(let text): .string(text)
        case .file(let file): file.json
        }
    }
}

/// Form values by their names' parts, while the object is being put together.
private struct FormTree {
    enum Step: Equatable {
        case name(String)
        /// `[]`: one more element.
        case next
    }

    /// What one name stands for: values, or a tree; the later kind wins when a sender mixes them.
    private struct Node {
        var values: [JSONValue] = []
        var isList = false
        var tree: FormTree?

        mutating func insert(_ value: JSONValue, at rest: [Step]) {
            if case .name = rest.first {
                values = []
                if tree == nil { tree = FormTree() }
                tree?.insert(value, at: rest)
            } else {
                values.append(value)
                if rest.first == .next { isList = true }
                tree = nil
            }
        }
    }

    private var nodes: [String: Node] = [:]
    private var order: [String] = []

    /// As deep as names may nest; what goes deeper is one name, as it stands.
    private static let depthLimit = 16

    /// `a[b][]` → a, b, next. A name whose brackets do not pair is taken as it stands.
    static func path(of name: String) -> [Step] {
        let bytes = Array(name.utf8)
        guard let open = bytes.firstIndex(of: UInt8(ascii: "[")), open > 0, bytes.last == UInt8(ascii: "]") else {
            return [.name(name)]
        }
        var steps: [Step] = [.name(String(decoding: bytes[..<open], as: UTF8.self))]
        var index = open
        while index < bytes.count {
            guard bytes[index] == UInt8(ascii: "["), let close = bytes[index...].firstIndex(of: UInt8(ascii: "]")),
                steps.count < depthLimit
            else { return [.name(name)] }
            let part = String(decoding: bytes[(index + 1)..<close], as: UTF8.self)
            steps.append(part.isEmpty ? .next : .name(part))
            index = close + 1
        }
        // Only the last part can say "one more": in the middle nothing would tell which element is meant.
        return steps.dropLast().contains(.next) ? [.name(name)] : steps
    }

    mutating func insert(_ value: JSONValue, at path: [Step]) {
        guard case .name(let name) = path.first else { return }
        if nodes[name] == nil { order.append(name) }
        // In place: a name that comes ten thousand times must not be copied as often.
        nodes[name, default: Node()].insert(value, at: Array(path.dropFirst()))
    }

    var object: JSONValue {
        .object(
            order.map { name in
                guard let node = nodes[name] else { return (name, .null) }
                if let tree = node.tree { return (name, tree.object) }
                return (name, node.values.count == 1 && !node.isList ? node.values[0] : .array(node.values))
            }
        )
    }
}
