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

/// `SQLITE_TRANSIENT`, a macro that Swift cannot see: SQLite copies what is bound before the call returns.
private let copied = unsafeBitCast(-1, to: sqlite3_destructor_type.self)

/// GRDB keeps the connections and the prepared statements; binding and stepping go straight to SQLite, which halves
/// the cost of a row where rows are many.
extension Database {
    /// Runs a statement that yields no rows. Returns how many it changed.
    @discardableResult
    func run(_ sql: String, _ values: SQLValue...) throws -> Int {
        let statement = try prepared(sql, values)
        defer { sqlite3_reset(statement) }
        let code = sqlite3_step(statement)
        guard code == SQLITE_DONE || code == SQLITE_ROW else { throw failure(sql) }
        return Int(sqlite3_changes(sqliteConnection))
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
        let statement = try prepared(sql, values)
        defer { sqlite3_reset(statement) }
        while true {
            switch sqlite3_step(statement) {
            case SQLITE_ROW: if try !read(SQLRow(statement: statement)) { return }
            case SQLITE_DONE: return
            default: throw failure(sql)
            }
        }
    }

    private func prepared(_ sql: String, _ values: [SQLValue]) throws -> OpaquePointer {
        let statement = try cachedStatement(sql: sql).sqliteStatement
        for (index, value) in values.enumerated() {
            let position = Int32(index + 1)
            let code: Int32
            switch value {
            case .null: code = sqlite3_bind_null(statement, position)
            case .integer(let integer): code = sqlite3_bind_int64(statement, position, integer)
            case .text(let text):
                var text = text
                code = text.withUTF8 { bytes in
                    bytes.withMemoryRebound(to: CChar.self) { characters in
                        sqlite3_bind_text(statement, position, characters.baseAddress, Int32(bytes.count), copied)
                    }
                }
            case .utf8(let bytes):
                code = bytes.withUnsafeBytes { bytes in
                    bytes.withMemoryRebound(to: CChar.self) { characters in
                        sqlite3_bind_text(statement, position, characters.baseAddress, Int32(bytes.count), copied)
                    }
                }
            case .blob(let bytes):
                // A null pointer would bind NULL, which is not the empty blob.
                code =
                    bytes.isEmpty
                    ? sqlite3_bind_zeroblob(statement, position, 0)
                    : bytes.withUnsafeBytes {
                        sqlite3_bind_blob(statement, position, $0.baseAddress, Int32($0.count), copied)
                    }
            }
            guard code == SQLITE_OK else { throw failure(sql) }
        }
        return statement
    }

    private func failure(_ sql: String) -> DatabaseError {
        DatabaseError(
            resultCode: ResultCode(rawValue: sqlite3_extended_errcode(sqliteConnection)),
            message: String(cString: sqlite3_errmsg(sqliteConnection)),
            sql: sql
        )
    }
}
