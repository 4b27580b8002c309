extension Duration {
    /// Reads the form of the config, and sums of it: `200ms`, `2s`, `15m`, `6h`, `3d`, `1d12h`, `-2h`. A day is 24
    /// hours. Nil for anything else, and beyond ten thousand years.
    init?(text: String) {
        let isNegative = text.hasPrefix("-")
        var rest = text.utf8.dropFirst(isNegative || text.hasPrefix("+") ? 1 : 0)
        guard !rest.isEmpty else { return nil }
        var sum: Int64 = 0
        while !rest.isEmpty {
            let digits = rest.prefix { (0x30...0x39).contains($0) }
            rest = rest.dropFirst(digits.count)
            let unit = rest.prefix { (0x61...0x7A).contains($0) }
            rest = rest.dropFirst(unit.count)
            guard let count = Int64(String(decoding: digits, as: UTF8.self)),
                let milliseconds = Self.milliseconds(of: String(decoding: unit, as: UTF8.self))
            else { return nil }
            let (part, isTooLarge) = count.multipliedReportingOverflow(by: milliseconds)
            guard !isTooLarge, part < 315_576_000_000_000 - sum else { return nil }
            sum += part
        }
        self = .milliseconds(isNegative ? -sum : sum)
    }

    private static func milliseconds(of unit: String) -> Int64? {
        switch unit {
        case "ms": 1
        case "s": 1_000
        case "m": 60_000
        case "h": 3_600_000
        case "d": 86_400_000
        default: nil
        }
    }
}
