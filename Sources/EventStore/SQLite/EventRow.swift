import GRDB
import JSON
import Model

/// How an event lies in its table.
enum EventRow {
    /// The columns that `readSummary` expects, in its order.
    static let summaryColumns = "number, id, source, received, outcome, deliveries, topic, key, failures"
    /// The columns that `read` expects, in its order.
    static let columns = summaryColumns + ", headers, query, body"

    static func readSummary(_ row: SQLRow) throws -> EventSummary {
        let number = row.integer(0)
        guard let id = EventID(bytes: row.bytes(1)), let outcome = MappingOutcome(rawValue: row.text(4)),
            let failures = failures(row.isNull(8) ? nil : row.bytes(8))
        else { throw StoreError.corrupt("event number \(number) cannot be read") }
        return EventSummary(
            id: id,
            source: row.text(2),
            topic: row.optionalText(6),
            receivedAt: Timestamp(milliseconds: row.integer(3)),
            key: row.optionalText(7),
            outcome: outcome,
            failures: failures,
            deliveryCount: Int(row.integer(5)),
            place: number
        )
    }

    static func read(_ row: SQLRow) throws -> StoredEvent {
        let summary = try readSummary(row)
        guard let headers = try? JSONValue.parse(row.bytes(9)), let query = try? JSONValue.parse(row.bytes(10)),
            let body = try? JSONValue.parse(row.bytes(11))
        else { throw StoreError.corrupt("event \(summary.id) cannot be read") }
        let event = Event(
            id: summary.id,
            source: summary.source,
            topic: summary.topic,
            receivedAt: summary.receivedAt,
            headers: headers,
            query: query,
            body: body,
            key: summary.key
        )
        return StoredEvent(
            event: event,
            outcome: summary.outcome,
            failures: summary.failures,
            deliveryCount: summary.deliveryCount,
            place: summary.place
        )
    }

    static func insert(
        _ mapped: MappedEvent,
        number: Int64,
        firstDelivery: Int64,
        into db: Database
    ) throws {
        let event = mapped.event
        try db.run(
            """
            INSERT INTO event (number, id, source, received, outcome, first_delivery, deliveries, topic, key, failures,
                headers, query, body)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            .integer(number),
            .blob(event.id.bytes),
            .text(event.source),
            .integer(event.receivedAt.milliseconds),
            .text(mapped.mapping.outcome.rawValue),
            .integer(firstDelivery),
            .integer(mapped.mapping.deliveries.count),
            .optional(event.topic),
            .optional(event.key),
            failures(mapped.mapping.failures),
            .utf8(event.headers.asReceived()),
            .utf8(event.query.serialized()),
            .utf8(event.body.asReceived())
        )
    }

    private static func failures(_ failures: [MappingFailure]) -> SQLValue {
        if failures.isEmpty { return .null }
        let list = failures.map { failure in
            JSONValue.object([
                ("rule", .string(failure.rule)), ("item", .integer(Int64(failure.item))),
                ("place", .string(failure.place)), ("reason", .string(failure.reason)),
            ])
        }
        return .utf8(JSONValue.array(list).serialized())
    }

    private static func failures(_ bytes: [UInt8]?) -> [MappingFailure]? {
        guard let bytes else { return [] }
        guard let elements = (try? JSONValue.parse(bytes))?.elements else { return nil }
        let failures = elements.compactMap { element -> MappingFailure? in
            guard let rule = element["rule"]?.stringValue, let item = element["item"]?.number?.int64Value,
                let place = element["place"]?.stringValue, let reason = element["reason"]?.stringValue
            else { return nil }
            return MappingFailure(rule: rule, item: Int(item), place: place, reason: reason)
        }
        return failures.count == elements.count ? failures : nil
    }
}
