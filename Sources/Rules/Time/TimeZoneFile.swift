import Glibc

extension TimeZone {
    /// Reads a TZif file of version 2 or later (RFC 9636), by its 64-bit data. Nil when the bytes are anything else.
    init?(name: String, file bytes: [UInt8]) {
        var reader = TimeZoneFileReader(bytes: bytes)
        guard let old = reader.header(), old.version >= UInt8(ascii: "2"), reader.skip(old.size(timeBytes: 4)),
            let header = reader.header(), header.typeCount > 0
        else { return nil }
        var transitions: [Int] = []
        for _ in 0..<header.timeCount {
            guard let time = reader.integer(bytes: 8) else { return nil }
            transitions.append(time)
        }
        guard let kinds = reader.take(header.timeCount), kinds.allSatisfy({ Int($0) < header.typeCount }),
            let types = reader.take(header.typeCount * 6), let letters = reader.take(header.letterCount),
            reader.skip(header.leapCount * 12 + header.standardCount + header.utcCount),
            let footer = reader.line()
        else { return nil }
        var localTimes: [LocalTime] = []
        for type in 0..<header.typeCount {
            let fields = types[(types.startIndex + type * 6)..<(types.startIndex + type * 6 + 6)]
            let name = letters.dropFirst(Int(fields[fields.startIndex + 5])).prefix { $0 != 0 }
            localTimes.append(
                LocalTime(
                    offset: TimeZoneFileReader.integer(fields.prefix(4)),
                    isDaylightSaving: fields[fields.startIndex + 4] == 1,
                    abbreviation: String(decoding: name, as: UTF8.self)
                )
            )
        }
        self.init(
            name: name,
            transitions: transitions,
            kinds: Array(kinds),
            localTimes: localTimes,
            future: PosixTimeZone(footer)
        )
    }
}

extension TimeZones {
    /// All zones below a directory of TZif files; empty but for UTC where there is none.
    /// Files that are something else are passed over. Reads some 600 files: once, at start.
    public static func load(from directory: String = "/usr/share/zoneinfo") -> TimeZones {
        var zones: [TimeZone] = []
        // `posix` repeats all zones, and `right` counts leap seconds, which no webhook does.
        collect(directory, prefix: "", skipping: ["posix", "right"], into: &zones)
        return TimeZones(zones)
    }

    private static func collect(
        _ directory: String,
        prefix: String,
        skipping: Set<String>,
        into zones: inout [TimeZone]
    ) {
        guard let handle = opendir(directory) else { return }
        defer { closedir(handle) }
        while let entry = readdir(handle) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            guard !name.hasPrefix("."), !skipping.contains(name) else { continue }
            let path = directory + "/" + name
            var status = stat()
            guard stat(path, &status) == 0 else { continue }
            if status.st_mode & S_IFMT == S_IFDIR {
                collect(path, prefix: prefix + name + "/", skipping: [], into: &zones)
            } else if let bytes = contents(path, limit: 64 * 1_024),
                let zone = TimeZone(name: prefix + name, file: bytes)
            {
                zones.append(zone)
            }
        }
    }

    /// The whole file; nil when it cannot be read or is larger than a zone can be.
    static func contents(_ path: String, limit: Int) -> [UInt8]? {
        guard let file = fopen(path, "rb") else { return nil }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: limit + 1)
        let count = fread(&bytes, 1, bytes.count, file)
        return count <= limit ? Array(bytes.prefix(count)) : nil
    }
}

private struct TimeZoneFileReader {
    struct Header {
        let version: UInt8
        let utcCount: Int
        let standardCount: Int
        let leapCount: Int
        let timeCount: Int
        let typeCount: Int
        let letterCount: Int

        func size(timeBytes: Int) -> Int {
            timeCount * (timeBytes + 1) + typeCount * 6 + letterCount + leapCount * (timeBytes + 4)
                + standardCount + utcCount
        }
    }

    let bytes: [UInt8]
    var position = 0

    init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    mutating func header() -> Header? {
        guard let magic = take(4), magic.elementsEqual("TZif".utf8), let version = take(1)?.first, skip(15) else {
            return nil
        }
        var counts: [Int] = []
        for _ in 0..<6 {
            guard let count = integer(bytes: 4), (0...bytes.count).contains(count) else { return nil }
            counts.append(count)
        }
        return Header(
            version: version,
            utcCount: counts[0],
            standardCount: counts[1],
            leapCount: counts[2],
            timeCount: counts[3],
            typeCount: counts[4],
            letterCount: counts[5]
        )
    }

    mutating func take(_ count: Int) -> ArraySlice<UInt8>? {
        guard count >= 0, count <= bytes.count - position else { return nil }
        defer { position += count }
        return bytes[position..<(position + count)]
    }

    mutating func skip(_ count: Int) -> Bool { take(count) != nil }

    mutating func integer(bytes count: Int) -> Int? {
        take(count).map(Self.integer)
    }

    /// Two's complement, the highest byte first.
    static func integer(_ bytes: ArraySlice<UInt8>) -> Int {
        let isNegative = bytes.first.map { $0 & 0x80 != 0 } ?? false
        return bytes.reduce(isNegative ? -1 : 0) { $0 << 8 | Int($1) }
    }

    /// What stands between two line feeds.
    mutating func line() -> String? {
        guard let first = take(1)?.first, first == 0x0A else { return nil }
        let rest = bytes[position...].prefix { $0 != 0x0A }
        return String(decoding: rest, as: UTF8.self)
    }
}
