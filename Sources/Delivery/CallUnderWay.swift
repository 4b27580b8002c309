import Model

/// A call from the decision to start it to its end.
struct CallUnderWay: Sendable {
    /// Nil for a token call.
    let delivery: Delivery?
    /// The number of the attempt that this is for its delivery.
    let number: Int
    let history: RetryHistory
    let started: Timestamp
    /// Which token it was made with.
    let tokenGeneration: Int
}
