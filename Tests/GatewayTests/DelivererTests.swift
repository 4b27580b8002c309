import Delivery
import EventStore
import Foundation
import HTTPServer
import JSON
import Model
import Sandbox
import Sprinklr
import Testing

@testable import Gateway

/// The deliverer with its real parts: a store, the writer, the HTTP client, and the sandbox as destination.
@Suite struct `The deliverer` {
    @Test func `sends each delivery once, in its lane's order, and records the outcome`() async throws {
        let bench = try DelivererBench(store: try SQLiteEventStore(path: temporaryPath()))
        let people = (0..<300).map { "person-\($0 % 40)" }
        try await bench.run { deliverer in
            for chunk in people.chunked(by: 50) { try await bench.append(chunk, to: deliverer) }
            await bench.outcomes(of: people.count)
        }
        let calls = bench.sandbox.calls.map(bench.person)
        #expect(calls.count == people.count)
        for person in Set(people) {
            let numbers = calls.filter { $0.person == person }.map(\.number)
            #expect(numbers == numbers.sorted())
        }
        #expect(try bench.states() == [.delivered: people.count])
        #expect(try bench.store.inconsistencies().isEmpty)
        #expect(try bench.store.accounts().imbalances().isEmpty)
    }

    @Test func `goes on where an earlier process was cut off, and sends again what is ambiguous`() async throws {
        let bench = try DelivererBench(store: InMemoryEventStore())
        try await bench.append(["Ana", "Ana"], to: nil)
        let ids = try bench.deliveries().map(\.id)
        // As a process leaves them that ends while the first is being sent.
        let call = CallID(destination: "sprinklr", number: 1)
        let start = CallStart(call: call, kind: .trigger, started: SystemClock.now(), attempts: [(ids[0], 1)])
        _ = try bench.store.commit([.start(start), .move(Move([ids[1]], from: [.ready], to: .parked))])
        try await bench.run { _ in await bench.outcomes(of: 2) }
        #expect(try bench.states() == [.delivered: 2])
        let deliveries = try bench.deliveries()
        let story = try bench.store.attempts(of: deliveries[0].id).map(\.outcome)
        #expect(story == ["ambiguous", "accepted"])
        #expect(bench.sandbox.calls.map(bench.person).map(\.number) == [0, 1])
    }

    @Test func `counts the hour's calls exactly although the clock was set while it was down`() async throws {
        let bench = try DelivererBench(store: try SQLiteEventStore(path: temporaryPath()))
        func callsInHour(_ clock: DelivererBench.Clock, after people: [String] = []) async throws -> Int {
            let count = Lock(0)
            try await bench.run(clock) { deliverer in
                try await bench.append(people, to: deliverer)
                await bench.outcomes(of: people.count)
                // Its first turn tells.
                await bench.until { deliverer.status.callsInLastHour > 0 }
                count.withLock { $0 = deliverer.status.callsInLastHour }
            }
            return count.withLock { $0 }
        }
        #expect(try await callsInHour(.init(), after: ["Ana", "Ben", "Cem"]) == 3)
        let ahead = Duration.seconds(7_200)
        #expect(try await callsInHour(.init(ahead: ahead), after: ["Dan"]) == 4)
        #expect(try await callsInHour(.init()) == 4)
        // When the machine has been started anew, nothing but the wall clock tells.
        #expect(try await callsInHour(.init(ahead: ahead * 2, boot: "another"), after: ["Eve"]) == 1)
    }

    @Test func `loses no outcome while the store refuses`() async throws {
        let refusals = Lock(3)
        let callCount = Lock<@Sendable () -> Int>({ 0 })
        // Once all calls have come to the sandbox, nothing but outcomes is committed.
        let store = InMemoryEventStore { _ in
            guard callCount.withLock({ $0 })() == 4 else { return nil }
            return refusals.withLock { left in
                guard left > 0 else { return nil }
                left -= 1
                return .full("no room")
            }
        }
        let bench = try DelivererBench(store: store)
        let sandbox = bench.sandbox
        callCount.withLock { $0 = { sandbox.calls.count } }
        try await bench.run { deliverer in
            try await bench.append(["Ana", "Ben", "Cem", "Dan"], to: deliverer)
            await bench.outcomes(of: 4)
        }
        #expect(refusals.withLock { $0 } == 0)
        #expect(bench.sandbox.calls.count == 4)
        #expect(try bench.states() == [.delivered: 4])
    }

