import Model

extension CivilDate {
    init(_ daysSince1970: Int) {
        self.init(daysSince1970: Int64(daysSince1970))
    }

    /// 0 is Sunday, as POSIX counts; 1970-01-01 was a Thursday.
    var weekday: Int { (Int(daysSince1970) + 4).floored(by: 7).remainder }

    static func isLeap(_ year: Int) -> Bool {
        year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    }

    /// The number of the first day of a month, counted from 1970-01-01; month 13 is next year's first.
    static func days(to year: Int, month: Int) -> Int {
        let first = CivilDate(year: Int64(month > 12 ? year + 1 : year), month: Int64(month > 12 ? 1 : month), day: 1)
        precondition(first != nil, "a month is 1 to 13")
        return first.map { Int($0.daysSince1970) } ?? 0
    }
}

extension Int {
    /// Division that rounds down, so that the remainder is never negative.
    func floored(by divisor: Int) -> (quotient: Int, remainder: Int) {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }
}
