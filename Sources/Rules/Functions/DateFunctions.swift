import JMESPath
import JSON
import Model

extension FieldFunctions {
    private static let moment = Parameter("value", [.string, .number, .null])
    private static let momentText =
        "RFC 3339 text, or an integer of milliseconds since 1970 (of seconds when it is below 100,000,000,000)"

    static func ofDates(_ zones: TimeZones) -> [Function] {
        [
            Function(
                "format_date",
                [moment, Parameter("pattern", .string), Parameter("timezone", [.string, .null], .optional)],
                returns: [.string, .null],
                """
                A moment as people of a time zone write it; without one in UTC. `value` is \(momentText). The letters \
                of the pattern are \(DatePattern.letters); names are English.
                """,
                examples: [
                    .init("format_date('2026-01-31T09:30:00Z', 'dd.MM.yyyy HH:mm', '+01:00')", "\"31.01.2026 10:30\""),
                    .init("format_date(`1795430000`, 'EEEE, MMMM d')", "\"Monday, November 23\""),
                ]
            ) { (arguments, _) throws(JMESPathError) in
                guard let moment = try moment(arguments, 0) else { return .null }
                let zone = try zone(arguments, 2, zones)
                return .string(try pattern(arguments, 1).text(of: moment, in: zone))
            },
            Function(
                "parse_date",
                [
                    Parameter("text", [.string, .number, .null]), Parameter("pattern", [.string, .null], .optional),
                    Parameter("timezone", [.string, .null], .optional),
                ],
                returns: [.string, .null],
                """
                A moment written by the pattern, as RFC 3339 text in UTC. A text without an offset is local time of \
                `timezone`, or UTC; a time that clocks skip is as much later as they skip, and one that comes twice is \
                its first coming. Without a pattern `text` is \(momentText).
                """,
                examples: [
                    .init(
                        "parse_date('31.01.2026 10:30', 'dd.MM.yyyy HH:mm', '+01:00')",
                        "\"2026-01-31T09:30:00.000Z\""
                    ),
                    .init("parse_date('2026-11-23T10:30:00-05:00')", "\"2026-11-23T15:30:00.000Z\""),
                ]
            ) { (arguments, _) throws(JMESPathError) in
                guard let text = arguments.text(0) else { return .null }
                guard !arguments[1].isNull else {
                    return try moment(arguments, 0).map { .string($0.description) } ?? .null
                }
                let zone = try zone(arguments, 2, zones)
                let pattern = try pattern(arguments, 1)
                do throws(DatePattern.Fault) {
                    return .string(try pattern.moment(of: text, in: zone).description)
                } catch {
                    throw arguments.fault(0, "'\(text)' does not fit the pattern: \(error.message)")
                }
            },
            Function(
                "add_duration",
                [moment, Parameter("duration", .string)],
                returns: [.string, .null],
                """
                A later moment, or with a minus an earlier one, as RFC 3339 text in UTC. Durations are written `200ms`, \
                `2s`, `15m`, `6h`, `3d`, `1d12h`; a day is 24 hours.
                """,
                examples: [
                    .init("add_duration('2026-01-31T09:30:00Z', '36h')", "\"2026-02-01T21:30:00.000Z\""),
                    .init("add_duration('2026-01-31T09:30:00Z', '-1d')", "\"2026-01-30T09:30:00.000Z\""),
                ]
            ) { (arguments, _) throws(JMESPathError) in
                guard let moment = try moment(arguments, 0) else { return .null }
                guard let duration = Duration(text: arguments.string(1)) else {
                    throw arguments.fault(
                        1,
                        "'\(arguments.string(1))' is not a duration",
                        expected: "a form such as '15m', '6h' or '-3d'"
                    )
                }
                return .string((moment + duration).description)
            },
        ]
    }

    private static func moment(_ arguments: Arguments, _ index: Int) throws(JMESPathError) -> Timestamp? {
        if arguments[index].isNull { return nil }
        guard let moment = Timestamp(arguments[index]), moment.isWithinCalendar else {
            throw arguments.fault(index, "\(arguments[index].excerpt) is not a moment", expected: momentText)
        }
        return moment
    }

    private static func zone(_ arguments: Arguments, _ index: Int, _ zones: TimeZones) throws(JMESPathError) -> TimeZone
    {
        guard let name = arguments.text(index) else { return .utc }
        guard let zone = zones[name] else { throw arguments.fault(index, zones.unknown(name)) }
        return zone
    }

    private static func pattern(_ arguments: Arguments, _ index: Int) throws(JMESPathError) -> DatePattern {
        do {
            return try DatePattern(arguments.string(index))
        } catch {
            throw arguments.fault(index, error.message)
        }
    }
}

extension TimeZones {
    /// `there is no time zone 'Europe/Berlinn'; did you mean 'Europe/Berlin'?`
    func unknown(_ name: String) -> String {
        "there is no time zone '\(name)'"
            + (nearestName(to: name, among: names).map { "; did you mean '\($0)'?" }
                ?? "; expected a name such as 'Europe/Berlin', or an offset such as '+02:00'")
    }
}

extension Timestamp {
    /// Years 1 to 9999, which four digits can write.
    var isWithinCalendar: Bool { (-62_135_596_800_000...253_402_300_799_999).contains(milliseconds) }
}
