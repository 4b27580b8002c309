import Delivery
import EventStore
import Model

// What a deliverer tells, as values.

/// What calls came to, until that is durable and told.
struct CallResults {
    private var results: [CallID: CallResult] = [:]

    mutating func keep(_ result: CallResult, of call: CallID) {
        results[call] = result
    }

    /// The attempts whose end is durable with these changes.
    mutating func notices(of changes: [Change], _ effects: [Effect]) -> [Notice] {
        var notices: [Notice] = []
        for (change, effect) in zip(changes, effects) {
            guard case .finish(let end) = change, case .moved(let moved, _) = effect,
                let result = results.removeValue(forKey: end.call)
            else { continue }
            notices += moved.map { .attempted($0, result) }
        }
        return notices
    }
}

extension Notice.Operation {
    /// What operators are told of a destination.
    init(_ alert: Alert, destination name: String) {
        switch alert {
        case .paused(.destination, let reason):
            self = .destinationPaused(name, reason: "\(reason)")
        case .paused(.queue(let queue), let reason):
            self = .destinationPaused("\(name), queue \(queue)", reason: "\(reason)")
        case .resumed(.destination), .breakerClosed:
            self = .destinationResumed(name)
        case .resumed(.queue(let queue)):
            self = .destinationResumed("\(name), queue \(queue)")
        case .breakerOpened:
            self = .destinationTrouble(name, reason: "it fails; only probes are sent until one succeeds")
        case .overQuota(let scope, let until):
            let reason = "it says that the quota is used up (\(scope.rawValue)); nothing is sent until \(until)"
            self = .destinationTrouble(name, reason: reason)
        case .storeRefuses:
            self = .storeFailed("outcomes of calls wait to be recorded")
        case .storeTakes:
            self = .storeRecovered
        }
    }
}

extension GatewayStatus.Destination {
    mutating func take(_ status: EngineStatus) {
        pausedBecause = status.pause?.description
        pauseKind = status.pause?.kind
        tokenExpiresAt = status.tokenExpiresAt
        pausedQueues = status.pausedQueues
        isBreakerOpen = status.isBreakerOpen
        callsInFlight = status.callsUnderWay
        callsInLastHour = status.callsInHour
        callsPerHour = status.callsPerHour
    }
}
