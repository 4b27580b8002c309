import JSON
import Model
import Rules

extension RuleExample {
    /// Reads an entry of `examples:`; nil, and noted, when its event cannot be had.
    init?(_ section: ConfigSection, number: Int, _ problems: inout [ConfigProblem]) {
        section.know("given", .either(.text, .json))
        section.require("given", &problems)
        let body = section["given"].flatMap { $0.payload(&problems) }
        let source = section.text("source", &problems)
        let topic = section.text("topic", &problems)
        let headers = section.members("headers", &problems).map { ($0.key.lowercased(), $0.value) }
        let query = section.members("query", &problems)
        let receivedAt = section.read("receivedAt", .timestamp, &problems)
        let name = section.text("name", &problems) ?? section["given"]?.fileName ?? "example \(number)"
        let expect = Expectation(section, &problems)
        guard let body, let expect else { return nil }
        self.init(
            name: name,
            given: [
                ExampleEvent(
                    source: source,
                    topic: topic,
                    headers: .object(headers),
                    query: .object(query),
                    body: body,
                    receivedAt: receivedAt ?? ExampleEvent.usualReceipt
                )
            ],
            expect: expect
        )
    }
}

extension ConfigValue {
    /// The name of the file that `given:` names; nil when the payload stands in the config.
    fileprivate var fileName: String? {
        guard case .scalar(let scalar) = node.content, !node.isNull else { return nil }
        return scalar.text
    }

    /// A payload in the config, or in the file that it names.
    fileprivate func payload(_ problems: inout [ConfigProblem]) -> JSONValue? {
        guard case .scalar = node.content else { return json(&problems) }
        guard let name = read(.nonEmptyText, &problems) else { return nil }
        return context.json(in: name, at: self, &problems)
    }
}

extension ConfigSection {
    fileprivate func members(_ key: String, _ problems: inout [ConfigProblem]) -> [JSONMember] {
        know(key, .named(.json))
        return (self[key]?.members(&problems) ?? []).map { ($0.key, $0.value.json(&problems)) }
    }
}

extension ConfigReading where Value == Timestamp {
    fileprivate static var timestamp: Self {
        ConfigReading(kind: .text, expected: "a time such as 2026-01-31T09:30:00Z") { Timestamp(rfc3339: $0) }
    }
}

extension Expectation {
    /// Reads `expect:`: a delivery, a list of them, `{ failure: TEXT }`, or `none`.
    fileprivate init?(_ example: ConfigSection, _ problems: inout [ConfigProblem]) {
        let delivery = ConfigKind.section(.template { ExpectedDelivery($0, &$1) })
        let failure = ConfigKind.section(.template { $0.failure(&$1) })
        example.know("expect", .either(.choice(["none"]), .either(.either(delivery, failure), .list(delivery))))
        example.require("expect", &problems)
        guard let value = example["expect"] else { return nil }
        switch value.node.content {
        case .list:
            let elements = value.elements(&problems) ?? []
            self = .deliveries(elements.map { ExpectedDelivery(whole: $0, &problems) })
        case .mapping(let entries) where entries.contains { $0.key == "failure" }:
            let section = ConfigSection(value, &problems)
            self = .failure(section.failure(&problems))
            section.refuseUnknownKeys(&problems)
        case .mapping:
            self = .deliveries([ExpectedDelivery(whole: value, &problems)])
        case .scalar:
            guard value.read(ConfigReading.choice([("none", ())]), &problems) != nil else { return nil }
            self = .none
        }
    }
}

extension ConfigSection {
    /// `failure:`, a part of the failure's place or reason; any failure when it is empty.
    fileprivate func failure(_ problems: inout [ConfigProblem]) -> String {
        read("failure", .text, default: "", &problems)
    }
}

extension ExpectedDelivery {
    /// Reads a whole mapping, which knows no other keys.
    fileprivate init(whole value: ConfigValue, _ problems: inout [ConfigProblem]) {
        let section = ConfigSection(value, &problems)
        self.init(section, &problems)
        section.refuseUnknownKeys(&problems)
    }

    fileprivate init(_ section: ConfigSection, _ problems: inout [ConfigProblem]) {
        self.init()
        snType = section.text("snType", &problems)
        snID = section.text("snId", &problems)
        journey = section.text("journey", &problems)
        let params = section.named("contextParams", of: .text, &problems)
        contextParams = section["contextParams"] == nil ? nil : params.map { ContextParam($0.name, $0.value) }
        section.know("newProfile", .json)
        newProfile = section["newProfile"]?.json(&problems)
        queue = section.text("queue", &problems)
        destination = section.text("destination", &problems)
    }
}
