extension ConfigNode {
    /// The place in the file of the scalar's character at `offset` (in Unicode scalars of its text).
    ///
    /// The scalar's text and the file are walked side by side: what is not white space must come in the same order in
    /// both, after any white space (indentation and folding add and remove it) and inside quotation marks after escapes.
    /// Where the two part (text that was substituted), the place reached so far is answered.
    func position(of offset: Int, in lines: [Substring]) -> ConfigPosition {
        guard case .scalar(let scalar) = content, lines.indices.contains(position.line - 1) else { return position }
        var cursor = Cursor(lines: lines, line: position.line - 1, column: position.column - 1)
        switch scalar.style {
        case .plain: break
        case .singleQuoted, .doubleQuoted: cursor.advance()
        case .literal, .folded: cursor.nextLine()
        }
        var found = cursor.position(in: position.file)
        for (index, character) in scalar.text.unicodeScalars.enumerated() {
            if index == offset, character.properties.isWhitespace { return cursor.position(in: position.file) }
            if character.properties.isWhitespace {
                cursor.skipWhitespace(escapes: scalar.style == .doubleQuoted)
                continue
            }
            cursor.skipWhitespace(escapes: scalar.style == .doubleQuoted)
            guard cursor.current != nil else { return found }
            found = cursor.position(in: position.file)
            if index == offset { return found }
            cursor.step(over: character, style: scalar.style)
        }
        return offset == 0 ? found : cursor.position(in: position.file)
    }
}

private struct Cursor {
    let lines: [Substring]
    var line: Int
    var column: Int

    private var scalars: Substring.UnicodeScalarView { lines[line].unicodeScalars }

    init(lines: [Substring], line: Int, column: Int) {
        self.lines = lines
        self.line = line
        self.column = column
    }

    var current: Unicode.Scalar? { scalar(at: column) }

    private func scalar(at column: Int) -> Unicode.Scalar? {
        guard lines.indices.contains(line) else { return nil }
        return scalars.dropFirst(column).first
    }

    func position(in file: String) -> ConfigPosition {
        ConfigPosition(file: file, line: line + 1, column: column + 1)
    }

    mutating func advance() {
        column += 1
    }

    mutating func nextLine() {
        guard line + 1 < lines.count else { return }
        line += 1
        column = 0
    }

    /// Spaces, tabs, line ends, and with `escapes` those written as `\n`, `\t`, `\ ` or a backslash at a line's end.
    mutating func skipWhitespace(escapes: Bool) {
        while true {
            if let current {
                if current.properties.isWhitespace {
                    column += 1
                } else if escapes, current == "\\", let next = scalar(at: column + 1),
                    "nrt ".unicodeScalars.contains(next)
                {
                    column += 2
                } else if escapes, current == "\\", scalar(at: column + 1) == nil, line + 1 < lines.count {
                    nextLine()
                } else {
                    return
                }
            } else if line + 1 < lines.count {
                nextLine()
            } else {
                return
            }
        }
    }

    /// Moves past one character of the text as it is written: itself, `''` in single quotation marks, or an escape.
    mutating func step(over character: Unicode.Scalar, style: ConfigNode.Style) {
        switch (style, current) {
        case (.singleQuoted, "'"): column += 2
        case (.doubleQuoted, "\\"):
            let digits: [Unicode.Scalar: Int] = ["x": 2, "u": 4, "U": 8]
            column += 2 + (scalar(at: column + 1).flatMap { digits[$0] } ?? 0)
        default: column += 1
        }
    }
}
