/// One value of a YAML document, with the place where it stands.
struct ConfigNode {
    enum Content {
        case scalar(Scalar)
        case list([ConfigNode])
        case mapping([Entry])
    }

    struct Scalar {
        var text: String
        var style: Style
    }

    /// How a scalar is written; what is quoted is always text.
    enum Style {
        case plain
        case singleQuoted
        case doubleQuoted
        case literal
        case folded
    }

    /// One `key: value` of a mapping; keys are unique within it.
    struct Entry {
        var key: String
        var keyPosition: ConfigPosition
        var value: ConfigNode
    }

    var content: Content
    var position: ConfigPosition

    var isNull: Bool {
        guard case .scalar(let scalar) = content, scalar.style == .plain else { return false }
        return ["", "~", "null", "Null", "NULL"].contains(scalar.text)
    }

    /// What it is, for "found …": the text as it is written (so that what `${…}` stands for is never shown), or a shape.
    var summary: String {
        switch content {
        case .list: "a list"
        case .mapping: "a mapping"
        case .scalar where isNull: "nothing"
        case .scalar(let scalar): quotedOnOneLine(scalar.text)
        }
    }
}

/// The text between quotation marks unless it is a bare word, and not more than 40 characters of it.
private func quotedOnOneLine(_ text: String) -> String {
    let isShort = text.count <= 40
    let shown = (isShort ? text : text.prefix(39) + "…").split(whereSeparator: \.isNewline).joined(separator: " ")
    let isWord = text.allSatisfy { $0.isLetter || $0.isNumber || "%.-+_/:".contains($0) }
    return isWord && !shown.isEmpty ? shown : "'\(shown)'"
}
