extension JSONValue: Equatable {
    public static func == (one: JSONValue, other: JSONValue) -> Bool {
        if case .view(let document, let node) = one.storage,
            case .view(let otherDocument, let otherNode) = other.storage,
            document === otherDocument, node == otherNode
        {
            return true
        }
        let kind = one.kind
        guard kind == other.kind else { return false }
        switch kind {
        case .null: return true
        case .boolean: return one.boolValue == other.boolValue
        case .number: return one.number == other.number
        case .string: return one.hasSameText(as: other)
        case .array: return one.hasSameElements(as: other)
        case .object: return one.hasSameMembers(as: other)
        }
    }

    /// Of two strings. Compares in place unless one of them has escapes.
    private func hasSameText(as other: JSONValue) -> Bool {
        guard let place = plainText else {
            guard let text = stringValue else { return false }
            return other.hasText(text)
        }
        guard let otherPlace = other.plainText else {
            guard let text = other.stringValue else { return false }
            return hasText(text)
        }
        let (bytes, otherBytes) = (place.document.bytes, otherPlace.document.bytes)
        return bytes.span.extracting(place.range).isEqual(to: otherBytes.span.extracting(otherPlace.range))
    }

    /// Whether a string's text is this one, without decoding it where that can be.
    private func hasText(_ text: String) -> Bool {
        guard let place = plainText else { return stringValue?.isSame(as: text) ?? false }
        let bytes = place.document.bytes
        return bytes.span.extracting(place.range).isEqual(to: text.utf8Span.span)
    }

    /// Where the text lies in a document, when its bytes there are its text.
    private var plainText: (document: JSONDocument, range: Range<Int>)? {
        guard case .view(let document, let node) = storage, document.nodes[node].kind == .string else { return nil }
        return (document, document.nodes[node].range)
    }

    private func hasSameElements(as other: JSONValue) -> Bool {
        guard count == other.count, let elements, let otherElements = other.elements else { return false }
        return elements == otherElements
    }

    private func hasSameMembers(as other: JSONValue) -> Bool {
        guard let members, let otherMembers = other.members, members.count == otherMembers.count else { return false }
        let values = Dictionary(otherMembers.map { (ExactText($0.key), $0.value) }) { _, last in last }
        return members.allSatisfy { values[ExactText($0.key)] == $0.value }
    }
}
