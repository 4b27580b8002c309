import EventStore
import JSON
import Model

// What operators do to deliveries: by id or by filter, a page at a time, so that no request takes long however many
// there are. The answer's `after` is where the next page begins.
extension AdminAPI {
    /// The most deliveries that one request changes.
    static let pageOfChanges = 500

    func deliveries(_ request: Request) throws -> Answer {
        let filter = try request.deliveryFilter()
        let page = try store.deliveries(filter, from: request.pageStart(), limit: request.limit())
        return Answer(200, json: page.json(named: "deliveries", \.json))
    }

    func delivery(_ text: String) throws -> Answer {
        let id = try Request.deliveryID(text)
        guard let delivery = try store.delivery(id) else { throw AdminError.notFound("No delivery has this id.") }
        return Answer(200, json: delivery.json(attempts: try store.attempts(of: id)))
    }

    func change(_ request: Request, verb: String) throws -> Answer {
        switch verb {
        case "hold": try change(request, from: [.ready, .parked, .retrying, .attempting]) { .hold($0) }
        case "release": try change(request, from: [.held]) { .release($0) }
        case "cancel":
            try change(request, from: [.ready, .parked, .retrying, .attempting, .held]) { .cancel($0) }
        case "move": try move(request)
        case "replay": try change(request, from: [.dead], allowing: \.isReplayable) { .replay($0) }
        default: throw AdminError.notFound("Deliveries can be held, released, cancelled, moved and replayed.")
        }
    }

    private func move(_ request: Request) throws -> Answer {
        let queue = request.query["toQueue"]
        let destination = request.query["toDestination"]
        guard queue != nil || destination != nil else {
            throw AdminError.malformed("Name where they go: toQueue, toDestination, or both.")
        }
        // A gateway that has no such queue would not start with what lies in it.
        if let places {
            try Request.check(queue, among: places.queues, "queue")
            try Request.check(destination, among: places.destinations, "destination")
        }
        return try change(request, from: [.ready, .parked, .retrying, .held]) {
            .transfer($0, queue: queue, destination: destination)
        }
    }

    /// Changes one page of the deliveries that are asked for.
    /// - Parameter allowing: the states that may be asked for in place of `states`.
    private func change(
        _ request: Request,
        from states: Set<DeliveryState>,
        allowing: ((DeliveryState) -> Bool)? = nil,
        _ instruction: ([Delivery]) -> Instruction
    ) throws -> Answer {
        let isAllowed = allowing ?? states.contains
        if let ids = request.query["id"] {
            let found = try ids.split(separator: ",").map { try Request.deliveryID(String($0)) }.map { id in
                guard let delivery = try store.delivery(id) else {
                    throw AdminError.notFound("There is no delivery \(id).")
                }
                guard isAllowed(delivery.state) else {
                    throw AdminError.conflict("Delivery \(id) is \(delivery.state.rawValue).")
                }
                return delivery
            }
            return try answer(found, Page(found, next: nil), instruction)
        }
        var filter = try request.deliveryFilter()
        if filter.states.isEmpty { filter.states = states }
        guard filter.states.allSatisfy(isAllowed) else {
            throw AdminError.malformed("Deliveries in that state cannot be changed so.")
        }
        guard request.namesDeliveries else {
            throw AdminError.malformed("Say which deliveries: by id, by a filter, or all=true.")
        }
        let limit = min(try request.limit(usually: Self.pageOfChanges), Self.pageOfChanges)
        let page = try store.deliveries(filter, from: request.pageStart(usually: .after(0)), limit: limit)
        return try answer(page.elements, page, instruction)
    }

    private func answer(
        _ found: [Delivery],
        _ page: Page<Delivery>,
        _ instruction: ([Delivery]) -> Instruction
    ) throws -> Answer {
        let changed = found.isEmpty ? [] : try instructions.carryOut(instruction(found))
        var members: [(String, JSONValue)] = [
            ("found", .integer(Int64(found.count))), ("changed", .integer(Int64(changed.count))),
            ("underWay", .integer(Int64(found.count { $0.state == .attempting }))),
        ]
        if case .after(let place)? = page.next { members.append(("after", .integer(place))) }
        return Answer(200, json: .object(members))
    }
}

extension AdminAPI.Request {
    /// The parameters that say which deliveries are meant.
    private static let filters = ["state", "destination", "queue", "source", "rule", "event", "snId", "since", "until"]

    fileprivate var namesDeliveries: Bool {
        query["all"] == "true" || Self.filters.contains { query[$0] != nil }
    }

    fileprivate func deliveryFilter() throws -> DeliveryFilter {
        DeliveryFilter(
            states: try choice("state", of: DeliveryState.self).map { [$0] } ?? [],
            destination: query["destination"],
            queue: query["queue"],
            source: query["source"],
            rule: query["rule"],
            event: try eventID("event"),
            snID: query["snId"],
            since: try time("since"),
            until: try time("until")
        )
    }

    fileprivate static func deliveryID(_ text: String) throws -> DeliveryID {
        guard let number = Int64(text) else { throw AdminError.malformed("'\(text)' is no delivery id.") }
        return DeliveryID(number)
    }

    static func check(_ name: String?, among names: [String], _ noun: String) throws {
        guard let name, !names.contains(name) else { return }
        throw AdminError.notFound("There is no \(noun) '\(name)'; there are \(names.joined(separator: ", ")).")
    }
}
