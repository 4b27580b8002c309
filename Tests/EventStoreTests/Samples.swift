import EventStore
import Glibc
import JSON
import Model

/// Made-up receipts and calls. Ids count up, so that every run is the same.
struct Samples {
    private var ids = EventIDGenerator()
    private var random = CountingGenerator()
    var now = Timestamp(milliseconds: 1_800_000_000_000)

    /// Samples of different seeds have different ids.
    init(seed: String = "") {
        for byte in seed.utf8 { random = CountingGenerator(state: UInt64(byte) << 32) }
    }

    /// An event of the shop with one delivery for each person.
    mutating func event(
        key: String? = nil,
        source: String = "shop",
        people: [String] = ["+491700000001"],
        queue: String = "default",
        delay: Duration = .zero,
        body: JSONValue = ["order": 1],
        failures: [MappingFailure] = []
    ) -> MappedEvent {
        let event = Event(
            id: ids.next(at: now, using: &random),
            source: source,
            topic: "orders/create",
            receivedAt: now,
            headers: ["content-type": "application/json"],
            query: [:],
            body: body,
            key: key
        )
        let drafts = people.enumerated().map { item, person in
            DeliveryDraft(
                rule: "welcome",
                item: item,
                queue: queue,
                trigger: Trigger(
                    snType: "SMS",
                    snID: person,
                    journeyID: "64ad5aaeda4f3f1b3fea3eda",
                    contextParams: [ContextParam("total", "19.90")]
                ),
                delay: delay
            )
        }
        return MappedEvent(event: event, mapping: Mapping(deliveries: drafts, failures: failures))
    }

    mutating func receipt(
        key: String? = nil,
        source: String = "shop",
        people: [String] = ["+491700000001"],
        queue: String = "default",
        delay: Duration = .zero,
        dedupe: Duration? = .seconds(3_600)
    ) -> Receipt {
        let event = event(key: key, source: source, people: people, queue: queue, delay: delay)
        return Receipt(source: source, events: [event], dedupe: dedupe)
    }
}

/// Random numbers that are none.
struct CountingGenerator: RandomNumberGenerator {
    var state: UInt64 = 0

    mutating func next() -> UInt64 {
        state += 1
        return state &* 0x9E37_79B9_7F4A_7C15
    }
}

/// A directory that goes with all its content.
final class TemporaryDirectory: Sendable {
    let path: String

    init() throws {
        var template = Array("/tmp/event-store-XXXXXX".utf8CString)
        guard let made = mkdtemp(&template) else { throw StoreError.io("mkdtemp: \(errno)") }
        path = String(cString: made)
    }

    deinit {
        if let directory = opendir(path) {
            while let entry = readdir(directory) {
                let name = withUnsafePointer(to: &entry.pointee.d_name) {
                    $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
                }
                if name != "." && name != ".." { unlink(path + "/" + name) }
            }
            closedir(directory)
        }
        rmdir(path)
    }
}
