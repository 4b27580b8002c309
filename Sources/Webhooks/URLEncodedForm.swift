extension FormFields {
    /// Reads `application/x-www-form-urlencoded` by the WHATWG URL standard (section 5.1), which takes every byte
    /// string: what is no percent-code stays as it is, and what is not UTF-8 becomes U+FFFD.
    /// Throws `.tooMany` beyond `limit` fields, and nothing else.
    init(urlEncoded body: [UInt8], limit: Int) throws(Refusal) {
        for sequence in body.split(separator: UInt8(ascii: "&"), omittingEmptySubsequences: true) {
            guard fields.count < limit else { throw .tooMany(of: "fields", limit: limit) }
            let equals = sequence.firstIndex(of: UInt8(ascii: "="))
            let value = equals.map { sequence[($0 + 1)...] } ?? []
            fields.append(
                Field(name: Self.text(sequence[..<(equals ?? sequence.endIndex)]), value: .text(Self.text(value)))
            )
        }
    }

    private static func text(_ bytes: ArraySlice<UInt8>) -> String {
        String(decoding: PercentCoding.decoded(bytes, plusIsSpace: true), as: UTF8.self)
    }
}
