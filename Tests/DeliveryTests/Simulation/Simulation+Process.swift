import EventStore
import Model

@testable import Delivery

// The gateway itself: the engine, and what performs its actions.
extension Simulation {
    mutating func begin() {
        process += 1
        isCommitting = false
        gate = now
        let settings = scenario.settings
        invariants.hasLearnt(of: store.deliveries, at: now)
        newTokens = [:]
        let standing: TokenStanding
        (token, standing) = HeldToken.found(in: store.settings, destination: settings.name)
        var state = store.restored(destination: settings.name, since: clock - settings.quotaMemory)
        state.token = standing
        engine = DeliveryEngine(settings, restored: state, seed: random.next(), at: clock, opening: Scenario.opening)
        step(.timer)
    }

    mutating func step(_ input: Input) {
        guard var engine else { return }
        steps += 1
        let wasPaused = engine.pause != nil
        let actions = engine.step(input, at: clock)
        self.engine = engine
        for action in actions { perform(action) }
        if now < gate, actions.contains(where: \.isCall) { invariants.blame("a call while the gate is closed") }
        if wasPaused, engine.pause != nil, actions.contains(where: \.isCall) { invariants.blame("a call while paused") }
        invariants.checkMemory(of: engine)
    }

    mutating func perform(_ action: Action) {
        if traces { print("        ", action.summary) }
        switch action {
        case .commit(let changes):
            if isCommitting { invariants.blame("two commits at once") }
            isCommitting = true
            schedule(.commitApplies(changes), at: now + draw(1...scenario.commitTime))
        case .send(let call, let delivery):
            send(call, [delivery])
        case .sendBulk(let call, let deliveries):
            invariants.checkPacking(call, deliveries)
            send(call, deliveries)
        case .renewToken(let call):
            request(.renewal, by: call)
        case .authorize(let call):
            request(.authorization, by: call)
        case .useToken(let call):
            guard let new = newTokens.removeValue(forKey: call) else { return invariants.blame("no token to use") }
            if HeldToken.found(in: store.settings, destination: scenario.settings.name).0.number != new.number {
                invariants.blame("a token is used that is not on disk")
            }
            token = new
        case .load(let queue, let after, let limit):
            schedule(.loadReads(queue: queue, after: after, limit: limit), at: now + draw(0...scenario.commitTime))
        case .wake(let moment):
            schedule(.timer, at: moment - clockOffset)
        case .alert(.paused(.destination, let reason)):
            // Operators look after it, unless it was themselves who paused.
            if reason != .requested { schedule(.resumes(.destination), at: now + draw(500...5_000), ofProcess: false) }
        case .done, .alert:
            break
        }
    }

    mutating func send(_ call: CallID, _ deliveries: [Delivery]) {
        invariants.checkOnce(call)
        for delivery in deliveries { invariants.check(call, delivery, store, at: now, clock: clock) }
        schedule(
            .callArrives(call, deliveries, Sending(token: token.number, at: now, process: process)),
            at: now + wayTime(),
            ofProcess: false
        )
    }

    mutating func request(_ request: TokenRequest, by call: CallID) {
        invariants.checkOnce(call)
        let name = DeliveryEngine.renewalSetting(destination: scenario.settings.name)
        if request == .renewal, store.settings[name] == nil { invariants.blame("a renewal that is not on disk") }
        schedule(
            .tokenCallArrives(call, request, Sending(token: token.number, at: now, process: process)),
            at: now + wayTime(),
            ofProcess: false
        )
    }
}

extension Action {
    fileprivate var isCall: Bool {
        switch self {
        case .send, .sendBulk, .renewToken: true
        default: false
        }
    }
}
