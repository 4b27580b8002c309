import Model

/// The changes on their way to the store: one batch at a time, and in between what has gathered for the next.
///
/// The order is the order in which they were decided, whatever fails: a batch that the store refuses goes again, ahead of
/// everything later.
struct Journal: Sendable {
    struct Entry: Sendable {
        let change: Change
        let purpose: Purpose
        /// Whoever is told when it is durable.
        var request: RequestID?
    }

    /// What a change was for, so that its effect can be understood.
    enum Purpose: Sendable {
        case start(CallID)
        /// The end of a call, as it concerns its deliveries.
        case finish([CallUnderWay.Part])
        case move([Leaving])
        /// Another place in the order, outside the hours of a delivery.
        case postpone([Leaving])
        /// A move that somebody asked for; it may concern deliveries that are not in memory.
        case control([Leaving])
        /// That a renewal is about to be sent; it goes with the renewal's start.
        case intention
        /// The tokens that a token call brought.
        case token(CallID, TokenRequest, TokenLife?)
        /// Nothing hangs on its effect.
        case record
    }

    /// A delivery on its way out of the engine's hands: it has left its lane once the change is durable.
    struct Leaving: Sendable {
        let delivery: Delivery
        let wasRetrying: Bool
    }

    private var gathered: [Entry] = []
    private var underWay: [Entry]?
    /// Not before then is anything committed again.
    private(set) var retryAt: Timestamp?
    private var failures = 0

    var isEmpty: Bool { gathered.isEmpty && underWay == nil }
    /// Whether the last commit was refused, and none has succeeded since.
    var isRefused: Bool { failures > 0 }

    /// Whether something new may be begun: the store takes changes, or, after the wait that a refusal costs, has nothing
    /// before it by which it could show that it does again.
    func admitsMore(at now: Timestamp) -> Bool {
        !isRefused || (isEmpty && retryAt.map { $0 <= now } ?? true)
    }

    mutating func append(_ change: Change, for purpose: Purpose) {
        gathered.append(Entry(change: change, purpose: purpose))
        count += 1
    }

    /// Changes that have been appended since the process began.
    private(set) var count = 0

    /// Tells somebody when the change that was appended last is durable.
    mutating func answer(_ request: RequestID) {
        gathered[gathered.endIndex - 1].request = request
    }

    /// The batch to be committed now, if any: it is under way from now on.
    mutating func nextBatch(at now: Timestamp) -> [Change]? {
        guard underWay == nil, !gathered.isEmpty else { return nil }
        if let retryAt, retryAt > now { return nil }
        underWay = gathered
        retryAt = nil
        defer { gathered = [] }
        return gathered.map(\.change)
    }

    /// The batch under way is durable.
    mutating func committed() -> [Entry] {
        failures = 0
        defer { underWay = nil }
        return underWay ?? []
    }

    /// The batch under way was not kept. It is gathered again, without the starts: what nobody has sent may wait.
    /// - Returns: the calls whose start is taken back.
    mutating func refused(at now: Timestamp, jitter: Double) -> [CallID] {
        let entries = (underWay ?? []) + gathered
        underWay = nil
        failures += 1
        let ceiling = min(5_000, 100 << min(failures, 10))
        retryAt = now + .milliseconds(Int64(Double(ceiling) * (0.5 + jitter / 2)))
        var starts: [CallID] = []
        gathered = entries.filter { entry in
            switch entry.purpose {
            case .start(let call):
                starts.append(call)
                return false
            case .intention:
                return false
            case .finish, .move, .postpone, .control, .token, .record:
                return true
            }
        }
        return starts
    }
}
