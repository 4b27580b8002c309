import JSON
import Model
import Rules
import Webhooks

extension RuleExample {
    /// The example with its payload decoded as its source would: a batch split, topics and headers as in life.
    ///
    /// - Throws: why the source would not take such a body.
    func decoded(by source: Source) throws(Refusal) -> RuleExample {
        var example = self
        example.given = []
        for given in given { example.given += try given.decoded(by: source) }
        return example
    }
}

extension ExampleEvent {
    fileprivate func decoded(by source: Source) throws(Refusal) -> [ExampleEvent] {
        let settings = source.settings
        let named = (headers.members ?? []).map { Field($0.key, $0.value.stringValue ?? "") }
        let hasType = named.contains { $0.isNamed("Content-Type") }
        let webhook = Webhook(
            method: "POST",
            url: "https://localhost" + settings.path,
            path: settings.path,
            fields: named + (hasType ? [] : [Field("Content-Type", "application/json")]),
            body: body.serialized(),
            receivedAt: receivedAt
        )
        var ids = EventIDGenerator()
        var random = SystemRandomNumberGenerator()
        let events = try source.decode(webhook) { ids.next(at: receivedAt, using: &random) }
        return events.map { event in
            ExampleEvent(
                source: settings.name,
                topic: topic ?? event.topic,
                headers: event.headers,
                query: query,
                body: event.body,
                receivedAt: receivedAt
            )
        }
    }
}
