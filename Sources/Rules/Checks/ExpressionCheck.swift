import JMESPath
import JSON

/// What can be known to be wrong with an expression before any event comes.
struct ExpressionCheck {
    let vocabulary: RuleVocabulary

    struct Fault: Equatable {
        /// In UTF-8 bytes of the expression.
        var offset: Int
        var message: String
    }

    func faults(of expression: Expression) -> [Fault] {
        var faults: [Fault] = []
        expression.root.forEachNode { node in
            faults += Self.operandFaults(of: node)
            guard let function = node.function else { return }
            for (index, argument) in node.children.enumerated() {
                let parameter = function.parameter(at: index)
                let position = "\(function.name)(): argument \(index + 1) (\(parameter.name))"
                if let found = argument.unfitness(for: parameter.types) {
                    faults.append(
                        Fault(
                            offset: argument.range.lowerBound,
                            message: "\(position) is \(found); expected \(parameter.types)"
                        )
                    )
                } else if case .literal(let value) = argument.kind, let text = value.stringValue,
                    let message = constantFault(text, function.name, index)
                {
                    faults.append(Fault(offset: argument.range.lowerBound, message: "\(position): \(message)"))
                }
            }
        }
        return faults
    }

    /// Numbers alone are ordered and computed with; of anything else the order is null, and the rest an error.
    private static func operandFaults(of node: SyntaxNode) -> [Fault] {
        let verb: String
        switch node.kind {
        case .comparison(.equal), .comparison(.notEqual): return []
        case .comparison(let comparator): verb = "'\(comparator.rawValue)' orders numbers"
        case .arithmetic(let arithmetic): verb = "'\(arithmetic.rawValue)' computes with numbers"
        case .plusSign, .minusSign: verb = "a sign stands before numbers"
        default: return []
        }
        return node.children.compactMap { operand in
            guard let found = operand.unfitness(for: .number) else { return nil }
            let remedy = if case .literal = operand.kind { "`1` is a number" } else { "to_number() makes one of text" }
            return Fault(offset: operand.range.lowerBound, message: "\(verb), and this is \(found); \(remedy)")
        }
    }

    /// What is wrong with a constant text as an argument of a function of the field.
    private func constantFault(_ text: String, _ function: String, _ index: Int) -> String? {
        switch (function, index) {
        case ("regex_match", 1), ("regex_capture", 1), ("regex_replace", 1):
            do throws(Pattern.Fault) {
                _ = try Pattern(text)
                return nil
            } catch {
                return "'\(text)' is no regular expression: \(error.message)"
            }
        case ("format_date", 1), ("parse_date", 1):
            do throws(DatePattern.Fault) {
                _ = try DatePattern(text)
                return nil
            } catch {
                return error.message
            }
        case ("format_date", 2), ("parse_date", 2):
            return vocabulary.timeZones[text] == nil ? vocabulary.timeZones.unknown(text) : nil
        case ("add_duration", 1):
            return Duration(text: text) == nil
                ? "'\(text)' is not a duration; expected a form such as '15m', '6h' or '-3d'" : nil
        case ("lookup", 0):
            return vocabulary.tables.tables[text] == nil ? vocabulary.tables.unknown(text) : nil
        case ("phone", 1), ("msisdn", 1):
            return PhoneNumber.isRegion(text) ? nil : "'\(text)' is no region; expected two letters such as 'CA'"
        default: return nil
        }
    }
}

extension ValueTypes {
    /// These, with arrays where arrays of numbers or of strings are taken: which they are, the payload decides.
    fileprivate var withArrays: ValueTypes {
        isDisjoint(with: [.numbers, .strings, .objects]) ? self : union(.array)
    }
}

extension SyntaxNode {
    /// What the node always is, when that is never of these types; nil when it may be.
    fileprivate func unfitness(for types: ValueTypes) -> String? {
        if types == .expression, kind != .reference { return "a value" }
        guard let own = self.types, own.isDisjoint(with: types.withArrays) else { return nil }
        switch kind {
        case .reference: return "an &expression"
        case .literal(let value): return value.kind.article
        default: return "always \(own)"
        }
    }

    /// The types that the node's value can have, whatever the document is; nil when any.
    fileprivate var types: ValueTypes? {
        switch kind {
        case .literal(let value): ValueTypes(value.kind)
        case .comparison(.equal), .comparison(.notEqual), .not: .boolean
        case .comparison: [.boolean, .null]
        case .arithmetic, .plusSign, .minusSign: .number
        case .reference: .expression
        case .multiSelectList: children.isEmpty ? nil : [.array, .null]
        case .multiSelectHash: [.object, .null]
        case .call: function.flatMap { $0.returns.isSuperset(of: .any) ? nil : $0.returns.withArrays }
        case .ternary, .or, .and:
            children.suffix(2).reduce(ValueTypes?.some([])) { sum, child in
                sum.flatMap { sum in child.types.map(sum.union) }
            }
        case .letIn: children.last?.types
        case .current, .root, .field, .index, .slice, .variable, .subexpression, .pipe, .listProjection,
            .sliceProjection, .objectProjection, .flattenProjection, .filterProjection:
            nil
        }
    }
}
