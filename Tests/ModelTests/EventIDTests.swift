import Testing

@testable import Model

@Suite struct `An event id` {
    struct Counting: RandomNumberGenerator {
        var state: UInt64 = 0
        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            return state
        }
    }

    @Test func `has version 7, variant 2 and the time in front`() throws {
        var generator = EventIDGenerator()
        var random = Counting()
        let text = generator.next(at: Timestamp(milliseconds: 0x0190_A5E4_7C00), using: &random).description
        #expect(text.hasPrefix("0190a5e4-7c00-7"))
        #expect(["8", "9", "a", "b"].contains(String(Array(text)[19])))
    }

    @Test func `grows within a millisecond, beyond its sequence, and when the clock goes back`() {
        var generator = EventIDGenerator()
        var random = Counting()
        var last = generator.next(at: Timestamp(milliseconds: 1_000), using: &random)
        for step in 0..<10_000 {
            let now = Timestamp(milliseconds: step % 100 == 0 ? 500 : 1_000)
            let next = generator.next(at: now, using: &random)
            #expect(last < next)
            last = next
        }
    }

    @Test func `is read back from its text and its bytes`() throws {
        let id = EventID(high: 0x0190_A5E4_7C00_7ABC, low: 0x8DEF_0123_4567_89AB)
        #expect(id.description == "0190a5e4-7c00-7abc-8def-0123456789ab")
        #expect(EventID("0190A5E4-7C00-7ABC-8DEF-0123456789AB") == id)
        #expect(EventID(bytes: id.bytes) == id)
    }

    @Test(arguments: [
        "", "0190a5e47c007abc8def0123456789ab", "0190a5e4-7c00-7abc-8def-0123456789a",
        "+190a5e4-7c00-7abc-8def-0123456789ab", "g190a5e4-7c00-7abc-8def-0123456789ab",
    ])
    func `is not read from other text`(text: String) {
        #expect(EventID(text) == nil)
    }
}
