import Model

@testable import Delivery

// How a run that is replayed is told.

extension Simulation.Event {
    var summary: String {
        switch self {
        case .arrives(let index): "arrives \(index)"
        case .moved(let deliveries): "moved \(deliveries.map { "\($0.id) \($0.state)" })"
        case .handedOver(let deliveries): "handed over \(deliveries.map(\.id))"
        case .commitApplies(let changes): "commit of \(changes.count) applies"
        case .commitAnswered(let effects): effects == nil ? "commit refused" : "committed"
        case .loadReads(let queue, let after, let limit):
            "load of \(limit) in \(queue) after \(after?.id.value ?? 0)"
        case .loadAnswered(let queue, let rows): "loaded \(queue) \(rows.map(\.id))"
        case .callArrives(let call, let deliveries, _): "call \(call.number) for \(deliveries.map(\.id)) arrives"
        case .tokenCallArrives(let call, let request, let sending):
            "\(request) \(call.number) for token \(sending.token) arrives"
        case .tokenCallAnswered(let call, let result, let token):
            "token call \(call.number) ended: \(result.outcome), token \(token ?? 0)"
        case .callAnswered(let call, let result): "call \(call.number) ended: \(result.outcome)"
        case .timer: "timer"
        case .happens(let index): "incident \(index)"
        case .restarts: "restart"
        case .resumes(let scope): "resume \(scope)"
        case .calms: "calm"
        }
    }
}

extension Action {
    var summary: String {
        switch self {
        case .commit(let changes): "→ commit " + changes.map(\.summary).joined(separator: ", ")
        case .send(let call, let delivery): "→ send \(call.number) for \(delivery.id) in \(delivery.queue)"
        case .sendBulk(let call, let deliveries): "→ send \(call.number) for \(deliveries.map(\.id))"
        case .renewToken(let call): "→ renew token by \(call.number)"
        case .authorize(let call): "→ authorize by \(call.number)"
        case .useToken(let call): "→ use the token of \(call.number)"
        case .load(let queue, _, let limit): "→ load \(limit) of \(queue)"
        case .wake(let moment): "→ wake \(moment.since(Scenario.start))"
        case .done(let request, _): "→ done \(request.number)"
        case .alert(let alert): "→ alert \(alert)"
        }
    }
}

extension Change {
    fileprivate var summary: String {
        switch self {
        case .start(let start): "start \(start.call.number) of \(start.attempts.map(\.delivery))"
        case .finish(let end): "finish \(end.call.number) as \(end.attempts.map(\.state))"
        case .move(let move): "move \(move.deliveries) to \(move.to)"
        case .postpone(let list): "postpone \(list.map(\.delivery))"
        case .transfer(let transfer): "transfer \(transfer.deliveries) to \(transfer.queue ?? "-")"
        case .replay(let deliveries, _): "replay \(deliveries)"
        case .add(let addition): "add \(addition.drafts.count) of \(addition.event)"
        case .set(let name, let value): "set \(name) \(value?.count ?? 0)"
        case .receive, .count: "other"
        }
    }
}
