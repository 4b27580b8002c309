import Model

/// How long things are kept. An event with a delivery that is owed or held is kept in any case.
public struct Retention: Sendable, Equatable {
    /// Events whose deliveries all ended otherwise than dead.
    public var delivered: Duration
    /// Events that no rule matched.
    public var unmatched: Duration
    /// Events that a rule failed on, or with a delivery that was given up.
    public var deadLetters: Duration
    /// Calls, the quota's memory: no less than the longest quota window with the longest call.
    public var calls: Duration
    /// How many events one step looks at.
    public var stepSize: Int

    public init(
        delivered: Duration = .seconds(30 * 86_400),
        unmatched: Duration = .seconds(7 * 86_400),
        deadLetters: Duration = .seconds(90 * 86_400),
        calls: Duration = .seconds(2 * 86_400),
        stepSize: Int = 256
    ) {
        self.delivered = delivered
        self.unmatched = unmatched
        self.deadLetters = deadLetters
        self.calls = calls
        self.stepSize = stepSize
    }

    /// The time after which some event may be past its time.
    var shortest: Duration { min(delivered, unmatched, deadLetters) }

    /// How long an event is kept; nil while one of its deliveries is neither ended nor given up.
    func window(of outcome: MappingOutcome, deliveries: [DeliveryState]) -> Duration? {
        guard deliveries.allSatisfy(\.isTerminal) else { return nil }
        if outcome == .failed || deliveries.contains(.dead) { return deadLetters }
        return deliveries.isEmpty ? unmatched : delivered
    }
}

/// What one step of the sweep did.
public struct SweepStep: Sendable, Equatable {
    /// Events looked at.
    public var examined = 0
    /// Events taken away, with their deliveries and attempts.
    public var removed = 0
    /// Rows of other kinds taken away: calls, marks.
    public var cleared = 0
    /// Whether the walk over the events has reached those too young to look at: the next step begins anew, and may
    /// well wait.
    public var isLapComplete = false

    public init(examined: Int = 0, removed: Int = 0, cleared: Int = 0, isLapComplete: Bool = false) {
        self.examined = examined
        self.removed = removed
        self.cleared = cleared
        self.isLapComplete = isLapComplete
    }
}
