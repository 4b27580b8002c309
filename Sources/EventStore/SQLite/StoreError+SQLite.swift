import GRDB

extension StoreError {
    /// What an error of GRDB's or of our own means to those who wait.
    init(_ error: any Error) {
        switch error {
        case let error as StoreError: self = error
        case let error as DatabaseError: self.init(error)
        default: self = .io("\(error)")
        }
    }

    private init(_ error: DatabaseError) {
        let detail = error.message ?? "SQLite error \(error.extendedResultCode.rawValue)"
        self =
            switch error.resultCode {
            case .SQLITE_FULL: .full(detail)
            case .SQLITE_BUSY, .SQLITE_LOCKED: .busy
            case .SQLITE_CORRUPT, .SQLITE_NOTADB: .corrupt(detail)
            case .SQLITE_CONSTRAINT, .SQLITE_TOOBIG, .SQLITE_MISMATCH: .rejected(detail)
            case .SQLITE_CANTOPEN, .SQLITE_PERM, .SQLITE_READONLY, .SQLITE_AUTH: .unusable(detail)
            case .SQLITE_MISUSE: .closed
            default: .io(detail)
            }
    }
}
