import JSON
import SeededRandom

/// A way in which the sandbox is told to fail.
public struct SandboxFault: Sendable, Equatable {
    /// What takes the place of the usual answer.
    public enum Failure: Sendable, Equatable {
        /// Nothing does; the answer only comes later.
        case none
        case status(Int)
        /// The request was read; the connection ends without an answer.
        case drop
        /// Something that is not HTTP, then the end of the connection.
        case garbage
        /// The head of the usual answer with more body announced than comes, then the end of the connection.
        case cut
    }

    public var failure: Failure
    /// The calls it hits before it is spent; nil: all.
    public var calls: Int?
    /// The share of calls that it hits, drawn for each, from 0 to 1.
    public var rate: Double
    /// Nil: calls of any kind.
    public var kind: SandboxOperation?
    public var latency: Duration
    /// Whether the call does what it asks for although its answer is lost or replaced.
    public var takesEffect: Bool
    /// For `Failure.status`.
    public var body: String
    public var fields: [String: String]

    public init(
        _ failure: Failure,
        calls: Int? = 1,
        rate: Double = 1,
        kind: SandboxOperation? = nil,
        latency: Duration = .zero,
        takesEffect: Bool = false,
        body: String = "",
        fields: [String: String] = [:]
    ) {
        self.failure = failure
        self.calls = calls
        self.rate = rate
        self.kind = kind
        self.latency = latency
        self.takesEffect = takesEffect
        self.body = body
        self.fields = fields
    }

    /// Reads one fault of `POST /sandbox/faults`:
    ///
    ///     {"calls": 3, "status": 503, "fields": {"Retry-After": "1"}, "body": "…"}
    ///     {"fail": "drop", "takesEffect": true}      drop, garbage, cut
    ///     {"calls": "all", "rate": 0.1, "status": 500, "kind": "trigger"}
    ///     {"calls": 10, "latency": 250}              milliseconds
    init(_ json: JSONValue) throws(BodyFault) {
        let known = ["calls", "status", "fields", "body", "fail", "takesEffect", "rate", "kind", "latency"]
        guard let members = json.members else { throw BodyFault("a fault is an object") }
        for (key, _) in members where !known.contains(key) {
            throw BodyFault("\(key): not known; there are \(known.joined(separator: ", "))")
        }
        switch (json["status"]?.number?.int64Value, json["fail"]?.stringValue) {
        case (nil, nil) where json["status"] == nil && json["fail"] == nil: failure = .none
        case (let status?, nil) where (200...599).contains(status): failure = .status(Int(status))
        case (nil, "drop"): failure = .drop
        case (nil, "garbage"): failure = .garbage
        case (nil, "cut"): failure = .cut
        default: throw BodyFault("give a status from 200 to 599, or fail: drop, garbage or cut")
        }
        switch json["calls"] {
        case nil: calls = 1
        case "all": calls = nil
        case let value?:
            guard let count = value.number?.int64Value, count > 0 else {
                throw BodyFault("calls: a number from 1, or \"all\"")
            }
            calls = Int(count)
        }
        rate = json["rate"]?.number?.doubleValue ?? 1
        guard (0...1).contains(rate) else { throw BodyFault("rate: a share from 0 to 1") }
        kind = json["kind"]?.stringValue.flatMap(SandboxOperation.init)
        guard json["kind"] == nil || kind != nil else { throw BodyFault("kind: not known") }
        let milliseconds = json["latency"].map { $0.number?.int64Value ?? -1 } ?? 0
        guard (0...3_600_000).contains(milliseconds) else { throw BodyFault("latency: milliseconds up to an hour") }
        latency = .milliseconds(milliseconds)
        takesEffect = json["takesEffect"]?.boolValue ?? false
        body = json["body"]?.stringValue ?? ""
        fields = [:]
        for (name, value) in json["fields"]?.members ?? [] { fields[name] = value.stringValue ?? "" }
    }
}

/// The faults that are in force, the first of which to hit a call is the one.
struct FaultQueue {
    static let limit = 1_000

    private(set) var faults: [SandboxFault] = []
    private var random: SplitMix64

    init(seed: UInt64) {
        random = SplitMix64(seed: seed)
    }

    /// False when there are too many.
    mutating func add(_ added: [SandboxFault]) -> Bool {
        guard faults.count + added.count <= Self.limit else { return false }
        faults += added
        return true
    }

    mutating func removeAll() { faults = [] }

    mutating func next(for kind: SandboxOperation) -> SandboxFault? {
        for index in faults.indices {
            let fault = faults[index]
            guard fault.kind == nil || fault.kind == kind else { continue }
            guard fault.rate >= 1 || Double(random.next() >> 11) * 0x1p-53 < fault.rate else { continue }
            if let calls = fault.calls {
                faults[index].calls = calls - 1
                if calls <= 1 { faults.remove(at: index) }
            }
            return fault
        }
        return nil
    }
}
