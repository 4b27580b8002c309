import Model

/// How a date is written, in the letters of Unicode's date patterns (UTS #35): `dd.MM.yyyy HH:mm`.
struct DatePattern: Sendable {
    /// One stretch of a pattern.
    enum Part: Sendable, Equatable {
        /// Text between apostrophes, or characters that are no letters.
        case literal(String)
        case year(digits: Int)
        case month(digits: Int)
        case monthName(short: Bool)
        case day(digits: Int)
        case dayOfYear
        case hour(digits: Int)
        /// 1 to 12, beside `a`.
        case halfDayHour(digits: Int)
        case minute(digits: Int)
        case second(digits: Int)
        case fraction(digits: Int)
        case halfDay
        case weekdayName(short: Bool)
        /// 1 is Monday, as ISO 8601 counts.
        case weekdayNumber
        /// `+02:00`; `usesZ` writes `Z` for UTC.
        case offset(colon: Bool, usesZ: Bool)
        case zoneAbbreviation
        case zoneName
    }

    /// What is wrong with a pattern.
    struct Fault: Error, Equatable {
        var message: String
    }

    /// The letters, for the documentation and for errors.
    static let letters = """
        yyyy yy, M MM MMM MMMM, d dd, D, H HH, h hh, m mm, s ss, S SS SSS, a, E EEEE, u, XXX xxx Z z VV, 'text'
        """

    static let monthNames = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
        "November", "December",
    ]
    static let weekdayNames = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"]

    let parts: [Part]

    init(_ text: String) throws(Fault) {
        var parts: [Part] = []
        var literal = ""
        var rest = Substring(text)
        while let first = rest.first {
            if first == "'" {
                literal += try Self.quoted(&rest)
            } else if first.isASCII, first.isLetter {
                let run = rest.prefix { $0 == first }
                rest.removeFirst(run.count)
                if !literal.isEmpty { parts.append(.literal(literal)) }
                literal = ""
                parts.append(try Self.part(String(run)))
            } else {
                literal.append(first)
                rest.removeFirst()
            }
        }
        if !literal.isEmpty { parts.append(.literal(literal)) }
        self.parts = parts
    }

    /// Two apostrophes are one; between two single ones stands text.
    private static func quoted(_ rest: inout Substring) throws(Fault) -> String {
        rest.removeFirst()
        if rest.first == "'" {
            rest.removeFirst()
            return "'"
        }
        var text = ""
        while let next = rest.popFirst() {
            if next != "'" {
                text.append(next)
            } else if rest.first == "'" {
                rest.removeFirst()
                text.append("'")
            } else {
                return text
            }
        }
        throw Fault(message: "an apostrophe is not closed")
    }

    private static func part(_ run: String) throws(Fault) -> Part {
        switch run {
        case "yyyy", "y": return .year(digits: 4)
        case "yy": return .year(digits: 2)
        case "M", "MM": return .month(digits: run.count)
        case "MMM", "MMMM": return .monthName(short: run.count == 3)
        case "d", "dd": return .day(digits: run.count)
        case "D": return .dayOfYear
        case "H", "HH": return .hour(digits: run.count)
        case "h", "hh": return .halfDayHour(digits: run.count)
        case "m", "mm": return .minute(digits: run.count)
        case "s", "ss": return .second(digits: run.count)
        case "S", "SS", "SSS": return .fraction(digits: run.count)
        case "a": return .halfDay
        case "E", "EEE": return .weekdayName(short: true)
        case "EEEE": return .weekdayName(short: false)
        case "u": return .weekdayNumber
        case "XXX": return .offset(colon: true, usesZ: true)
        case "xxx": return .offset(colon: true, usesZ: false)
        case "Z": return .offset(colon: false, usesZ: false)
        case "z": return .zoneAbbreviation
        case "VV": return .zoneName
        default: throw Fault(message: "'\(run)' is none of \(letters)")
        }
    }
}

