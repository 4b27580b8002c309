public import Model

/// How a destination's deliveries are going, at the engine's last step.
public struct EngineStatus: Sendable, Equatable {
    /// Why the whole destination is not served; nil while it is.
    public var pause: PauseReason?
    public var isBreakerOpen: Bool
    /// Calls decided on and not ended yet.
    public var callsUnderWay: Int
    /// Calls that count toward the hour's quota.
    public var callsInHour: Int
    /// The hour's quota.
    public var callsPerHour: Int
    /// When the access token expires; nil when that is not known.
    public var tokenExpiresAt: Timestamp?
}

extension DeliveryEngine {
    public var status: EngineStatus {
        EngineStatus(
            pause: pause,
            isBreakerOpen: !breaker.isClosed,
            callsUnderWay: calls.count,
            callsInHour: pacer.callsInHour,
            callsPerHour: settings.quota.perHour,
            tokenExpiresAt: token.life?.expiresAt
        )
    }
}
