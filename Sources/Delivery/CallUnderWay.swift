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
    /// One delivery's part in it.
    struct Part: Sendable {
        let delivery: Delivery
        /// The number of the attempt that this is for the delivery.
        let number: Int
        let history: RetryHistory
    }

    /// Nil for a call that is made for deliveries.
    var token: TokenRequest?
    /// None for a token call; more than one for a call in bulk.
    var parts: [Part]
    let started: Timestamp
    /// Which token it was made with.
    let tokenGeneration: Int
}
