import Model
import Testing

@testable import Rules

@Suite struct `A time zone` {
    private static let zones = TimeZones.load()
    /// Zones are read from the machine's tzdata, which a minimal image may lack.
    static let hasZones = zones["Europe/Berlin"] != nil

    private func moment(_ text: String) throws -> Int {
        Int(try #require(Timestamp(rfc3339: text)).milliseconds / 1_000)
    }

    private func zone(_ name: String) throws -> TimeZone { try #require(Self.zones[name]) }

    @Test(
        .enabled(if: hasZones),
        arguments: [
            ("Europe/Berlin", "2026-03-29T00:59:59Z", 3_600, "CET"),
            ("Europe/Berlin", "2026-03-29T01:00:00Z", 7_200, "CEST"),
            ("Europe/Berlin", "2026-10-25T00:59:59Z", 7_200, "CEST"),
            ("Europe/Berlin", "2026-10-25T01:00:00Z", 3_600, "CET"),
            ("Europe/Berlin", "2150-07-01T00:00:00Z", 7_200, "CEST"),
            ("Europe/Berlin", "2150-12-01T00:00:00Z", 3_600, "CET"),
            ("Europe/Berlin", "1850-01-01T00:00:00Z", 3_208, "LMT"),
            ("Australia/Sydney", "2026-01-15T00:00:00Z", 39_600, "AEDT"),
            ("Australia/Sydney", "2026-07-15T00:00:00Z", 36_000, "AEST"),
            ("Australia/Sydney", "2090-01-15T00:00:00Z", 39_600, "AEDT"),
            ("Australia/Sydney", "2090-07-15T00:00:00Z", 36_000, "AEST"),
            ("Asia/Kolkata", "2026-07-15T00:00:00Z", 19_800, "IST"),
            ("America/Sao_Paulo", "2018-12-15T00:00:00Z", -7_200, "-02"),
            ("America/Sao_Paulo", "2026-12-15T00:00:00Z", -10_800, "-03"),
            ("America/New_York", "2026-07-04T12:00:00Z", -14_400, "EDT"),
            ("Pacific/Apia", "2011-12-29T12:00:00Z", -36_000, "-10"),
            ("Pacific/Apia", "2011-12-31T12:00:00Z", 50_400, "+14"),
            ("America/Nuuk", "2060-06-01T00:00:00Z", -3_600, "-01"),
            ("Africa/Casablanca", "2026-03-01T00:00:00Z", 0, "+00"),
        ]
    )
    func `knows what clocks show`(name: String, at text: String, offset: Int, abbreviation: String) throws {
        let found = try zone(name).localTime(at: moment(text))
        #expect(found.offset == offset)
        #expect(found.abbreviation == abbreviation)
    }

    @Test(
        .enabled(if: hasZones),
        arguments: [
            ("Europe/Berlin", "2026-07-01T12:00:00Z", "2026-07-01T10:00:00Z"),
            // Skipped: 02:00 becomes 03:00, so 02:30 is 03:30 summer time.
            ("Europe/Berlin", "2026-03-29T02:30:00Z", "2026-03-29T01:30:00Z"),
            // Comes twice: the first.
            ("Europe/Berlin", "2026-10-25T02:30:00Z", "2026-10-25T00:30:00Z"),
            ("America/New_York", "2026-03-08T02:30:00Z", "2026-03-08T07:30:00Z"),
            ("America/New_York", "2026-11-01T01:30:00Z", "2026-11-01T05:30:00Z"),
            ("Australia/Lord_Howe", "2026-04-05T01:45:00Z", "2026-04-04T14:45:00Z"),
            ("Asia/Tokyo", "2026-01-01T00:00:00Z", "2025-12-31T15:00:00Z"),
        ]
    )
    func `turns local time into a moment`(name: String, local: String, expected: String) throws {
        #expect(try zone(name).moment(ofLocal: moment(local)) == moment(expected))
    }

    @Test(.enabled(if: hasZones))
    func `gives back every moment through its local time, but for the second coming of an hour`() throws {
        for name in ["Europe/Berlin", "America/New_York", "Australia/Sydney", "Asia/Kathmandu", "Africa/Casablanca"] {
            let zone = try zone(name)
            for moment in stride(from: -1_000_000_000, to: 4_000_000_000, by: 1_234_567) {
                let offset = zone.localTime(at: moment).offset
                let back = zone.moment(ofLocal: moment + offset)
                #expect(back == moment || (back < moment && back + zone.localTime(at: back).offset == moment + offset))
            }
        }
    }

    @Test(
        .enabled(if: hasZones),
        arguments: ["Europe/Berlin", "America/New_York", "Australia/Sydney", "America/Santiago", "Asia/Jerusalem"]
    )
    func `says by its yearly rule what its table of transitions says`(name: String) throws {
        let file = try #require(Self.footer(of: name))
        let rule = try #require(PosixTimeZone(file))
        let zone = try zone(name)
        // The table goes on to 2037; these countries have not changed their rule since 2024.
        for moment in stride(from: 1_735_689_600, to: 2_114_380_800, by: 3_600 * 5) {
            #expect(rule.localTime(at: moment) == zone.localTime(at: moment))
        }
    }

    @Test(arguments: [
        ("EST5EDT,M3.2.0,M11.1.0", 1_782_864_000, -14_400), ("UTC0", 0, 0), ("<+0330>-3:30", 0, 12_600),
        ("XXX3YYY,J60/0,J300/0", 1_772_409_600, -7_200), ("XXX3YYY,59,300", 1_772_409_600, -7_200),
        ("EST5", 1_782_864_000, -18_000), ("IST-1GMT0,M10.5.0,M3.5.0/1", 1_767_225_600, 0),
    ])
    func `reads a rule of POSIX`(rule: String, moment: Int, offset: Int) throws {
        #expect(try #require(PosixTimeZone(rule)).localTime(at: moment).offset == offset)
    }

    @Test(arguments: ["", "E5", "EST", "EST5EDT", "EST5EDT,M13.1.0,M11.1.0", "EST5EDT,M3.2.0,M11.1.0x", "<+03-3"])
    func `refuses what is no rule of POSIX`(rule: String) {
        #expect(PosixTimeZone(rule) == nil)
    }

    @Test(arguments: [("+02:00", 7_200), ("-0330", -12_600), ("+05", 18_000), ("Z", 0), ("UTC", 0)])
    func `may be a fixed offset`(name: String, offset: Int) throws {
        #expect(try #require(TimeZones()[name]).localTime(at: 0).offset == offset)
    }

    @Test(arguments: ["", "Mars/Olympus", "+2", "+25:00", "+02:60", "02:00", "+02:0", "+0:200", "+1:234"])
    func `must exist`(name: String) {
        #expect(Self.zones[name] == nil)
    }

    @Test(.enabled(if: hasZones))
    func `file that is cut anywhere is refused, and crashes nothing`() throws {
        let bytes = try #require(Self.file(of: "Europe/Berlin"))
        for length in 0..<(bytes.count - 40) {
            #expect(TimeZone(name: "cut", file: Array(bytes.prefix(length))) == nil)
        }
    }

    private static func file(of name: String) -> [UInt8]? {
        TimeZones.contents("/usr/share/zoneinfo/" + name, limit: 65_536)
    }

    private static func footer(of name: String) -> String? {
        file(of: name).flatMap { bytes in
            bytes.dropLast().split(separator: 0x0A).last.map { String(decoding: $0, as: UTF8.self) }
        }
    }
}
