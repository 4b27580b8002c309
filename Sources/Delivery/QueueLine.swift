import Model

/// One queue as the engine serves it.
struct QueueLine: Sendable {
    var settings: QueueSettings
    var window: Window
    var retrying = RetryingDeliveries()
    /// What is remembered of deliveries that came back to their place among the ready ones.
    private var histories: [DeliveryID: RetryHistory] = [:]
    /// How many deliveries went into a call, of late.
    var deliveriesPerCall = 1.0
    /// Deliveries that are attempting or retrying.
    var unsettled = 0
    var isPaused = false
    /// How much it was served, in calls over weight. The queue with the least is next.
    var served = 0.0
    /// First attempts and retries take turns, so that neither keeps the other waiting.
    var lastWasRetry = false

    init(_ settings: QueueSettings, limits: DeliveryLimits) {
        self.settings = settings
        window = Window(limit: limits.window)
    }

    /// Remembers what a delivery met, for when its turn comes again. At `limit` all is forgotten rather than kept for ever.
    mutating func remember(_ history: RetryHistory, of id: DeliveryID, limit: Int) {
        guard history != RetryHistory() else { return }
        if histories.count >= limit { histories.removeAll() }
        histories[id] = history
    }

    func history(of id: DeliveryID) -> RetryHistory { histories[id] ?? RetryHistory() }

    mutating func takeHistory(of id: DeliveryID) -> RetryHistory {
        histories.isEmpty ? RetryHistory() : histories.removeValue(forKey: id) ?? RetryHistory()
    }

    /// Notes how many deliveries went into a call.
    mutating func count(deliveries: Int) {
        deliveriesPerCall += (Double(deliveries) - deliveriesPerCall) / 8
    }

    /// Whether it may have something to send now.
    func isWaiting(at now: Timestamp, limits: DeliveryLimits) -> Bool {
        guard !isPaused else { return false }
        if let next = retrying.next, next.wakesAt <= now { return true }
        guard unsettled < limits.unsettled, let first = window.rows.first else { return false }
        return first.due <= now
    }

    /// When it will have something to send that it has not now.
    func nextDue(after now: Timestamp) -> Timestamp? {
        guard !isPaused else { return nil }
        let retry = retrying.next.map(\.wakesAt).flatMap { $0 > now ? $0 : nil }
        let first = window.firstDue(after: now)
        return [retry, first].compactMap { $0 }.min()
    }
}