    @Test func `finishes what is under way when it drains, and starts nothing more`() async throws {
        let people = 400
        let bench = try DelivererBench(store: InMemoryEventStore(), perSecond: 2)
        bench.sandbox.fail(SandboxFault(.none, calls: people, latency: .milliseconds(200)))
        try await bench.run { deliverer in
            try await bench.append((0..<people).map { "p\($0)" }, to: deliverer)
            await bench.until { bench.sandbox.calls.count >= 2 }
        }
        // How many it is hangs on how long the drain was in coming; all of them would take minutes.
        let sent = bench.sandbox.calls.count
        #expect((2..<people).contains(sent))
        #expect(try bench.states() == [.delivered: sent, .ready: people - sent])
    }

    @Test func `carries out what people ask, and answers once it is durable`() async throws {
        let bench = try DelivererBench(store: InMemoryEventStore())
        try await bench.run { deliverer in
            let paused = Lock(false)
            deliverer.control(.pause(.destination)) { _ in paused.withLock { $0 = true } }
            await bench.until { paused.withLock { $0 } }
            #expect(try bench.store.settings(prefix: DeliveryEngine.pausePrefix).count == 1)
            try await bench.append(["Ana", "Ben"], to: deliverer)
            let ids = try bench.deliveries().map(\.id)
            let held = Lock<[Delivery]>([])
            deliverer.control(.move(Move([ids[0]], from: [.ready], to: .held))) { moved in held.withLock { $0 = moved }
            }
            await bench.until { held.withLock { !$0.isEmpty } }
            #expect(try bench.states() == [.held: 1, .ready: 1])
            deliverer.control(.resume(.destination)) { _ in }
            await bench.outcomes(of: 1)
        }
        #expect(try bench.states() == [.held: 1, .delivered: 1])
    }

    @Test func `ends what expires while its queue rests, all of it at once`() async throws {
        let bench = try DelivererBench(store: try SQLiteEventStore(path: temporaryPath()))
        try await bench.run { deliverer in
            let isPaused = Lock(false)
            deliverer.control(.pause(.queue("default"))) { _ in isPaused.withLock { $0 = true } }
            await bench.until { isPaused.withLock { $0 } }
            try await bench.append((0..<25).map { "p\($0 % 7)" }, living: .seconds(60), to: deliverer)
            try await bench.append(["Ana"], to: deliverer)
            let sweep = ExpirySweep(store: bench.store, stepSize: 4) { _, control, done in
                deliverer.control(control, done)
                return true
            }
            let later = SystemClock.now() + .seconds(60)
            await bench.until {
                sweep.begin(at: later)
                return (try? bench.states()[.expired]) == 25
            }
            #expect(try bench.states() == [.expired: 25, .ready: 1])
            deliverer.control(.resume(.queue("default"))) { _ in }
            await bench.outcomes(of: 1)
        }
        #expect(bench.sandbox.calls.map(bench.person).map(\.person) == ["Ana"])
        #expect(try bench.states() == [.expired: 25, .delivered: 1])
        #expect(try bench.store.inconsistencies().isEmpty)
        #expect(try bench.store.accounts().imbalances().isEmpty)
    }

    @Test func `stops at a token that is refused, says so, and goes on when told`() async throws {
        let bench = try DelivererBench(store: InMemoryEventStore())
        bench.sandbox.fail(SandboxFault(.status(401), calls: 1))
        try await bench.run { deliverer in
            try await bench.append(["Ana"], to: deliverer)
            await bench.until { deliverer.status.pausedBecause != nil }
            #expect(deliverer.status.pausedBecause?.contains("401") == true)
            deliverer.control(.resume(.destination)) { _ in }
            await bench.outcomes(of: 2)
        }
        #expect(try bench.states() == [.delivered: 1])
    }

    private func temporaryPath() throws -> String {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("deliverer-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        return folder.appendingPathComponent("events.db").path
    }
}

/// One destination, a sandbox, and whatever store a test wants.
private final class DelivererBench: Sendable {
    let store: any EventStore
    let sandbox: Sandbox
    private let writer: Writer
    private let http: HTTPClient
    private let baseURL: BaseURL
    private let settings: DestinationSettings
    private let attempts = Lock(0)
    private let appended = Lock(0)
    private let ids = Lock(EventIDGenerator())

