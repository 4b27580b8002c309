extension FormFields {
    /// Reads `multipart/form-data` (RFC 7578 over RFC 2046), strictly: lines end in CRLF, every part is named, the
    /// closing delimiter is there. Throws `.undecodableBody` with the position, or `.tooMany`.
    init(multipart body: [UInt8], boundary: String?, limit: Int) throws(Refusal) {
        // RFC 2046 section 5.1.1: 1 to 70 characters.
        guard let boundary, (1...70).contains(boundary.utf8.count) else {
            throw Self.malformed("the Content-Type names no boundary of 1 to 70 characters")
        }
        var reader = MultipartReader(body: body, boundary: boundary)
        try reader.skipPreamble()
        while let part = try reader.nextPart() {
            guard fields.count < limit else { throw .tooMany(of: "parts", limit: limit) }
            fields.append(part)
        }
    }

    fileprivate static func malformed(_ reason: String) -> Refusal {
        .undecodableBody(kind: "multipart/form-data", reason: reason)
    }
}

/// Moves over a multipart body part by part.
private struct MultipartReader {
    private let body: [UInt8]
    /// `CRLF--boundary`; at the very beginning of the body without the CRLF.
    private let delimiter: [UInt8]
    /// Just after a delimiter, once `skipPreamble` is done.
    private var position = 0

    /// More than any browser sends; a part's header of this size is an attack.
    private static let headerLimit = 16 << 10

    init(body: [UInt8], boundary: String) {
        self.body = body
        delimiter = Array("\r\n--\(boundary)".utf8)
    }

    /// RFC 2046 section 5.1.1: what comes before the first delimiter is ignored.
    mutating func skipPreamble() throws(Refusal) {
        if body.starts(with: delimiter.dropFirst(2)), kindOfDelimiter(endingAt: delimiter.count - 2) != .none {
            position = delimiter.count - 2
        } else if let start = nextDelimiter(from: 0),
            // A closing delimiter first, and something before it: the opening one was spelt wrong.
            start == 0 || kindOfDelimiter(endingAt: start + delimiter.count) != .closing
        {
            position = start + delimiter.count
        } else {
            throw malformed("no opening delimiter", at: 0)
        }
    }

    /// The part after the delimiter that was just read; nil when that was the closing one. What follows it, the
    /// epilogue, is ignored.
    mutating func nextPart() throws(Refusal) -> FormFields.Field? {
        guard case .opening(let headerStart) = kindOfDelimiter(endingAt: position) else { return nil }
        let (headers, contentStart) = try headers(from: headerStart)
        guard let end = nextDelimiter(from: contentStart) else {
            throw malformed("the last part does not end", at: headerStart)
        }
        position = end + delimiter.count
        return try field(headers, content: Array(body[contentStart..<end]), at: headerStart)
    }

    // MARK: - Delimiters

    private enum Delimiter: Equatable {
        /// The next part's header starts here.
        case opening(Int)
        case closing
        /// The same bytes, but no end of line after them: content.
        case none
    }

    private func kindOfDelimiter(endingAt end: Int) -> Delimiter {
        if end + 1 < body.count, body[end] == UInt8(ascii: "-"), body[end + 1] == UInt8(ascii: "-") { return .closing }
        var index = end
        while index < body.count, body[index] == 0x20 || body[index] == 0x09 { index += 1 }
        guard index + 1 < body.count, body[index] == 0x0D, body[index + 1] == 0x0A else { return .none }
        return .opening(index + 2)
    }

    /// Where the next delimiter starts, at its CRLF.
    private func nextDelimiter(from start: Int) -> Int? {
        var index = start
        while index + delimiter.count <= body.count {
            guard let carriageReturn = body[index...].firstIndex(of: 0x0D) else { return nil }
            if body[carriageReturn...].starts(with: delimiter),
                kindOfDelimiter(endingAt: carriageReturn + delimiter.count) != .none
            {
                return carriageReturn
            }
            index = carriageReturn + 1
        }
        return nil
    }

    // MARK: - Part headers

