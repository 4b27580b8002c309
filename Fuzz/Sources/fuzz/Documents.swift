@testable import JSON

/// JSON: what is taken is written and read again as the same value; what is refused is refused at a place in it.
enum Documents {
    static func check(_ bytes: [UInt8]) {
        let value: JSONValue
        do {
            value = try JSONValue.parse(bytes, limits: JSONLimits(depth: 64))
        } catch {
            require(0...bytes.count ~= error.position.offset, "an error at \(error.position.offset)")
            _ = error.description
            return
        }
        let written = value.serialized()
        guard let again = try? JSONValue.parse(written) else { broken("no JSON: \(value)") }
        require(again == value, "\(again) is read from \(value)")
        require(again.serialized() == written, "\(again) and \(value) are written differently")
        let built = rebuilt(value)
        require(built == value && value == built, "\(built) is made of the parts of \(value)")
        guard let rewritten = try? JSONValue.parse(built.serialized()) else { broken("no JSON: \(built)") }
        require(rewritten == value, "\(rewritten) is read from \(value)")
    }

    /// The same value, made of decoded texts and numbers in place of views of the document.
    private static func rebuilt(_ value: JSONValue) -> JSONValue {
        switch value.kind {
        case .null: return .null
        case .boolean: return .bool(value.boolValue == true)
        case .number:
            guard let number = value.number else { broken("\(value) is no number") }
            require(number == number && !(number < number), "\(number.lexeme) is not itself")
            _ = (number.int64Value, number.lexemeLength)
            return .number(number)
        case .string:
            guard let text = value.stringValue else { broken("\(value) is no string") }
            return .string(text)
        case .array:
            let elements = value.elements ?? []
            require(elements.count == value.count, "\(value) has \(value.count) elements")
            for index in elements.indices { require(value[index] == elements[index], "\(value)[\(index)]") }
            return .array(elements.map(rebuilt))
        case .object:
            let members = value.members ?? []
            require(members.count == value.count, "\(value) has \(value.count) members")
            for member in members { require(value[member.key] == member.value, "\(value).\(member.key)") }
            return .object(members.map { ($0.key, rebuilt($0.value)) })
        }
    }

    @Sendable static func seeds() -> [[UInt8]] {
        [
            #"{"a":[1,-0.0,1e400,19.90,true,false,null],"a":"\u00e9\ud83d\ude00\ud800","":{}}"#, "[]", "\u{FEFF}{}",
            #"[1e-7,123456789012345678901234567890,0.1E+2,"a\\b\"c\/\b\f\n\r\t"]"#, "[[[[[[[[]]]]]]]]", "\"é😀\"",
        ].map { Array($0.utf8) } + Conformance.bytes(of: "base64", in: "json")
    }
}
