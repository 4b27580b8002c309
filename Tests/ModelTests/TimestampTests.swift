import Testing

@testable import Model

@Suite struct `A timestamp` {
    @Test(
        arguments: [
            ("1970-01-01T00:00:00Z", 0),
            ("2026-01-31T09:30:00.123Z", 1_769_851_800_123),
            ("2026-01-31T10:30:00.123+01:00", 1_769_851_800_123),
            ("2026-01-31T04:00:00.123-05:30", 1_769_851_800_123),
            ("2024-02-29t23:59:59.9z", 1_709_251_199_900),
            ("2024-02-29 23:59:59.123456789Z", 1_709_251_199_123),
            ("2016-12-31T23:59:60Z", 1_483_228_799_000),
            ("1969-12-31T23:59:59.999Z", -1),
            ("0001-01-01T00:00:00Z", -62_135_596_800_000),
        ] as [(String, Int64)]
    )
    func `is read from RFC 3339 text`(text: String, milliseconds: Int64) {
        #expect(Timestamp(rfc3339: text)?.milliseconds == milliseconds)
    }

    @Test(arguments: [
        "", "2026-01-31", "2026-01-31T09:30:00", "2026-02-29T00:00:00Z", "2026-13-01T00:00:00Z",
        "2026-01-31T24:00:00Z", "2026-01-31T09:60:00Z", "2026-01-31T09:30:61Z", "2026-01-31T09:30:00.Z",
        "2026-01-31T09:30:00+1:00", "2026-01-31T09:30:00Z ", "٢٠٢٦-01-31T09:30:00Z", "26-01-31T09:30:00Z",
    ])
    func `is nothing else than RFC 3339`(text: String) {
        #expect(Timestamp(rfc3339: text) == nil)
    }

    @Test func `is written in UTC with milliseconds`() {
        #expect(Timestamp(milliseconds: 1_769_851_800_123).description == "2026-01-31T09:30:00.123Z")
        #expect(Timestamp(milliseconds: -1).description == "1969-12-31T23:59:59.999Z")
    }

    @Test func `reads back what it wrote, on every day of four centuries`() {
        for day in stride(from: Int64(-100_000), through: 60_000, by: 1) {
            let moment = Timestamp(milliseconds: day * 86_400_000 + 43_210_987)
            guard Timestamp(rfc3339: moment.description) != moment else { continue }
            Issue.record("\(moment) is not read back")
            return
        }
    }

    @Test func `moves by durations`() {
        let moment = Timestamp(milliseconds: 1_000)
        #expect((moment + .seconds(2)).milliseconds == 3_000)
        #expect((moment - .milliseconds(1_500)).milliseconds == -500)
        #expect(Timestamp(milliseconds: 5_000).since(moment) == .seconds(4))
    }
}
