import JSON

/// What reached the sandbox since its start, or since its calls were last forgotten.
public struct SandboxStatistics: Sendable, Equatable {
    /// All calls of paths that the API has.
    public private(set) var calls = 0
    /// Those that did what they asked for.
    public private(set) var tookEffect = 0
    /// Those that were refused because of the quota.
    public private(set) var overQuota = 0
    public private(set) var byKind: [SandboxOperation: Int] = [:]
    /// 0 stands for a connection that was dropped instead of an answer.
    public private(set) var byStatus: [Int: Int] = [:]
    /// The most calls that were taken within a second, and within an hour.
    public private(set) var peakPerSecond = 0
    public private(set) var peakPerHour = 0

    mutating func count(
        _ kind: SandboxOperation,
        _ status: Int?,
        tookEffect: Bool,
        inSecond: Int,
        inHour: Int
    ) {
        calls += 1
        if tookEffect { self.tookEffect += 1 }
        byKind[kind, default: 0] += 1
        byStatus[status ?? 0, default: 0] += 1
        peakPerSecond = max(peakPerSecond, inSecond)
        peakPerHour = max(peakPerHour, inHour)
    }

    mutating func countOverQuota() { overQuota += 1 }

    /// The answer of `GET /sandbox/stats`.
    var json: JSONValue {
        let kinds = byKind.sorted { $0.key.rawValue < $1.key.rawValue }
        let statuses = byStatus.sorted { $0.key < $1.key }
        return .object([
            ("calls", .integer(Int64(calls))),
            ("tookEffect", .integer(Int64(tookEffect))),
            ("overQuota", .integer(Int64(overQuota))),
            ("byKind", .object(kinds.map { ($0.key.rawValue, .integer(Int64($0.value))) })),
            ("byStatus", .object(statuses.map { ($0.key == 0 ? "dropped" : "\($0.key)", .integer(Int64($0.value))) })),
            ("peakPerSecond", .integer(Int64(peakPerSecond))),
            ("peakPerHour", .integer(Int64(peakPerHour))),
        ])
    }
}
