import Dispatch
import JSON
public import Model

/// The one that commits: gathers what is to be committed while a commit is under way, makes one transaction of it,
/// and answers all who wait.
///
/// There is no batch window and no timer. A lone change is committed at once; under load, a batch is what came in
/// during the commit before.
public final class Writer: Sendable {
    /// What waits at most; beyond it, changes are refused at once.
    public struct Bounds: Sendable {
        /// Receipts and other changes in one transaction. A list of changes given together is never divided.
        public var batch: Int
        /// The bytes of one transaction: a large one keeps all others waiting while it is written.
        public var batchBytes: Int
        public var waitingChanges: Int
        public var waitingBytes: Int
        /// How many changes other than receipts may wait beyond `waitingChanges`, so that a flood of webhooks does
        /// not keep what is owed from being delivered.
        public var reserve: Int

        public init(
            batch: Int = 256,
            batchBytes: Int = 8 << 20,
            waitingChanges: Int = 16_384,
            waitingBytes: Int = 128 << 20,
            reserve: Int = 4_096
        ) {
            self.batch = batch
            self.batchBytes = batchBytes
            self.waitingChanges = waitingChanges
            self.waitingBytes = waitingBytes
            self.reserve = reserve
        }
    }

    fileprivate struct Entry: Sendable {
        var changes: [Change]
        var bytes: Int
        var completion: @Sendable (Result<[Effect], StoreError>) -> Void
    }

    fileprivate struct State {
        var waiting: [Entry] = []
        /// Changes and bytes of all entries not answered yet, those under way included.
        var changeCount = 0
        var byteCount = 0
        var counts: [Account: Int] = [:]
        var isRunning = false
        var isClosed = false
        /// Whether something is to be written even if nobody waits for it.
        var mustFlush = false
        var failure: StoreError?
        var batchCompletions: [@Sendable () -> Void] = []
        var idleCompletions: [@Sendable () -> Void] = []
        var answeredCompletions: [@Sendable () -> Void] = []
    }

    private let store: any EventStore
    private let bounds: Bounds
    private let queue = DispatchQueue(label: "EventStore.Writer")
    private let state = Lock(State())

    public init(store: any EventStore, bounds: Bounds = Bounds()) {
        self.store = store
        self.bounds = bounds
    }

    /// Commits a request's events and calls back, on the writer's queue and after all of its batch is durable.
    /// The callback must only hand over: the next commit waits for it.
    public func append(
        _ receipt: Receipt,
        _ completion: @escaping @Sendable (Result<[Appended], StoreError>) -> Void
    ) {
        enter([.receive(receipt)], bytes: receipt.weight, limit: bounds.waitingChanges) { result in
            completion(result.map(\.appended))
        }
    }

    /// Commits a request's events; returns when they are durable.
    public func append(_ receipt: Receipt) async throws(StoreError) -> [Appended] {
        try await withCheckedContinuation { continuation in
            append(receipt) { continuation.resume(returning: $0) }
        }.get()
    }

    /// Commits changes that belong together, all or none of them. The callback as for `append`.
    public func commit(
        _ changes: [Change],
        _ completion: @escaping @Sendable (Result<[Effect], StoreError>) -> Void
    ) {
        let bytes = changes.reduce(0) { sum, change in
            if case .receive(let receipt) = change { sum + receipt.weight } else { sum }
        }
        enter(changes, bytes: bytes, limit: bounds.waitingChanges + bounds.reserve, completion)
    }

    /// Commits changes that belong together, all or none of them; returns when they are durable.
    public func commit(_ changes: [Change]) async throws(StoreError) -> [Effect] {
        try await withCheckedContinuation { continuation in
            commit(changes) { continuation.resume(returning: $0) }
        }.get()
    }

    /// Counts requests that leave nothing else. They ride along with the next commit, or with the next `tick`; give
    /// both sides of an equation in one call.
    public func count(_ counts: [Account: Int]) {
        state.withLock { $0.counts.merge(counts, uniquingKeysWith: +) }
    }

