import Model

/// Says when the next call may start, so that the destination never counts more calls than its quota.
///
/// - The hour: calls under way, and those that ended less than 1.001 hours ago, are at most the share of the priority.
///   Below half of the share calls go as fast as the second allows; beyond it they are spread over the time until
///   the oldest counted one leaves.
/// - The second: at most `perSecond` are written in any 1.05 s, because the network compresses gaps and the
///   destination counts on arrival.
/// - The gate: an answer about quota stops everything until the time that it names.
///
/// The hour's part is taken as a call starts, before that is durable; the second's as it is written.
struct Pacer: Sendable {
    enum Admission: Sendable, Equatable {
        case now
        case at(Timestamp)
        /// Not before something that is under way has ended.
        case afterCall
    }

    private(set) var quota: Quota
    /// Calls that have ended and still count in the hour.
    private var ended: RollingCount
    /// Calls that count in the hour and have not ended.
    private(set) var underWay = 0
    /// Calls that count in the second.
    private var written: RollingCount
    /// Calls that have started and will be written in a moment.
    private var unwritten = 0
    private var lastStart: Timestamp?
    private(set) var gate: Timestamp?
    private var perSecond: BelievedLimit
    private var perHour: BelievedLimit
    private var secondAnswers = QuotaAnswers(memory: .seconds(60))
    private var hourAnswers: QuotaAnswers

    init(_ quota: Quota) {
        self.quota = quota
        ended = RollingCount(span: quota.counted, slots: 4_096)
        written = RollingCount(span: .milliseconds(1_050), slots: 1_050)
        perSecond = BelievedLimit(quota.perSecond, recovery: .seconds(600))
        perHour = BelievedLimit(quota.perHour, recovery: .milliseconds(quota.hour.milliseconds * 5))
        hourAnswers = QuotaAnswers(memory: quota.hour)
    }

    /// Counts the calls of an earlier process as it would have counted them itself.
    /// One without an end was cut off by that process's end, or by its time-out.
    mutating func restore(_ calls: [Call], timeout: Duration, at now: Timestamp) {
        for call in calls {
            let end = min(call.ended ?? call.started + timeout, now)
            ended.add(at: end)
            // When it was written is not stored; at the latest when it ended.
            written.add(at: end)
            lastStart = max(lastStart ?? call.started, min(call.started, now))
        }
        ended.advance(to: now)
        written.advance(to: now)
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
        ended.shift(by: jump)
        written.shift(by: jump)
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
        written.advance(to: now)
        if written.count + unwritten >= perSecond.value(at: now) {
            return written.oldestLeaves.map(Admission.at) ?? .afterCall
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
    mutating func writing(at now: Timestamp) -> Timestamp {
        if let gate, gate > now { return gate }
        written.advance(to: now)
        guard written.count >= perSecond.value(at: now) else { return now }
        return written.oldestLeaves ?? now
    }

    /// How many calls may be counted at once for queues of this priority.
    func share(of priority: QueuePriority, at now: Timestamp) -> Int {
        let believed = perHour.value(at: now)
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

    // MARK: What happened

    mutating func started(at now: Timestamp) {
        underWay += 1
        unwritten += 1
        lastStart = now
    }

    /// A start did not come to be: no row of it exists, and nothing was written.
    mutating func takeBack() {
        underWay -= 1
        unwritten -= 1
    }

    mutating func wrote(at now: Timestamp) {
        unwritten -= 1
        written.add(at: now)
    }

    /// Calls that count in the hour as of the last time it was told.
    var callsInHour: Int { ended.count + underWay }

    /// A call that was written has its answer, or will have none.
    mutating func ended(at now: Timestamp) {
        underWay -= 1
        ended.add(at: now)
    }

    /// A call whose start is durable was not written after all. Its row counts in the hour all the same.
    mutating func dropped(at now: Timestamp) {
        unwritten -= 1
        ended(at: now)
    }

    mutating func forgetUnwritten() {
        unwritten = 0
    }

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
