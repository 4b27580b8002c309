import Model
import SeededRandom

@testable import Delivery

/// The destination as it counts and answers: its own clock, its own windows.
struct DestinationModel {
    struct Faults {
        /// The parts of a thousand calls that meet each of these.
        var unavailable = 0
        var conflict = 0
        var rejected = 0
        var unknown = 0
        var partlyRejected = 0
        var misconfigured = 0
        var spuriousOverSecond = 0
        var spuriousOverHour = 0
        /// The answer is lost: half of these after the destination took the call.
        var lost = 0
        var unsent = 0
        var badGateway = 0
        static let none = Faults()
    }

    enum Weather {
        case fair
        /// 503 for everything.
        case unavailable
        /// Nobody listens.
        case unreachable
        /// Requests are swallowed.
        case silent
    }

    let quota: Quota
    /// Whether calls over the quota are refused and reported as a fault of the engine: only where both mean the same quota.
    let isStrict: Bool
    /// The destination's clock: how fast it goes, and how far off it is.
    let clockRate: Double
    let clockOffset: Int64
    var faults: Faults
    var weather = Weather.fair
    var tokens: TokenDeskModel
    private var lastSecond: [Int64] = []
    private var lastHour: [Int64] = []
    private var fixedSecond: (window: Int64, count: Int) = (0, 0)
    private var fixedHour: (window: Int64, count: Int) = (0, 0)
    private(set) var arrivals = 0
    private(set) var overruns: [String] = []
    private(set) var accepted: [DeliveryID: Int] = [:]

    init(
        quota: Quota,
        isStrict: Bool,
        clockRate: Double,
        clockOffset: Int64,
        faults: Faults,
        tokenLifetime: Duration? = nil
    ) {
        self.quota = quota
        self.isStrict = isStrict
        self.clockRate = clockRate
        self.clockOffset = clockOffset
        self.faults = faults
        tokens = TokenDeskModel(lifetime: tokenLifetime)
    }

    /// What a call comes to; nil: no answer ever comes.
    mutating func receive(
        _ deliveries: [Delivery],
        token: Int,
        at now: Timestamp,
        using random: inout SplitMix64
    ) -> CallResult? {
        if weather == .silent { return nil }
        if let refusal = refusal(at: now) { return refusal }
        guard tokens.accepts(token, at: now) else { return CallResult(outcome: .unauthorized, status: 401) }
        return answer(deliveries, Int.random(in: 0..<1_000, using: &random), at: now)
    }

    /// What a token call comes to; nil: no answer ever comes.
    mutating func receive(
        _ request: TokenRequest,
        for token: Int,
        at now: Timestamp,
        using random: inout SplitMix64
    ) -> (CallResult, token: Int?)? {
        if weather == .silent { return nil }
        if let refusal = refusal(at: now) { return (refusal, nil) }
        let answer = tokens.answer(request, for: token, at: now)
        return Int.random(in: 0..<1_000, using: &random) < faults.lost ? nil : answer
    }

    /// What the weather and the quota answer to any call.
    private mutating func refusal(at now: Timestamp) -> CallResult? {
        if weather == .unreachable { return CallResult(outcome: .unsent, detail: "connection refused") }
        arrivals += 1
        if let scope = count(at: now) {
            return CallResult(outcome: .overQuota(scope, until: nil), status: 403, detail: "Developer Over Rate")
        }
        return weather == .unavailable ? CallResult(outcome: .unavailable(retryAfter: nil), status: 503) : nil
    }

    private mutating func answer(_ deliveries: [Delivery], _ dice: Int, at now: Timestamp) -> CallResult? {
        var bound = 0
        func falls(_ parts: Int) -> Bool {
            bound += parts
            return dice < bound && dice >= bound - parts
        }
        if falls(faults.unavailable) { return CallResult(outcome: .unavailable(retryAfter: .seconds(1)), status: 503) }
        if falls(faults.conflict) { return CallResult(outcome: .conflict, status: 409) }
        if falls(faults.rejected) { return CallResult(outcome: .rejected, status: 400) }
        if falls(faults.unknown), deliveries.first?.nextCall == .trigger {
            return CallResult(outcome: .unknownProfile, status: 404)
        }
        if falls(faults.misconfigured) { return CallResult(outcome: .misconfigured, status: 421) }
        if falls(faults.spuriousOverSecond) {
            return CallResult(outcome: .overQuota(.second, until: now + .seconds(1)), status: 403)
        }
        if falls(faults.spuriousOverHour) {
            return CallResult(outcome: .overQuota(.hour, until: now + .seconds(3)), status: 429)
        }
        if falls(faults.unsent) { return CallResult(outcome: .unsent, detail: "connection refused") }
        if falls(faults.badGateway) { return CallResult(outcome: .ambiguous, status: 502) }
        if falls(faults.partlyRejected), deliveries.count > 1 {
            for delivery in deliveries.dropFirst(dice % deliveries.count) { accepted[delivery.id, default: 0] += 1 }
            return CallResult(outcome: .partlyRejected, status: 200)
        }
        let isLost = falls(faults.lost)
        if !isLost || dice % 2 == 0 { for delivery in deliveries { accepted[delivery.id, default: 0] += 1 } }
        return isLost ? nil : CallResult(outcome: .accepted(trackingID: nil), status: 204)
    }

    /// Counts a call in all the windows a quota might mean; the scope that it exceeds, if any.
    private mutating func count(at now: Timestamp) -> QuotaScope? {
        let own = Int64(Double(now.milliseconds) * clockRate) + clockOffset
        let hour = quota.hour.milliseconds
        lastSecond.removeAll { $0 <= own - 1_000 }
        lastHour.removeAll { $0 <= own - hour }
        if fixedSecond.window != own / 1_000 { fixedSecond = (own / 1_000, 0) }
        if fixedHour.window != own / hour { fixedHour = (own / hour, 0) }
        let isOverSecond = max(lastSecond.count, fixedSecond.count) >= quota.perSecond
        let isOverHour = max(lastHour.count, fixedHour.count) >= quota.perHour
        if isStrict, isOverSecond || isOverHour {
            overruns.append("call \(arrivals) at \(now) exceeds the \(isOverHour ? "hour" : "second")")
        }
        if isOverHour { return .hour }
        if isOverSecond { return .second }
        lastSecond.append(own)
        lastHour.append(own)
        fixedSecond.count += 1
        fixedHour.count += 1
        return nil
    }
}
