import Dispatch
import EventStore
import JSON
import Model
import Testing

@Suite struct `The writer` {
    @Test func `commits what gathered during a commit as one`() async throws {
        let store = GatedStore()
        let writer = Writer(store: store)
        var samples = Samples()
        let answers = Answers()
        store.close()
        writer.append(samples.receipt(), answers.take)
        store.waitUntilReached()
        for _ in 0..<10 { writer.append(samples.receipt(), answers.take) }
        #expect(answers.count == 0)
        #expect(writer.waitingCount == 11)
        store.open()
        await writer.close()
        #expect(store.batches == [1, 10])
        #expect(answers.accepted == 11)
        #expect(writer.waitingCount == 0)
    }

    @Test func `gives what completions have for somebody after their batch, before whoever waits for the answers`()
        async throws
    {
        let store = GatedStore()
        let writer = Writer(store: store)
        var samples = Samples()
        let order = TestLock<[String]>([])
        store.close()
        writer.append(samples.receipt()) { _ in }
        store.waitUntilReached()
        for number in 1...3 {
            writer.append(samples.receipt()) { _ in
                order.withLock { $0.append("answer \(number)") }
                if number == 1 {
                    writer.afterAnswers { order.withLock { $0.append("answered") } }
                    writer.afterBatch { order.withLock { $0.append("batch") } }
                }
            }
        }
        store.open()
        await writer.close()
        #expect(order.withLock { $0 } == ["answer 1", "answer 2", "answer 3", "batch", "answered"])
    }

    @Test func `makes no batch larger than its bound`() async throws {
        let store = GatedStore()
        let writer = Writer(store: store, bounds: Writer.Bounds(batch: 4))
        var samples = Samples()
        let answers = Answers()
        store.close()
        writer.append(samples.receipt(), answers.take)
        store.waitUntilReached()
        for _ in 0..<10 { writer.append(samples.receipt(), answers.take) }
        store.open()
        await writer.close()
        #expect(store.batches == [1, 4, 4, 2])
    }

    @Test func `ends a batch at its bytes`() async throws {
        let store = GatedStore()
        let writer = Writer(store: store, bounds: Writer.Bounds(batchBytes: 100_000))
        var samples = Samples()
        let answers = Answers()
        store.close()
        writer.append(samples.receipt(), answers.take)
        store.waitUntilReached()
        for _ in 0..<5 {
            let mapped = samples.event(body: .string(String(repeating: "x", count: 40_000)))
            writer.append(Receipt(source: "shop", events: [mapped]), answers.take)
        }
        store.open()
        await writer.close()
        #expect(store.batches == [1, 2, 2, 1])
    }

    @Test func `refuses what is beyond its bounds, and takes the engine's changes longer`() async throws {
        let store = GatedStore()
        let writer = Writer(store: store, bounds: Writer.Bounds(waitingChanges: 3, reserve: 2))
        var samples = Samples()
        let answers = Answers()
        store.close()
        for _ in 0..<5 { writer.append(samples.receipt(), answers.take) }
        #expect(answers.refused == [.refused(.waitingChanges), .refused(.waitingChanges)])
        writer.commit([.set(name: "a", value: [1]), .set(name: "b", value: [1])]) { _ in }
        writer.commit([.set(name: "c", value: [1])]) { result in
            answers.note(result.map { _ in [] })
        }
        #expect(answers.refused.count == 3)
        store.open()
        await writer.close()
        #expect(answers.accepted == 3)
        #expect(try store.setting("b") == [1])
    }

    @Test func `refuses bytes beyond its bound, but never a lone receipt`() async throws {
        let store = GatedStore()
        let writer = Writer(store: store, bounds: Writer.Bounds(waitingBytes: 1_000))
        var samples = Samples()
        let answers = Answers()
        store.close()
        writer.append(samples.receipt(), answers.take)
        writer.append(samples.receipt(), answers.take)
        #expect(answers.refused == [.refused(.waitingBytes)])
        store.open()
        await writer.close()
        #expect(answers.accepted == 1)
    }

    @Test func `lets no one suffer from another's mistake`() async throws {
        let store = GatedStore()
        let writer = Writer(store: store)
        var samples = Samples()
        let taken = samples.receipt()
        _ = try await writer.append(taken)
        let answers = Answers()
        store.close()
        writer.append(samples.receipt(), answers.take)
        store.waitUntilReached()
        for number in 0..<8 { writer.append(number == 5 ? taken : samples.receipt(), answers.take) }
        store.open()
        await writer.close()
        #expect(answers.accepted == 8)
        #expect(answers.refused.count == 1)
        #expect(writer.failure == nil)
        #expect(try store.inconsistencies() == [])
    }

