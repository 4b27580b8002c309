import JSON

extension SyntaxNode: CustomStringConvertible {
    /// The expression written in one plain way; compiled again, it gives the same tree.
    public var description: String {
        var printer = Printer()
        printer.write(self, above: 0)
        return printer.text
    }
}

/// Tree → text, with parentheses only where the tree needs them.
private struct Printer {
    private(set) var text = ""

    /// What a chain of names, brackets and calls is made of binds tighter than any operator.
    private static let chainPower = 9

    /// With which the operator of a node binds, as the parser has it.
    private func power(of node: SyntaxNode) -> Int {
        switch node.kind {
        case .letIn: 0
        case .pipe: 1
        case .ternary: 2
        case .or: 3
        case .and: 4
        case .comparison: 5
        case .arithmetic(.plus), .arithmetic(.minus): 6
        case .arithmetic: 7
        case .not, .plusSign, .minusSign: 8
        default: Self.chainPower
        }
    }

    mutating func write(_ node: SyntaxNode, above power: Int) {
        guard self.power(of: node) >= power else { return writeInParentheses(node) }
        let children = node.children
        switch node.kind {
        case .pipe: writeOperator("|", node)
        case .or: writeOperator("||", node)
        case .and: writeOperator("&&", node)
        case .comparison(let comparator): writeOperator(comparator.rawValue, node)
        case .arithmetic(let arithmetic): writeOperator(arithmetic.rawValue, node)
        case .not: writeSign("!", children[0])
        case .plusSign: writeSign("+", children[0])
        case .minusSign: writeSign("-", children[0])
        case .ternary:
            write(children[0], above: 3)
            text += " ? "
            write(children[1], above: 0)
            text += " : "
            write(children[2], above: 2)
        case .letIn(let names):
            text += "let "
            for (index, name) in names.enumerated() {
                if index > 0 { text += ", " }
                text += "$\(name) = "
                write(children[index], above: 0)
            }
            text += " in "
            write(children[names.count], above: 0)
        case .subexpression, .listProjection, .sliceProjection, .objectProjection, .flattenProjection,
            .filterProjection:
            writeLeft(children[0], of: node)
            writeRest(node)
        default: writeOperand(node)
        }
    }

    private mutating func writeInParentheses(_ node: SyntaxNode) {
        text += "("
        write(node, above: 0)
        text += ")"
    }

    private mutating func writeOperator(_ symbol: String, _ node: SyntaxNode) {
        let power = power(of: node)
        write(node.children[0], above: power)
        text += " \(symbol) "
        write(node.children[1], above: power + 1)
    }

    private mutating func writeSign(_ symbol: String, _ operand: SyntaxNode) {
        text += symbol
        write(operand, above: power(of: operand) == 8 ? 8 : Self.chainPower)
    }

    /// What stands before a dot or a bracket. A projection would go on over it, and so is put in parentheses.
    private mutating func writeLeft(_ left: SyntaxNode, of node: SyntaxNode) {
        switch left.kind {
        case .listProjection, .objectProjection, .flattenProjection, .filterProjection, .sliceProjection:
            writeInParentheses(left)
        default: write(left, above: Self.chainPower)
        }
    }

    /// What follows the left side of a chain.
    private mutating func writeRest(_ node: SyntaxNode) {
        let children = node.children
        switch node.kind {
        case .listProjection: text += "[*]"
        case .objectProjection: text += ".*"
        case .flattenProjection: text += "[]"
        case .filterProjection:
            text += "[?"
            write(children[1], above: 0)
            text += "]"
        default: break
        }
        if let right = children.last { writeSuffix(right) }
    }

    /// What is done with each element of a projection, or the right side of a dot.
    private mutating func writeSuffix(_ node: SyntaxNode) {
        switch node.kind {
        case .current: break
        case .index, .slice: writeOperand(node)
        case .subexpression, .listProjection, .sliceProjection, .objectProjection, .flattenProjection,
            .filterProjection:
            writeSuffix(node.children[0])
            writeRest(node)
        default:
            text += "."
            writeOperand(node)
        }
    }

    private mutating func writeOperand(_ node: SyntaxNode) {
        let children = node.children
        switch node.kind {
        case .root: text += "$"
        case .field(let name): text += Self.identifier(name)
        case .index(let index): text += "[\(index)]"
        case .slice(let start, let stop, let step):
            text += "[\(start.map(String.init) ?? ""):\(stop.map(String.init) ?? "")\(step == 1 ? "" : ":\(step)")]"
        case .literal(let value): text += Self.literal(value)
        case .variable(let name): text += "$" + name
        case .multiSelectList: writeList("[", children, "]")
        case .multiSelectHash(let keys):
            text += "{"
            for (index, key) in keys.enumerated() {
                if index > 0 { text += ", " }
                text += Self.identifier(key) + ": "
                write(children[index], above: 0)
            }
            text += "}"
        case .call(let function): writeList(function + "(", children, ")")
        case .reference:
            text += "&"
            write(children[0], above: 0)
        default: text += "@"
        }
    }

    private mutating func writeList(_ open: String, _ items: [SyntaxNode], _ close: String) {
        text += open
        for (index, item) in items.enumerated() {
            if index > 0 { text += ", " }
            write(item, above: 0)
        }
        text += close
    }

    private static func identifier(_ name: String) -> String {
        let isPlain = name.utf8.first?.isIdentifierStart ?? false && name.utf8.allSatisfy(\.isIdentifierPart)
        return isPlain ? name : JSONValue.string(name).description
    }

    private static func literal(_ value: JSONValue) -> String {
        let isText = value.kind == .string
        let (quote, content) = isText ? ("'", value.stringValue ?? "") : ("`", value.description)
        var escaped = String.UnicodeScalarView()
        for scalar in content.unicodeScalars {
            let needsEscape = isText ? scalar == "'" || scalar == "\\" : scalar == "`"
            if needsEscape { escaped.append("\\") }
            escaped.append(scalar)
        }
        return quote + String(escaped) + quote
    }
}
