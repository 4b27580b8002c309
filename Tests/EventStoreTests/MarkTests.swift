@testable import EventStore
import Model
import SeededRandom
import Testing

@Suite struct `The marks of the SQLite store` {
    private static let bounds = Marks.Bounds(runLength: 64, memory: 512, stepLength: 10)

    @Test func `are found in memory, in every run, and after a restart`() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/events.db"
        var samples = Samples()
        var store = try SQLiteEventStore(path: path, marks: Self.bounds, checkpoints: Checkpointer.Limits())
        let receipts = (0..<1_000).map { samples.receipt(key: "key \($0)", people: []) }
        for start in stride(from: 0, to: receipts.count, by: 20) {
            _ = try store.commit(receipts[start..<(start + 20)].map(Change.receive))
            store.finishIndexing()
        }
        let (recent, runs) = try store.withLedger { ($0.marks.recent.count, $0.marks.runs.count) }
        #expect(recent < 2 * 64)
        #expect(runs == (1_000 - recent) / 64)

        for round in 0..<2 {
            for start in stride(from: 0, to: receipts.count, by: 50) {
                let appended = try store.commit(receipts[start..<(start + 50)].map(Change.receive)).flatMap(\.appended)
                #expect(appended.allSatisfy { !$0.isAccepted }, "round \(round), from \(start)")
                #expect(appended.map(\.event) == receipts[start..<(start + 50)].map(\.events[0].event.id))
            }
            let fresh = try store.commit([.receive(samples.receipt(key: "fresh \(round)"))]).flatMap(\.appended)
            #expect(fresh.map(\.isAccepted) == [true])
            try store.close()
            store = try SQLiteEventStore(path: path, marks: Self.bounds, checkpoints: Checkpointer.Limits())
        }
        try store.close()
    }

    @Test func `of one hash and different keys are told apart`() throws {
        let directory = try TemporaryDirectory()
        let store = try SQLiteEventStore(path: directory.path + "/events.db")
        let now = Timestamp(milliseconds: 5)
        let found = try store.write { db, ledger in
            // Two marks under one hash, as a collision would leave them.
            for (id, key) in [(1, "one"), (2, "two")] as [(Int64, String)] {
                let mark = Mark(
                    id: id,
                    name: Mark.Name(kind: .duplicate, scope: "s", key: key),
                    event: EventID(high: UInt64(id), low: 0),
                    deliveries: 0,
                    until: now + .seconds(1)
                )
                try ledger.marks.add(mark, in: db)
            }
            ledger.marks.takeBack()
            let hash = Mark.Name(kind: .duplicate, scope: "s", key: "one").hash
            ledger.marks.remember(hash, 1)
            ledger.marks.remember(hash, 2)
            return try [
                ledger.marks.find(Mark.Name(kind: .duplicate, scope: "s", key: "one"), at: now, in: db)?.id,
                ledger.marks.find(Mark.Name(kind: .duplicate, scope: "t", key: "one"), at: now, in: db)?.id,
            ]
        }
        #expect(found == [1, nil])
        try store.close()
    }

    @Test func `that cannot be kept are refused, and nothing else is`() throws {
        let directory = try TemporaryDirectory()
        let bounds = Marks.Bounds(runLength: 1_000, memory: 10, stepLength: 10)
        let store = try SQLiteEventStore(
            path: directory.path + "/events.db",
            marks: bounds,
            checkpoints: Checkpointer.Limits()
        )
        var samples = Samples()
        let first = samples.receipt(key: "0")
        _ = try store.commit([.receive(first)])
        for number in 1..<10 { _ = try store.commit([.receive(samples.receipt(key: "\(number)"))]) }
        let eleventh = samples.receipt(key: "10")
        #expect(throws: StoreError.refused(.marks)) { try store.commit([.receive(eleventh)]) }
        let unmarked = samples.receipt(key: nil)
        #expect(
            try store.commit([.receive(unmarked), .receive(first)]).flatMap(\.appended).map(\.isAccepted) == [
                true, false,
            ]
        )
        #expect(try store.inconsistencies() == [])
        try store.close()
    }

    @Test func `of a run go when all of it is past, rows and hashes`() throws {
        let directory = try TemporaryDirectory()
        let store = try SQLiteEventStore(
            path: directory.path + "/events.db",
            marks: Self.bounds,
            checkpoints: Checkpointer.Limits()
        )
        var samples = Samples()
        let start = samples.now
        for number in 0..<300 {
            _ = try store.commit([.receive(samples.receipt(key: "\(number)", people: []))])
        }
        store.finishIndexing()
        #expect(try store.withLedger { $0.marks.runs.count } == 3)
        func rows() throws -> [Int64] {
            try store.read { db in
                try ["mark", "mark_hash", "mark_run"].map { table in
                    try db.row("SELECT count(*) FROM \(table)") { $0.integer(0) } ?? -1
                }
            }
        }
        #expect(try rows() == [300, 192, 3])
        let retention = Retention(stepSize: 50)
        let early = try store.sweep(at: start + .seconds(3_599), retention: retention)
        #expect(early.cleared == 0)
        for _ in 0..<40 { _ = try store.sweep(at: start + .seconds(3_600), retention: retention) }
        #expect(try rows() == [0, 0, 0])
        #expect(try store.withLedger { ($0.marks.runs.count, $0.marks.recent.count) } == (0, 0))
        try store.close()
    }

    @Test func `have filters that never say no to what they have, and seldom perhaps to what they have not`() {
        var random = SplitMix64(seed: 3)
        let hashes = (0..<10_000).map { _ in random.next() }
        var filter = BloomFilter(capacity: hashes.count)
        for hash in hashes { filter.insert(hash) }
        let stored = BloomFilter(bytes: filter.bytes)
        #expect(hashes.allSatisfy(stored.mayContain))
        let mistakes = (0..<100_000).count { _ in stored.mayContain(random.next()) }
        #expect(mistakes < 500)
    }
}
