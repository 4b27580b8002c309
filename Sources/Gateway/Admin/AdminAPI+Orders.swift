import Delivery
import EventStore
import JSON
import Model

// What holds from now on: pauses, and whom not to message.
extension AdminAPI {
    /// `pause` and `resume`, of a rule, of a queue, or of a destination as a whole.
    func pause(_ request: Request, isPaused: Bool) throws -> Answer {
        if let rule = request.query["rule"] {
            let name = StandingOrders.pause(ofRule: rule)
            if let places, isPaused { try Request.check(rule, among: places.rules, "rule") }
            _ = try instructions.carryOut(.set(name: name, value: isPaused ? [] : nil))
            return Answer(200, json: .object([("rule", .string(rule)), ("paused", .bool(isPaused))]))
        }
        let queue = request.query["queue"]
        let scope = queue.map(PauseScope.queue) ?? .destination
        let destinations = try destinations(request.query["destination"])
        if let places { try Request.check(queue, among: places.queues, "queue") }
        for destination in destinations {
            _ = try instructions.carryOut(
                isPaused ? .pause(scope, destination: destination) : .resume(scope, destination: destination)
            )
        }
        let members: [(String, JSONValue)] = [
            ("destinations", .array(destinations.map(JSONValue.string))), ("queue", .optional(queue)),
            ("paused", .bool(isPaused)),
        ]
        return Answer(200, json: .object(members))
    }

    /// The one that is named; else all there are.
    private func destinations(_ name: String?) throws -> [String] {
        if let places { try Request.check(name, among: places.destinations, "destination") }
        if let name { return [name] }
        if let places { return places.destinations }
        let all = Set(try store.backlogs().map(\.destination))
        return all.isEmpty ? [DestinationConfig.onlyName] : all.sorted()
    }

    /// What rests: destinations, queues and rules, by the settings that say so.
    func pauses() throws -> Answer {
        let rules = try store.settings(prefix: StandingOrders.rulePrefix).keys.sorted()
        let others = try store.settings(prefix: DeliveryEngine.pausePrefix).keys.sorted()
        return Answer(
            200,
            json: .object([
                ("rules", .array(rules.map { .string(String($0.dropFirst(StandingOrders.rulePrefix.count))) })),
                (
                    "destinations",
                    .array(others.map { .string(String($0.dropFirst(DeliveryEngine.pausePrefix.count))) })
                ),
            ])
        )
    }

    // MARK: Suppression

    func suppressions() throws -> Answer {
        let entries = try store.settings(prefix: StandingOrders.suppressionPrefix)
        let list = entries.keys.sorted().compactMap { name in
            StandingOrders.person(ofSuppression: name).map { person in
                JSONValue.object([
                    ("snType", .optional(person.snType)), ("snId", .string(person.snID)),
                    ("since", .string(String(decoding: entries[name] ?? [], as: UTF8.self))),
                ])
            }
        }
        return Answer(200, json: .object([("suppressions", .array(list))]))
    }

    func suppress(_ request: Request, isSuppressed: Bool) throws -> Answer {
        guard let person = request.query["snId"], !person.isEmpty else {
            throw AdminError.malformed("Name the person: snId, and snType for one channel alone.")
        }
        let type = request.query["snType"]
        let name = StandingOrders.suppression(snType: type, snID: person)
        let isKnown = try store.setting(name) != nil
        if isKnown != isSuppressed {
            let value = isSuppressed ? Array(now().description.utf8) : nil
            _ = try instructions.carryOut(.set(name: name, value: value))
        }
        return Answer(
            200,
            json: .object([
                ("snType", .optional(type)), ("snId", .string(person)), ("changed", .bool(isKnown != isSuppressed)),
            ])
        )
    }
}
