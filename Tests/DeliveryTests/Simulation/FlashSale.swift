import Model
import SeededRandom

@testable import Delivery

/// The flash sale that the defaults are made for, at a real hour: far more deliveries in ten minutes than an hour allows.
struct FlashSale {
    struct Sent {
        let at: Timestamp
        let delivery: Delivery
        /// Those of high priority that waited when it came, with itself.
        let place: Int
    }

    private enum Event {
        case comes(person: String, queue: String)
        case arrives(CallUnderWay)
        case isAnswered(CallUnderWay)
    }

    private enum CallUnderWay {
        case single(Delivery)
        case packed(Int)
    }

    static let quota = Quota(perSecond: 10, perHour: 1_000, reserve: 0.1)
    static let normal = 20_000
    static let high = 200
    static let length = Duration.seconds(600)

    private(set) var bench: Workbench
    private(set) var destination: DestinationModel
    private(set) var sent: [Sent] = []
    /// When each call started.
    private(set) var calls: [Timestamp] = []
    private var random: SplitMix64
    private var agenda: [(at: Timestamp, event: Event)] = []
    private var places: [DeliveryID: Int] = [:]
    private var highWaiting = 0
    private var seen = (singles: 0, packed: 0)

    init(bulk: Int, seed: UInt64) {
        random = SplitMix64(seed: seed)
        bench = Workbench(
            .generous.with {
                $0.quota = Self.quota
                $0.bulk = bulk
            }
        )
        destination = DestinationModel(
            quota: Self.quota,
            isStrict: true,
            clockRate: 1.000_5,
            clockOffset: 1_234_567,
            faults: .none
        )
        for number in 0..<(Self.normal + Self.high) {
            let at = Scenario.start + .milliseconds(Int64.random(in: 0...Self.length.milliseconds, using: &random))
            let queue = number < Self.high ? "transactional" : "default"
            agenda.append((at, .comes(person: "p\(number)", queue: queue)))
        }
        agenda.sort { $0.at > $1.at }
    }

    var isOver: Bool { agenda.isEmpty && bench.store.owed == 0 }

    /// What the queue of the normal ones has to wait for, as it is forecast now.
    var clearsAt: Timestamp? {
        let load = QueueLoad(queue: "default", waiting: bench.store.owed)
        return bench.engine.forecast([load], at: bench.now).first?.clearsAt
    }

    /// Goes on to the next thing that happens.
    mutating func advance() {
        let next = [agenda.last?.at, bench.nextWake].compactMap { $0 }.min() ?? bench.now
        bench.pass(max(.zero, next.since(bench.now)))
        noteCalls()
        while let event = agenda.last, event.at <= bench.now {
            agenda.removeLast()
            handle(event.event)
            noteCalls()
        }
    }

    private mutating func handle(_ event: Event) {
        switch event {
        case .comes(let person, let queue):
            if queue == "transactional" { highWaiting += 1 }
            let place = highWaiting
            places[bench.append(person, queue: queue)] = place
        case .arrives(let call):
            _ = destination.receive(deliveries(of: call), token: 0, at: bench.now, using: &random)
        case .isAnswered(.single(let delivery)):
            bench.answer(delivery.id, .accepted(trackingID: nil))
        case .isAnswered(.packed(let number)):
            bench.answerBulk(number, .accepted(trackingID: nil))
        }
    }

    private func deliveries(of call: CallUnderWay) -> [Delivery] {
        switch call {
        case .single(let delivery): [delivery]
        case .packed(let number): bench.bulks[number].deliveries
        }
    }

    /// A call arrives at any moment until it is answered.
    private mutating func noteCalls() {
        let singles = bench.sent[seen.singles...].map { CallUnderWay.single($0.delivery) }
        let packed = (seen.packed..<bench.bulks.count).map { CallUnderWay.packed($0) }
        seen = (bench.sent.count, bench.bulks.count)
        for call in singles + packed {
            calls.append(bench.now)
            let time = Int64.random(in: 20...400, using: &random)
            schedule(.arrives(call), after: Int64.random(in: 0...time, using: &random))
            schedule(.isAnswered(call), after: time)
            for delivery in deliveries(of: call) {
                if delivery.queue == "transactional" { highWaiting -= 1 }
                sent.append(Sent(at: bench.now, delivery: delivery, place: places[delivery.id] ?? 1))
            }
        }
    }

    private mutating func schedule(_ event: Event, after time: Int64) {
        let at = bench.now + .milliseconds(time)
        let index = agenda.lastIndex { $0.at > at }.map { $0 + 1 } ?? 0
        agenda.insert((at, event), at: index)
    }
}
