import JSON
import Model
import SeededRandom

@testable import Delivery

/// Everything that a seed decides before a simulation begins.
struct Scenario {
    struct Arrival {
        let at: Timestamp
        let mapping: Mapping
    }

    enum Incident {
        case crash(down: Duration)
        case weather(DestinationModel.Weather)
        case storeFails(for: Duration)
        case tokenRevoked
        /// An operator cancels, holds or suppresses some of the deliveries that are there, or releases the held ones.
        case move(to: DeliveryState)
        /// An operator gives some of the deliveries to another queue.
        case transfer(to: String)
        /// Some of what ended undelivered is made anew.
        case replay
        case suppress(String, Bool)
        /// The machine's clock is set.
        case clockJumps(by: Duration)
        case pauseQueue(String, for: Duration)
        case pauseDestination(for: Duration)
    }

    let settings: DestinationSettings
    let destination: DestinationModel
    let arrivals: [Arrival]
    let incidents: [(at: Timestamp, incident: Incident)]
    /// From here on nothing goes wrong any more.
    let calm: Timestamp
    /// How late the hand-over of what was appended may be, in milliseconds.
    let handOverDelay: Int64
    /// How long a commit takes at most, in milliseconds.
    let commitTime: Int64
    /// How long an answer takes at most, in milliseconds.
    let answerTime: Int64

    /// How often people are messaged by the rules that limit it.
    let atMost: AtMost

    /// The time of day goes fast, so that hours open and close within a run.
    static let day = Duration.milliseconds(1_440 * 50)

    static let start = Timestamp(milliseconds: 1_700_000_000_000)

    init(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        func draw(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }
        func chance(_ percent: Int) -> Bool { draw(1...100) <= percent }

        let hour = [10, 30, 60, 300][draw(0...3)]
        // In some the hour is what everything waits for, again and again.
        let isScarce = chance(40)
        let quota = Quota(
            perSecond: [1, 2, 5, 10, 50][draw(0...4)],
            perHour: isScarce ? draw(4...25) : draw(20...300),
            reserve: isScarce ? 0 : Double(draw(0...3)) / 10,
            hour: .seconds(hour)
        )
        let queues = [
            QueueSettings(name: "default", weight: draw(1...10)),
            QueueSettings(name: "campaigns", weight: 1),
            QueueSettings(name: "transactional", priority: .high),
        ]
        settings = DestinationSettings(
            quota: quota,
            retry: RetryPolicy(maxAttempts: draw(2...6), firstDelay: .milliseconds(500), maxDelay: .seconds(20)),
            breaker: BreakerSettings(failures: draw(3...10), window: .seconds(10), probe: .seconds(3)),
            timeout: .seconds(draw(1...5)),
            queues: queues,
            bulk: chance(30) ? draw(2...8) : 1,
            canRenewToken: chance(70),
            limits: DeliveryLimits(
                window: chance(50) ? draw(1...4) : draw(5...24),
                unsettled: draw(2...12),
                callsUnderWay: draw(1...64)
            )
        )

        let length = Int64(draw(5...120)) * 1_000
        var faults = DestinationModel.Faults.none
        if chance(40) { faults.unavailable = draw(10...300) }
        if chance(30) { faults.conflict = chance(20) ? 700 : draw(10...200) }
        if chance(30) { faults.rejected = draw(10...200) }
        // Where there are calls for several, nobody is unknown.
        if chance(40), settings.bulk == 1 { faults.unknown = draw(10...300) }
        if chance(40), settings.bulk > 1 { faults.partlyRejected = draw(10...200) }
        if chance(10) { faults.misconfigured = draw(1...10) }
        if chance(20) { faults.spuriousOverSecond = draw(1...100) }
        if chance(20) { faults.spuriousOverHour = draw(1...30) }
        if chance(40) { faults.lost = draw(10...150) }
        if chance(30) { faults.unsent = draw(10...200) }
        if chance(20) { faults.badGateway = draw(10...100) }
        let isStrict = chance(80)
        let theirs = Quota(
            perSecond: isStrict ? quota.perSecond : max(1, quota.perSecond / 2),
            perHour: isStrict ? quota.perHour : max(5, quota.perHour / 2),
            hour: quota.hour
        )
        destination = DestinationModel(
            quota: theirs,
            isStrict: isStrict,
            clockRate: 1 + Double(draw(-5...5)) / 10_000,
            clockOffset: Int64(draw(0...100_000_000)),
            faults: faults,
            tokenLifetime: settings.canRenewToken && chance(30) ? .seconds(draw(5...60)) : nil
        )

        atMost = AtMost(times: draw(1...2), per: .seconds(Int64(draw(5...60))))
        arrivals = Self.arrivals(length: length, atMost, &random)
        incidents = Self.incidents(length: length, canMove: chance(30), &random)
        calm = Self.start + .milliseconds(length + 2_000)
        handOverDelay = chance(50) ? 0 : Int64(draw(1...400))
        commitTime = Int64([2, 30, 300][draw(0...2)])
        answerTime = Int64([5, 200, 3_000][draw(0...2)])
    }

