import GRDB

/// The tables, and the steps that led to them. A step that has shipped is never changed; new ones are added below it.
///
/// What ingest writes grows at one edge of every table and index: a key in random order would dirty a page of its own
/// for each row. The indexes that are not at one edge are partial, and hold only what is being worked on.
enum Schema {
    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1", migrate: createTables)
        migrator.registerMigration("2", migrate: addPolicies)
        migrator.registerMigration("3", migrate: indexExpiry)
        migrator.registerMigration("4", migrate: addBootTime)
        return migrator
    }

    private static func addBootTime(_ db: Database) throws {
        try db.execute(sql: "ALTER TABLE call ADD COLUMN boot TEXT; ALTER TABLE call ADD COLUMN uptime INTEGER;")
    }

    /// Of all that rules give the same life, the last one made expires last: this index, too, grows at few edges.
    private static func indexExpiry(_ db: Database) throws {
        try db.execute(
            sql: """
                CREATE INDEX delivery_expiring ON delivery (expires, id)
                    WHERE expires IS NOT NULL AND state IN ('ready', 'parked', 'retrying', 'held');
                """
        )
    }

    private static func addPolicies(_ db: Database) throws {
        try db.execute(
            sql: """
                ALTER TABLE delivery ADD COLUMN policies TEXT;
                ALTER TABLE delivery ADD COLUMN replays INTEGER;
                ALTER TABLE mark ADD COLUMN delivery INTEGER;
                """
        )
    }

    private static func createTables(_ db: Database) throws {
        // `number` is the order of commits. The body stands last, so that lists need not read past the rest.
        // `first_delivery` and `deliveries` name the rows made with the event: their ids follow one another.
        try db.execute(
            sql: """
                CREATE TABLE event (
                    number INTEGER PRIMARY KEY, id BLOB NOT NULL, source TEXT NOT NULL, received INTEGER NOT NULL,
                    outcome TEXT NOT NULL, first_delivery INTEGER NOT NULL, deliveries INTEGER NOT NULL,
                    topic TEXT, key TEXT, failures TEXT, headers TEXT NOT NULL, query TEXT NOT NULL, body TEXT NOT NULL);
                CREATE UNIQUE INDEX event_id ON event (id);

                CREATE TABLE delivery (
                    id INTEGER PRIMARY KEY, event BLOB NOT NULL, source TEXT NOT NULL, rule TEXT NOT NULL,
                    item INTEGER NOT NULL, replay INTEGER NOT NULL, destination TEXT NOT NULL, queue TEXT NOT NULL,
                    lane INTEGER NOT NULL, unknown_outcome TEXT NOT NULL, expires INTEGER,
                    state TEXT NOT NULL, noted TEXT, promoted INTEGER NOT NULL, due INTEGER NOT NULL, retry_at INTEGER,
                    next_call TEXT NOT NULL, attempts INTEGER NOT NULL, attempts_made INTEGER NOT NULL,
                    "trigger" TEXT NOT NULL);
                CREATE INDEX delivery_ready ON delivery (destination, queue, due, id) WHERE state = 'ready';
                CREATE INDEX delivery_busy ON delivery (lane)
                    WHERE state IN ('attempting', 'retrying') OR (state = 'ready' AND promoted);
                CREATE INDEX delivery_retrying ON delivery (destination, queue, retry_at, id) WHERE state = 'retrying';
                CREATE INDEX delivery_parked ON delivery (lane, due, id) WHERE state = 'parked';
                CREATE INDEX delivery_unresolved ON delivery (id) WHERE state IN ('held', 'dead');
                CREATE INDEX delivery_replay ON delivery (event, id) WHERE replay > 0;

                CREATE TABLE call (
                    destination TEXT NOT NULL, number INTEGER NOT NULL, kind TEXT NOT NULL,
                    started INTEGER NOT NULL, ended INTEGER, status INTEGER,
                    PRIMARY KEY (destination, number)) WITHOUT ROWID;
                CREATE INDEX call_started ON call (destination, started);

                CREATE TABLE attempt (
                    delivery INTEGER NOT NULL, number INTEGER NOT NULL, destination TEXT NOT NULL,
                    call INTEGER NOT NULL, kind TEXT NOT NULL, started INTEGER NOT NULL,
                    ended INTEGER, outcome TEXT, status INTEGER, detail TEXT NOT NULL,
                    PRIMARY KEY (delivery, number)) WITHOUT ROWID;

                CREATE TABLE setting (name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;

                CREATE TABLE account (
                    source TEXT NOT NULL, entry TEXT NOT NULL, detail TEXT NOT NULL, queue TEXT NOT NULL,
                    destination TEXT NOT NULL, count INTEGER NOT NULL,
                    PRIMARY KEY (source, entry, detail, queue, destination)) WITHOUT ROWID;

                CREATE TABLE sequence (
                    only INTEGER PRIMARY KEY CHECK (only = 1), event INTEGER NOT NULL, delivery INTEGER NOT NULL,
                    mark INTEGER NOT NULL, clock INTEGER NOT NULL);
                INSERT INTO sequence VALUES (1, 0, 0, 0, 0);

                CREATE TABLE mark (
                    id INTEGER PRIMARY KEY, kind TEXT NOT NULL, scope TEXT NOT NULL, key TEXT NOT NULL,
                    event BLOB NOT NULL, deliveries INTEGER NOT NULL, until INTEGER NOT NULL);
                CREATE TABLE mark_run (
                    number INTEGER PRIMARY KEY, first INTEGER NOT NULL, last INTEGER NOT NULL,
                    until INTEGER NOT NULL, filter BLOB NOT NULL);
                CREATE TABLE mark_hash (
                    run INTEGER NOT NULL, hash INTEGER NOT NULL, mark INTEGER NOT NULL,
                    PRIMARY KEY (run, hash, mark)) WITHOUT ROWID;

                CREATE TABLE sweep (only INTEGER PRIMARY KEY CHECK (only = 1), event INTEGER NOT NULL);
                INSERT INTO sweep VALUES (1, 0);
                """
        )
    }
}
