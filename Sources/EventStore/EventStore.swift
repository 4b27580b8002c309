public import Model

/// What is kept: events, what the rules made of them, the deliveries and their attempts, and the books.
///
/// One `Writer` commits; anybody may read, from any thread, and sees whole commits only. All calls are synchronous
/// and may wait for the disk or the network, so none belongs on an event loop's queue.
public protocol EventStore: Sendable {
    /// Applies the changes in their order, in one durable transaction, and answers each with its effect.
    ///
    /// When it returns, all of it survives a power loss; when it throws, nothing of it is kept.
    ///
    /// - A start makes `attempting` those of its deliveries that are still `ready` or `retrying`. They are its effect's
    ///   `moved`: no call may be made for any other.
    /// - A move to `cancelled`, `suppressed` or `held` that meets an `attempting` delivery is noted: the attempt under
    ///   way stands, and when its end would leave the delivery `ready` or `retrying`, the noted state comes instead.
    /// - A move to `parked` that finds its lane free again leaves the delivery `ready`, and names it as promoted.
    /// - A held delivery that becomes `ready` goes to the end of its queue's order: its `due` is new.
    func commit(_ changes: [Change]) throws(StoreError) -> [Effect]

    // MARK: What the delivery engine works from

    /// The next ready deliveries of a queue, in the order of the queue, after a place in it.
    func ready(destination: String, queue: String, after: QueuePosition?, limit: Int) throws(StoreError) -> [Delivery]

    /// All retrying deliveries of a destination, by the time of their next attempt.
    func retrying(destination: String) throws(StoreError) -> [Delivery]

    /// All deliveries of a destination with an attempt that has not ended. At start these are the ambiguous ones.
    func attempting(destination: String) throws(StoreError) -> [Delivery]

    /// The parked deliveries of a lane, in their order.
    func parked(lane: Lane, limit: Int) throws(StoreError) -> [Delivery]

    /// Deliveries that have expired by then and wait all the same, `ready`, `parked`, `retrying` or `held`: nobody has met
    /// them. In the order in which they expired.
    func expired(at now: Timestamp, limit: Int) throws(StoreError) -> [Delivery]

    /// The calls to a destination that started at `since` or later, by number. Of those that began in the same run of the
    /// machine, its own clock tells whether they did: `bootTime` is what that clock showed at `since`.
    func calls(destination: String, since: Timestamp, bootTime: BootTime?) throws(StoreError) -> [Call]

    /// The greatest number that a call to this destination ever had; 0 when there was none.
    func lastCall(destination: String) throws(StoreError) -> Int64

    /// What each queue of each destination has waiting. Costs the same however much that is.
    func backlogs() throws(StoreError) -> [Backlog]

    func setting(_ name: String) throws(StoreError) -> [UInt8]?

    /// All settings whose names begin like this.
    func settings(prefix: String) throws(StoreError) -> [String: [UInt8]]

    // MARK: What people ask for

    func event(_ id: EventID) throws(StoreError) -> StoredEvent?

    /// Events that match, a page at a time. Looks at no more than `Page.scanLimit` events: a page may be short, and
    /// even empty, while its `next` says that there is more.
    func events(_ filter: EventFilter, from start: PageStart, limit: Int) throws(StoreError) -> Page<EventSummary>

    func delivery(_ id: DeliveryID) throws(StoreError) -> Delivery?

    /// Deliveries that match, a page at a time, within the same bound as `events`.
    func deliveries(_ filter: DeliveryFilter, from start: PageStart, limit: Int) throws(StoreError) -> Page<Delivery>

    /// The attempts made for a delivery, first to last.
    func attempts(of delivery: DeliveryID) throws(StoreError) -> [Attempt]

    /// An event with all that came of it.
    func story(of event: EventID) throws(StoreError) -> EventStory?

    // MARK: The books

    func accounts() throws(StoreError) -> Accounts

    /// The accounts of what lies on disk, counted row by row, with what retention has taken away: of events and
    /// deliveries this must equal `accounts()`. Reads everything; for checks, not for metrics.
    func recount() throws(StoreError) -> Accounts

    /// What contradicts itself in the store, each as a sentence; empty when all is well. Reads everything.
    func inconsistencies() throws(StoreError) -> [String]

    // MARK: Retention

    /// Takes away some of what is past its time, in one small transaction, going on where the last step ended.
    func sweep(at now: Timestamp, retention: Retention) throws(StoreError) -> SweepStep
}

extension EventStore {
    /// The calls to a destination that started at `since` or later by the wall clock, by number.
    public func calls(destination: String, since: Timestamp) throws(StoreError) -> [Call] {
        try calls(destination: destination, since: since, bootTime: nil)
    }
}