    init(store: any EventStore, perSecond: Int = 10_000) throws {
        self.store = store
        writer = Writer(store: store)
        http = try HTTPClient()
        settings = DestinationSettings(
            quota: Quota(perSecond: perSecond, perHour: 1_000_000),
            retry: RetryPolicy(firstDelay: .milliseconds(1))
        )
        var allowed = SandboxSettings()
        allowed.perSecond = 1_000_000
        allowed.perHour = 1_000_000
        sandbox = Sandbox(allowed, now: { .milliseconds(SystemClock.now().milliseconds) })
        baseURL = try BaseURL("http://\(sandbox.start(listen: ListenAddress("127.0.0.1:0")))")
    }

    /// What a deliverer's clocks are to the machine's.
    struct Clock {
        var ahead = Duration.zero
        var boot = "this"
    }

    /// A whole life of a deliverer: it starts, `body` happens, it drains.
    func run(_ clock: Clock = Clock(), _ body: (Deliverer) async throws -> Void) async throws {
        attempts.withLock { $0 = 0 }
        var sprinklr = SprinklrSettings(baseURL: baseURL, key: "key", credentials: .token("token"))
        sprinklr.timeout = .seconds(60)
        let deliverer = Deliverer(
            settings: settings,
            client: SprinklrClient(sprinklr, http: http, now: SystemClock.now),
            tokens: Tokens(.token("token"), stored: nil, renewing: nil),
            store: store,
            writer: writer,
            now: { SystemClock.now() + clock.ahead },
            boot: clock.boot,
            opening: { $1 },
            seed: 1
        ) { notice in
            if case .attempted = notice { self.attempts.withLock { $0 += 1 } }
        }
        try await withThrowingTaskGroup { group in
            group.addTask { try await deliverer.run() }
            try await body(deliverer)
            await deliverer.drain(within: .seconds(120))
            group.cancelAll()
            try await group.waitForAll()
        }
    }

    func append(_ people: [String], living lifetime: Duration? = nil, to deliverer: Deliverer?) async throws {
        var random = SystemRandomNumberGenerator()
        let now = SystemClock.now()
        let events = people.map { person in
            let id = ids.withLock { $0.next(at: now, using: &random) }
            let number = appended.withLock { count in
                defer { count += 1 }
                return count
            }
            let event = Event(
                id: id,
                source: "shop",
                topic: nil,
                receivedAt: now,
                headers: .object([]),
                query: .object([]),
                body: .object([]),
                key: nil
            )
            let trigger = Trigger(
                snType: "SMS",
                snID: person,
                journeyID: "64ad5aaeda4f3f1b3fea3eda",
                contextParams: [ContextParam("number", "\(number)")]
            )
            return MappedEvent(
                event: event,
                mapping: Mapping(
                    deliveries: [DeliveryDraft(rule: "rule", trigger: trigger, expiresAt: lifetime.map { now + $0 })]
                )
            )
        }
        // Handed over before the writer goes on, as the deliverer relies on.
        try await withCheckedThrowingContinuation { continuation in
            writer.append(Receipt(source: "shop", events: events)) { result in
                if case .success(let appended) = result {
                    for case .accepted(_, let deliveries, _) in appended { deliverer?.appended(deliveries) }
                }
                continuation.resume(with: result.map { _ in })
            }
        }
    }

    /// Waits until so many attempts of this life are told as durable.
    func outcomes(of count: Int) async {
        await until { attempts.withLock { $0 } >= count }
    }

    /// Waits for a condition; for so many looks at most, after which the test's own expectations fail.
    func until(_ holds: () -> Bool) async {
        for _ in 0..<20_000 {
            if holds() { return }
            try? await Task.sleep(for: .milliseconds(2))
        }
    }

    func deliveries() throws -> [Delivery] {
        try store.deliveries(DeliveryFilter(), from: .after(0), limit: 1_000).elements
    }

    func states() throws -> [DeliveryState: Int] {
        try deliveries().reduce(into: [:]) { $0[$1.state, default: 0] += 1 }
    }

    func person(_ call: RecordedCall) -> (person: String, number: Int) {
        let body = try? JSONValue.parse(call.body)
        let number = body?["contextParams"]?["number"]?.stringValue.flatMap { Int($0) }
        return (body?["snId"]?.stringValue ?? "", number ?? -1)
    }
}

extension Array {
    fileprivate func chunked(by size: Int) -> [[Element]] {
        stride(from: 0, to: count, by: size).map { Array(self[$0..<Swift.min($0 + size, count)]) }
    }
}
