import JSON
import Model

@testable import Webhooks

/// Requests and ids for the tests.
enum Sample {
    static let now = Timestamp(milliseconds: 1_700_000_000_000)

    /// 73 bytes, as the published and computed vectors sign them.
    static let body = #"{"id":820982911946154508,"email":"ana@example.com","total_price":"49.90"}"#

    static func request(
        _ method: String = "POST",
        _ url: String = "https://example.com/hooks/x",
        fields: [(String, String)] = [],
        body: String = "",
        at now: Timestamp = now
    ) -> Webhook {
        request(method, url, fields: fields, bytes: Array(body.utf8), at: now)
    }

    static func request(
        _ method: String = "POST",
        _ url: String = "https://example.com/hooks/x",
        fields: [(String, String)] = [],
        bytes: [UInt8],
        at now: Timestamp = now
    ) -> Webhook {
        let halves = url.split(separator: "?", maxSplits: 1)
        return Webhook(
            method: method,
            url: url,
            path: "/hooks/x",
            query: halves.count > 1 ? String(halves[1]) : "",
            fields: fields.map { Field($0.0, $0.1) },
            body: bytes,
            peer: "203.0.113.7",
            receivedAt: now
        )
    }

    static func json(_ body: String, fields: [(String, String)] = []) -> Webhook {
        request(fields: [("Content-Type", "application/json")] + fields, body: body)
    }

    static func form(_ body: String, fields: [(String, String)] = []) -> Webhook {
        request(fields: [("Content-Type", "application/x-www-form-urlencoded")] + fields, body: body)
    }

    /// A source without a secret, so that every body is believed.
    static func source(preset: String) throws -> Source {
        try Source(SourceSettings(name: "s", preset: preset, verifyToken: "verify me"))
    }
}

/// Ids that count up.
final class IDs {
    private var next: UInt64 = 0

    func make() -> EventID {
        next += 1
        return EventID(high: 0, low: next)
    }
}

extension Source {
    func receive(_ webhook: Webhook) -> Reception {
        let ids = IDs()
        return receive(webhook) { ids.make() }
    }

    func events(in webhook: Webhook) -> [Event] {
        if case .decoded(let events, _, _) = receive(webhook) { events } else { [] }
    }

    func refusal(of webhook: Webhook) -> Refusal? {
        if case .refused(let refusal) = receive(webhook) { refusal } else { nil }
    }

    /// The answer to a request without events.
    func answer(to webhook: Webhook) -> Answer? {
        if case .answered(let answer) = receive(webhook) { answer } else { nil }
    }

    /// The answer once the events are on disk.
    func acceptedAnswer(to webhook: Webhook) -> Answer? {
        guard case .decoded(let events, _, let accepted) = receive(webhook) else { return nil }
        return accepted.answer(for: events.map { .accepted($0.id, deliveries: []) })
    }
}

extension Answer {
    subscript(_ name: String) -> String? { fields.first { $0.isNamed(name) }?.value }

    var text: String { String(decoding: body, as: UTF8.self) }
}

extension Refusal {
    var status: Int { problem.status }
}

func parsed(_ text: String) throws -> JSONValue { try JSONValue.parse(text) }
