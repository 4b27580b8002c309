import Model

/// What a token call asks for.
enum TokenRequest: Sendable, Equatable {
    /// The next token, for the one there is.
    case renewal
    /// The first of a new line, for what a person brought.
    case authorization
}

/// A call from the decision to start it to its end.
struct CallUnderWay: Sendable {
    /// Nil for a call that is made for deliveries.
    var token: TokenRequest?
    /// Nil for a token call.
    let delivery: Delivery?
    /// The number of the attempt that this is for its delivery.
    let number: Int
    let history: RetryHistory
    let started: Timestamp
    /// Which token it was made with.
    let tokenGeneration: Int
}
