import Glibc
import Model
import Testing

@testable import EventStore

@Suite struct `The SQLite store after the process died` {
    /// What `kill -9` leaves is what lies in the files.
    @Test func `has everything that was committed, and goes on`() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/events.db"
        let store = try SQLiteEventStore(path: path)
        var samples = Samples()
        let receipts = (0..<20).map { samples.receipt(key: "\($0)", people: ["+49\($0 % 3)"]) }
        let made = try receipts.flatMap { receipt in
            try store.commit([.receive(receipt)]).flatMap(\.appended).flatMap(\.deliveries)
        }
        let call = CallID(destination: "sprinklr", number: 1)
        let start = CallStart(call: call, kind: .trigger, started: samples.now, attempts: [(made[0].id, 1)])
        _ = try store.commit([.start(start)])
        _ = try store.commit([.move(Move([made[3].id], from: [.ready], to: .parked))])

        let left = try TemporaryDirectory()
        try copy(path, to: left.path + "/events.db")
        try copy(path + "-wal", to: left.path + "/events.db-wal")
        let after = try SQLiteEventStore(path: left.path + "/events.db")
        #expect(try after.attempting(destination: "sprinklr").map(\.id) == [made[0].id])
        #expect(try after.parked(lane: made[3].lane, limit: 9).map(\.id) == [made[3].id])
        #expect(try after.accounts() == store.accounts())
        #expect(try after.commit(receipts.map(Change.receive)).flatMap(\.appended).allSatisfy { !$0.isAccepted })
        #expect(try after.inconsistencies() == [])
        try after.close()
        try store.close()
    }

    /// A log that ends anywhere, as a power loss may leave what was not synced yet, holds whole commits.
    @Test func `has whole commits, wherever its log ends`() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/events.db"
        let store = try SQLiteEventStore(path: path)
        var samples = Samples()
        var ends: [Int] = [try size(path + "-wal")]
        for number in 0..<6 {
            _ = try store.commit(
                (0..<3).map { .receive(samples.receipt(key: "\(number) \($0)", people: ["+491", "+492"])) }
            )
            ends.append(try size(path + "-wal"))
        }
        for cut in stride(from: ends[0], through: ends[6], by: 1_973) {
            let left = try TemporaryDirectory()
            try copy(path, to: left.path + "/events.db")
            try copy(path + "-wal", to: left.path + "/events.db-wal", count: cut)
            let after = try SQLiteEventStore(path: left.path + "/events.db")
            let commits = ends.dropFirst().count { $0 <= cut }
            #expect(try after.events(EventFilter(), from: .newest, limit: 100).elements.count == 3 * commits)
            #expect(
                try after.ready(destination: "sprinklr", queue: "default", after: nil, limit: 99).count == 6 * commits
            )
            #expect(try after.inconsistencies() == [], "cut at \(cut)")
            try after.close()
        }
        try store.close()
    }

    private func size(_ path: String) throws -> Int {
        var status = stat()
        guard stat(path, &status) == 0 else { throw StoreError.io("stat: \(errno)") }
        return Int(status.st_size)
    }

    private func copy(_ from: String, to: String, count: Int = .max) throws {
        guard let source = fopen(from, "r"), let target = fopen(to, "w") else { throw StoreError.io("fopen: \(errno)") }
        defer {
            fclose(source)
            fclose(target)
        }
        var bytes = [UInt8](repeating: 0, count: min(count, try size(from)))
        let read = fread(&bytes, 1, bytes.count, source)
        guard fwrite(bytes, 1, read, target) == read else { throw StoreError.io("fwrite: \(errno)") }
    }
}

@Suite struct `The SQLite store under many hands` {
    @Test func `shows balanced books to whoever reads while others write`() async throws {
        let directory = try TemporaryDirectory()
        let store = try SQLiteEventStore(path: directory.path + "/events.db")
        let writer = Writer(store: store, bounds: Writer.Bounds(batch: 8))
        let contradictions = try await withThrowingTaskGroup(of: [String].self) { group in
            for source in ["a", "b", "c"] {
                var samples = Samples(seed: source)
                let receipts = (0..<60).map { number in
                    samples.receipt(key: "\(number % 40)", source: source, people: ["+49\(number % 5)"])
                }
                group.addTask {
                    for receipt in receipts {
                        for delivery in try await writer.append(receipt).flatMap(\.deliveries) {
                            let move = Move([delivery.id], from: [.ready], to: .held)
                            _ = try await writer.commit([.move(move)])
                        }
                    }
                    return []
                }
            }
            group.addTask {
                try (0..<20).flatMap { _ in try store.inconsistencies() }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        #expect(contradictions == [])
        await writer.close()
        let books = try store.accounts()
        #expect(books["b", .accepted(.matched)] == 40)
        #expect(books["b", .duplicates] == 20)
        #expect(books["b", .state(.held, queue: "default")] == 40)
        try store.close()
    }
}
