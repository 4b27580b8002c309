import Model

/// What operators have said once and for all deliveries to come: whom not to message, and which rules rest. Each is a
/// setting; the one who writes keeps them in memory, since every delivery is held against them.
public struct StandingOrders: Sendable, Equatable {
    /// The beginnings of the names of their settings.
    public static let suppressionPrefix = "suppress/"
    public static let rulePrefix = "pause-rule/"

    private var suppressed: Set<String> = []
    private var rules: Set<String> = []

    init() {}

    /// The name of a suppression's setting. Without a type the person is meant by this id on every channel.
    public static func suppression(snType: String?, snID: String) -> String {
        suppressionPrefix + (snType ?? "*") + "/" + snID
    }

    /// Whom a suppression's setting is about.
    public static func person(ofSuppression name: String) -> (snType: String?, snID: String)? {
        let parts = name.dropFirst(suppressionPrefix.count).split(
            separator: "/",
            maxSplits: 1,
            omittingEmptySubsequences: false
        )
        guard parts.count == 2 else { return nil }
        return (parts[0] == "*" ? nil : String(parts[0]), String(parts[1]))
    }

    /// The name of the setting that makes a rule rest.
    public static func pause(ofRule rule: String) -> String { rulePrefix + rule }

    /// Takes a setting into account, if it is one of these.
    mutating func set(_ name: String, isPresent: Bool) {
        if name.hasPrefix(Self.suppressionPrefix) {
            if isPresent { suppressed.insert(name) } else { suppressed.remove(name) }
        } else if name.hasPrefix(Self.rulePrefix) {
            let rule = String(name.dropFirst(Self.rulePrefix.count))
            if isPresent { rules.insert(rule) } else { rules.remove(rule) }
        }
    }

    /// Whether the person of a trigger must not be messaged.
    func suppress(_ trigger: Trigger) -> Bool {
        guard !suppressed.isEmpty else { return false }
        return suppressed.contains(Self.suppression(snType: trigger.snType, snID: trigger.snID))
            || suppressed.contains(Self.suppression(snType: nil, snID: trigger.snID))
    }

    /// What a delivery of this rule is first.
    func firstState(of trigger: Trigger, rule: String) -> DeliveryState {
        if suppress(trigger) { return .suppressed }
        return rules.contains(rule) ? .held : .ready
    }
}
