/// Why the store did not do what it was asked. Nothing of the failed commit is kept.
public enum StoreError: Error, Sendable, Equatable {
    /// There is no room left on the disk. Ends by itself when there is.
    case full(String)
    /// Reading, writing or syncing failed.
    case io(String)
    /// Another connection holds the store for longer than we wait.
    case busy
    /// What was read is not what was written.
    case corrupt(String)
    /// The connection to the database is gone. It is made anew by itself.
    case lost(String)
    /// The store, or its writer, was closed.
    case closed
    /// Another process has this store open.
    case inUse(String)
    /// It cannot be opened or used as it must be: path, permissions, a newer schema, a write that would not be durable.
    case unusable(String)
    /// A bound was reached, and the sender should try again soon.
    case refused(Bound)
    /// The change contradicts what is stored (an id given twice, a call that never started). Only that change is at
    /// fault: others of its batch can be committed without it.
    case rejected(String)

    /// What was full.
    public enum Bound: String, Sendable {
        /// Changes that wait for a commit.
        case waitingChanges = "too many changes are waiting to be committed"
        /// Their bytes.
        case waitingBytes = "the changes waiting to be committed are too large"
        /// Keys of events held in memory until they are indexed.
        case marks = "too many event keys are waiting to be indexed"
    }

    /// Whether the fault lies with one change, and not with the store.
    var blamesChange: Bool {
        switch self {
        case .rejected, .refused: true
        case .full, .io, .busy, .corrupt, .lost, .closed, .inUse, .unusable: false
        }
    }
}

extension StoreError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .full(let detail): "the disk is full (\(detail))"
        case .io(let detail): "the disk failed (\(detail))"
        case .busy: "the store is locked by another connection"
        case .corrupt(let detail): "the store is damaged (\(detail))"
        case .lost(let detail): "the database is not reachable (\(detail))"
        case .closed: "the store is closed"
        case .inUse(let detail): detail
        case .unusable(let detail): detail
        case .refused(let bound): bound.rawValue
        case .rejected(let detail): detail
        }
    }
}
