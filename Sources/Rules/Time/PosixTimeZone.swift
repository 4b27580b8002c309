import Model

/// The rule by which a zone's clocks change every year: POSIX's `TZ` text, which ends a TZif file
/// (RFC 9636 section 3.3.1). `CET-1CEST,M3.5.0,M10.5.0/3`.
struct PosixTimeZone: Sendable {
    /// A day of every year, and the local time of day on it at which clocks change.
    struct YearlyMoment: Sendable, Equatable {
        enum Day: Sendable, Equatable {
            /// 1 to 365, with 29 February never counted.
            case julian(Int)
            /// 0 to 365, leap days counted.
            case zeroBased(Int)
            /// The `week`-th `weekday` (0 is Sunday) of a month; week 5 is the last.
            case weekday(Int, week: Int, month: Int)
        }

        var day: Day
        /// Seconds after local midnight; may be negative or beyond a day.
        var second: Int

        /// Local seconds since 1970 at which it comes in a year.
        func local(in year: Int) -> Int {
            dayNumber(in: year) * 86_400 + second
        }

        private func dayNumber(in year: Int) -> Int {
            let newYear = CivilDate.days(to: year, month: 1)
            switch day {
            case .julian(let number):
                return newYear + number - 1 + (CivilDate.isLeap(year) && number > 59 ? 1 : 0)
            case .zeroBased(let number):
                return newYear + number
            case .weekday(let weekday, let week, let month):
                let first = CivilDate.days(to: year, month: month)
                let weekdayOfFirst = (first + 4).floored(by: 7).remainder
                let firstSuch = first + (weekday - weekdayOfFirst + 7) % 7
                let wanted = firstSuch + (week - 1) * 7
                return wanted >= CivilDate.days(to: year, month: month + 1) ? wanted - 7 : wanted
            }
        }
    }

    private let standard: TimeZone.LocalTime
    private let daylight: (time: TimeZone.LocalTime, begins: YearlyMoment, ends: YearlyMoment)?

    /// Nil when the text is not in POSIX's form.
    init?(_ text: String) {
        var scanner = Scanner(text: Array(text.utf8))
        guard let name = scanner.name(), let west = scanner.time() else { return nil }
        standard = TimeZone.LocalTime(offset: -west, isDaylightSaving: false, abbreviation: name)
        if scanner.isAtEnd {
            daylight = nil
            return
        }
        guard let daylightName = scanner.name() else { return nil }
        var offset = standard.offset + 3_600
        if !scanner.isNext(",") {
            guard let west = scanner.time() else { return nil }
            offset = -west
        }
        guard scanner.skip(","), let begins = scanner.yearlyMoment(),
            scanner.skip(","), let ends = scanner.yearlyMoment(), scanner.isAtEnd
        else { return nil }
        let time = TimeZone.LocalTime(offset: offset, isDaylightSaving: true, abbreviation: daylightName)
        daylight = (time, begins, ends)
    }

    func localTime(at moment: Int) -> TimeZone.LocalTime {
        guard let daylight else { return standard }
        let year = Int(CivilDate((moment + standard.offset).floored(by: 86_400).quotient).year)
        let begins = daylight.begins.local(in: year) - standard.offset
        let ends = daylight.ends.local(in: year) - daylight.time.offset
        // In the south summer begins in one year and ends in the next.
        let isSummer =
            begins < ends ? (begins..<ends).contains(moment) : !(ends..<begins).contains(moment)
        return isSummer ? daylight.time : standard
    }
}

private struct Scanner {
    let text: [UInt8]
    var position = 0

    var isAtEnd: Bool { position == text.count }

    func isNext(_ character: Unicode.Scalar) -> Bool {
        position < text.count && UInt32(text[position]) == character.value
    }

    mutating func skip(_ character: Unicode.Scalar) -> Bool {
        guard isNext(character) else { return false }
        position += 1
        return true
    }

    /// Letters, or anything between angle brackets.
    mutating func name() -> String? {
        let isQuoted = skip("<")
        let start = position
        while position < text.count, isQuoted ? text[position] != UInt8(ascii: ">") : isLetter(text[position]) {
            position += 1
        }
        let name = String(decoding: text[start..<position], as: UTF8.self)
        if isQuoted, !skip(">") { return nil }
        return name.utf8.count >= 3 ? name : nil
    }

    /// `[+-]hh[:mm[:ss]]` in seconds.
    mutating func time() -> Int? {
        let isNegative = skip("-")
        if !isNegative { _ = skip("+") }
        guard let hours = number() else { return nil }
        var seconds = hours * 3_600
        for unit in [60, 1] where skip(":") {
            guard let part = number() else { return nil }
            seconds += part * unit
        }
        return isNegative ? -seconds : seconds
    }

    mutating func yearlyMoment() -> PosixTimeZone.YearlyMoment? {
        guard let day = day() else { return nil }
        guard skip("/") else { return .init(day: day, second: 7_200) }
        return time().map { .init(day: day, second: $0) }
    }

    private mutating func day() -> PosixTimeZone.YearlyMoment.Day? {
        if skip("M") {
            guard let month = number(), skip("."), let week = number(), skip("."), let weekday = number(),
                (1...12).contains(month), (1...5).contains(week), (0...6).contains(weekday)
            else { return nil }
            return .weekday(weekday, week: week, month: month)
        }
        if skip("J") {
            return number().flatMap { (1...365).contains($0) ? .julian($0) : nil }
        }
        return number().flatMap { (0...365).contains($0) ? .zeroBased($0) : nil }
    }

    /// One to three digits.
    private mutating func number() -> Int? {
        var number = 0
        var count = 0
        while position < text.count, count < 3, (0x30...0x39).contains(text[position]) {
            number = number * 10 + Int(text[position]) - 0x30
            position += 1
            count += 1
        }
        return count > 0 ? number : nil
    }

    private func isLetter(_ byte: UInt8) -> Bool {
        (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
    }
}
