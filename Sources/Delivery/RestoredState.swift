public import Model

/// What an earlier process left in the store, from which the engine goes on.
public struct RestoredState: Sendable {
    /// The destination's calls that may still count in the hour: those that started within the last `quotaMemory`.
    public var calls: [Call]
    /// The greatest number that a call ever had.
    public var lastCall: Int64
    /// Deliveries whose attempt has not ended, each with the call that it was part of: they are ambiguous.
    public var attempting: [(delivery: Delivery, call: CallID)]
    public var retrying: [Delivery]
    /// The settings whose names begin with `DeliveryEngine.settingsPrefix`.
    public var settings: [String: [UInt8]]
    public var token: TokenStanding

    public init(
        calls: [Call] = [],
        lastCall: Int64 = 0,
        attempting: [(delivery: Delivery, call: CallID)] = [],
        retrying: [Delivery] = [],
        settings: [String: [UInt8]] = [:],
        token: TokenStanding = .usable(nil)
    ) {
        self.calls = calls
        self.lastCall = lastCall
        self.attempting = attempting
        self.retrying = retrying
        self.settings = settings
        self.token = token
    }
}
