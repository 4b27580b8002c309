import Delivery
import Dispatch
import EventStore
import Model

/// Has deliveries end that expired while nobody met them: on a paused queue, behind others, held, or with the destination
/// down.
///
/// It finds them in the store, some at a time, and asks their engines for the change, as an operator would.
final class ExpirySweep: Sendable {
    /// Asks a destination's engine for something; false when there is none of this name.
    typealias Ask = @Sendable (_ destination: String, Control, @escaping @Sendable ([Delivery]) -> Void) -> Bool

    /// How many end together.
    private let stepSize: Int
    private let store: any EventStore
    private let ask: Ask
    private let underWay = Lock<Step?>(nil)

    private struct Step {
        /// The changes that are not durable yet.
        var outstanding = 0
        /// How many deliveries have ended by those that are.
        var ended = 0
    }

    init(store: any EventStore, stepSize: Int = 256, ask: @escaping Ask) {
        self.store = store
        self.stepSize = stepSize
        self.ask = ask
    }

    /// Begins with what has expired by now, and goes on until all of that has ended. Does nothing while it is at it.
    func begin(at now: Timestamp) {
        let isFirst = underWay.withLock { step in
            defer { step = step ?? Step() }
            return step == nil
        }
        if isFirst { step(at: now) }
    }

    private func step(at now: Timestamp) {
        Sweeper.queue.async { @Sendable [self] in
            // What the store cannot tell now, it is asked again at the next beginning.
            let expired = (try? store.expired(at: now, limit: stepSize)) ?? []
            let moves = Self.moves(of: expired)
            underWay.withLock { $0 = moves.isEmpty ? nil : Step(outstanding: moves.count) }
            for (destination, move) in moves {
                let isTaken = ask(destination, .move(move)) { [self] moved in ended(moved.count, at: now) }
                if !isTaken { ended(0, at: now) }
            }
        }
    }

    /// A held one that was released in between has another life, and is left alone: so the held ones are moved apart.
    private static func moves(of expired: [Delivery]) -> [(destination: String, move: Move)] {
        let classes: [Set<DeliveryState>] = [[.ready, .parked, .retrying], [.held]]
        return Dictionary(grouping: expired, by: \.destination).sorted { $0.key < $1.key }
            .flatMap { destination, deliveries in
                classes.compactMap { states in
                    let ids = deliveries.filter { states.contains($0.state) }.map(\.id)
                    return ids.isEmpty ? nil : (destination, Move(ids, from: states, to: .expired))
                }
            }
    }

    private func ended(_ count: Int, at now: Timestamp) {
        let goesOn = underWay.withLock { step in
            step?.outstanding -= 1
            step?.ended += count
            guard let done = step, done.outstanding == 0 else { return false }
            // Where nothing ended, nothing would now.
            if done.ended == 0 { step = nil }
            return done.ended > 0
        }
        if goesOn { step(at: now) }
    }
}