// MARK: - Writing

extension DatePattern {
    /// The moment as the clocks of `zone` show it; names in English.
    func text(of moment: Timestamp, in zone: TimeZone) -> String {
        let (second, millisecond) = Int(moment.milliseconds).floored(by: 1_000)
        let local = zone.localTime(at: second)
        let (dayNumber, secondOfDay) = (second + local.offset).floored(by: 86_400)
        let date = CivilDate(dayNumber)
        let (year, month, day) = (Int(date.year), Int(date.month), Int(date.day))
        let hour = secondOfDay / 3_600
        var text = ""
        for part in parts {
            switch part {
            case .literal(let literal): text += literal
            case .year(let digits): text += padded(digits == 2 ? year.floored(by: 100).remainder : year, digits)
            case .month(let digits): text += padded(month, digits)
            case .monthName(let short): text += shortened(Self.monthNames[month - 1], short)
            case .day(let digits): text += padded(day, digits)
            case .dayOfYear: text += String(dayNumber - CivilDate.days(to: year, month: 1) + 1)
            case .hour(let digits): text += padded(hour, digits)
            case .halfDayHour(let digits): text += padded((hour + 11) % 12 + 1, digits)
            case .minute(let digits): text += padded(secondOfDay / 60 % 60, digits)
            case .second(let digits): text += padded(secondOfDay % 60, digits)
            case .fraction(let digits): text += padded(millisecond, 3).prefix(digits)
            case .halfDay: text += hour < 12 ? "AM" : "PM"
            case .weekdayName(let short): text += shortened(Self.weekdayNames[date.weekday], short)
            case .weekdayNumber: text += String((date.weekday + 6) % 7 + 1)
            case .offset(let colon, let usesZ):
                text += usesZ && local.offset == 0 ? "Z" : offset(local.offset, colon: colon)
            case .zoneAbbreviation: text += local.abbreviation
            case .zoneName: text += zone.name
            }
        }
        return text
    }

    private func padded(_ number: Int, _ width: Int) -> String {
        let digits = String(number.magnitude)
        return (number < 0 ? "-" : "") + String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
    }

    private func shortened(_ name: String, _ short: Bool) -> String { short ? String(name.prefix(3)) : name }

    private func offset(_ seconds: Int, colon: Bool) -> String {
        let minutes = abs(seconds) / 60
        return (seconds < 0 ? "-" : "+") + padded(minutes / 60, 2) + (colon ? ":" : "") + padded(minutes % 60, 2)
    }
}

// MARK: - Reading

extension DatePattern {
    /// The fields that a text holds; what the pattern lacks is the first of its kind.
    private struct Fields {
        var year: Int?
        var month = 1
        var day = 1
        var hour = 0
        var minute = 0
        var second = 0
        var millisecond = 0
        var isAfternoon: Bool?
        var offset: Int?
    }

    /// Reads a text that was written by this pattern. A text without an offset is local time of `zone`.
    func moment(of text: String, in zone: TimeZone) throws(Fault) -> Timestamp {
        var rest = Substring(text)
        var fields = Fields()
        for part in parts { try read(part, from: &rest, into: &fields) }
        guard rest.isEmpty else { throw Fault(message: "'\(rest)' is left over at its end") }
        guard let year = fields.year else { throw Fault(message: "the pattern has no year") }
        guard let date = CivilDate(year: Int64(year), month: Int64(fields.month), day: Int64(fields.day)) else {
            throw Fault(message: "there is no day \(fields.day) of month \(fields.month) in \(year)")
        }
        if let isAfternoon = fields.isAfternoon {
            guard (1...12).contains(fields.hour) else {
                throw Fault(message: "hour \(fields.hour) does not go with AM or PM")
            }
            fields.hour = fields.hour % 12 + (isAfternoon ? 12 : 0)
        }
        guard fields.hour < 24, fields.minute < 60, fields.second < 60 else {
            throw Fault(message: "there is no time \(fields.hour):\(fields.minute):\(fields.second)")
        }
        let local = Int(date.daysSince1970) * 86_400 + fields.hour * 3_600 + fields.minute * 60 + fields.second
        let second = fields.offset.map { local - $0 } ?? zone.moment(ofLocal: local)
        return Timestamp(milliseconds: Int64(second * 1_000 + fields.millisecond))
    }