    @Test func `tells all of a batch that the disk is full, keeps nothing, and goes on when it is not`() async throws {
        let store = GatedStore()
        let writer = Writer(store: store)
        var samples = Samples()
        let answers = Answers()
        let receipts = (0..<5).map { samples.receipt(key: "\($0)") }
        store.close()
        store.fail(with: .full("no room"))
        writer.append(receipts[0], answers.take)
        store.waitUntilReached()
        for receipt in receipts.dropFirst() { writer.append(receipt, answers.take) }
        writer.count([Account(source: "shop", entry: .requests): 1, Account(source: "shop", entry: .answered): 1])
        store.open()
        await wait { answers.count == 5 }
        #expect(answers.refused == Array(repeating: .full("no room"), count: 5))
        #expect(writer.failure == .full("no room"))
        #expect(writer.waitingCount == 0)
        #expect(try store.events(EventFilter(), from: .newest, limit: 9).elements.isEmpty)

        store.fail(with: nil)
        writer.tick()
        await wait { writer.failure == nil }
        for receipt in receipts { _ = try await writer.append(receipt) }
        await writer.close()
        #expect(try store.events(EventFilter(), from: .newest, limit: 9).elements.count == 5)
        let books = try store.accounts()
        #expect(books["shop", .requests] == 6)
        #expect(books["shop", .duplicates] == 0)
        #expect(try store.inconsistencies() == [])
    }

    @Test func `writes counts with the next commit, with a tick, and at the close`() async throws {
        let store = GatedStore()
        let writer = Writer(store: store)
        var samples = Samples()
        let refused = [Account(source: "s", entry: .requests): 1, Account(source: "s", entry: .refused("rate")): 1]
        writer.count(refused)
        #expect(store.batches == [])
        #expect(try writer.accounts().counts == refused)
        _ = try await writer.append(samples.receipt())
        #expect(store.batches == [2])
        #expect(try store.accounts()["s", .refused("rate")] == 1)

        writer.count(refused)
        writer.count(refused)
        writer.tick()
        await wait { store.batches.count == 2 }
        writer.tick()
        writer.count(refused)
        await writer.close()
        #expect(store.batches == [2, 1, 1])
        #expect(try store.accounts()["s", .refused("rate")] == 4)
        #expect(try store.accounts().imbalances() == [])
    }

    @Test func `shows what is counted in the books once, before, during and after its commit`() async throws {
        let store = GatedStore()
        let writer = Writer(store: store)
        var samples = Samples()
        let (answers, readings) = (Answers(), TestLock([Int]()))
        store.close()
        writer.count([Account(source: "s", entry: .requests): 1, Account(source: "s", entry: .answered): 1])
        writer.append(samples.receipt(), answers.take)
        store.waitUntilReached()
        for _ in 0..<4 {
            DispatchQueue.global().async {
                let count = (try? writer.accounts())?["s", .answered] ?? -1
                readings.withLock { $0.append(count) }
            }
        }
        store.open()
        await wait { readings.withLock(\.count) == 4 }
        #expect(readings.withLock { $0 } == [1, 1, 1, 1])
        await writer.close()
    }

    @Test func `commits what waits before it closes, and nothing after`() async throws {
        let store = GatedStore()
        let writer = Writer(store: store)
        var samples = Samples()
        let answers = Answers()
        store.close()
        for _ in 0..<3 { writer.append(samples.receipt(), answers.take) }
        let late = samples.receipt()
        let closing = Task { await writer.close() }
        store.open()
        await closing.value
        #expect(answers.accepted == 3)
        await #expect(throws: StoreError.closed) { _ = try await writer.append(late) }
    }

    /// Waits for a condition that another thread brings about.
    private func wait(until condition: () -> Bool) async {
        let deadline = ContinuousClock.now + .seconds(60)
        var isLastLook = false
        while !condition() {
            guard !isLastLook else {
                Issue.record("what was waited for did not come")
                return
            }
            // Other tests may keep this one from running for longer than that: then it looks once more.
            isLastLook = ContinuousClock.now >= deadline
            await Task.yield()
        }
    }
}

/// The answers to appends, as they come.
final class Answers: Sendable {
    private let results = TestLock<[Result<[Appended], StoreError>]>([])

    var count: Int { results.withLock(\.count) }

    var accepted: Int {
        results.withLock { results in results.count { (try? $0.get())?.allSatisfy(\.isAccepted) ?? false } }
    }

    var refused: [StoreError] {
        results.withLock { results in
            results.compactMap { if case .failure(let error) = $0 { error } else { nil } }
        }
    }

    var take: @Sendable (Result<[Appended], StoreError>) -> Void { { self.note($0) } }

    func note(_ result: Result<[Appended], StoreError>) { results.withLock { $0.append(result) } }
}
