public import Model

/// What the engine is told.
public enum Input: Sendable {
    /// These deliveries were appended and are on disk. In the order of their commits.
    /// Those that are not `ready`, or of another destination, are passed over.
    case appended([Delivery])
    /// The store itself changed deliveries: these are called off, or have come in the place of such. In the order of the
    /// commits. Those of another destination are passed over.
    case moved([Delivery])
    /// What a `load` found, in the order of the queue. Everything that the read saw was `appended` before, if it was
    /// appended by this process.
    case loaded(queue: String, [Delivery])
    /// The changes of the last `commit` are durable; for each its effect.
    case committed([Effect])
    /// The changes of the last `commit` were not kept.
    case refused
    /// A call that was sent has this result.
    case ended(CallID, CallResult)
    /// A token call has this result; the token is there exactly when it brought one.
    case tokenCallEnded(CallID, CallResult, NewToken?)
    /// The time that `wake` named has come; any other time does no harm.
    case timer
    /// The clock by which the engine is told the time has jumped forward: what it counted is as old as it was before.
    case clockJumped(by: Duration)
    /// Somebody asks for something. With a `request`, `done` answers once it is durable.
    case control(Control, request: RequestID? = nil)
}

/// Tells the requests of one process apart.
public struct RequestID: Hashable, Sendable {
    public let number: Int

    public init(_ number: Int) {
        self.number = number
    }
}

/// What operators and the config's reload ask of the engine.
public enum Control: Sendable {
    case pause(PauseScope)
    /// Ends a pause, whoever set it. After `authorize` too: the token counts as new.
    case resume(PauseScope)
    /// Cancels, holds, suppresses or releases deliveries. One that is `attempting` is finished first.
    case move(Move)
    /// Gives deliveries to another queue or destination. One that is `attempting` stays where it is.
    case transfer(Transfer)
    /// Other settings of the same destination.
    case reconfigure(DestinationSettings)
    /// Other credentials than before are configured: what there is to call with now.
    case token(TokenStanding)
    /// A person brought what `authorize` exchanges for tokens. Nothing comes of it when it cannot start by then.
    case authorize(until: Timestamp)
    /// Nothing new starts from now on; what is under way goes on to its end.
    case drain
}