    /// The books of one moment between two commits, with what is counted and not committed yet. It waits for the commit
    /// under way: not to be called from a completion.
    public func accounts() throws(StoreError) -> Accounts {
        let result = queue.sync { () -> Result<Accounts, StoreError> in
            do throws(StoreError) {
                var accounts = try store.accounts()
                accounts.add(state.withLock(\.counts))
                return .success(accounts)
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    /// Why the last commit failed; nil when it did not. While it is set, `tick` tries whether the fault is gone.
    public var failure: StoreError? { state.withLock(\.failure) }

    /// How many changes wait, or are being committed.
    public var waitingCount: Int { state.withLock(\.changeCount) }

    /// To be called from a completion: calls back once all of its batch are answered, and before whoever waits by
    /// `afterAnswers`. So what many completions have for somebody can be given at once.
    public func afterBatch(_ completion: @escaping @Sendable () -> Void) {
        dispatchPrecondition(condition: .onQueue(queue))
        state.withLock { $0.batchCompletions.append(completion) }
    }

    /// Calls back, from any thread, once everybody is answered whose changes were durable at the time of this call.
    /// So whoever read the store before it has been told of all that the read could see.
    public func afterAnswers(_ completion: @escaping @Sendable () -> Void) {
        let isAnswered = state.withLock { state in
            guard state.isRunning else { return true }
            state.answeredCompletions.append(completion)
            return false
        }
        if isAnswered { completion() }
    }

    /// To be called once a second: writes what was counted, and, while commits fail, tries one.
    public func tick() {
        let start = state.withLock { state in
            guard !state.counts.isEmpty || state.failure != nil else { return false }
            state.mustFlush = true
            return state.begin()
        }
        if start { kick() }
    }

    /// Refuses further changes, commits what waits and what was counted, and returns.
    public func close() async {
        await withCheckedContinuation { continuation in
            let start = state.withLock { state in
                state.isClosed = true
                state.mustFlush = !state.counts.isEmpty
                state.idleCompletions.append { continuation.resume() }
                return state.begin()
            }
            if start { kick() }
        }
    }

    // MARK: Waiting

    private func enter(
        _ changes: [Change],
        bytes: Int,
        limit: Int,
        _ completion: @escaping @Sendable (Result<[Effect], StoreError>) -> Void
    ) {
        let (refusal, start) = state.withLock { state -> (StoreError?, Bool) in
            if state.isClosed { return (.closed, false) }
            if state.changeCount + changes.count > limit { return (.refused(.waitingChanges), false) }
            // One that is larger than the bound by itself must still be able to pass when nothing else waits.
            if bytes > 0, state.byteCount > 0, state.byteCount + bytes > bounds.waitingBytes {
                return (.refused(.waitingBytes), false)
            }
            state.waiting.append(Entry(changes: changes, bytes: bytes, completion: completion))
            state.changeCount += changes.count
            state.byteCount += bytes
            return (nil, state.begin())
        }
        if let refusal { completion(.failure(refusal)) }
        if start { kick() }
    }

    private func kick() {
        queue.async { @Sendable in self.run() }
    }

    // MARK: Committing, on the queue

    /// Commits what waits, and comes again, behind whoever wants to read in between, until nothing waits any more.
    private func run() {
        let (entries, mustFlush, idle) = state.withLock { state -> ([Entry], Bool, [@Sendable () -> Void]) in
            let taken = (state.waiting, state.mustFlush)
            state.waiting = []
            state.mustFlush = false
            guard taken.0.isEmpty, !taken.1 else { return (taken.0, taken.1, []) }
            state.isRunning = false
            defer {
                state.idleCompletions = []
                state.answeredCompletions = []
            }
            return ([], false, state.answeredCompletions + state.idleCompletions)
        }
        if entries.isEmpty && !mustFlush {
            for completion in idle { completion() }
            return
        }
        if entries.isEmpty { flush() }
        var rest = entries[...]
        while !rest.isEmpty {
            let batch = rest.batch(within: bounds)
            rest = rest[batch.endIndex...]
            commit(batch)
            for completion in take(\.answeredCompletions) { completion() }
        }
        kick()
    }

    /// Commits these entries in one transaction and answers them. When one of their changes is to blame, the halves
    /// are tried apart, down to the one that has to be refused.
    private func commit(_ batch: ArraySlice<Entry>) {
        let counts = takeCounts()
        var changes = batch.flatMap(\.changes)
        if !counts.isEmpty { changes.append(.count(counts)) }
        let result = attempt(changes)
        if case .failure(let error) = result {
            count(counts)
            if error.blamesChange && batch.count > 1 {
                let middle = batch.startIndex + batch.count / 2
                commit(batch[..<middle])
                commit(batch[middle...])
                return
            }
        }
        state.withLock { state in
            state.changeCount -= batch.reduce(0) { $0 + $1.changes.count }
            state.byteCount -= batch.reduce(0) { $0 + $1.bytes }
        }
        switch result {
        case .failure(let error):
            for entry in batch { entry.completion(.failure(error)) }
        case .success(let effects):
            var position = 0
            for entry in batch {
                let end = position + entry.changes.count
                entry.completion(.success(Array(effects[position..<end])))
                position = end
            }
        }
        for completion in take(\.batchCompletions) { completion() }
    }

    /// Writes what was counted; and something in any case, so that it shows whether the store can be written.
    private func flush() {
        let counts = takeCounts()
        let probe = Change.set(name: "writer.probe", value: [])
        if case .failure = attempt(counts.isEmpty ? [probe] : [.count(counts)]) { count(counts) }
    }

    private func attempt(_ changes: [Change]) -> Result<[Effect], StoreError> {
        do throws(StoreError) {
            let effects = try store.commit(changes)
            precondition(effects.count == changes.count, "a store answers each change")
            state.withLock { $0.failure = nil }
            return .success(effects)
        } catch {
            if !error.blamesChange { state.withLock { $0.failure = error } }
            return .failure(error)
        }
    }

    private func take(_ completions: WritableKeyPath<State, [@Sendable () -> Void]>) -> [@Sendable () -> Void] {
        state.withLock { state in
            defer { state[keyPath: completions] = [] }
            return state[keyPath: completions]
        }
    }

    private func takeCounts() -> [Account: Int] {
        state.withLock { state in
            defer { state.counts = [:] }
            return state.counts
        }
    }
}

extension Writer.State {
    /// Whether the caller has to start the run; it is not under way yet.
    fileprivate mutating func begin() -> Bool {
        if isRunning { return false }
        isRunning = true
        return true
    }
}

extension ArraySlice<Writer.Entry> {
    /// As many entries as one transaction takes; at least one.
    fileprivate func batch(within bounds: Writer.Bounds) -> ArraySlice<Writer.Entry> {
        var (changes, bytes) = (0, 0)
        var end = startIndex
        while end < endIndex {
            changes += self[end].changes.count
            bytes += self[end].bytes
            if end > startIndex && (changes > bounds.batch || bytes > bounds.batchBytes) { break }
            end += 1
        }
        return self[..<end]
    }
}

extension [Effect] {
    /// What the only change of an append led to.
    fileprivate var appended: [Appended] {
        guard case .received(let appended)? = first else { preconditionFailure("a receipt is answered by .received") }
        return appended
    }
}

extension Receipt {
    /// About how many bytes it holds in memory while it waits.
    fileprivate var weight: Int {
        events.reduce(512) { sum, mapped in
            let event = mapped.event
            let deliveries = mapped.mapping.deliveries.reduce(0) { sum, draft in
                draft.trigger.contextParams.reduce(sum + 512) { $0 + $1.name.utf8.count + $1.value.utf8.count }
            }
            return sum + 512 + event.body.weight + event.headers.weight + event.query.weight + deliveries
        }
    }
}
