public import Model

/// What is to be done for the engine.
public enum Action: Sendable {
    /// Commit these in this order, in one transaction, and answer with `committed` or `refused`.
    /// There is no other until the answer.
    case commit([Change])
    /// Make this call, once, and answer with `ended`.
    case send(CallID, Delivery)
    /// Make one call, once, for all of these: of one journey, each of another person.
    case sendBulk(CallID, [Delivery])
    /// Renew the token, once; answered with `tokenCallEnded`.
    case renewToken(CallID)
    /// Exchange what a person brought for tokens, once; answered with `tokenCallEnded`.
    case authorize(CallID)
    /// What this token call brought is durable: from now on calls are made with it.
    case useToken(CallID)
    /// Read the next ready deliveries of a queue, and answer with `loaded`.
    case load(queue: String, after: QueuePosition?, limit: Int)
    /// Say `timer` at that time, earlier than any other that was named and has not come yet.
    case wake(Timestamp)
    /// What was asked for by `control` is durable; the deliveries that did change, as they are now.
    case done(RequestID, [Delivery])
    /// Something that operators should know.
    case alert(Alert)
}

/// Something that operators should know, and whether it mends itself.
public enum Alert: Sendable, Equatable {
    case paused(PauseScope, PauseReason)
    case resumed(PauseScope)
    /// The destination fails: only probes are sent until one succeeds.
    case breakerOpened
    case breakerClosed
    /// The destination counts more calls than we do, or allows fewer.
    case overQuota(QuotaScope, until: Timestamp)
    /// Nothing can be committed; nothing starts until that goes again.
    case storeRefuses
    case storeTakes
}
