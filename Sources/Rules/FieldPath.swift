/// A way from the document to one of its fields, as an expression writes it: `body.line_items[0].title`.
struct FieldPath: Hashable, Sendable {
    enum Step: Hashable, Sendable {
        case field(String)
        case index(Int)
        /// All elements of a list.
        case each
    }

    var steps: [Step]

    init(_ steps: [Step] = []) {
        self.steps = steps
    }

    init(fields: [String]) {
        steps = fields.map(Step.field)
    }

    func appending(_ step: Step) -> FieldPath { FieldPath(steps + [step]) }

    /// The names alone; nil when the path goes through a list.
    var fields: [String]? {
        var fields: [String] = []
        for step in steps {
            guard case .field(let name) = step else { return nil }
            fields.append(name)
        }
        return fields
    }

    /// As an expression; names that are no identifiers are quoted.
    var text: String {
        var text = ""
        for step in steps {
            switch step {
            case .field(let name): text += (text.isEmpty ? "" : ".") + Self.identifier(name)
            case .index(let index): text += "[\(index)]"
            case .each: text += "[]"
            }
        }
        return text
    }

    static func identifier(_ name: String) -> String {
        let isPlain =
            name.utf8.first.map { !(0x30...0x39).contains($0) } ?? false
            && name.utf8.allSatisfy { byte in
                byte == UInt8(ascii: "_") || (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte)
                    || (0x61...0x7A).contains(byte)
            }
        if isPlain, name != "let", name != "in" { return name }
        return "\"" + name.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
    }
}
