import GRDB
import GRDBSQLite

/// What can be bound to a statement.
enum SQLValue {
    case null
    case integer(Int64)
    case text(String)
    case blob([UInt8])
    /// Text that is at hand as its UTF-8.
    case utf8([UInt8])

    static func integer(_ value: Int) -> SQLValue { .integer(Int64(value)) }

    static func optional(_ value: Int64?) -> SQLValue { value.map(SQLValue.integer) ?? .null }

    static func optional(_ value: String?) -> SQLValue { value.map(SQLValue.text) ?? .null }

    /// The bytes of a text or a blob.
    fileprivate var byteCount: Int {
        switch self {
        case .null, .integer: 0
        case .text(let text): text.utf8.count
        case .utf8(let bytes), .blob(let bytes): bytes.count
        }
    }

    fileprivate func append(to bytes: inout [UInt8]) {
        switch self {
        case .null, .integer: break
        case .text(let text): bytes.append(contentsOf: text.utf8)
        case .utf8(let more), .blob(let more): bytes.append(contentsOf: more)
        }
    }
}

/// The row at which a statement stands. Valid until the next step.
struct SQLRow {
    fileprivate let statement: OpaquePointer

    func isNull(_ column: Int32) -> Bool { sqlite3_column_type(statement, column) == SQLITE_NULL }

    func integer(_ column: Int32) -> Int64 { sqlite3_column_int64(statement, column) }

    func optionalInteger(_ column: Int32) -> Int64? { isNull(column) ? nil : integer(column) }

    func text(_ column: Int32) -> String {
        // Text is asked for before its length: the other order may convert it in between.
        guard let start = sqlite3_column_text(statement, column) else { return "" }
        let count = Int(sqlite3_column_bytes(statement, column))
        return String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
    }

    func optionalText(_ column: Int32) -> String? { isNull(column) ? nil : text(column) }

    /// The bytes of a blob or a text.
    func bytes(_ column: Int32) -> [UInt8] {
        guard let start = sqlite3_column_blob(statement, column) else { return [] }
        return Array(UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(statement, column))))
    }
}

/// GRDB keeps the connections and the prepared statements; binding and stepping go straight to SQLite, which halves
/// the cost of a row where rows are many.
extension Database {
    /// Runs a statement that yields no rows. Returns how many it changed.
    @discardableResult
    func run(_ sql: String, _ values: SQLValue...) throws -> Int {
        try withStatement(sql, values) { statement in
            let code = sqlite3_step(statement)
            guard code == SQLITE_DONE || code == SQLITE_ROW else { throw failure(sql) }
            return Int(sqlite3_changes(sqliteConnection))
        }
    }

    /// All rows of a query.
    func rows<Value>(_ sql: String, _ values: SQLValue..., read: (SQLRow) throws -> Value) throws -> [Value] {
        var found: [Value] = []
        try each(sql, values) {
            found.append(try read($0))
            return true
        }
        return found
    }

    /// The first row of a query; nil when there is none.
    func row<Value>(_ sql: String, _ values: SQLValue..., read: (SQLRow) throws -> Value) throws -> Value? {
        var found: Value?
        try each(sql, values) {
            found = try read($0)
            return false
        }
        return found
    }

    /// Steps through the rows of a query until `read` answers false.
    func each(_ sql: String, _ values: [SQLValue] = [], read: (SQLRow) throws -> Bool) throws {
        try withStatement(sql, values) { statement in
            while true {
                switch sqlite3_step(statement) {
                case SQLITE_ROW: if try !read(SQLRow(statement: statement)) { return }
                case SQLITE_DONE: return
                default: throw failure(sql)
                }
            }
        }
    }

    /// Lets `body` step through a statement.
    private func withStatement<Result>(
        _ sql: String,
        _ values: [SQLValue],
        _ body: (OpaquePointer) throws -> Result
    ) throws -> Result {
        let statement = try cachedStatement(sql: sql).sqliteStatement
        // Texts and blobs lie behind one another in a place that outlasts the steps, so that SQLite need not copy each.
        // The first byte is nobody's: without an address, an empty value would be NULL.
        var bytes: [UInt8] = [0]
        bytes.reserveCapacity(values.reduce(1) { $0 + $1.byteCount })
        for value in values { value.append(to: &bytes) }
        return try bytes.withUnsafeBytes { bytes in
            defer { sqlite3_reset(statement) }
            var start = 1
            for (index, value) in values.enumerated() {
                let count = value.byteCount
                let code = bind(value, bytes[start..<start + count], to: Int32(index + 1), of: statement)
                guard code == SQLITE_OK else { throw failure(sql) }
                start += count
            }
            return try body(statement)
        }
    }

    private func bind(
        _ value: SQLValue,
        _ bytes: Slice<UnsafeRawBufferPointer>,
        to position: Int32,
        of statement: OpaquePointer
    ) -> Int32 {
        let start = bytes.base.baseAddress.map { $0 + bytes.startIndex }
        // Without a destructor the bytes are SQLite's to read, and not to keep (`SQLITE_STATIC`).
        return switch value {
        case .null: sqlite3_bind_null(statement, position)
        case .integer(let integer): sqlite3_bind_int64(statement, position, integer)
        case .text, .utf8:
            sqlite3_bind_text(
                statement,
                position,
                start?.assumingMemoryBound(to: CChar.self),
                Int32(bytes.count),
                nil
            )
        case .blob: sqlite3_bind_blob(statement, position, start, Int32(bytes.count), nil)
        }
    }

    private func failure(_ sql: String) -> DatabaseError {
        DatabaseError(
            resultCode: ResultCode(rawValue: sqlite3_extended_errcode(sqliteConnection)),
            message: String(cString: sqlite3_errmsg(sqliteConnection)),
            sql: sql
        )
    }
}
