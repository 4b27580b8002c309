/// A number of bytes.
public struct ByteCount: Hashable, Comparable, Sendable {
    public let bytes: Int

    public init(bytes: Int) {
        self.bytes = bytes
    }

    public static func < (one: ByteCount, other: ByteCount) -> Bool { one.bytes < other.bytes }
}

/// The largest unit that divides it: `512B`, `64KiB`, `4MiB`.
extension ByteCount: LosslessStringConvertible {
    private static let units: [(name: String, bytes: Int)] = [
        ("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10), ("B", 1),
    ]

    public var description: String {
        for (name, size) in Self.units where bytes != 0 && bytes % size == 0 { return "\(bytes / size)\(name)" }
        return "\(bytes)B"
    }

    /// Reads digits and one of the units `B`, `KiB`, `MiB`, `GiB`; nil for anything else.
    public init?(_ text: String) {
        for (name, size) in Self.units where text.hasSuffix(name) {
            guard let number = wholeNumber(text.dropLast(name.count)) else { return nil }
            let (bytes, overflow) = number.multipliedReportingOverflow(by: size)
            if overflow { return nil }
            self.init(bytes: bytes)
            return
        }
        return nil
    }
}

extension Duration {
    private static let configUnits: [(name: String, milliseconds: Int)] = [
        ("ms", 1), ("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000),
    ]

    /// Reads digits and one of the units `ms`, `s`, `m`, `h`, `d`; nil for anything else.
    init?(config text: String) {
        for (name, unit) in Self.configUnits where text.hasSuffix(name) {
            guard let number = wholeNumber(text.dropLast(name.count)) else { return nil }
            let (milliseconds, overflow) = number.multipliedReportingOverflow(by: unit)
            if overflow { return nil }
            self = .milliseconds(milliseconds)
            return
        }
        return nil
    }

    /// As the config writes it, in the largest unit that divides it: `200ms`, `2s`, `15m`, `6h`, `3d`.
    var configText: String {
        let total = components.seconds * 1_000 + components.attoseconds / 1_000_000_000_000_000
        let units = Self.configUnits.sorted { $0.milliseconds > $1.milliseconds }
        for (name, unit) in units where total != 0 && total % Int64(unit) == 0 {
            return "\(total / Int64(unit))\(name)"
        }
        return "\(total)ms"
    }
}

/// Digits only, so that `+5`, `5_000` and ` 5` are refused.
func wholeNumber(_ text: some StringProtocol) -> Int? {
    guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
    return Int(text)
}
