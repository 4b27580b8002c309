import EventStore
import GRDBSQLite
import JSON
import Model
import Testing

@Suite struct `The SQLite store on a failing disk` {
    /// SQLite's loop: the 1st, 2nd, 3rd … write or sync fails, until a run meets no fault.
    @Test(arguments: [SQLITE_IOERR | 3 << 8, SQLITE_IOERR | 4 << 8, SQLITE_FULL], [false, true])
    func `keeps a commit as a whole or not at all, whichever write or sync fails`(
        code: Int32,
        isForEver: Bool
    ) throws {
        let disk = FaultyDisk.shared
        var failures = 0
        for operation in 1...200 {
            let directory = try TemporaryDirectory()
            let path = directory.path + "/events.db"
            var samples = Samples()
            let store = try SQLiteEventStore(path: path)
            let before = samples.receipt(key: "before")
            _ = try store.commit([.receive(before)])

            let receipts = (0..<3).map { samples.receipt(key: "\($0)", people: ["+49\($0)"]) }
            disk.watch(path, FaultyDisk.Fault(operation: operation, isForEver: isForEver, code: code))
            var error: StoreError?
            do throws(StoreError) {
                _ = try store.commit(receipts.map(Change.receive))
            } catch let failure {
                error = failure
            }
            let isReached = disk.operations(of: path) >= operation
            disk.watch(path, nil)

            switch error {
            case nil: #expect(!isReached, "a fault was passed over")
            case .full?: #expect(code == SQLITE_FULL)
            case .io?: #expect(code != SQLITE_FULL)
            case let other?: Issue.record("operation \(operation): \(other)")
            }
            if error != nil { failures += 1 }
            // The same store, on the disk that works again: the failed ones are new, the others are known.
            let again = try store.commit(receipts.map(Change.receive)).flatMap(\.appended)
            #expect(again.map(\.isAccepted) == Array(repeating: error != nil, count: 3), "operation \(operation)")
            #expect(try store.inconsistencies() == [])
            try store.close()

            let reopened = try SQLiteEventStore(path: path)
            #expect(try reopened.events(EventFilter(), from: .newest, limit: 9).elements.count == 4)
            #expect(try reopened.commit([.receive(before)]).flatMap(\.appended).map(\.isAccepted) == [false])
            #expect(try reopened.inconsistencies() == [])
            try reopened.close()
            if !isReached { break }
        }
        #expect(failures >= 2, "no commit met the fault")
    }

    @Test func `takes no harm from checkpoints that fail, and catches up when they do not`() throws {
        let disk = FaultyDisk.shared
        let directory = try TemporaryDirectory()
        let path = directory.path + "/events.db"
        var samples = Samples()
        let store = try SQLiteEventStore(path: path)
        for operation in 1...40 {
            // About fifty pages each: the checkpoint beside the commits sets in after twenty of them.
            disk.watch(path, FaultyDisk.Fault(operation: 100 * operation, isForEver: false, code: SQLITE_IOERR))
            let mapped = samples.event(body: .string(String(repeating: "x", count: 400_000)))
            let change = Change.receive(Receipt(source: "shop", events: [mapped]))
            if (try? store.commit([change])) == nil {
                disk.watch(path, nil)
                _ = try store.commit([change])
            }
        }
        disk.watch(path, nil)
        #expect(try store.events(EventFilter(), from: .newest, limit: 100).elements.count == 40)
        #expect(try store.inconsistencies() == [])
        try store.close()
        let reopened = try SQLiteEventStore(path: path)
        #expect(try reopened.ready(destination: "sprinklr", queue: "default", after: nil, limit: 100).count == 40)
        try reopened.close()
    }

    @Test func `recovers by itself behind the writer when there is room again`() async throws {
        let disk = FaultyDisk.shared
        let directory = try TemporaryDirectory()
        let path = directory.path + "/events.db"
        let store = try SQLiteEventStore(path: path)
        let writer = Writer(store: store)
        var samples = Samples()
        let receipt = samples.receipt(key: "1")
        disk.watch(path, FaultyDisk.Fault(operation: 1, isForEver: true, code: SQLITE_FULL))
        for _ in 0..<3 {
            do {
                _ = try await writer.append(receipt)
                Issue.record("taken on a full disk")
            } catch {
                guard case .full = error else {
                    Issue.record("\(error)")
                    return
                }
            }
        }
        guard case .full? = writer.failure else {
            Issue.record("the writer does not say that it fails")
            return
        }
        disk.watch(path, nil)
        let appended = try await writer.append(receipt)
        #expect(appended.map(\.isAccepted) == [true])
        #expect(writer.failure == nil)
        await writer.close()
        try store.close()
    }
}

extension Effect {
    var appended: [Appended] {
        if case .received(let appended) = self { appended } else { [] }
    }
}
