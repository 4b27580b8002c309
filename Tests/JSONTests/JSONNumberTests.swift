import JSON
import Testing

@Suite struct `A JSON number` {
    @Test(arguments: [
        "0", "-0", "19.90", "1e5", "1E+5", "-1.5e-10", "123456789012345678", "1234567890123456789",
        "9223372036854775807",
        "12345678901234567890", "0.1", "-7", "1e999", "100000000000000000000000000000000000000000",
    ])
    func `keeps its lexeme, parsed or made`(lexeme: String) throws {
        let value = try JSONValue.parse("[\(lexeme)]")
        #expect(value[0]?.number?.lexeme == lexeme)
        #expect(JSONNumber(lexeme: lexeme)?.lexeme == lexeme)
        #expect(value.description == "[\(lexeme)]")
        #expect(value[0]?.number?.doubleValue == Double(lexeme))
    }

    @Test(arguments: [
        "", "-", "+1", "01", "1.", ".5", "1e", "1e+", "0x10", "1 ", " 1", "NaN", "Infinity", "1_000", "1.5.2",
    ])
    func `is not made of what is none`(text: String) {
        #expect(JSONNumber(lexeme: text) == nil)
    }

    @Test(
        arguments: [
            ("0", 0), ("-0", 0), ("1e2", 100), ("1.50e1", 15), ("9223372036854775807", .max),
            ("-9223372036854775808", .min),
            ("9223372036854775808", nil), ("-9223372036854775809", nil), ("1.5", nil), ("1e-1", nil), ("1e400", nil),
            ("100e-2", 1), ("0e999999999999", 0), ("12.000", 12),
        ] as [(String, Int64?)]
    )
    func `is an integer when its value is`(lexeme: String, value: Int64?) {
        #expect(JSONNumber(lexeme: lexeme)?.int64Value == value)
    }

    @Test
    func `is ordered by its exact value`() throws {
        let ordered = [
            "-2e400", "-1e400", "-12345678901234567891", "-12345678901234567890", "-1.5", "-1", "-1e-400", "0",
            "1e-400",
            "2e-400", "0.1", "0.10000000000000000001", "1", "9007199254740992", "9007199254740993", "1e17",
            "123456789012345678", "12345678901234567890", "12345678901234567890.5", "1e400", "1e99999999999999999999",
        ]
        let numbers = try ordered.map { try #require(JSONNumber(lexeme: $0)) }
        for (place, number) in numbers.enumerated() {
            for (otherPlace, other) in numbers.enumerated() {
                #expect((number < other) == (place < otherPlace), "\(number) < \(other)")
                #expect((number == other) == (place == otherPlace), "\(number) == \(other)")
            }
        }
    }

    @Test(arguments: [("1", "1.0"), ("100", "1e2"), ("0.5", "5e-1"), ("0", "-0.0"), ("1e400", "10e399")])
    func `hashes as it equals`(one: String, other: String) throws {
        let numbers = [try #require(JSONNumber(lexeme: one)), try #require(JSONNumber(lexeme: other))]
        #expect(numbers[0] == numbers[1])
        #expect(Set(numbers).count == 1)
    }

    @Test(
        arguments: [
            (3, "3"), (-0.0, "0"), (19.9, "19.9"), (1e22, "1e+22"), (0.1 + 0.2, "0.30000000000000004"),
            (9_007_199_254_740_992, "9007199254740992"),
        ] as [(Double, String)]
    )
    func `of a double is the shortest that reads back`(value: Double, lexeme: String) throws {
        let number = try #require(JSONNumber(value))
        #expect(number.lexeme == lexeme)
        #expect(number.doubleValue == value)
    }

    @Test
    func `is never infinite or undefined`() {
        #expect(JSONNumber(.infinity) == nil)
        #expect(JSONNumber(-.infinity) == nil)
        #expect(JSONNumber(.nan) == nil)
    }
}
