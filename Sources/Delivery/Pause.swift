public import Model

/// What is not served for now: the whole destination, or one of its queues. No row changes by it.
public enum PauseScope: Sendable, Hashable {
    case destination
    case queue(String)
}

/// Why a destination or a queue is paused. Kept as a setting of the store, so that it outlives the process.
public enum PauseReason: Sendable, Equatable {
    /// A person wanted it.
    case requested
    /// The destination does not take our token (401).
    case token(detail: String)
    /// There is no token, and only a person can get one.
    case authorization(detail: String)
    /// The destination says that our configuration is at fault.
    case configuration(detail: String)

    /// The kinds, as they are stored and shown.
    public static let kinds = ["requested", "token", "authorization", "configuration"]

    /// One of `kinds`.
    public var kind: String {
        switch self {
        case .requested: "requested"
        case .token: "token"
        case .authorization: "authorization"
        case .configuration: "configuration"
        }
    }

    var detail: String {
        switch self {
        case .requested: ""
        case .token(let detail), .authorization(let detail), .configuration(let detail): detail
        }
    }

    /// Whether it ends by itself when credentials or base URL change.
    var isOurs: Bool { self != .requested }
}

extension PauseReason: CustomStringConvertible {
    /// A sentence for operators.
    public var description: String {
        switch self {
        case .requested: "paused on request"
        case .token(let detail): "the destination does not accept the token: \(detail)"
        case .authorization(let detail): "authorize again (journey-gateway authorize): \(detail)"
        case .configuration(let detail): "the destination refuses the configuration: \(detail)"
        }
    }
}

/// A pause as its setting holds it: `kind`, the fingerprint of the credentials it arose under, and the detail, by lines.
struct StoredPause: Sendable, Equatable {
    let reason: PauseReason
    let credentialsFingerprint: String

    init(_ reason: PauseReason, credentialsFingerprint: String) {
        self.reason = reason
        self.credentialsFingerprint = credentialsFingerprint
    }

    /// Nil for anything that `value` did not write.
    init?(value: [UInt8]) {
        let parts = String(decoding: value, as: UTF8.self)
            .split(separator: "\n", maxSplits: 2, omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 3 else { return nil }
        switch parts[0] {
        case "requested": reason = .requested
        case "token": reason = .token(detail: parts[2])
        case "authorization": reason = .authorization(detail: parts[2])
        case "configuration": reason = .configuration(detail: parts[2])
        default: return nil
        }
        credentialsFingerprint = parts[1]
    }

    var value: [UInt8] { Array("\(reason.kind)\n\(credentialsFingerprint)\n\(reason.detail)".utf8) }
}

extension DeliveryEngine {
    /// The beginning of the names of all settings of pauses.
    public static let pausePrefix = "pause/"

    /// The change by which a person pauses or resumes something while no engine runs.
    public static func pauseSetting(_ scope: PauseScope, destination: String, isPaused: Bool) -> Change {
        let value = isPaused ? StoredPause(.requested, credentialsFingerprint: "").value : nil
        return .set(name: scope.settingName(destination: destination), value: value)
    }
}

extension PauseScope {
    /// The name of its setting: `pause/sprinklr`, `pause/sprinklr/campaigns`.
    func settingName(destination: String) -> String {
        switch self {
        case .destination: DeliveryEngine.pausePrefix + destination
        case .queue(let queue): DeliveryEngine.pausePrefix + destination + "/" + queue
        }
    }
}