    private func headers(from start: Int) throws(Refusal) -> ([(name: String, value: String)], contentStart: Int) {
        var headers: [(name: String, value: String)] = []
        var index = start
        while true {
            guard let end = endOfLine(from: index) else { throw malformed("a part's header does not end", at: start) }
            guard end - start <= Self.headerLimit else { throw malformed("a part's header is too long", at: start) }
            let line = body[index..<end]
            let lineStart = index
            index = end + 2
            if line.isEmpty { return (headers, index) }
            guard let text = String(validating: line, as: UTF8.self), !line.contains(0x0A), !line.contains(0) else {
                throw malformed("a part's header is not text", at: lineStart)
            }
            if line.first == 0x20 || line.first == 0x09 {
                // RFC 5322 section 2.2.3: a folded field goes on.
                guard let last = headers.indices.last else {
                    throw malformed("a header starts with a space", at: lineStart)
                }
                headers[last].value += " " + trimmed(text)
                continue
            }
            guard let colon = line.firstIndex(of: UInt8(ascii: ":")), colon > line.startIndex,
                line[..<colon].allSatisfy(isTokenByte)
            else { throw malformed("a part's header is no 'name: value'", at: lineStart) }
            let name = String(decoding: line[..<colon], as: UTF8.self).lowercased()
            headers.append((name, trimmed(String(decoding: line[(colon + 1)...], as: UTF8.self))))
        }
    }

    /// Where the line's CRLF stands.
    private func endOfLine(from start: Int) -> Int? {
        var index = start
        while let carriageReturn = body[index...].firstIndex(of: 0x0D), carriageReturn + 1 < body.count {
            if body[carriageReturn + 1] == 0x0A { return carriageReturn }
            index = carriageReturn + 1
        }
        return nil
    }

    private func field(
        _ headers: [(name: String, value: String)],
        content: [UInt8],
        at start: Int
    ) throws(Refusal) -> FormFields.Field {
        let dispositions = headers.filter { $0.name == "content-disposition" }
        // RFC 7578 section 4.2: each part has one, of the type form-data, with a name.
        guard dispositions.count == 1, let disposition = ParameterizedField(dispositions[0].value),
            disposition.value.lowercased() == "form-data"
        else { throw malformed("a part needs one 'Content-Disposition: form-data'", at: start) }
        let names = disposition.parameters.filter { $0.name == "name" }
        guard names.count == 1 else { throw malformed("a part needs one name", at: start) }
        let name = Self.unescaped(names[0].value)
        guard let filename = Self.filename(of: disposition) else {
            return FormFields.Field(name: name, value: .text(String(decoding: content, as: UTF8.self)))
        }
        let contentType = headers.first { $0.name == "content-type" }?.value
        return FormFields.Field(
            name: name,
            value: .file(FormFile(filename: filename, contentType: contentType, content: content))
        )
    }

    /// `filename`, else `filename*` (RFC 8187), which RFC 7578 section 4.2 forbids and some clients send.
    private static func filename(of disposition: ParameterizedField) -> String? {
        if let plain = disposition.parameters.first(where: { $0.name == "filename" }) { return unescaped(plain.value) }
        guard let extended = disposition.parameters.first(where: { $0.name == "filename*" })?.value else { return nil }
        let prefix = "utf-8'"
        guard extended.lowercased().hasPrefix(prefix),
            let quote = extended.utf8.dropFirst(prefix.utf8.count).firstIndex(of: UInt8(ascii: "'"))
        else { return extended }
        return PercentCoding.decoded(String(extended[extended.utf8.index(after: quote)...]))
    }

    /// Browsers write these three, and no other bytes, as percent-codes (WHATWG HTML, "multipart/form-data encoding").
    private static func unescaped(_ text: String) -> String {
        let bytes = Array(text.utf8)[...]
        var unescaped: [UInt8] = []
        var index = 0
        while index < bytes.count {
            if bytes[index] == UInt8(ascii: "%"), let code = PercentCoding.code(at: index, of: bytes),
                code == 0x0D || code == 0x0A || code == 0x22
            {
                unescaped.append(code)
                index += 3
            } else {
                unescaped.append(bytes[index])
                index += 1
            }
        }
        return String(decoding: unescaped, as: UTF8.self)
    }

    private func malformed(_ reason: String, at position: Int) -> Refusal {
        FormFields.malformed("\(reason) (byte \(position))")
    }
}
