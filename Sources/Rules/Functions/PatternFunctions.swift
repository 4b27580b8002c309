import JMESPath
import JSON

extension FieldFunctions {
    private static let text = Parameter("text", [.string, .number, .null])
    private static let pattern = Parameter("pattern", .string)

    /// Patterns are kept compiled in `cache`.
    static func ofPatterns(_ cache: PatternCache) -> [Function] {
        [
            Function(
                "regex_match",
                [text, pattern],
                returns: [.boolean, .null],
                "Whether the pattern (RE2's syntax) is found anywhere in the text; `^` and `$` tie it to the ends.",
                examples: [
                    .init("regex_match('order-1042', '^order-[0-9]+$')", "true"),
                    .init("regex_match('Order', '(?i)order')", "true"),
                ]
            ) { (arguments, evaluation) throws(JMESPathError) in
                guard let text = arguments.text(0) else { return .null }
                let pattern = try compiled(arguments, cache)
                return .bool(try search(pattern, Array(text.utf8), 0, &evaluation) != nil)
            },
            Function(
                "regex_capture",
                [text, pattern, Parameter("group", [.number, .string], .optional)],
                returns: [.string, .null],
                """
                What a group of the pattern took of the first match: by number (0 is the whole match) or by name; \
                without it the first group, or the whole match when there is no group. Null without a match.
                """,
                examples: [
                    .init("regex_capture('Order 1042 paid', 'Order ([0-9]+)')", "\"1042\""),
                    .init("regex_capture('size=XL', '(?P<key>[a-z]+)=(?P<value>[A-Z]+)', 'value')", "\"XL\""),
                    .init("regex_capture('none', '[0-9]+')", "null"),
                ]
            ) { (arguments, evaluation) throws(JMESPathError) in
                guard let text = arguments.text(0) else { return .null }
                let pattern = try compiled(arguments, cache)
                let name = arguments.text(2) ?? (pattern.groupCount > 0 ? "1" : "0")
                guard let group = pattern.group(name) else {
                    throw arguments.fault(2, "the pattern has no group '\(name)'")
                }
                let bytes = Array(text.utf8)
                guard let range = try search(pattern, bytes, 0, &evaluation)?.ranges[group] else { return .null }
                return .string(String(decoding: bytes[range], as: UTF8.self))
            },
            Function(
                "regex_replace",
                [text, pattern, Parameter("replacement", .string)],
                returns: [.string, .null],
                """
                The text with every match replaced. In the replacement `$1` and `${name}` are what a group took, `$0` \
                is the match, and `$$` a dollar sign.
                """,
                examples: [
                    .init("regex_replace('2026-01-31', '(\\d+)-(\\d+)-(\\d+)', '$3.$2.$1')", "\"31.01.2026\""),
                    .init("regex_replace('a  b   c', ' +', ' ')", "\"a b c\""),
                ]
            ) { (arguments, evaluation) throws(JMESPathError) in
                guard let text = arguments.text(0) else { return .null }
                let pattern = try compiled(arguments, cache)
                let replacement = try replacement(arguments, pattern)
                let replaced = try replace(pattern, in: Array(text.utf8), with: replacement, &evaluation)
                return .string(String(decoding: replaced, as: UTF8.self))
            },
        ]
    }

    private static func compiled(_ arguments: Arguments, _ cache: PatternCache) throws(JMESPathError) -> Pattern {
        do {
            return try cache.pattern(arguments.string(1))
        } catch {
            throw arguments.fault(1, "'\(arguments.string(1).prefix(100))' is no regular expression: \(error.message)")
        }
    }

    private enum ReplacementPiece {
        case text([UInt8])
        case group(Int)
    }

    private static func replacement(
        _ arguments: Arguments,
        _ pattern: Pattern
    ) throws(JMESPathError) -> [ReplacementPiece] {
        var pieces: [ReplacementPiece] = []
        var rest = Substring(arguments.string(2))
        while let dollar = rest.firstIndex(of: "$") {
            pieces.append(.text(Array(rest[..<dollar].utf8)))
            rest = rest[rest.index(after: dollar)...]
            if rest.first == "$" {
                pieces.append(.text([UInt8(ascii: "$")]))
                rest.removeFirst()
                continue
            }
            let name: Substring
            if rest.first == "{", let end = rest.firstIndex(of: "}") {
                name = rest[rest.index(after: rest.startIndex)..<end]
                rest = rest[rest.index(after: end)...]
            } else {
                name = rest.prefix { $0.isASCII && $0.isNumber }.prefix(2)
                rest = rest.dropFirst(name.count)
            }
            guard let group = pattern.group(String(name)) else {
                throw arguments.fault(
                    2,
                    "the pattern has no group '\(name)'",
                    expected: "a group, or '$$' for a dollar sign"
                )
            }
            pieces.append(.group(group))
        }
        pieces.append(.text(Array(rest.utf8)))
        return pieces
    }

    /// One search costs the bytes that it may look at: a search for each match may look at all of them again.
    private static func search(
        _ pattern: Pattern,
        _ text: [UInt8],
        _ start: Int,
        _ evaluation: inout Evaluation
    ) throws(JMESPathError) -> Pattern.Match? {
        try evaluation.spend(1 + (text.count - start) >> 6)
        return text.withUnsafeBufferPointer { pattern.firstMatch(in: $0, from: start) }
    }

    private static func replace(
        _ pattern: Pattern,
        in text: [UInt8],
        with pieces: [ReplacementPiece],
        _ evaluation: inout Evaluation
    ) throws(JMESPathError) -> [UInt8] {
        var result: [UInt8] = []
        var allowed = 1_024
        var copied = 0
        var start = 0
        while start <= text.count, let match = try search(pattern, text, start, &evaluation) {
            result += text[copied..<match.whole.lowerBound]
            for piece in pieces {
                switch piece {
                case .text(let bytes): result += bytes
                case .group(let number): if let range = match.ranges[number] { result += text[range] }
                }
            }
            // Asked anew when it has doubled, so that asking costs no more than writing.
            if result.count >= allowed {
                allowed = result.count * 2
                try evaluation.reserve(allowed)
            }
            copied = match.whole.upperBound
            start = match.whole.isEmpty ? nextCharacter(in: text, after: copied) : copied
        }
        result += text[copied...]
        try evaluation.reserve(result.count)
        return result
    }

    /// Where the next character begins: after an empty match the search must go on, and not within a character.
    private static func nextCharacter(in text: [UInt8], after position: Int) -> Int {
        var next = position + 1
        while next < text.count, text[next] & 0xC0 == 0x80 { next += 1 }
        return next
    }
}
