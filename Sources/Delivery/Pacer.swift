import Model

/// Says when the next call may start, so that the destination never counts more calls than its quota.
///
/// The destination counts a call as it arrives, which is some time between its start and its end: so a call counts from
/// the one until a window after the other. Then nothing that delays it on its way can bring more of them together.
///
/// - The second: calls under way, and those that ended less than 1.001 s ago, are at most `perSecond`.
/// - The hour: calls under way, and those that ended less than 1.001 hours ago, are at most the share of the priority.
///   Below half of the share calls go as fast as the second allows; beyond it they are spread over the time until
///   the oldest counted one leaves.
/// - The gate: an answer about quota stops everything until the time that it names.
struct Pacer: Sendable {
    enum Admission: Sendable, Equatable {
        case now
        case at(Timestamp)
        /// Not before something that is under way has ended.
        case afterCall
    }

    private(set) var quota: Quota
    /// Calls that have started, and may arrive at any moment until they end.
    private(set) var underWay = 0
    /// Calls that have ended and still count in the second.
    private var endedOfSecond = RollingCount(span: .milliseconds(1_001), slots: 1_001)
    /// Calls that have ended and still count in the hour.
    private var ended: RollingCount
    private var lastStart: Timestamp?
    private(set) var gate: Timestamp?
    private var perSecond: BelievedLimit
    private var perHour: BelievedLimit
    private var secondAnswers = QuotaAnswers(memory: .seconds(60))
    private var hourAnswers: QuotaAnswers

    init(_ quota: Quota) {
        self.quota = quota
        ended = RollingCount(span: quota.counted, slots: 4_096)
        perSecond = BelievedLimit(quota.perSecond, recovery: .seconds(600))
        perHour = BelievedLimit(quota.perHour, recovery: .milliseconds(quota.hour.milliseconds * 5))
        hourAnswers = QuotaAnswers(memory: quota.hour)
    }

    /// Counts the calls of an earlier process as it would have counted them itself. One without an answer may still be on
    /// its way, also when an earlier restart has given it up: it counts until a time-out after it may have been written.
    ///
    /// - Parameter timeout: How long after its start a call is written at the latest, and how long it takes from there.
    mutating func restore(_ calls: [Call], timeout: Duration, at now: Timestamp) {
        for call in calls {
            let start = min(call.started, now)
            let end = min(call.ended ?? now, now)
            count(endAt: call.status == nil ? min(end, start + timeout) + timeout : end)
            lastStart = max(lastStart ?? start, start)
        }
        endedOfSecond.advance(to: now)
        ended.advance(to: now)
    }

    /// Takes other ceilings over; what was counted stays counted.
    mutating func change(to quota: Quota) {
        guard quota != self.quota else { return }
        if quota.hour != self.quota.hour {
            // What still counts is counted as if it ended now: for a moment too much, never too little.
            let count = ended.count
            ended = RollingCount(span: quota.counted, slots: 4_096)
            if let lastStart { for _ in 0..<count { ended.add(at: lastStart) } }
            hourAnswers = QuotaAnswers(memory: quota.hour)
        }
        perSecond = BelievedLimit(quota.perSecond, recovery: .seconds(600))
        perHour = BelievedLimit(quota.perHour, recovery: .milliseconds(quota.hour.milliseconds * 5))
        self.quota = quota
    }

    /// The clock has jumped forward: all times that are known here are so much later.
    mutating func shift(by jump: Duration) {
        endedOfSecond.shift(by: jump)
        ended.shift(by: jump)
        lastStart = lastStart.map { $0 + jump }
        gate = gate.map { $0 + jump }
        perSecond.shift(by: jump)
        perHour.shift(by: jump)
        secondAnswers.shift(by: jump)
        hourAnswers.shift(by: jump)
    }

    // MARK: When

    /// When the next call of a queue of this priority may start.
    mutating func admission(for priority: QueuePriority, at now: Timestamp) -> Admission {
        if let gate, gate > now { return .at(gate) }
        endedOfSecond.advance(to: now)
        if endedOfSecond.count + underWay >= perSecond.value(at: now) {
            return endedOfSecond.oldestLeaves.map(Admission.at) ?? .afterCall
        }
        return hourAdmission(share: share(of: priority, at: now), at: now)
    }

