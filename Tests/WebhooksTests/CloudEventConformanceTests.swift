import JSON
import Model
import Testing

@testable import Webhooks

@Suite(.enabled(if: Conformance.isThere)) struct `The conformance suites of CloudEvents` {
    @Test(arguments: ["cloudevents/http.jsonl", "cloudevents/http-own.jsonl"])
    func `events in all modes are read, or refused`(path: String) throws {
        let cases = try Conformance.cases(path)
        #expect(cases.count >= 27)
        for test in cases {
            let events = try? read(test)
            switch test.text("expect") {
            case "events":
                let expected = (test["events"]?.elements ?? []).map(described)
                #expect(events?.map(described) == expected, "\(test.text("id"))")
            case "error": #expect(events == nil, "\(test.text("id")) is refused")
            case "not-an-event": #expect(events == nil, "\(test.text("id")) is no event")
            default: continue
            }
        }
    }

    private struct NoEvent: Error {}

    private func read(_ test: JSONValue) throws -> [CloudEvent] {
        let webhook = Webhook(
            method: "POST",
            url: "https://example.com/",
            path: "/",
            fields: test.headerFields,
            body: test.bytes("body"),
            receivedAt: Timestamp(milliseconds: 0)
        )
        let type = webhook.field("Content-Type").flatMap { MediaType($0) }
        guard let mode = CloudEventMode.of(webhook, contentType: type) else { throw NoEvent() }
        return try CloudEvent.events(in: webhook, mode: mode, contentType: type, body: webhook.body)
    }

    private struct Description: Equatable {
        var attributes: JSONValue
        var data: JSONValue?
        var bytes: [UInt8]?
    }

    private func described(_ event: CloudEvent) -> Description {
        var description = Description(attributes: .object(event.attributes.map { ($0.name, $0.value) }))
        switch event.content {
        case .none: break
        case .json(let data): description.data = data
        case .bytes(let bytes): description.bytes = bytes
        }
        return description
    }

    private func described(_ event: JSONValue) -> Description {
        var description = Description(attributes: event["attributes"] ?? .null)
        description.data = event["data"] ?? event["data_lexeme"].flatMap { try? JSONValue.parse($0.stringValue ?? "") }
        if event["data_base64"] != nil { description.bytes = event.bytes("data_base64") }
        return description
    }
}
