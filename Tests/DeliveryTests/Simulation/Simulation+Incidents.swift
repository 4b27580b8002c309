import EventStore
import Model

@testable import Delivery

// What goes wrong, and what operators do.
extension Simulation {
    mutating func happen(_ incident: Scenario.Incident) {
        guard now < scenario.calm else { return }
        if traces { print("        ", incident) }
        switch incident {
        case .crash(let down):
            guard engine != nil else { return }
            // A commit under way may or may not have reached the disk.
            if Bool.random(using: &random), storeFailsUntil <= now, let changes = commitUnderWay {
                _ = store.commit(changes)
                invariants.blame(store.faults)
            }
            engine = nil
            process += 1
            schedule(.restarts, at: now + down, ofProcess: false)
        case .weather(let weather):
            destination.weather = weather
        case .storeFails(let time):
            storeFailsUntil = now + time
        case .tokenRevoked:
            destination.tokens.revoke()
        case .move(let state):
            move(to: state)
        case .transfer(let queue):
            let chosen = choose(from: [.ready, .parked, .retrying, .held])
            step(.control(.transfer(Transfer(chosen, queue: queue, destination: nil)), request: RequestID(0)))
        case .replay:
            replay()
        case .suppress(let person, let isSuppressed):
            guard engine != nil, storeFailsUntil <= now else { return }
            let name = StandingOrders.suppression(snType: "SMS", snID: person)
            _ = store.commit([.set(name: name, value: isSuppressed ? [] : nil)])
        case .clockJumps(let jump):
            wallOffset += jump
            guard wallOffset > clockOffset else { return }
            let forward = wallOffset - clockOffset
            clockOffset = wallOffset
            step(.clockJumped(by: forward))
        case .pauseQueue(let queue, let time):
            step(.control(.pause(.queue(queue))))
            schedule(.resumes(.queue(queue)), at: now + time, ofProcess: false)
        case .pauseDestination(let time):
            step(.control(.pause(.destination)))
            schedule(.resumes(.destination), at: now + time, ofProcess: false)
        }
    }

    mutating func move(to state: DeliveryState) {
        let from: Set<DeliveryState> = state == .ready ? [.held] : [.ready, .parked, .retrying, .attempting]
        let chosen = choose(from: from)
        guard !chosen.isEmpty else { return }
        step(.control(.move(Move(chosen, from: from, to: state, at: clock))))
    }

    /// Some of the deliveries in these states: they have left the order that they came in.
    mutating func choose(from states: Set<DeliveryState>) -> [DeliveryID] {
        // The engine hears of what was appended before it hears of what was changed later.
        let candidates = store.deliveries.filter { states.contains($0.state) && invariants.knows($0.id) }
            .map(\.id).sorted()
        let chosen = candidates.filter { _ in Int.random(in: 0...2, using: &random) == 0 }
        invariants.touch(chosen)
        return chosen
    }

    /// Makes some of what ended undelivered anew, twice over: the second time must find nothing.
    mutating func replay() {
        guard engine != nil, storeFailsUntil <= now else { return }
        let chosen = choose(from: [.dead, .expired, .cancelled, .suppressed])
        var made: [Delivery] = []
        for isRepeated in [false, true] {
            guard case .moved(let new, _)? = store.commit([.replay(chosen, at: clock)]).first else { return }
            if isRepeated, !new.isEmpty { invariants.blame("\(new.map(\.id)) were made anew twice") }
            made += new
        }
        invariants.touch(made.map(\.id))
        lastHandOver = max(lastHandOver, now + draw(0...scenario.handOverDelay))
        schedule(.handedOver(made), at: lastHandOver)
    }

    mutating func resume(_ scope: PauseScope) {
        guard engine != nil else {
            schedule(.resumes(scope), at: now + .seconds(1), ofProcess: false)
            return
        }
        // Whoever resumes what a token had stopped has seen to the token.
        switch engine?.pause {
        case .authorization where scope == .destination:
            step(.control(.authorize(until: clock + .seconds(20))))
            schedule(.resumes(.destination), at: now + .seconds(30), ofProcess: false)
        case .token:
            destination.tokens.restore()
            step(.control(.resume(scope)))
        default:
            step(.control(.resume(scope)))
        }
    }

    mutating func calm() {
        destination.weather = .fair
        destination.faults = .none
        // A token that expires is renewed for ever.
        destination.tokens.lifetime = nil
        storeFailsUntil = now
        for scope in [PauseScope.destination, .queue("default")] { resume(scope) }
    }
}
