import JMESPath
import JSON

/// A compiled text with `{{ expression }}` in it.
///
/// Its value is a text, by these rules: a number keeps its lexeme, booleans are `true` and `false`, objects and arrays
/// are compact JSON. A template that is one expression and nothing else is absent when the expression gives null;
/// within a longer template null is empty text.
final class Template: Sendable {
    enum Piece: Sendable {
        case text(String)
        /// `offset` is where the expression begins in the template's text, in UTF-8 bytes.
        case expression(RuleExpression, offset: Int)
    }

    /// As it was written.
    let text: String
    let pieces: [Piece]
    /// The text, when there is no expression in it.
    let constant: String?
    /// The expression, when there is nothing beside it.
    let soleExpression: RuleExpression?

    init(text: String, pieces: [Piece]) {
        self.text = text
        self.pieces = pieces
        var (constant, sole): (String?, RuleExpression?) = (nil, nil)
        switch pieces.first {
        case nil: constant = ""
        case .text(let text) where pieces.count == 1: constant = text
        case .expression(let expression, _) where pieces.count == 1: sole = expression
        default: break
        }
        (self.constant, soleExpression) = (constant, sole)
    }

    /// The value with its type: that of a sole expression, else a string.
    func value(in scope: inout Scope) throws(ExpressionFailure) -> JSONValue {
        if let soleExpression { return try scope.value(of: soleExpression) }
        return try text(in: &scope).map(JSONValue.string) ?? .null
    }

    /// The value as text; nil when it is null or absent.
    func text(in scope: inout Scope) throws(ExpressionFailure) -> String? {
        if let constant { return constant }
        if let soleExpression { return try scope.text(of: soleExpression) }
        var text = ""
        for piece in pieces {
            switch piece {
            case .text(let literal): text += literal
            case .expression(let expression, _): text += try scope.text(of: expression) ?? ""
            }
        }
        return text
    }
}

extension JSONValue {
    /// How a value is written where the API wants a string; nil for null.
    var asText: String? {
        switch kind {
        case .null: nil
        case .string: stringValue
        case .number: number?.lexeme
        case .boolean: boolValue == true ? "true" : "false"
        case .array, .object: String(decoding: serialized(), as: UTF8.self)
        }
    }

    /// Null, an empty string, and a list or an object without content.
    var isNullOrEmpty: Bool { isNull || isEmpty }
}
