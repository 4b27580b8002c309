@testable import EventStore
import GRDB
import Glibc
import JSON
import Model
import Testing

@Suite struct `The SQLite store` {
    @Test func `commits with the log synced in full`() throws {
        let directory = try TemporaryDirectory()
        let store = try SQLiteEventStore(path: directory.path + "/events.db")
        let modes = try store.write { db, _ in
            try [
                db.row("PRAGMA synchronous") { $0.text(0) }, db.row("PRAGMA journal_mode") { $0.text(0) },
                db.row("PRAGMA wal_autocheckpoint") { $0.text(0) },
            ]
        }
        #expect(modes[0] == "2")
        #expect(modes[1] == "wal")
        try store.close()
    }

    @Test func `is opened once at a time`() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/events.db"
        try {
            let store = try SQLiteEventStore(path: path)
            #expect {
                _ = try SQLiteEventStore(path: path)
            } throws: { error in
                guard case .inUse(let sentence)? = error as? StoreError else { return false }
                return sentence.contains(path) && sentence.contains("\(getpid())")
            }
            try store.close()
        }()
        _ = try SQLiteEventStore(path: path)
    }

    @Test func `says what is wrong with a path, a file or a version`() throws {
        let directory = try TemporaryDirectory()
        #expect {
            _ = try SQLiteEventStore(path: directory.path + "/none/events.db")
        } throws: { error in
            "\(error)".contains("/none/events.db") && "\(error)".contains("No such file")
        }

        let text = directory.path + "/text.db"
        let file = try #require(fopen(text, "w"))
        fputs(String(repeating: "not a database. ", count: 100), file)
        fclose(file)
        #expect {
            _ = try SQLiteEventStore(path: text)
        } throws: { error in
            if case .corrupt? = error as? StoreError { true } else { false }
        }

        let newer = directory.path + "/newer.db"
        try SQLiteEventStore(path: newer).close()
        let queue = try DatabaseQueue(path: newer)
        try queue.write { try $0.execute(sql: "INSERT INTO grdb_migrations VALUES ('999')") }
        try queue.close()
        #expect {
            _ = try SQLiteEventStore(path: newer)
        } throws: { error in
            "\(error)".contains("newer version")
        }
    }

    @Test func `answers closed after it was closed`() throws {
        let directory = try TemporaryDirectory()
        let store = try SQLiteEventStore(path: directory.path + "/events.db")
        try store.close()
        #expect(throws: StoreError.closed) { try store.commit([.set(name: "a", value: [])]) }
        #expect(throws: StoreError.closed) { try store.backlogs() }
    }

    @Test func `keeps a body as it came`() throws {
        let directory = try TemporaryDirectory()
        let store = try SQLiteEventStore(path: directory.path + "/events.db")
        var samples = Samples()
        let body = "{ \"total\": 1.50,\n  \"items\": [ ] }\n"
        _ = try store.commit([.receive(Receipt(source: "shop", events: [samples.event(body: try .parse(body))]))])
        #expect(try store.read { try $0.row("SELECT body FROM event") { $0.text(0) } } == body)
        let stored = try #require(try store.events(EventFilter(), from: .newest, limit: 1).elements.first)
        #expect(try store.event(stored.id)?.event.body.description == #"{"total":1.50,"items":[]}"#)
        try store.close()
    }

    @Test func `keeps its log at a bounded length under a stream of commits`() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/events.db"
        let limits = Checkpointer.Limits(background: 200, inline: 1_000)
        let store = try SQLiteEventStore(path: path, checkpoints: limits)
        var samples = Samples()
        // About 5,500 pages, fifty a commit: the writer takes its turn at 2,000 at the latest.
        for _ in 0..<110 {
            let mapped = samples.event(body: .string(String(repeating: "x", count: 400_000)))
            _ = try store.commit([.receive(Receipt(source: "shop", events: [mapped]))])
        }
        var status = stat()
        #expect(stat(path + "-wal", &status) == 0)
        let pages = Int(status.st_size) / 8_216
        #expect((1..<2_100).contains(pages), "the log has \(pages) pages")
        try store.close()
    }

    @Test func `writes nothing in random order at ingest`() throws {
        let directory = try TemporaryDirectory()
        let store = try SQLiteEventStore(path: directory.path + "/events.db")
        let plans = try store.read { db in
            try db.rows("SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL ORDER BY name") {
                ($0.text(0), $0.text(1))
            }
        }
        let whole = plans.filter { !$0.1.contains("WHERE") }.map(\.0)
        #expect(whole == ["call_started", "event_id"])
        try store.close()
    }

    /// The statements on the way of a delivery must use the small indexes, however many rows wait, and sort nothing.
    @Test(arguments: [
        (
            "state = 'ready' AND destination = 'a' AND queue = 'b' AND due = 1 AND id > 2 ORDER BY id",
            "delivery_ready (destination=? AND queue=? AND due=? AND id>?)"
        ),
        (
            "state = 'ready' AND destination = 'a' AND queue = 'b' AND due > 1 ORDER BY due, id",
            "delivery_ready (destination=? AND queue=? AND due>?)"
        ),
        ("lane = 1 AND state = 'parked' ORDER BY due, id", "delivery_parked (lane=?)"),
        (
            "lane = 1 AND id <> 2 AND (state IN ('attempting', 'retrying') OR (state = 'ready' AND promoted))",
            "delivery_busy (lane=?)"
        ),
        ("state = 'retrying' AND destination = 'a' AND queue = 'b'", "delivery_retrying (destination=? AND queue=?)"),
    ])
    func `finds what is next by an index`(condition: String, index: String) throws {
        let directory = try TemporaryDirectory()
        let store = try SQLiteEventStore(path: directory.path + "/events.db")
        let plan = try store.read { db in
            try db.rows("EXPLAIN QUERY PLAN SELECT source FROM delivery WHERE " + condition) { $0.text(3) }
        }
        #expect(plan.count == 1 && plan[0].contains(index), "the plan is \(plan)")
        try store.close()
    }

    @Test func `finds dead and held deliveries in order, without looking at others`() throws {
        let directory = try TemporaryDirectory()
        let store = try SQLiteEventStore(path: directory.path + "/events.db")
        let plan = try store.read { db in
            try db.rows(
                """
                EXPLAIN QUERY PLAN SELECT source FROM delivery INDEXED BY delivery_unresolved
                WHERE state IN ('held', 'dead') AND id < 9 ORDER BY id DESC
                """
            ) { $0.text(3) }
        }
        #expect(plan.count == 1 && plan[0].contains("delivery_unresolved"), "the plan is \(plan)")
        try store.close()
    }
}
