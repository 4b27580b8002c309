/// How a scalar becomes a value: what is expected, in words, and the parser.
struct ConfigReading<Value> {
    var kind: ConfigKind
    /// Completes "found …, expected …".
    var expected: String
    var parse: (String) -> Value?
    /// What may be added to the message for this text: a nearest name.
    var remedy: (String) -> String = { _ in "" }
}

extension ConfigReading where Value == String {
    static var text: Self { ConfigReading(kind: .text, expected: "text") { $0 } }

    static var nonEmptyText: Self {
        ConfigReading(kind: .text, expected: "text that is not empty") { $0.isEmpty ? nil : $0 }
    }
}

extension ConfigReading where Value == Secret {
    static var secret: Self {
        ConfigReading(kind: .text, expected: "a secret that is not empty") { $0.isEmpty ? nil : Secret($0) }
    }
}

extension ConfigReading where Value == Int {
    static func integer(in range: ClosedRange<Int>) -> Self {
        let expected = "a whole number from \(range.lowerBound) to \(range.upperBound)"
        return ConfigReading(kind: .integer(range), expected: expected) { text in
            wholeNumber(text).flatMap { range.contains($0) ? $0 : nil }
        }
    }
}

extension ConfigReading where Value == Bool {
    static var boolean: Self {
        ConfigReading(kind: .boolean, expected: "true or false") { ["true": true, "false": false][$0] }
    }
}

extension ConfigReading where Value == Duration {
    static func duration(in range: ClosedRange<Duration>) -> Self {
        let expected = "a duration from \(range.lowerBound.configText) to \(range.upperBound.configText)"
        return ConfigReading(kind: .duration, expected: expected) { text in
            Duration(config: text).flatMap { range.contains($0) ? $0 : nil }
        } remedy: { text in
            Duration(config: text) == nil ? ", written 200ms, 2s, 15m, 6h or 3d" : ""
        }
    }
}

extension ConfigReading where Value == ByteCount {
    static func size(in range: ClosedRange<ByteCount>) -> Self {
        let expected = "a size from \(range.lowerBound) to \(range.upperBound)"
        return ConfigReading(kind: .size, expected: expected) { text in
            ByteCount(text).flatMap { range.contains($0) ? $0 : nil }
        } remedy: { text in
            ByteCount(text) == nil ? ", written 512B, 64KiB or 4MiB" : ""
        }
    }
}

extension ConfigReading where Value == Double {
    /// `10%` as 0.1.
    static var share: Self {
        ConfigReading(kind: .share, expected: "0% to 100%") { text in
            guard text.hasSuffix("%"), let percent = wholeNumber(text.dropLast()), percent <= 100 else { return nil }
            return Double(percent) / 100
        }
    }
}

extension ConfigReading {
    /// One of a closed set of names.
    static func choice(_ values: [(name: String, value: Value)]) -> Self {
        let names = values.map(\.name)
        return ConfigReading(
            kind: .choice(names),
            expected: names.joined(separator: ", ").replacingLast(", ", with: " or ")
        ) {
            text in
            values.first { $0.name == text }?.value
        } remedy: { text in
            nearestName(to: text, among: names).map { "; did you mean '\($0)'?" } ?? ""
        }
    }
}

extension ConfigReading where Value: RawRepresentable & CaseIterable, Value.RawValue == String {
    static var choice: Self { .choice(Value.allCases.map { ($0.rawValue, $0) }) }
}

extension String {
    fileprivate func replacingLast(_ part: String, with other: String) -> String {
        let pieces = split(separator: part, omittingEmptySubsequences: false)
        guard let last = pieces.last, pieces.count > 1 else { return self }
        return pieces.dropLast().joined(separator: part) + other + last
    }
}
