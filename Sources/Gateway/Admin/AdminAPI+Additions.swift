import EventStore
import JSON
import Model

extension AdminAPI {
    /// Makes deliveries that rules make now of an event of the past: `{"deliveries": [DRAFT, …]}`. Of one whose like is
    /// there, and was not given up, another is made only with `force=true`.
    func add(_ request: Request, to event: String) throws -> Answer {
        guard let id = EventID(event) else { throw AdminError.malformed("'\(event)' is no event id.") }
        guard try store.event(id) != nil else { throw AdminError.notFound("No event has this id.") }
        let drafts = try Self.drafts(in: request.body)
        if let places {
            for draft in drafts {
                try Request.check(draft.queue, among: places.queues, "queue")
                try Request.check(draft.destination, among: places.destinations, "destination")
            }
        }
        let isForced = request.query["force"] == "true"
        let addition = Addition(event: id, drafts: drafts, isForced: isForced, at: now())
        let made = try instructions.carryOut(.add(addition))
        return Answer(200, json: .object([("deliveries", .array(made.map(\.json)))]))
    }

    private static func drafts(in body: [UInt8]) throws -> [DeliveryDraft] {
        let value: JSONValue
        do {
            value = try JSONValue.parse(body)
        } catch {
            throw AdminError.malformed("The body is not JSON: \(error)")
        }
        return try (value["deliveries"]?.elements ?? []).map { element in
            guard let draft = DeliveryDraft(json: element) else {
                throw AdminError.malformed("This is no delivery to be made: \(element)")
            }
            return draft
        }
    }
}
