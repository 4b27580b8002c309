// The readers of single values. With `default:` they answer it when the key is absent or its value is a mistake;
// without, nil.
extension ConfigSection {
    func read<Value>(_ key: String, _ reading: ConfigReading<Value>, _ problems: inout [ConfigProblem]) -> Value? {
        know(key, reading.kind)
        return self[key]?.read(reading, &problems)
    }

    /// With a default written as the config would write it.
    func read<Value>(
        _ key: String,
        _ reading: ConfigReading<Value>,
        default text: String,
        _ problems: inout [ConfigProblem]
    ) -> Value {
        guard let fallback = reading.parse(text) else {
            preconditionFailure("the default of \(key) is none of its values")
        }
        know(key, reading.kind, default: text)
        return self[key]?.read(reading, &problems) ?? fallback
    }

    func text(_ key: String, _ problems: inout [ConfigProblem]) -> String? {
        read(key, .nonEmptyText, &problems)
    }

    func text(_ key: String, default fallback: String, _ problems: inout [ConfigProblem]) -> String {
        know(key, .text, default: fallback)
        return text(key, &problems) ?? fallback
    }

    /// Text that must be there; empty when it is not.
    func requiredText(_ key: String, _ problems: inout [ConfigProblem]) -> String {
        let text = text(key, &problems) ?? ""
        require(key, &problems)
        return text
    }

    func secret(_ key: String, _ problems: inout [ConfigProblem]) -> Secret? {
        read(key, .secret, &problems)
    }

    func boolean(_ key: String, default fallback: Bool, _ problems: inout [ConfigProblem]) -> Bool {
        know(key, .boolean, default: String(fallback))
        return read(key, .boolean, &problems) ?? fallback
    }

    func integer(_ key: String, in range: ClosedRange<Int>, _ problems: inout [ConfigProblem]) -> Int? {
        read(key, .integer(in: range), &problems)
    }

    func integer(
        _ key: String,
        default fallback: Int,
        in range: ClosedRange<Int>,
        _ problems: inout [ConfigProblem]
    ) -> Int {
        know(key, .integer(range), default: String(fallback))
        return integer(key, in: range, &problems) ?? fallback
    }

    func share(_ key: String, default fallback: Double, _ problems: inout [ConfigProblem]) -> Double {
        know(key, .share, default: "\(Int((fallback * 100).rounded()))%")
        return read(key, .share, &problems) ?? fallback
    }

    func duration(
        _ key: String,
        in range: ClosedRange<Duration> = .anyConfigured,
        _ problems: inout [ConfigProblem]
    ) -> Duration? {
        read(key, .duration(in: range), &problems)
    }

    func duration(
        _ key: String,
        default fallback: Duration,
        in range: ClosedRange<Duration> = .anyConfigured,
        _ problems: inout [ConfigProblem]
    ) -> Duration {
        know(key, .duration, default: fallback.configText)
        return duration(key, in: range, &problems) ?? fallback
    }

    func size(
        _ key: String,
        default fallback: ByteCount,
        in range: ClosedRange<ByteCount>,
        _ problems: inout [ConfigProblem]
    ) -> ByteCount {
        know(key, .size, default: fallback.description)
        return read(key, .size(in: range), &problems) ?? fallback
    }

    func choice<Value: RawRepresentable & CaseIterable>(
        _ key: String,
        default fallback: Value,
        _ problems: inout [ConfigProblem]
    ) -> Value where Value.RawValue == String {
        know(key, .choice(Value.allCases.map(\.rawValue)), default: fallback.rawValue)
        return read(key, .choice, &problems) ?? fallback
    }
}

// Several values.
extension ConfigSection {
    /// The elements of a list that are no mistake; empty when the key is absent.
    func list<Value>(_ key: String, of reading: ConfigReading<Value>, _ problems: inout [ConfigProblem]) -> [Value] {
        know(key, .list(reading.kind))
        return (self[key]?.elements(&problems) ?? []).compactMap { $0.read(reading, &problems) }
    }

    /// A value, or a list of them; empty when the key is absent.
    func oneOrMore<Value>(_ key: String, of reading: ConfigReading<Value>, _ problems: inout [ConfigProblem]) -> [Value]
    {
        know(key, .oneOrMore(reading.kind))
        return (self[key]?.elementsOrSelf ?? []).compactMap { $0.read(reading, &problems) }
    }

    /// A mapping whose keys are names of the user's own, in the order of the file.
    func named<Value>(
        _ key: String,
        of reading: ConfigReading<Value>,
        _ problems: inout [ConfigProblem]
    ) -> [(name: String, value: Value)] {
        know(key, .named(reading.kind))
        return (self[key]?.members(&problems) ?? []).compactMap { name, value in
            value.read(reading, &problems).map { (name, $0) }
        }
    }
}

extension ClosedRange<Duration> {
    /// What a duration may be where nothing narrower makes sense: a millisecond to ten years.
    static var anyConfigured: Self { .milliseconds(1)...Duration.seconds(3_650 * 86_400) }
}
