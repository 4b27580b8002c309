import GRDB
import JSON
import Model

/// How a delivery lies in its table.
enum DeliveryRow {
    /// The columns that `read` expects, in its order.
    static let columns = """
        id, event, source, rule, item, replay, destination, queue, unknown_outcome, expires, state, due, retry_at, \
        next_call, attempts, attempts_made, "trigger", policies, replays
        """

    static func read(_ row: SQLRow) throws -> Delivery {
        let id = row.integer(0)
        guard let event = EventID(bytes: row.bytes(1)),
            let policy = UnknownOutcomePolicy(rawValue: row.text(8)),
            let state = DeliveryState(rawValue: row.text(10)),
            let nextCall = CallKind(rawValue: row.text(13)),
            let frozen = try? JSONValue.parse(row.bytes(16)),
            let trigger = Trigger(frozen: frozen)
        else { throw StoreError.corrupt("delivery \(id) cannot be read") }
        var policies = DeliveryPolicies()
        if !row.isNull(17) {
            guard let frozen = try? JSONValue.parse(row.bytes(17)) else {
                throw StoreError.corrupt("delivery \(id) cannot be read")
            }
            policies = DeliveryPolicies(frozen: frozen)
        }
        return Delivery(
            id: DeliveryID(id),
            event: event,
            source: row.text(2),
            rule: row.text(3),
            item: Int(row.integer(4)),
            replay: Int(row.integer(5)),
            replays: row.optionalInteger(18).map { DeliveryID($0) },
            destination: row.text(6),
            queue: row.text(7),
            trigger: trigger,
            onUnknownOutcome: policy,
            policies: policies,
            expiresAt: row.optionalInteger(9).map(Timestamp.init(milliseconds:)),
            state: state,
            due: Timestamp(milliseconds: row.integer(11)),
            retryAt: row.optionalInteger(12).map(Timestamp.init(milliseconds:)),
            nextCall: nextCall,
            attempts: Int(row.integer(14)),
            attemptsMade: Int(row.integer(15))
        )
    }

    static func insert(_ delivery: Delivery, into db: Database) throws {
        try db.run(
            """
            INSERT INTO delivery (id, event, source, rule, item, replay, destination, queue, lane, unknown_outcome,
                expires, state, promoted, due, retry_at, next_call, attempts, attempts_made, "trigger",
                policies, replays)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            .integer(delivery.id.value),
            .blob(delivery.event.bytes),
            .text(delivery.source),
            .text(delivery.rule),
            .integer(delivery.item),
            .integer(delivery.replay),
            .text(delivery.destination),
            .text(delivery.queue),
            .integer(delivery.lane.value),
            .text(delivery.onUnknownOutcome.rawValue),
            .optional(delivery.expiresAt?.milliseconds),
            .text(delivery.state.rawValue),
            .integer(delivery.due.milliseconds),
            .optional(delivery.retryAt?.milliseconds),
            .text(delivery.nextCall.rawValue),
            .integer(delivery.attempts),
            .integer(delivery.attemptsMade),
            .utf8(delivery.trigger.freeze()),
            delivery.policies.frozen.map { .utf8($0.serialized()) } ?? .null,
            .optional(delivery.replays?.value)
        )
    }
}
