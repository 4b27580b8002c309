import JSON

/// One call as it reached the sandbox.
public struct RecordedCall: Sendable, Equatable {
    /// Counting from 1.
    public let number: Int
    /// Since 1970.
    public let time: Duration
    public let kind: SandboxOperation
    /// As it came.
    public let path: String
    public let body: [UInt8]
    /// What was answered; nil when the connection was dropped instead.
    public let status: Int?
    /// Whether it did what it asked for: a journey began, a token was given.
    public let tookEffect: Bool

    /// One line of `GET /sandbox/calls`.
    var json: JSONValue {
        .object([
            ("number", .integer(Int64(number))),
            ("time", .integer(time.milliseconds)),
            ("kind", .string(kind.rawValue)),
            ("path", .string(path)),
            ("status", status.map { .integer(Int64($0)) } ?? .null),
            ("tookEffect", .bool(tookEffect)),
            ("body", (try? JSONValue.parse(body)) ?? .string(String(decoding: body, as: UTF8.self))),
        ])
    }
}

/// The newest calls, within bounds of number and size.
struct CallLog {
    private let countLimit: Int
    private let byteLimit: Int
    private var entries: [RecordedCall] = []
    private var start = 0
    private var bytes = 0
    /// Of the last call, kept or not.
    private(set) var lastNumber = 0

    init(countLimit: Int, byteLimit: Int) {
        self.countLimit = countLimit
        self.byteLimit = byteLimit
    }

    var calls: ArraySlice<RecordedCall> { entries[start...] }

    /// The kept calls with a greater number, oldest first.
    func calls(after number: Int, atMost limit: Int) -> ArraySlice<RecordedCall> {
        guard let first = calls.first else { return [] }
        return calls.dropFirst(max(0, number + 1 - first.number)).prefix(limit)
    }

    mutating func append(
        at time: Duration,
        _ kind: SandboxOperation,
        _ path: String,
        _ body: [UInt8],
        status: Int?,
        tookEffect: Bool
    ) {
        lastNumber += 1
        entries.append(
            RecordedCall(
                number: lastNumber,
                time: time,
                kind: kind,
                path: path,
                body: body,
                status: status,
                tookEffect: tookEffect
            )
        )
        bytes += body.count
        while entries.count - start > countLimit || bytes > byteLimit, start < entries.count {
            bytes -= entries[start].body.count
            start += 1
        }
        if start > 1_024, start * 2 > entries.count {
            entries.removeFirst(start)
            start = 0
        }
    }

    /// Forgets all calls; numbers go on counting.
    mutating func removeAll() {
        entries = []
        start = 0
        bytes = 0
    }
}

extension Duration {
    /// Whole milliseconds, rounded toward zero.
    var milliseconds: Int64 {
        components.seconds * 1_000 + components.attoseconds / 1_000_000_000_000_000
    }
}
