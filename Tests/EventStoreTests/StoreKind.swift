import EventStore
import Model
import Testing

/// The stores that the conformance suite runs on.
enum StoreKind: String, CaseIterable, CustomTestStringConvertible {
    case sqlite
    case inMemory

    var testDescription: String { rawValue }

    func open() throws -> StoreUnderTest { try StoreUnderTest(self) }
}

/// A store of one kind that can be closed and opened again.
final class StoreUnderTest {
    private let kind: StoreKind
    private let directory: TemporaryDirectory
    private(set) var store: any EventStore

    init(_ kind: StoreKind) throws {
        self.kind = kind
        directory = try TemporaryDirectory()
        store =
            switch kind {
            case .sqlite: try SQLiteEventStore(path: directory.path + "/events.db")
            case .inMemory: InMemoryEventStore()
            }
    }

    /// As after a restart of the process.
    func reopen() throws {
        switch kind {
        case .sqlite:
            try (store as? SQLiteEventStore)?.close()
            store = InMemoryEventStore()
            store = try SQLiteEventStore(path: directory.path + "/events.db")
        case .inMemory: break
        }
    }

    // MARK: The verbs of the tests

    @discardableResult
    func append(_ receipts: Receipt...) throws -> [Appended] {
        try store.commit(receipts.map(Change.receive)).flatMap { effect -> [Appended] in
            if case .received(let appended) = effect { appended } else { [] }
        }
    }

    func deliveries(_ receipt: Receipt) throws -> [Delivery] {
        try append(receipt).flatMap { appended -> [Delivery] in
            if case .accepted(_, let deliveries, _) = appended { deliveries } else { [] }
        }
    }

    @discardableResult
    func move(
        _ deliveries: [Delivery],
        from: Set<DeliveryState>,
        to: DeliveryState
    ) throws -> (moved: [Delivery], promoted: [Delivery]) {
        try only(store.commit([.move(Move(deliveries.map(\.id), from: from, to: to))]))
    }

    /// Starts a call for one delivery. Its number is that of the delivery and the attempt.
    @discardableResult
    func start(_ delivery: Delivery, number: Int = 1, at now: Timestamp) throws -> [Delivery] {
        let start = CallStart(
            call: call(delivery, number),
            kind: delivery.nextCall,
            started: now,
            attempts: [(delivery.id, number)]
        )
        return try only(store.commit([.start(start)])).moved
    }

    @discardableResult
    func finish(
        _ delivery: Delivery,
        number: Int = 1,
        at now: Timestamp,
        as state: DeliveryState,
        outcome: String = "accepted",
        status: Int? = 204,
        retryAt: Timestamp? = nil,
        detail: String = ""
    ) throws -> (moved: [Delivery], promoted: [Delivery]) {
        let end = AttemptEnd(
            delivery: delivery.id,
            number: number,
            outcome: outcome,
            detail: detail,
            state: state,
            nextCall: delivery.nextCall,
            retryAt: retryAt,
            attempts: number
        )
        return try only(
            store.commit([.finish(CallEnd(call: call(delivery, number), ended: now, status: status, attempts: [end]))])
        )
    }

    func ready(queue: String = "default", after: QueuePosition? = nil, limit: Int = 100) throws -> [DeliveryID] {
        try store.ready(destination: "sprinklr", queue: queue, after: after, limit: limit).map(\.id)
    }

    func state(_ delivery: Delivery) throws -> DeliveryState? { try store.delivery(delivery.id)?.state }

    private func call(_ delivery: Delivery, _ number: Int) -> CallID {
        CallID(destination: "sprinklr", number: delivery.id.value * 100 + Int64(number))
    }

    private func only(_ effects: [Effect]) throws -> (moved: [Delivery], promoted: [Delivery]) {
        guard case .moved(let moved, let promoted)? = effects.first else { throw StoreError.io("no such effect") }
        return (moved, promoted)
    }
}