    private static func arrivals(length: Int64, _ atMost: AtMost, _ random: inout SplitMix64) -> [Arrival] {
        func draw(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }
        let people = [1, 3, 20, 200][draw(0...3)]
        let count = draw(5...120)
        let journeys = draw(1...4)
        let isBurst = draw(0...2) == 0
        let hasDelays = draw(0...2) == 0
        let hasExpiry = draw(0...1) == 0
        let holds = draw(0...3) == 0
        let isLimited = draw(0...4) == 0
        let hasHours = draw(0...4) == 0
        let isCancelled = draw(0...3) == 0
        return (0..<count).map { number in
            let latest = isBurst ? min(length, 500) : length
            let at = start + .milliseconds(Int64.random(in: 0...latest, using: &random))
            let drafts = (0..<(draw(0...9) == 0 ? draw(1...10) : 1)).map { item in
                let profile =
                    draw(0...2) == 0
                    ? NewProfile(mode: draw(0...3) == 0 ? .always : .ifMissing, unifiedProfile: .null) : nil
                let from = draw(0...1_439)
                let policies = DeliveryPolicies(
                    expiresAfter: hasExpiry && draw(0...1) == 0 ? .milliseconds(Int64(draw(100...60_000))) : nil,
                    atMost: isLimited && draw(0...1) == 0 ? atMost : nil,
                    hours: hasHours && draw(0...1) == 0
                        ? OpenHours(from: from, to: (from + draw(200...1_200)) % 1_440, timeZone: "UTC") : nil,
                    cancelKey: isCancelled ? "key-\(draw(1...8))" : nil
                )
                return DeliveryDraft(
                    rule: "rule",
                    item: item,
                    queue: ["default", "default", "campaigns", "transactional"][draw(0...3)],
                    trigger: Trigger(
                        snType: "SMS",
                        snID: "person-\(draw(1...people))",
                        journeyID: "j\(draw(1...journeys))",
                        newProfile: profile
                    ),
                    delay: .milliseconds(hasDelays && draw(0...1) == 0 ? Int64(draw(0...20_000)) : 0),
                    onUnknownOutcome: holds && draw(0...1) == 0 ? .hold : .retry,
                    policies: policies
                )
            }
            let isCancelling = isCancelled && draw(0...5) == 0
            let cancellation = Cancellation(
                rule: "rule",
                key: "key-\(draw(1...8))",
                remembered: .milliseconds(Int64(draw(0...5_000)))
            )
            let mapping = Mapping(deliveries: drafts, cancellations: isCancelling ? [cancellation] : [])
            return Arrival(at: at, mapping: mapping)
        }
    }