    private mutating func hourAdmission(share: Int, at now: Timestamp) -> Admission {
        ended.advance(to: now)
        let used = ended.count + underWay
        let oldestLeaves = ended.oldestLeaves
        guard used < share else { return oldestLeaves.map(Admission.at) ?? .afterCall }
        guard used * 2 >= share, let lastStart else { return .now }
        let horizon = (oldestLeaves ?? lastStart + quota.counted).since(lastStart)
        let left = Int64(share - used)
        let next = lastStart + .milliseconds((horizon.milliseconds + left - 1) / left)
        return next <= now ? .now : .at(next)
    }

    /// Whether a call that has started may be written now, or from when.
    func writing(at now: Timestamp) -> Timestamp { max(gate ?? now, now) }

    /// How many calls may be counted at once for queues of this priority.
    func share(of priority: QueuePriority, at now: Timestamp) -> Int {
        let believed = hourLimit(at: now)
        switch priority {
        case .high: return believed
        case .normal: return max(1, Int((Double(believed) * (1 - quota.reserve) + 1e-6).rounded(.down)))
        }
    }

    /// Calls that count in the hour now.
    mutating func used(at now: Timestamp) -> Int {
        ended.advance(to: now)
        return ended.count + underWay
    }

    /// Calls a second as it is believed now.
    func secondLimit(at now: Timestamp) -> Int { perSecond.value(at: now) }

    /// Calls an hour as it is believed now.
    func hourLimit(at now: Timestamp) -> Int { perHour.value(at: now) }

    // MARK: What happened

    mutating func started(at now: Timestamp) {
        underWay += 1
        lastStart = now
    }

    /// A start did not come to be: no row of it exists, and nothing was written.
    mutating func takeBack() {
        underWay -= 1
    }

    /// A call has its answer, or will have none. One whose start is durable counts also if it was not written after all.
    mutating func ended(at now: Timestamp) {
        underWay -= 1
        count(endAt: now)
    }

    private mutating func count(endAt moment: Timestamp) {
        endedOfSecond.add(at: moment)
        ended.add(at: moment)
    }

    /// Calls that count in the hour as of the last time it was told.
    var callsInHour: Int { ended.count + underWay }

    // MARK: What the destination says

    /// An answer that a quota is used up, to a call that started at `callStarted`.
    mutating func close(_ scope: QuotaScope, until told: Timestamp?, callStarted: Timestamp, at now: Timestamp) {
        let wait: Duration = scope == .second ? .seconds(1) : .seconds(60)
        // Longer than an hour is not waited in one go: then one more call asks again.
        let longest = now + max(quota.hour, .seconds(3_600))
        let until = min(told.flatMap { $0 > now ? $0 : nil } ?? now + wait, longest)
        switch scope {
        case .second:
            if secondAnswers.isRepeated(callStarted: callStarted, until: until, at: now) {
                perSecond.lower(to: Double(perSecond.value(at: now)) * 0.75, at: now)
            }
        case .hour, .unknown:
            if hourAnswers.isRepeated(callStarted: callStarted, until: until, at: now) {
                perHour.lower(to: Double(used(at: now)) * 0.95, at: now)
            }
        }
        gate = max(gate ?? until, until)
    }

    /// What the headers of an answer say, whatever its status. They do not name their window: a reset that is more than
    /// a sixtieth of the hour away is taken for the hour's.
    mutating func learn(_ report: QuotaReport, at now: Timestamp) {
        guard let resetsAt = report.resetsAt, resetsAt > now else { return }
        if report.remaining == 0 {
            gate = max(gate ?? resetsAt, min(resetsAt, now + max(quota.hour, .seconds(3_600))))
        }
        let isOfHour = resetsAt.since(now).milliseconds > quota.hour.milliseconds / 60
        if isOfHour, let limit = report.limit, limit > 0 { perHour.lower(to: Double(limit), at: now) }
    }
}

/// Tells a repeated answer about a quota from an isolated one.
/// Calls that had started before the gate closed tell nothing new, however many they are.
private struct QuotaAnswers: Sendable {
    /// How long after the end of a wait another answer is a repetition.
    let memory: Duration
    private var lastUntil: Timestamp?

    init(memory: Duration) {
        self.memory = memory
    }

    mutating func shift(by jump: Duration) {
        lastUntil = lastUntil.map { $0 + jump }
    }

    mutating func isRepeated(callStarted: Timestamp, until: Timestamp, at now: Timestamp) -> Bool {
        defer { lastUntil = max(lastUntil ?? until, until) }
        guard let lastUntil else { return false }
        return callStarted >= lastUntil && now <= lastUntil + memory
    }
}
