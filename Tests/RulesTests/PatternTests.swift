import Testing

@testable import Rules

@Suite struct `A pattern` {
    private func match(_ pattern: String, _ text: String, from start: Int = 0) throws -> [String?]? {
        let pattern = try Pattern(pattern)
        let bytes = Array(text.utf8)
        return bytes.withUnsafeBufferPointer { buffer in
            pattern.firstMatch(in: buffer, from: start)?.ranges.map { range in
                range.map { String(decoding: bytes[$0], as: UTF8.self) }
            }
        }
    }

    @Test func `finds the first match and its groups`() throws {
        #expect(
            try match("(\\w+)@(\\w+)(\\.com)?", "mail to ana@example or bob@x.com") == [
                "ana@example", "ana", "example", nil,
            ]
        )
        #expect(try match("ü+", "Grüße") == ["ü"])
        #expect(try match("x", "abc") == nil)
        #expect(try match("", "") == [""])
        #expect(try match("a", "aba", from: 1) == ["a"])
    }

    @Test func `names its groups`() throws {
        let pattern = try Pattern("(?P<year>\\d{4})-(\\d\\d)")
        #expect(pattern.groupCount == 2)
        #expect(pattern.group("year") == 1)
        #expect(pattern.group("2") == 2)
        #expect(pattern.group("0") == 0)
        #expect(pattern.group("3") == nil)
        #expect(pattern.group("month") == nil)
    }

    @Test(arguments: ["(", "a**", "[z-a]", "\\", "(?=a)", "\\1"])
    func `says why it cannot be compiled`(text: String) {
        let fault = #expect(throws: Pattern.Fault.self) { try Pattern(text) }
        #expect(fault?.message.isEmpty == false)
    }

    @Test func `too large to keep is refused`() {
        #expect(throws: Pattern.Fault.self) { try Pattern("((a{100}){100}){100}") }
    }

    @Test func `that makes others backtrack for ever answers`() throws {
        #expect(try match("(a+)+$", String(repeating: "a", count: 100_000) + "b") == nil)
    }

    @Test func `is compiled once by a cache`() throws {
        let cache = PatternCache()
        #expect(try cache.pattern("a+") === cache.pattern("a+"))
        #expect(throws: Pattern.Fault.self) { try cache.pattern("(") }
        for number in 0..<2_000 { _ = try cache.pattern("a{1}\(number)") }
        #expect(try cache.pattern("a+") === cache.pattern("a+"))
    }
}
