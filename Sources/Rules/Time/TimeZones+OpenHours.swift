public import Model

extension TimeZones {
    /// Those of this machine, read when first asked for.
    public static let system = TimeZones.load()

    /// The first moment within these hours, from this one on: this one itself when it is one of them. A zone that is
    /// not known any more is taken for UTC.
    public func opening(_ hours: OpenHours, _ moment: Timestamp) -> Timestamp {
        let zone = self[hours.timeZone] ?? .utc
        let second = Int(moment.milliseconds / 1_000)
        let local = second + zone.localTime(at: second).offset
        let (day, secondOfDay) = local.quotientAndRemainder(dividingBy: 86_400)
        if hours.contain(minute: secondOfDay / 60) { return moment }
        // Today's opening, or tomorrow's; a day whose opening the clocks skip opens as they come to it.
        for days in 0...2 {
            let opening = zone.moment(ofLocal: (day + days) * 86_400 + hours.from * 60)
            if opening > second { return Timestamp(milliseconds: Int64(opening) * 1_000) }
        }
        return moment
    }
}
