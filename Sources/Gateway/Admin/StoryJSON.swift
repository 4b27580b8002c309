import EventStore
import JSON
import Model

/// What the admin API shows of events and deliveries. The command line prints texts made of these same values.
extension EventStory {
    var json: JSONValue {
        let event = event.event
        let members: [(String, JSONValue)] =
            self.event.summary.members
            + [("headers", event.headers), ("query", event.query), ("body", event.body)]
            + [("deliveries", .array(deliveries.map { $0.delivery.json(attempts: $0.attempts) }))]
        return .object(members)
    }
}

extension EventSummary {
    var json: JSONValue { .object(members) }

    fileprivate var members: [(String, JSONValue)] {
        [
            ("id", .string(id.description)), ("source", .string(source)), ("topic", .optional(topic)),
            ("receivedAt", .string(receivedAt.description)), ("key", .optional(key)),
            ("outcome", .string(outcome.rawValue)), ("deliveryCount", .integer(Int64(deliveryCount))),
            ("failures", .array(failures.map(\.json))), ("place", .integer(place)),
        ]
    }
}

extension MappingFailure {
    var json: JSONValue {
        .object([
            ("rule", .string(rule)), ("item", .integer(Int64(item))), ("place", .string(place)),
            ("reason", .string(reason)),
        ])
    }
}

extension Delivery {
    var json: JSONValue { .object(members) }

    func json(attempts: [Attempt]) -> JSONValue {
        .object(members + [("attempts", .array(attempts.map(\.json)))])
    }

    private var members: [(String, JSONValue)] {
        [
            ("id", .integer(id.value)), ("event", .string(event.description)), ("source", .string(source)),
            ("rule", .string(rule)), ("item", .integer(Int64(item))), ("replay", .integer(Int64(replay))),
            ("replays", replays.map { .integer($0.value) } ?? .null),
            ("destination", .string(destination)), ("queue", .string(queue)), ("state", .string(state.rawValue)),
            ("due", .string(due.description)), ("retryAt", .optional(retryAt?.description)),
            ("expiresAt", .optional(expiresAt?.description)),
            ("onUnknownOutcome", .string(onUnknownOutcome.rawValue)), ("trigger", trigger.frozen),
            ("policies", policies.frozen ?? .null),
        ]
    }
}

extension Attempt {
    var json: JSONValue {
        .object([
            ("number", .integer(Int64(number))), ("call", .string(kind.rawValue)),
            ("started", .string(started.description)), ("ended", .optional(ended?.description)),
            ("outcome", .optional(outcome)), ("status", status.map { .integer(Int64($0)) } ?? .null),
            ("detail", .string(detail)),
        ])
    }
}

extension JSONValue {
    static func optional(_ text: String?) -> JSONValue { text.map(JSONValue.string) ?? .null }
}
