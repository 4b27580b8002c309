import JSON
import Model
import Rules
import Webhooks

/// An entry of `examples:` as it was read. What it gives is a request still: its source decodes it, as in life.
struct ExampleReading {
    var name: String
    var given: CapturedRequest
    /// Nil takes the rule's source that listens at the request's path, else the rule's first.
    var source: String?
    /// In place of what the source reads as the topic.
    var topic: String?
    /// In place of what the request's target says.
    var query: JSONValue?
    var receivedAt: Timestamp
    var expect: Expectation

    /// Whose events the example is about.
    func source(among sources: [Source], of rule: RuleDefinition) -> Source? {
        let own = rule.sources.compactMap { name in sources.first { $0.settings.name == name } }
        if let source { return sources.first { $0.settings.name == source } }
        let path = given.webhook(receivedAt: receivedAt).path
        return own.first { $0.settings.path == path } ?? own.first
    }

    /// What the source makes of it: a batch split, topics and headers as in life.
    ///
    /// - Throws: Why the source would not take it.
    func example(decodedBy source: Source) throws(Refusal) -> RuleExample {
        let webhook = given.webhook(path: source.settings.path, receivedAt: receivedAt)
        var ids = EventIDGenerator()
        var random = SystemRandomNumberGenerator()
        let events = try source.decode(webhook) { ids.next(at: receivedAt, using: &random) }
        let given = events.map { event in
            ExampleEvent(
                source: source.settings.name,
                topic: topic ?? event.topic,
                headers: event.headers,
                query: query ?? event.query,
                body: event.body,
                receivedAt: receivedAt
            )
        }
        return RuleExample(name: name, given: given, expect: expect)
    }
}

extension ExampleReading {
    /// Reads an entry of `examples:`; nil, and noted, when what it gives cannot be had.
    init?(_ section: ConfigSection, number: Int, _ problems: inout [ConfigProblem]) {
        section.know("given", .either(.text, .json))
        section.require("given", &problems)
        let headers = section.named("headers", of: .text, &problems).map { Field($0.name, $0.value) }
        let given = section["given"].flatMap { $0.request(headers, &problems) }
        source = section.text("source", &problems)
        topic = section.text("topic", &problems)
        section.know("query", .named(.json))
        query = section["query"].map {
            .object(($0.members(&problems) ?? []).map { ($0.key, $0.value.json(&problems)) })
        }
        receivedAt = section.read("receivedAt", .timestamp, &problems) ?? ExampleEvent.usualReceipt
        name = section.text("name", &problems) ?? section["given"]?.fileName ?? "example \(number)"
        let expect = Expectation(section, &problems)
        guard let given, let expect else { return nil }
        self.given = given
        self.expect = expect
    }
}

extension ConfigValue {
    /// The name of the file that `given:` names; nil when the payload stands in the config.
    fileprivate var fileName: String? {
        guard case .scalar(let scalar) = node.content, !node.isNull else { return nil }
        return scalar.text
    }

    /// A payload in the config; or the file that it names: a whole request, or a body, which is JSON unless the headers
    /// say otherwise.
    fileprivate func request(_ headers: [Field], _ problems: inout [ConfigProblem]) -> CapturedRequest? {
        guard case .scalar = node.content else {
            return CapturedRequest(body: json(&problems).serialized(), fields: headers).typed
        }
        guard let name = read(.nonEmptyText, &problems),
            let bytes = context.bytes(in: name, at: self, &problems)
        else { return nil }
        if CapturedRequest.isRaw(bytes) {
            do {
                var request = try CapturedRequest(raw: bytes)
                request.fields.removeAll { field in headers.contains { $0.isNamed(field.name) } }
                request.fields += headers
                return request.typed
            } catch {
                problems.append(problem("\(context.path(of: name)): \(error)"))
                return nil
            }
        }
        let request = CapturedRequest(body: bytes, fields: headers)
        if request.hasType { return request }
        return context.json(bytes, of: name, &problems).map { _ in request.typed }
    }
}

extension CapturedRequest {
    fileprivate var hasType: Bool { fields.contains { $0.isNamed("Content-Type") } }

    /// The same, said to be JSON when it says nothing of itself.
    fileprivate var typed: CapturedRequest {
        var request = self
        if !hasType { request.fields.append(Field("Content-Type", "application/json")) }
        return request
    }
}

extension ConfigReading where Value == Timestamp {
    fileprivate static var timestamp: Self {
        ConfigReading(kind: .text, expected: "a time such as 2026-01-31T09:30:00Z") { Timestamp(rfc3339: $0) }
    }
}
