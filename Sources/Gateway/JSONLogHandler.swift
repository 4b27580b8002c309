public import Glibc
import JSON
public import Logging
import Model

/// Writes each log event as one JSON object a line: `time`, `level`, `message`, then the metadata by its keys.
/// A line is one `write`, so lines of several threads do not mix.
public struct JSONLogHandler: LogHandler {
    public var metadata: Logger.Metadata = [:]
    public var metadataProvider: Logger.MetadataProvider?
    public var logLevel: Logger.Level
    private let descriptor: Int32

    /// `descriptor` is where lines go; standard error by default.
    public init(level: Logger.Level = .info, descriptor: Int32 = STDERR_FILENO) {
        logLevel = level
        self.descriptor = descriptor
    }

    public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    public func log(event: LogEvent) {
        var members: [(String, JSONValue)] = [
            ("time", .string(SystemClock.now().description)),
            ("level", .string(event.level.rawValue)),
            ("message", .string("\(event.message)")),
        ]
        let all = metadata.merging(metadataProvider?.get() ?? [:]) { $1 }.merging(event.metadata ?? [:]) { $1 }
        for (key, value) in all.sorted(by: { $0.key < $1.key }) { members.append((key, json(value))) }
        if let error = event.error { members.append(("error", .string("\(error)"))) }
        var line = JSONValue.object(members).serialized()
        line.append(UInt8(ascii: "\n"))
        _ = line.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
    }

    private func json(_ value: Logger.Metadata.Value) -> JSONValue {
        switch value {
        case .string(let text): .string(text)
        case .stringConvertible(let value): .string(value.description)
        case .array(let values): .array(values.map(json))
        case .dictionary(let members):
            .object(members.sorted { $0.key < $1.key }.map { ($0.key, json($0.value)) })
        }
    }
}
