import Model
import Testing

@testable import Rules

@Suite struct `A date pattern` {
    private static let berlin = TimeZone(
        name: "Europe/Berlin",
        transitions: [],
        kinds: [],
        localTimes: [.init(offset: 3_600, isDaylightSaving: false, abbreviation: "CET")],
        future: PosixTimeZone("CET-1CEST,M3.5.0,M10.5.0/3")
    )

    private func moment(_ text: String) throws -> Timestamp { try #require(Timestamp(rfc3339: text)) }

    @Test(arguments: [
        ("dd.MM.yyyy HH:mm", "31.01.2026 10:05"),
        ("d.M.yy H:m:s", "31.1.26 10:5:7"),
        ("yyyy-MM-dd'T'HH:mm:ss.SSSXXX", "2026-01-31T10:05:07.123+01:00"),
        ("EEEE, MMMM d 'at' h:mm a", "Saturday, January 31 at 10:05 AM"),
        ("E, dd MMM yyyy HH:mm:ss Z", "Sat, 31 Jan 2026 10:05:07 +0100"),
        ("hh 'o''clock' z", "10 o'clock CET"),
        ("D u VV S", "31 6 Europe/Berlin 1"),
        ("''yyyy''", "'2026'"),
        ("yyyy年MM月dd日", "2026年01月31日"),
        ("", ""),
    ])
    func `writes a moment as local time`(pattern: String, expected: String) throws {
        let text = try DatePattern(pattern).text(of: moment("2026-01-31T09:05:07.123Z"), in: Self.berlin)
        #expect(text == expected)
    }

    @Test(arguments: [
        ("2026-03-29T00:59:59Z", "2026-03-29 01:59:59 CET"), ("2026-03-29T01:00:00Z", "2026-03-29 03:00:00 CEST"),
        ("2026-10-25T00:30:00Z", "2026-10-25 02:30:00 CEST"), ("2026-10-25T01:30:00Z", "2026-10-25 02:30:00 CET"),
        ("2026-12-31T23:30:00Z", "2027-01-01 00:30:00 CET"), ("1969-12-31T23:00:00Z", "1970-01-01 00:00:00 CET"),
    ])
    func `follows the clocks when they change`(at text: String, expected: String) throws {
        #expect(try DatePattern("yyyy-MM-dd HH:mm:ss z").text(of: moment(text), in: Self.berlin) == expected)
    }

    @Test(arguments: [(0, "12 AM"), (1, "1 AM"), (11, "11 AM"), (12, "12 PM"), (13, "1 PM"), (23, "11 PM")])
    func `counts the hours of half a day from 12`(hour: Int64, expected: String) throws {
        let moment = Timestamp(milliseconds: hour * 3_600_000)
        #expect(try DatePattern("h a").text(of: moment, in: .utc) == expected)
        let back = try DatePattern("yyyy h a").moment(of: "1970 " + expected, in: .utc)
        #expect(back == moment)
    }

    @Test(arguments: [
        ("dd.MM.yyyy HH:mm", "31.01.2026 10:05", "2026-01-31T09:05:00.000Z"),
        ("d.M.yy", "1.7.26", "2026-06-30T22:00:00.000Z"),
        ("d.M.yy", "1.7.71", "1971-06-30T22:00:00.000Z"),
        ("E, dd MMM yyyy HH:mm:ss Z", "Sat, 31 Jan 2026 10:05:07 -0500", "2026-01-31T15:05:07.000Z"),
        ("MMMM d, yyyy h:mm a", "july 4, 2026 12:30 am", "2026-07-03T22:30:00.000Z"),
        ("yyyy-MM-dd HH:mm:ss.SSSXXX", "2026-01-31 10:05:07.123Z", "2026-01-31T10:05:07.123Z"),
        ("yyyy-MM-dd HH:mm", "2026-03-29 02:30", "2026-03-29T01:30:00.000Z"),
        ("yyyy-MM-dd HH:mm", "2026-10-25 02:30", "2026-10-25T00:30:00.000Z"),
        ("yyyyMMdd", "20240229", "2024-02-28T23:00:00.000Z"),
        ("yyyy", "2026", "2025-12-31T23:00:00.000Z"),
    ])
    func `reads what people write`(pattern: String, text: String, expected: String) throws {
        #expect(try DatePattern(pattern).moment(of: text, in: Self.berlin).description == expected)
    }

    @Test(arguments: [
        ("dd.MM.yyyy", "30.02.2026", "there is no day 30 of month 2 in 2026"),
        ("dd.MM.yyyy", "1.02.2026", "expected 2 digits, found '1.02.2026'"),
        ("dd.MM.yyyy", "01/02/2026", "expected '.', found '/02/2026'"),
        ("dd.MM.yyyy", "01.02.2026 10:00", "' 10:00' is left over at its end"),
        ("dd.MM.yyyy", "01.02.", "expected 4 digits, found the end"),
        ("HH:mm", "10:00", "the pattern has no year"),
        ("yyyy HH:mm", "2026 25:00", "there is no time 25:0:0"),
        ("yyyy h a", "2026 13 PM", "hour 13 does not go with AM or PM"),
        ("MMM yyyy", "Foo 2026", "expected a name such as 'Jan', found 'Foo 2026'"),
        ("yyyy z", "2026 CET", "D, z and VV can be written, and not read; an offset is read by XXX or Z"),
        ("yyyy XXX", "2026 +2", "expected an offset such as +02:00, found '+2'"),
    ])
    func `says why a text does not fit`(pattern: String, text: String, reason: String) throws {
        let pattern = try DatePattern(pattern)
        #expect(throws: DatePattern.Fault(message: reason)) { try pattern.moment(of: text, in: .utc) }
    }

    @Test(arguments: ["YYYY", "MMMMM", "SSSS", "yyyy-QQ", "'open", "b"])
    func `refuses letters it does not know`(pattern: String) {
        #expect(throws: DatePattern.Fault.self) { try DatePattern(pattern) }
    }

    @Test func `gives back every moment that it has written whole`() throws {
        let pattern = try DatePattern("yyyy-MM-dd HH:mm:ss.SSS xxx")
        for milliseconds in stride(from: -2_000_000_000_000, through: 4_000_000_000_000 as Int64, by: 7_777_777_777) {
            let moment = Timestamp(milliseconds: milliseconds)
            #expect(try pattern.moment(of: pattern.text(of: moment, in: Self.berlin), in: .utc) == moment)
        }
    }
}

@Suite struct `A duration's text` {
    @Test(
        arguments: [
            ("200ms", 200), ("2s", 2_000), ("15m", 900_000), ("6h", 21_600_000), ("3d", 259_200_000),
            ("1d12h", 129_600_000), ("-2h", -7_200_000), ("+1s", 1_000), ("0s", 0),
        ] as [(String, Int64)]
    )
    func `is read`(text: String, milliseconds: Int64) {
        #expect(Duration(text: text)?.milliseconds == milliseconds)
    }

    @Test(arguments: ["", "-", "5", "h", "5 h", "5w", "1.5h", "99999999999999999999s", "9999999999d", "5h-", "--5h"])
    func `is refused when it is anything else`(text: String) {
        #expect(Duration(text: text) == nil)
    }
}
