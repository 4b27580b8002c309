import JSON
import Model

@testable import Delivery

/// The engine with a store in memory that takes everything at once, and a destination that answers when the test says so.
struct Workbench {
    private(set) var engine: DeliveryEngine
    private(set) var store = StoreModel()
    private(set) var now = Scenario.start
    /// Calls that went out, in their order.
    private(set) var sent: [(call: CallID, delivery: Delivery)] = []
    /// Calls for several, in their order.
    private(set) var bulks: [(call: CallID, deliveries: [Delivery])] = []
    private(set) var renewals: [CallID] = []
    private(set) var authorizations: [CallID] = []
    /// Token calls whose tokens came into use.
    private(set) var usedTokens: [CallID] = []
    private(set) var alerts: [Alert] = []
    /// What was answered to requests.
    private(set) var done: [RequestID: [Delivery]] = [:]
    private(set) var settings: DestinationSettings
    /// While it refuses, commits are answered so.
    var storeRefuses = false
    /// While it is slow, commits and reads wait until it catches up.
    var storeIsSlow = false
    private var asked: [Action] = []
    private var wakes: [Timestamp] = []

    init(_ settings: DestinationSettings = .generous) {
        self.settings = settings
        engine = DeliveryEngine(settings, restored: RestoredState(), seed: 1, at: now, opening: utcOpening)
        step(.timer)
    }

    /// Appends a delivery for a person; its id.
    @discardableResult
    mutating func append(
        _ person: String,
        queue: String = "default",
        journey: String = "journey",
        newProfile: NewProfile.Mode? = nil,
        delay: Duration = .zero,
        expiresAfter: Duration? = nil,
        onUnknownOutcome: UnknownOutcomePolicy = .retry,
        policies: DeliveryPolicies = DeliveryPolicies()
    ) -> DeliveryID {
        let profile = newProfile.map { NewProfile(mode: $0, unifiedProfile: .object([])) }
        let draft = DeliveryDraft(
            rule: "rule",
            queue: queue,
            trigger: Trigger(snType: "SMS", snID: person, journeyID: journey, newProfile: profile),
            delay: delay,
            expiresAt: expiresAfter.map { now + $0 },
            onUnknownOutcome: onUnknownOutcome,
            policies: policies
        )
        let delivery = store.append(draft, at: now)
        step(.appended([delivery]))
        return delivery.id
    }

    mutating func append(_ people: [String], queue: String = "default") -> [DeliveryID] {
        people.map { append($0, queue: queue) }
    }

    /// Receives an event that the rules have made this of.
    mutating func receive(_ mapping: Mapping) {
        let (deliveries, moved) = store.append(mapping, at: now)
        step(.appended(deliveries))
        step(.moved(moved))
    }

    /// Answers the call under way for a delivery.
    mutating func answer(_ delivery: DeliveryID, _ outcome: Outcome, status: Int? = nil, quota: QuotaReport? = nil) {
        guard let call = sent.last(where: { $0.delivery.id == delivery })?.call else { return }
        step(.ended(call, CallResult(outcome: outcome, status: status, detail: "as told", quota: quota)))
    }

    mutating func step(_ input: Input) {
        for action in engine.step(input, at: now) { perform(action) }
    }

    /// Answers a call for several.
    mutating func answerBulk(_ number: Int, _ outcome: Outcome, status: Int? = nil) {
        step(.ended(bulks[number].call, CallResult(outcome: outcome, status: status, detail: "as told")))
    }

    /// Answers the newest token call; with a token when it is accepted.
    mutating func answerToken(_ outcome: Outcome, status: Int? = nil, life: TokenLife? = nil) {
        guard let call = [renewals.last, authorizations.last].compactMap({ $0 }).max(by: { $0.number < $1.number })
        else { return }
        let isAccepted = if case .accepted = outcome { true } else { false }
        let token = isAccepted ? NewToken(value: Array("token of call \(call.number)".utf8), life: life) : nil
        step(.tokenCallEnded(call, CallResult(outcome: outcome, status: status, detail: "as told"), token))
    }

    /// When the engine wants to be woken next.
    var nextWake: Timestamp? { wakes.min() }

    /// Lets time pass; the engine is woken as it asked.
    mutating func pass(_ time: Duration) {
        let end = now + time
        while let next = wakes.filter({ $0 <= end }).min() {
            wakes.removeAll { $0 <= next }
            now = max(now, next)
            step(.timer)
        }
        now = end
        step(.timer)
    }

    mutating func letStoreCatchUp() {
        storeIsSlow = false
        let actions = asked
        asked = []
        for action in actions { perform(action) }
    }

    /// Ends the process, and begins another on the same store.
    mutating func restart(
        after time: Duration = .zero,
        with settings: DestinationSettings? = nil,
        token: TokenStanding = .usable(nil)
    ) {
        now = now + time
        wakes = []
        self.settings = settings ?? self.settings
        let since = now - self.settings.quotaMemory
        var state = store.restored(destination: self.settings.name, since: since)
        state.token = token
        engine = DeliveryEngine(self.settings, restored: state, seed: 2, at: now, opening: utcOpening)
        step(.timer)
    }

    subscript(delivery: DeliveryID) -> Delivery? { store[delivery] }

    func state(_ delivery: DeliveryID) -> DeliveryState? { store[delivery]?.state }

    /// The deliveries of the calls that went out, in their order.
    var status: EngineStatus { engine.status(at: now) }

    var sentDeliveries: [DeliveryID] { sent.map(\.delivery.id) }

    private mutating func perform(_ action: Action) {
        switch action {
        case .commit where storeIsSlow, .load where storeIsSlow:
            asked.append(action)
        case .commit(let changes):
            if storeRefuses { step(.refused) } else { step(.committed(store.commit(changes))) }
        case .send(let call, let delivery):
            sent.append((call, delivery))
        case .sendBulk(let call, let deliveries):
            bulks.append((call, deliveries))
        case .renewToken(let call):
            renewals.append(call)
        case .authorize(let call):
            authorizations.append(call)
        case .useToken(let call):
            usedTokens.append(call)
        case .load(let queue, let after, let limit):
            step(.loaded(queue: queue, store.ready(queue: queue, after: after, limit: limit)))
        case .wake(let moment):
            wakes.append(moment)
        case .done(let request, let moved):
            done[request] = moved
        case .alert(let alert):
            alerts.append(alert)
        }
    }
}

/// Hours as they are where the clocks show UTC.
@Sendable
func utcOpening(_ hours: OpenHours, _ now: Timestamp) -> Timestamp {
    let minute = (now.milliseconds / 60_000) % 1_440
    if hours.contain(minute: Int(minute)) { return now }
    let midnight = now.milliseconds - now.milliseconds % 86_400_000
    let opening = midnight + Int64(hours.from) * 60_000
    return Timestamp(milliseconds: opening > now.milliseconds ? opening : opening + 86_400_000)
}

extension DestinationSettings {
    /// A destination whose quota is no concern.
    static let generous = DestinationSettings(
        quota: Quota(perSecond: 10_000, perHour: 1_000_000, reserve: 0),
        queues: [
            QueueSettings(name: "default"), QueueSettings(name: "campaigns", weight: 1),
            QueueSettings(name: "transactional", priority: .high),
        ]
    )

    func with(_ change: (inout DestinationSettings) -> Void) -> DestinationSettings {
        var changed = self
        change(&changed)
        return changed
    }
}
