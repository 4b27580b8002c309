public import Delivery
import Dispatch
import EventStore
public import Model

/// What a person asks of deliveries, queues, rules and destinations. It is carried out by the gateway that runs, or, when
/// none does, by the store alone; either way it is durable when it is answered.
public enum Instruction: Sendable {
    /// The deliveries with their destinations, as they were found.
    case hold([Delivery])
    case release([Delivery])
    case cancel([Delivery])
    case transfer([Delivery], queue: String?, destination: String?)
    case replay([Delivery])
    /// Deliveries that rules make now of an event of the past.
    case add(Addition)
    case pause(PauseScope, destination: String)
    case resume(PauseScope, destination: String)
    /// A setting: a suppression, or a rule that rests. Nil removes it.
    case set(name: String, value: [UInt8]?)
}

/// Carries out instructions.
public protocol InstructionTaker: Sendable {
    /// The deliveries that did change, as they are now. Those that are being attempted may change when that ends.
    ///
    /// - Throws: `StoreError`, or `AdminError` where nothing answers in time.
    func carryOut(_ instruction: Instruction) throws -> [Delivery]
}

extension Instruction {
    /// The same in the terms of an engine, for each destination that it concerns; nil for what concerns none.
    func controls(at now: Timestamp) -> [(destination: String, control: Control)]? {
        func each(_ deliveries: [Delivery], _ control: ([DeliveryID]) -> Control) -> [(String, Control)] {
            let groups = Dictionary(grouping: deliveries, by: \.destination)
            return groups.keys.sorted().map { ($0, control((groups[$0] ?? []).map(\.id))) }
        }
        switch self {
        case .hold(let deliveries):
            return each(deliveries) { .move(Move($0, from: [.ready, .parked, .retrying, .attempting], to: .held)) }
        case .release(let deliveries):
            return each(deliveries) { .move(Move($0, from: [.held], to: .ready, at: now)) }
        case .cancel(let deliveries):
            let states: Set<DeliveryState> = [.ready, .parked, .retrying, .attempting, .held]
            return each(deliveries) { .move(Move($0, from: states, to: .cancelled)) }
        case .transfer(let deliveries, let queue, let destination):
            return each(deliveries) { .transfer(Transfer($0, queue: queue, destination: destination)) }
        case .pause(let scope, let destination):
            return [(destination, .pause(scope))]
        case .resume(let scope, let destination):
            return [(destination, .resume(scope))]
        case .replay, .add, .set:
            return nil
        }
    }

    /// The same as changes of the store.
    func changes(at now: Timestamp) -> [Change] {
        switch self {
        case .replay(let deliveries):
            return [.replay(deliveries.map(\.id), at: now)]
        case .add(let addition):
            return [.add(addition)]
        case .set(let name, let value):
            return [.set(name: name, value: value)]
        case .hold, .release, .cancel, .transfer, .pause, .resume:
            return (controls(at: now) ?? []).compactMap { destination, control in
                switch control {
                case .move(let move): .move(move)
                case .transfer(let transfer): .transfer(transfer)
                case .pause(let scope): DeliveryEngine.pauseSetting(scope, destination: destination, isPaused: true)
                case .resume(let scope): DeliveryEngine.pauseSetting(scope, destination: destination, isPaused: false)
                case .reconfigure, .token, .authorize, .drain: nil
                }
            }
        }
    }
}

/// Carries out instructions where no gateway runs: nothing but the store has to hear of them.
struct StoreInstructions: InstructionTaker {
    let store: any EventStore
    let now: @Sendable () -> Timestamp

    func carryOut(_ instruction: Instruction) throws -> [Delivery] {
        let changes = instruction.changes(at: now())
        return changes.isEmpty ? [] : try store.commit(changes).flatMap(\.moved)
    }
}

extension Effect {
    /// The deliveries that did change.
    var moved: [Delivery] {
        if case .moved(let moved, _) = self { moved } else { [] }
    }
}

/// Waits, on a thread that may wait, for answers that come on others.
final class Answers: Sendable {
    private let group = DispatchGroup()
    private let changed = Lock<Result<[Delivery], StoreError>>(.success([]))

    /// One more is awaited; it is to be called once, from any thread.
    func expect() -> @Sendable (Result<[Delivery], StoreError>) -> Void {
        group.enter()
        return { [self] answer in
            changed.withLock { all in
                switch (all, answer) {
                case (.success(let before), .success(let more)): all = .success(before + more)
                case (.success, .failure(let error)): all = .failure(error)
                case (.failure, _): break
                }
            }
            group.leave()
        }
    }

    /// All that changed, once everybody has answered.
    func wait(for patience: DispatchTimeInterval = .seconds(30)) throws -> [Delivery] {
        guard group.wait(timeout: .now() + patience) == .success else {
            throw AdminError(
                problem: Problem(503, "Not done yet", "The store has not taken it in time; it is done once it does.")
            )
        }
        return try changed.withLock { $0 }.get()
    }
}
