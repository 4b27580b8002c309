/// A `Content-Type`, or one of its kin, taken apart (RFC 9110 section 8.3.1).
struct MediaType: Equatable {
    /// `type/subtype`, lower case.
    var essence: String
    /// Names in lower case, values without quotes, in their order.
    var parameters: [Parameter]

    struct Parameter: Equatable {
        var name: String
        var value: String
    }

    /// Nil when it is no media type.
    init?(_ text: String) {
        guard let field = ParameterizedField(text) else { return nil }
        let text = field.value.utf8
        guard let slash = text.firstIndex(of: UInt8(ascii: "/")) else { return nil }
        let (type, subtype) = (text[..<slash], text[slash...].dropFirst())
        guard !type.isEmpty, !subtype.isEmpty, type.allSatisfy(isTokenByte), subtype.allSatisfy(isTokenByte) else {
            return nil
        }
        essence = field.value.lowercased()
        parameters = field.parameters
    }

    /// The value of the first parameter of this name.
    func parameter(_ name: String) -> String? {
        parameters.first { $0.name == name }?.value
    }

    var isJSON: Bool {
        essence == "application/json" || essence == "text/json"
            || essence.hasPrefix("application/") && essence.hasSuffix("+json")
    }

    /// Whether its text is UTF-8: it says so, says ASCII, or says nothing.
    var isUTF8: Bool {
        guard let charset = parameter("charset")?.lowercased() else { return true }
        return ["utf-8", "utf8", "us-ascii", "ascii"].contains(charset)
    }
}

/// A value followed by `; name=value` parameters, as in `Content-Type` and `Content-Disposition`.
struct ParameterizedField: Equatable {
    var value: String
    /// Names in lower case; a repeated one is there twice.
    var parameters: [MediaType.Parameter] = []

    /// Nil when a quote does not end, a parameter has no value, or something stands where nothing may.
    init?(_ text: String) {
        let bytes = Array(text.utf8)
        let end = bytes.firstIndex(of: UInt8(ascii: ";")) ?? bytes.count
        value = trimmed(String(decoding: bytes[..<end], as: UTF8.self))
        var index = end
        while index < bytes.count {
            index += 1  // the semicolon
            Self.skipPadding(bytes, &index)
            let nameStart = index
            while index < bytes.count, isTokenByte(bytes[index]) { index += 1 }
            let name = String(decoding: bytes[nameStart..<index], as: UTF8.self).lowercased()
            if name.isEmpty {
                // A semicolon may stand at the end, or twice.
                guard index == bytes.count || bytes[index] == UInt8(ascii: ";") else { return nil }
                continue
            }
            guard index < bytes.count, bytes[index] == UInt8(ascii: "=") else { return nil }
            index += 1
            guard let value = Self.parameterValue(bytes, &index) else { return nil }
            parameters.append(MediaType.Parameter(name: name, value: value))
            Self.skipPadding(bytes, &index)
            guard index == bytes.count || bytes[index] == UInt8(ascii: ";") else { return nil }
        }
    }

    /// A quoted string or a bare value; nil when the quote does not end.
    private static func parameterValue(_ bytes: [UInt8], _ index: inout Int) -> String? {
        guard index < bytes.count, bytes[index] == UInt8(ascii: "\"") else {
            let start = index
            while index < bytes.count, bytes[index] != UInt8(ascii: ";") { index += 1 }
            return trimmed(String(decoding: bytes[start..<index], as: UTF8.self))
        }
        index += 1
        var value: [UInt8] = []
        while index < bytes.count {
            let byte = bytes[index]
            index += 1
            switch byte {
            case UInt8(ascii: "\""): return String(decoding: value, as: UTF8.self)
            // Only what needs a backslash loses it: Windows paths come unescaped (`C:\fakepath\photo.jpg`).
            case UInt8(ascii: "\\") where index < bytes.count && (bytes[index] == 0x22 || bytes[index] == 0x5C):
                value.append(bytes[index])
                index += 1
            default: value.append(byte)
            }
        }
        return nil
    }

    private static func skipPadding(_ bytes: [UInt8], _ index: inout Int) {
        while index < bytes.count, bytes[index] == 0x20 || bytes[index] == 0x09 { index += 1 }
    }
}

/// RFC 9110 section 5.6.2.
func isTokenByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"):
        true
    default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
    }
}