    private static func incidents(
        length: Int64,
        canMove: Bool,
        _ random: inout SplitMix64
    ) -> [(at: Timestamp, incident: Incident)] {
        func draw(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }
        var incidents: [(at: Timestamp, incident: Incident)] = []
        func add(_ incident: Incident, after: Int64 = 0) {
            incidents.append((start + .milliseconds(Int64.random(in: 0...length, using: &random) + after), incident))
        }
        let hasCrashes = draw(0...2) == 0
        if hasCrashes {
            for _ in 0..<draw(1...4) { add(.crash(down: .milliseconds(Int64(draw(60...8_000))))) }
        }
        if draw(0...2) == 0 {
            for _ in 0..<draw(1...3) {
                let at = Int64.random(in: 0...length, using: &random)
                let weather: DestinationModel.Weather = [.unavailable, .unreachable, .silent][draw(0...2)]
                incidents.append((start + .milliseconds(at), .weather(weather)))
                incidents.append((start + .milliseconds(at + Int64(draw(500...30_000))), .weather(.fair)))
            }
        }
        if draw(0...4) == 0 {
            for _ in 0..<draw(1...3) { add(.storeFails(for: .milliseconds(Int64(draw(10...5_000))))) }
        }
        if draw(0...4) == 0 { for _ in 0..<draw(1...3) { add(.tokenRevoked) } }
        if draw(0...6) == 0 { add(.pauseQueue("default", for: .milliseconds(Int64(draw(10...9_000))))) }
        if draw(0...6) == 0 { add(.pauseDestination(for: .milliseconds(Int64(draw(10...9_000))))) }
        // Which of its calls an earlier process made before such a jump is not known.
        if !hasCrashes, draw(0...3) == 0 {
            for _ in 0..<draw(1...3) { add(.clockJumps(by: .milliseconds(Int64(draw(-60_000...400_000))))) }
        }
        if canMove {
            for _ in 0..<draw(0...2) { add(.transfer(to: ["default", "campaigns"][draw(0...1)])) }
            for _ in 0..<draw(0...2) { add(.replay) }
            for _ in 0..<draw(0...2) { add(.suppress("person-\(draw(1...3))", draw(0...3) > 0)) }
            // Somebody holds deliveries and thinks better of it at once.
            let at = Int64.random(in: 0...length, using: &random)
            incidents.append((start + .milliseconds(at), .move(to: .held)))
            incidents.append((start + .milliseconds(at + Int64(draw(1...600))), .move(to: .ready)))
            for _ in 0..<draw(1...6) { add(.move(to: [.cancelled, .held, .suppressed, .ready][draw(0...3)])) }
        }
        return incidents
    }
}

extension Scenario {
    /// Hours by the time of day that goes fast.
    @Sendable
    static func opening(_ hours: OpenHours, _ now: Timestamp) -> Timestamp {
        let minute = day.milliseconds / 1_440
        let ofDay = now.milliseconds % day.milliseconds
        if hours.contain(minute: Int(ofDay / minute)) { return now }
        let opening = now.milliseconds - ofDay + Int64(hours.from) * minute
        return Timestamp(milliseconds: opening > now.milliseconds ? opening : opening + day.milliseconds)
    }

    var hasCrashes: Bool {
        incidents.contains { if case .crash = $0.incident { true } else { false } }
    }

    var hasHours: Bool { arrivals.contains { $0.mapping.deliveries.contains { $0.policies.hours != nil } } }

    /// Whether anything but the engine changes what it has decided on.
    var isMeddled: Bool {
        let policies = arrivals.flatMap { $0.mapping.deliveries.map(\.policies) }
        return policies.contains { $0.atMost != nil || $0.cancelKey != nil }
            || incidents.contains {
                switch $0.incident {
                case .move, .transfer, .suppress: true
                default: false
                }
            }
    }

    func suppresses(_ person: String) -> Bool {
        incidents.contains { if case .suppress(person, _) = $0.incident { true } else { false } }
    }

    /// All that the clock may be ahead of where it stands.
    var furthestJump: Duration {
        incidents.reduce(.zero) { sum, incident in
            if case .clockJumps(let jump) = incident.incident { sum + max(jump, .zero - jump) } else { sum }
        }
    }

    /// How long what is owed now may take, when nothing goes wrong any more.
    func clearTime(owed: Int, _ destination: DestinationModel) -> Duration {
        let quota = destination.quota
        let share = max(1, Double(quota.perHour) * (1 - quota.reserve))
        // Each may need a second call, as somebody unknown, and each that is retrying one more.
        let calls = Double(3 * owed + 10)
        let hours = (calls / share).rounded(.up) + 1
        let seconds =
            hours * Double(quota.hour.milliseconds) / 1_000 * 1.1 + calls / Double(quota.perSecond) * 1.2 + 150
        let most = Duration.milliseconds(Int64(seconds * 1_000 * (destination.isStrict ? 1 : 12)))
        // What was postponed waits for its hours, and after a clock that was set back the store's stays ahead.
        return most + (hasHours ? Self.day * 2 : .zero) + furthestJump
    }
}
