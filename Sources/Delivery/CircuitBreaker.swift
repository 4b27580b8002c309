import Model

public struct BreakerSettings: Sendable, Equatable {
    /// How many bad outcomes open the breaker, when they are at least half of those within `window`.
    public var failures: Int
    public var window: Duration
    /// From the opening, or the end of a failed probe, to the next probe.
    public var probe: Duration

    public init(failures: Int = 10, window: Duration = .seconds(30), probe: Duration = .seconds(15)) {
        self.failures = max(1, failures)
        self.window = window
        self.probe = probe
    }
}

/// What an outcome says of the destination's health.
enum Health: Sendable, Equatable {
    /// It answered as a working destination does.
    case good
    /// It failed, or could not be reached.
    case bad
    /// It says nothing: answers about quota, token and configuration.
    case unknown
}

/// Stops calls to a destination that fails, so that an outage burns no attempts.
struct CircuitBreaker: Sendable {
    enum State: Sendable, Equatable {
        case closed
        /// No call until then, and then one.
        case open(probeAt: Timestamp)
        /// This call decides.
        case probing(CallID)
    }

    enum Turn: Sendable, Equatable {
        case opened
        case closed
    }

    private(set) var state = State.closed
    var settings: BreakerSettings
    /// When it opened, the latest ones. Attempts that were counted in the window before are given back.
    private(set) var openings: [Timestamp] = []
    private var good: RollingCount
    private var bad: RollingCount

    init(_ settings: BreakerSettings) {
        self.settings = settings
        good = RollingCount(span: settings.window, slots: 64)
        bad = RollingCount(span: settings.window, slots: 64)
    }

    var isClosed: Bool { state == .closed }

    /// Whether a call may start now, or from when one may; nil while a probe is under way.
    func opening(at now: Timestamp) -> Timestamp? {
        switch state {
        case .closed: now
        case .open(let probeAt): max(probeAt, now)
        case .probing: nil
        }
    }

    mutating func started(_ call: CallID) {
        if case .open = state { state = .probing(call) }
    }

    /// The clock has jumped forward: all times that are known here are so much later.
    mutating func shift(by jump: Duration) {
        if case .open(let probeAt) = state { state = .open(probeAt: probeAt + jump) }
        good.shift(by: jump)
        bad.shift(by: jump)
    }

    /// A call that had started was never sent.
    mutating func takeBack(_ call: CallID, at now: Timestamp) {
        if state == .probing(call) { state = .open(probeAt: now) }
    }

    mutating func record(_ health: Health, of call: CallID, at now: Timestamp) -> Turn? {
        switch state {
        case .closed:
            return recordWhileClosed(health, at: now)
        case .open:
            return nil
        case .probing(let probe):
            guard probe == call else { return nil }
            guard health == .good else {
                state = .open(probeAt: now + settings.probe)
                return nil
            }
            state = .closed
            good.removeAll()
            bad.removeAll()
            return .closed
        }
    }

    private mutating func recordWhileClosed(_ health: Health, at now: Timestamp) -> Turn? {
        good.advance(to: now)
        bad.advance(to: now)
        switch health {
        case .good: good.add(at: now)
        case .bad: bad.add(at: now)
        case .unknown: break
        }
        guard health == .bad, bad.count >= settings.failures, bad.count >= good.count else { return nil }
        state = .open(probeAt: now + settings.probe)
        openings = openings.suffix(63) + [now]
        return .opened
    }
}
