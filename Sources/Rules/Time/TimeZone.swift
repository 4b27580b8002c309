/// The local time of one place through history and into the future, as the IANA data has it.
struct TimeZone: Sendable {
    /// What clocks show between two transitions.
    struct LocalTime: Sendable, Equatable {
        /// Seconds east of UTC.
        var offset: Int
        var isDaylightSaving: Bool
        /// `CET`, or `-03` where people have no letters for it.
        var abbreviation: String
    }

    let name: String
    /// Seconds since 1970 at which `kinds` at the same index begins; ascending.
    private let transitions: [Int]
    private let kinds: [UInt8]
    private let localTimes: [LocalTime]
    /// What holds after the last transition; nil when the last local time holds for ever.
    private let future: PosixTimeZone?

    static let utc = TimeZone(name: "UTC", offset: 0, abbreviation: "UTC")

    /// A place that never changes its clocks.
    init(name: String, offset: Int, abbreviation: String) {
        self.name = name
        transitions = []
        kinds = []
        localTimes = [LocalTime(offset: offset, isDaylightSaving: false, abbreviation: abbreviation)]
        future = nil
    }

    init(
        name: String,
        transitions: [Int],
        kinds: [UInt8],
        localTimes: [LocalTime],
        future: PosixTimeZone?
    ) {
        precondition(transitions.count == kinds.count && !localTimes.isEmpty)
        self.name = name
        self.transitions = transitions
        self.kinds = kinds
        self.localTimes = localTimes
        self.future = future
    }

    /// What clocks show at a moment, in seconds since 1970 UTC.
    func localTime(at moment: Int) -> LocalTime {
        guard let last = transitions.last else { return future?.localTime(at: moment) ?? localTimes[0] }
        if moment >= last, let future { return future.localTime(at: moment) }
        var low = 0
        var high = transitions.count
        while low < high {
            let middle = (low + high) / 2
            if transitions[middle] <= moment { low = middle + 1 } else { high = middle }
        }
        // RFC 9636 section 3.2: before the first transition the first local time holds.
        return low == 0 ? localTimes[0] : localTimes[Int(kinds[low - 1])]
    }

    /// The moment at which clocks show `local`, seconds since 1970 as if local time were UTC.
    /// A time that comes twice is its first coming; one that is skipped is as much later as was skipped, so 02:30 in
    /// the night when 02:00 becomes 03:00 is 03:30.
    func moment(ofLocal local: Int) -> Int {
        let before = localTime(at: local - 86_400).offset
        let after = localTime(at: local + 86_400).offset
        let fitting = [before, after].filter { localTime(at: local - $0).offset == $0 }
        return local - (fitting.max() ?? before)
    }
}

/// The time zones rules may name, loaded once; a value without any I/O of its own.
public struct TimeZones: Sendable {
    private let zones: [String: TimeZone]

    /// UTC and fixed offsets alone.
    public init() {
        self.init([])
    }

    init(_ zones: [TimeZone]) {
        self.zones = Dictionary(zones.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// All names, sorted.
    public var names: [String] { zones.keys.sorted() }

    /// A zone by its IANA name (`Europe/Berlin`), `UTC` or `Z`, or a fixed offset (`+02:00`, `-0330`).
    subscript(name: String) -> TimeZone? {
        if let zone = zones[name] { return zone }
        if name == "UTC" || name == "Z" { return .utc }
        return TimeZone(offset: name)
    }
}

extension TimeZone {
    /// `+02:00`, `+0200` or `+02`.
    init?(offset text: String) {
        let bytes = Array(text.utf8)
        guard let sign = bytes.first, sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") else { return nil }
        let digits = bytes.dropFirst().filter { $0 != UInt8(ascii: ":") }
        guard digits.allSatisfy({ (0x30...0x39).contains($0) }), [3, 5, 6].contains(bytes.count),
            digits.count == 2 || digits.count == 4, bytes.count != 6 || bytes[3] == UInt8(ascii: ":")
        else { return nil }
        let numbers = digits.map { Int($0) - 0x30 }
        let hours = numbers[0] * 10 + numbers[1]
        let minutes = numbers.count == 4 ? numbers[2] * 10 + numbers[3] : 0
        guard hours < 24, minutes < 60 else { return nil }
        let seconds = (hours * 60 + minutes) * 60
        self.init(name: text, offset: sign == UInt8(ascii: "-") ? -seconds : seconds, abbreviation: text)
    }
}
