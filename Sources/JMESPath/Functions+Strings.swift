import JSON

extension Function {
    /// What looks into text and changes it (JEP-14). Places and lengths are counted in code points.
    static let ofStrings: [Function] = [
        Function(
            "ends_with",
            [Parameter("subject", .string), Parameter("suffix", .string)],
            returns: .boolean,
            "Whether the text ends with the suffix.",
            examples: [Example("ends_with('order.pdf', '.pdf')", "true")],
            body: endsWith
        ),
        Function(
            "find_first",
            [
                Parameter("subject", .string), Parameter("sub", .string), Parameter("start", .number, .optional),
                Parameter("end", .number, .optional),
            ],
            returns: [.number, .null],
            "Where the part first begins, from 0, within start (included) and end (not included); else null. "
                + "Negative places count from the end.",
            examples: [Example("find_first('subject', 'j')", "3")],
            implementation: findFirst
        ),
        Function(
            "find_last",
            [
                Parameter("subject", .string), Parameter("sub", .string), Parameter("start", .number, .optional),
                Parameter("end", .number, .optional),
            ],
            returns: [.number, .null],
            "Where the part last begins, from 0, within start (included) and end (not included); else null.",
            examples: [Example("find_last('a-b-c', '-')", "3")],
            implementation: findLast
        ),
        Function(
            "lower",
            [Parameter("subject", .string)],
            returns: .string,
            "The text in lower case.",
            examples: [Example("lower('HÉLLO')", "\"héllo\"")],
            implementation: lower
        ),
        Function(
            "upper",
            [Parameter("subject", .string)],
            returns: .string,
            "The text in upper case.",
            examples: [Example("upper('straße')", "\"STRASSE\"")],
            implementation: upper
        ),
        Function(
            "pad_left",
            padParameters,
            returns: .string,
            "The text, filled up at its beginning to `width` with a character, by default a space.",
            examples: [Example("pad_left('7', `3`, '0')", "\"007\"")],
            implementation: padLeft
        ),
        Function(
            "pad_right",
            padParameters,
            returns: .string,
            "The text, filled up at its end to `width` with a character, by default a space.",
            examples: [Example("pad_right('7', `3`, '.')", "\"7..\"")],
            implementation: padRight
        ),
        Function(
            "replace",
            [
                Parameter("subject", .string), Parameter("old", .string), Parameter("new", .string),
                Parameter("count", .number, .optional),
            ],
            returns: .string,
            "The text with `new` in place of `old`, everywhere or at the first `count` places.",
            examples: [Example("replace('a-b-c', '-', '+', `1`)", "\"a+b-c\"")],
            implementation: replace
        ),
        Function(
            "split",
            [Parameter("subject", .string), Parameter("search", .string), Parameter("count", .number, .optional)],
            returns: .array,
            "The parts of the text between the places of `search`, of which at most `count` are cut; "
                + "an empty `search` cuts between all characters.",
            examples: [Example("split('a,b,c', ',', `1`)", #"["a","b,c"]"#)],
            implementation: split
        ),
        Function(
            "starts_with",
            [Parameter("subject", .string), Parameter("prefix", .string)],
            returns: .boolean,
            "Whether the text begins with the prefix.",
            examples: [Example("starts_with('+1514', '+')", "true")],
            body: startsWith
        ),
        Function(
            "trim",
            trimParameters,
            returns: .string,
            "The text without spaces, or these characters, at both ends.",
            examples: [Example("trim('  a b ')", "\"a b\"")],
            implementation: trim
        ),
        Function(
            "trim_left",
            trimParameters,
            returns: .string,
            "The text without spaces, or these characters, at its beginning.",
            examples: [Example("trim_left('007', '0')", "\"7\"")],
            implementation: trimLeft
        ),
        Function(
            "trim_right",
            trimParameters,
            returns: .string,
            "The text without spaces, or these characters, at its end.",
            examples: [Example("trim_right('1.50', '0')", "\"1.5\"")],
            implementation: trimRight
        ),
    ]

    private static let padParameters = [
        Parameter("subject", .string), Parameter("width", .number), Parameter("pad", .string, .optional),
    ]

    private static let trimParameters = [Parameter("subject", .string), Parameter("chars", .string, .optional)]

    // MARK: - Parts

    @Sendable
    private static func startsWith(_ operands: Operands, _ run: inout Evaluation) throws(JMESPathError) -> Value {
        try run.spend(run.weight(run.operand(1, operands)) >> 4)
        let (subject, prefix) = (run.string(run.operand(0, operands)), run.string(run.operand(1, operands)))
        return .boolean((subject ?? "").utf8.starts(with: (prefix ?? "").utf8))
    }

    @Sendable
    private static func endsWith(_ operands: Operands, _ run: inout Evaluation) throws(JMESPathError) -> Value {
        try run.spend(run.weight(run.operand(1, operands)) >> 4)
        let (subject, suffix) = (run.string(run.operand(0, operands)), run.string(run.operand(1, operands)))
        return .boolean((subject ?? "").utf8.reversed().starts(with: (suffix ?? "").utf8.reversed()))
    }

    @Sendable
    private static func findFirst(_ arguments: Arguments, _ run: inout Evaluation) throws(JMESPathError) -> JSONValue {
        try find(arguments, &run) { search, bytes in search.first(in: bytes.span, from: 0) }
    }

    @Sendable
    private static func findLast(_ arguments: Arguments, _ run: inout Evaluation) throws(JMESPathError) -> JSONValue {
        try find(arguments, &run) { search, bytes in
            var last: Int?
            while let next = search.first(in: bytes.span, from: last.map { $0 + 1 } ?? 0) { last = next }
            return last
        }
    }

    /// Searches between start and end, and counts the place in code points.
    private static func find(
        _ arguments: Arguments,
        _ run: inout Evaluation,
        _ place: (TextSearch, [UInt8]) -> Int?
    ) throws(JMESPathError) -> JSONValue {
        try run.reserve(arguments[0].weight + arguments[1].weight)
        let scalars = arguments.string(0).unicodeScalars
        let count = scalars.count
        func clamped(_ place: Int) -> Int { min(max(place < 0 ? place + count : place, 0), count) }
        let start = clamped(try arguments.integer(2, in: -(1 << 40)...1 << 40) ?? 0)
        let end = clamped(try arguments.integer(3, in: -(1 << 40)...1 << 40) ?? count)
        let search = TextSearch(arguments.string(1))
        guard start < end, search.length > 0 else { return .null }
        let from = scalars.index(scalars.startIndex, offsetBy: start)
        let window = scalars[from..<scalars.index(from, offsetBy: end - start)]
        let bytes = Array(String(window).utf8)
        guard let found = place(search, bytes) else { return .null }
        let before = bytes[..<found].count { $0 & 0xC0 != 0x80 }
        return .integer(Int64(start + before))
    }

    @Sendable
    private static func replace(_ arguments: Arguments, _ run: inout Evaluation) throws(JMESPathError) -> JSONValue {
        let most = try arguments.integer(3, in: 0...Int.max) ?? .max
        let (text, new) = (Array(arguments.string(0).utf8), Array(arguments.string(2).utf8))
        let search = TextSearch(arguments.string(1))
        try run.reserve(text.count + search.length)
        let places = search.all(in: text, most: most)
        guard !places.isEmpty else { return arguments[0] }
        try run.reserve(text.count + places.count * max(0, new.count - search.length))
        var result: [UInt8] = []
        var start = 0
        for place in places {
            result += text[start..<place]
            result += new
            start = place + search.length
        }
        result += text[start...]
        return .string(String(decoding: result, as: UTF8.self))
    }

    @Sendable
    private static func split(_ arguments: Arguments, _ run: inout Evaluation) throws(JMESPathError) -> JSONValue {
        let most = try arguments.integer(2, in: 0...Int.max) ?? .max
        let text = arguments.string(0)
        let search = TextSearch(arguments.string(1))
        try run.reserve(text.utf8.count + search.length)
        guard search.length > 0 else { return try splitCharacters(text, most, &run) }
        let bytes = Array(text.utf8)
        var parts: [JSONValue] = []
        var start = 0
        for place in search.all(in: bytes, most: most) {
            parts.append(.string(String(decoding: bytes[start..<place], as: UTF8.self)))
            start = place + search.length
        }
        parts.append(.string(String(decoding: bytes[start...], as: UTF8.self)))
        return try run.array(parts)
    }

    /// Cuts between all code points, `most` times at most.
    private static func splitCharacters(
        _ text: String,
        _ most: Int,
        _ run: inout Evaluation
    ) throws(JMESPathError) -> JSONValue {
        let scalars = text.unicodeScalars
        try run.spend(text.utf8.count)
        var parts = scalars.prefix(most).map { JSONValue.string(String($0)) }
        if scalars.count > parts.count { parts.append(.string(String(scalars.dropFirst(parts.count)))) }
        return try run.array(parts)
    }

    // MARK: - Forms

    @Sendable
    private static func lower(_ arguments: Arguments, _ run: inout Evaluation) throws(JMESPathError) -> JSONValue {
        try run.spend(arguments[0].weight >> 2)
        return .string(arguments.string(0).lowercased())
    }

    @Sendable
    private static func upper(_ arguments: Arguments, _ run: inout Evaluation) throws(JMESPathError) -> JSONValue {
        try run.spend(arguments[0].weight >> 2)
        return .string(arguments.string(0).uppercased())
    }

    @Sendable
    private static func padLeft(_ arguments: Arguments, _ run: inout Evaluation) throws(JMESPathError) -> JSONValue {
        .string(try padding(arguments, &run) + arguments.string(0))
    }

    @Sendable
    private static func padRight(_ arguments: Arguments, _ run: inout Evaluation) throws(JMESPathError) -> JSONValue {
        .string(arguments.string(0) + (try padding(arguments, &run)))
    }

    /// What a text lacks to its width.
    private static func padding(_ arguments: Arguments, _ run: inout Evaluation) throws(JMESPathError) -> String {
        let width = try arguments.integer(1, in: 0...Int.max) ?? 0
        let pad = arguments.count > 2 ? arguments.string(2) : " "
        guard pad.unicodeScalars.count == 1 else {
            throw arguments.invalidValue(
                2,
                "has \(pad.unicodeScalars.count) characters",
                expected: "one character to fill up with"
            )
        }
        try run.reserve(arguments[0].weight)
        let missing = width - arguments.string(0).unicodeScalars.count
        guard missing > 0 else { return "" }
        // A width beyond any limit must not overflow on its way to being refused.
        try run.reserve(arguments[0].weight + min(missing, 1 << 40) * pad.utf8.count)
        return String(repeating: pad, count: missing)
    }

    @Sendable
    private static func trim(_ arguments: Arguments, _ run: inout Evaluation) throws(JMESPathError) -> JSONValue {
        try trimmed(arguments, &run, left: true, right: true)
    }

    @Sendable
    private static func trimLeft(_ arguments: Arguments, _ run: inout Evaluation) throws(JMESPathError) -> JSONValue {
        try trimmed(arguments, &run, left: true, right: false)
    }

    @Sendable
    private static func trimRight(_ arguments: Arguments, _ run: inout Evaluation) throws(JMESPathError) -> JSONValue {
        try trimmed(arguments, &run, left: false, right: true)
    }

    private static func trimmed(
        _ arguments: Arguments,
        _ run: inout Evaluation,
        left: Bool,
        right: Bool
    ) throws(JMESPathError) -> JSONValue {
        try run.spend((arguments[0].weight + arguments[1].weight) >> 2)
        let chars = Set(arguments.string(1).unicodeScalars)
        func isTrimmed(_ scalar: Unicode.Scalar) -> Bool {
            chars.isEmpty ? scalar.properties.isWhitespace : chars.contains(scalar)
        }
        var scalars = arguments.string(0).unicodeScalars[...]
        if left { scalars = scalars.drop(while: isTrimmed) }
        if right {
            while let last = scalars.last, isTrimmed(last) { scalars.removeLast() }
        }
        return .string(String(scalars))
    }
}
