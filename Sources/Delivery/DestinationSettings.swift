import Model

/// What the engine is told of its destination: plain values of the config's `sprinklr:` and `queues:`.
public struct DestinationSettings: Sendable, Equatable {
    /// The name under which deliveries, calls and settings are stored.
    public var name: String
    public var quota: Quota
    public var retry: RetryPolicy
    public var breaker: BreakerSettings
    /// How long a call may take. A call without an answer counts against the hour until this and the hour are over.
    public var timeout: Duration
    /// The queues in the order of the config. A delivery of a queue that is not named here is served as a normal one.
    public var queues: [QueueSettings]
    /// The most deliveries in one call; 1 where the destination has no call for several.
    public var bulk: Int
    /// Whether the sandbox stands in the destination's place: what it takes ends `dry`.
    public var isDryRun: Bool
    /// Whether a refused token can be renewed (OAuth); without it a 401 pauses the destination at once.
    public var canRenewToken: Bool
    /// Changes whenever the credentials or the base URL do. A pause that we set ourselves ends when it does.
    public var credentialsFingerprint: String
    /// Changes whenever what the first token is obtained with does. Stored tokens count as long as it does not.
    public var tokenFingerprint: String
    public var limits: DeliveryLimits

    public init(
        name: String = "sprinklr",
        quota: Quota = Quota(),
        retry: RetryPolicy = RetryPolicy(),
        breaker: BreakerSettings = BreakerSettings(),
        timeout: Duration = .seconds(15),
        queues: [QueueSettings] = [QueueSettings(name: "default")],
        bulk: Int = 1,
        isDryRun: Bool = false,
        canRenewToken: Bool = false,
        credentialsFingerprint: String = "",
        tokenFingerprint: String = "",
        limits: DeliveryLimits = DeliveryLimits()
    ) {
        self.name = name
        self.quota = quota
        self.retry = retry
        self.breaker = breaker
        self.timeout = timeout
        self.queues = queues
        self.bulk = max(1, bulk)
        self.isDryRun = isDryRun
        self.canRenewToken = canRenewToken
        self.credentialsFingerprint = credentialsFingerprint
        self.tokenFingerprint = tokenFingerprint
        self.limits = limits
    }

    /// How long after its start a call may still count in the hour: it is written within a time-out, and takes as long.
    public var quotaMemory: Duration { quota.counted + timeout + timeout }

    /// Calls that may be under way at once: as many as the quota lets start within a time-out, and no more than the limit.
    public var callsUnderWay: Int {
        let withinTimeout = Double(quota.perSecond) * Double(max(timeout.milliseconds, 1)) / 1_000
        return max(1, Int(min(Double(limits.callsUnderWay), withinTimeout)))
    }
}

/// How a queue is served beside the others.
public struct QueueSettings: Sendable, Equatable {
    public var name: String
    public var priority: QueuePriority
    /// The share of calls among the queues of its priority that have something to send; at least 1.
    public var weight: Int

    public init(name: String, priority: QueuePriority = .normal, weight: Int = 10) {
        self.name = name
        self.priority = priority
        self.weight = max(1, weight)
    }
}

public enum QueuePriority: String, Sendable, CaseIterable {
    /// Goes first, and may draw on the reserve.
    case high
    case normal
}

/// How much the engine holds in memory and has under way.
public struct DeliveryLimits: Sendable, Equatable {
    /// The ready rows of a queue that are in memory. The rest waits on disk.
    public var window: Int
    /// Deliveries of a queue that are attempting or retrying. At the limit no first attempt starts in that queue.
    public var unsettled: Int
    /// Calls under way at once.
    public var callsUnderWay: Int

    public init(window: Int = 512, unsettled: Int = 1_000, callsUnderWay: Int = 256) {
        self.window = window
        self.unsettled = unsettled
        self.callsUnderWay = callsUnderWay
    }

    /// Histories that are kept of deliveries which came back to their place: of all that may come back at once.
    var remembered: Int { unsettled + callsUnderWay }
}
