/// The `Date` field's line, made once a second.
struct DateLine {
    private(set) var bytes: [UInt8] = []
    private var second = Int64.min

    mutating func update(secondsSince1970 second: Int64) {
        guard second != self.second else { return }
        self.second = second
        bytes = Array("Date: \(httpDate(secondsSince1970: second))\r\n".utf8)
    }
}

/// A date as RFC 9110 section 5.6.7 writes it: `Sun, 06 Nov 1994 08:49:37 GMT`.
func httpDate(secondsSince1970 second: Int64) -> String {
    let (day, secondOfDay) = second.flooredDivision(by: 86_400)
    let (year, month, dayOfMonth) = civilDate(daysSince1970: day)
    let weekday = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"][Int(day.flooredDivision(by: 7).remainder)]
    let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    let time = [secondOfDay / 3_600, secondOfDay / 60 % 60, secondOfDay % 60].map { padded($0, 2) }
    return "\(weekday), \(padded(dayOfMonth, 2)) \(months[Int(month) - 1]) \(padded(year, 4)) "
        + time.joined(separator: ":") + " GMT"
}

/// The Gregorian date of a day. Years are counted from March here, so that the leap day is a year's last: then
/// a month's first day is a linear function of the month, and 400 years are one cycle of 146,097 days.
private func civilDate(daysSince1970 days: Int64) -> (year: Int64, month: Int64, day: Int64) {
    let daysFrom0000To1970 = Int64(719_468)
    let (cycle, dayOfCycle) = (days + daysFrom0000To1970).flooredDivision(by: 146_097)
    let yearOfCycle = (dayOfCycle - dayOfCycle / 1_460 + dayOfCycle / 36_524 - dayOfCycle / 146_096) / 365
    let dayOfYear = dayOfCycle - (365 * yearOfCycle + yearOfCycle / 4 - yearOfCycle / 100)
    let monthFromMarch = (5 * dayOfYear + 2) / 153
    let day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
    let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
    return (cycle * 400 + yearOfCycle + (month <= 2 ? 1 : 0), month, day)
}

private func padded(_ number: Int64, _ width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
}

extension Int64 {
    /// The quotient rounded down, and a remainder that is never negative.
    fileprivate func flooredDivision(by divisor: Int64) -> (quotient: Int64, remainder: Int64) {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }
}
