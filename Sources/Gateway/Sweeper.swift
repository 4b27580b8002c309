import Dispatch
import EventStore
import Model

/// Takes away what is past its time, a small step at a time.
struct Sweeper {
    private let store: any EventStore
    private let retention: Retention
    private var nextLap: Timestamp?
    static let queue = DispatchQueue(label: "Gateway.Sweeper", qos: .utility)

    /// How long it rests after it has looked at everything.
    static let rest = Duration.seconds(60)

    init(store: any EventStore, retention: Retention) {
        self.store = store
        self.retention = retention
    }

    /// One step, on a queue where it may wait for the disk. A step that fails is tried again at the next call: what
    /// ails the store is told by its writer.
    mutating func step(at now: Timestamp) async {
        if let nextLap, now < nextLap { return }
        let isLapComplete = await withCheckedContinuation { continuation in
            Self.queue.async { @Sendable [store, retention] in
                let step = try? store.sweep(at: now, retention: retention)
                continuation.resume(returning: step?.isLapComplete ?? false)
            }
        }
        nextLap = isLapComplete ? now + Self.rest : nil
    }
}