    private func read(_ part: Part, from rest: inout Substring, into fields: inout Fields) throws(Fault) {
        switch part {
        case .literal(let literal):
            guard rest.hasPrefix(literal) else {
                throw Fault(message: "expected '\(literal)', found \(found(rest))")
            }
            rest.removeFirst(literal.count)
        case .year(let digits):
            let year = try number(&rest, digits: digits)
            // Two digits are of the hundred years from 1970 on.
            fields.year = digits == 2 ? (year < 70 ? 2000 : 1900) + year : year
        case .month(let digits): fields.month = try number(&rest, digits: digits)
        case .monthName(let short): fields.month = try name(&rest, of: Self.monthNames, short: short) + 1
        case .day(let digits): fields.day = try number(&rest, digits: digits)
        case .hour(let digits), .halfDayHour(let digits): fields.hour = try number(&rest, digits: digits)
        case .minute(let digits): fields.minute = try number(&rest, digits: digits)
        case .second(let digits): fields.second = try number(&rest, digits: digits)
        case .fraction(let digits):
            let scale = [100, 10, 1][digits - 1]
            fields.millisecond = try number(&rest, digits: digits, exactly: true) * scale
        case .halfDay: fields.isAfternoon = try name(&rest, of: ["AM", "PM"], short: false) == 1
        case .weekdayName(let short): _ = try name(&rest, of: Self.weekdayNames, short: short)
        case .weekdayNumber: _ = try number(&rest, digits: 1)
        case .offset: fields.offset = try offset(&rest)
        case .dayOfYear, .zoneAbbreviation, .zoneName:
            throw Fault(message: "D, z and VV can be written, and not read; an offset is read by XXX or Z")
        }
    }

    /// As many digits as the pattern has letters; one letter reads one or two.
    private func number(_ rest: inout Substring, digits: Int, exactly: Bool = false) throws(Fault) -> Int {
        let run = rest.prefix(digits == 1 && !exactly ? 2 : digits).prefix { $0.isASCII && $0.isNumber }
        guard run.count >= digits, let number = Int(run) else {
            throw Fault(message: "expected \(digits == 1 ? "a number" : "\(digits) digits"), found \(found(rest))")
        }
        rest.removeFirst(run.count)
        return number
    }

    /// The index of the name that comes next, in either case.
    private func name(_ rest: inout Substring, of names: [String], short: Bool) throws(Fault) -> Int {
        for (index, name) in names.enumerated() {
            let wanted = shortened(name, short).lowercased()
            if rest.prefix(wanted.count).lowercased() == wanted {
                rest.removeFirst(wanted.count)
                return index
            }
        }
        throw Fault(message: "expected a name such as '\(shortened(names[0], short))', found \(found(rest))")
    }

    private func offset(_ rest: inout Substring) throws(Fault) -> Int {
        if rest.hasPrefix("Z") || rest.hasPrefix("z") {
            rest.removeFirst()
            return 0
        }
        let run = rest.prefix(6).prefix { "+-:0123456789".contains($0) }
        for length in [6, 5, 3] where run.count >= length {
            if let zone = TimeZone(offset: String(run.prefix(length))) {
                rest.removeFirst(length)
                return zone.localTime(at: 0).offset
            }
        }
        throw Fault(message: "expected an offset such as +02:00, found \(found(rest))")
    }

    private func found(_ rest: Substring) -> String { rest.isEmpty ? "the end" : "'\(rest.prefix(20))'" }
}
