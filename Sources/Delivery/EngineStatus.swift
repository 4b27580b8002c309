public import Model

/// How a destination's deliveries are going, at the engine's last step.
public struct EngineStatus: Sendable, Equatable {
    /// Why the whole destination is not served; nil while it is.
    public var pause: PauseReason?
    /// The queues that are not served, while the destination as a whole is.
    public var pausedQueues: [String]
    public var isBreakerOpen: Bool
    /// Calls decided on and not ended yet.
    public var callsUnderWay: Int
    /// Calls that count toward the hour's quota.
    public var callsInHour: Int
    /// The hour's quota: the configured one, or what the destination has been found to allow.
    public var callsPerHour: Int
    /// When the access token expires; nil when that is not known.
    public var tokenExpiresAt: Timestamp?
}

extension DeliveryEngine {
    public func status(at now: Timestamp) -> EngineStatus {
        EngineStatus(
            pause: pause,
            pausedQueues: lines.filter(\.isPaused).map(\.settings.name),
            isBreakerOpen: !breaker.isClosed,
            callsUnderWay: calls.count,
            callsInHour: pacer.callsInHour,
            callsPerHour: pacer.hourLimit(at: now),
            tokenExpiresAt: token.life?.expiresAt
        )
    }
}
