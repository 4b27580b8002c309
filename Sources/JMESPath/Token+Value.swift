import JSON

// What a token of an expression says, without what it is written with.

extension Token {
    /// As it is written.
    func text(in expression: String) -> String { text(in: expression, withoutEnds: 0) }

    private func text(in expression: String, withoutEnds count: Int) -> String {
        let utf8 = expression.utf8
        let start = utf8.index(utf8.startIndex, offsetBy: range.lowerBound + count)
        return String(expression[start..<utf8.index(utf8.startIndex, offsetBy: range.upperBound - count)])
    }

    /// A variable's name, without its dollar sign.
    func variable(in expression: String) -> String { String(text(in: expression).dropFirst()) }

    func quotedIdentifier(in expression: String, _ limits: ExpressionLimits) throws(JMESPathError) -> String {
        try json(text(in: expression), in: expression, limits).stringValue ?? ""
    }

    /// `'text'`, in which `\'` and `\\` are the characters themselves, and any other backslash stays (JEP-12a).
    func rawString(in expression: String) -> String {
        var value = String.UnicodeScalarView()
        var isEscaped = false
        for scalar in text(in: expression, withoutEnds: 1).unicodeScalars {
            if isEscaped {
                if scalar != "'" && scalar != "\\" { value.append("\\") }
                value.append(scalar)
                isEscaped = false
            } else if scalar == "\\" {
                isEscaped = true
            } else {
                value.append(scalar)
            }
        }
        return String(value)
    }

    /// JSON in backticks; a backtick inside is written with a backslash.
    func literal(in expression: String, _ limits: ExpressionLimits) throws(JMESPathError) -> JSONValue {
        var json = String.UnicodeScalarView()
        var isEscaped = false
        for scalar in text(in: expression, withoutEnds: 1).unicodeScalars {
            if isEscaped, scalar != "`" { json.append("\\") }
            isEscaped = scalar == "\\" && !isEscaped
            if !isEscaped { json.append(scalar) }
        }
        return try self.json(String(json), in: expression, limits)
    }

    private func json(
        _ source: String,
        in expression: String,
        _ limits: ExpressionLimits
    ) throws(JMESPathError) -> JSONValue {
        do throws(JSONError) {
            return try JSONValue.parse(source, limits: JSONLimits(depth: limits.depth))
        } catch {
            let hint = kind == .literal ? "JSON in backticks; text is written 'so'" : "a name by the rules of JSON"
            throw JMESPathError(.syntax, at: range, "\(text(in: expression)): \(error.reason)", expected: hint)
        }
    }
}
