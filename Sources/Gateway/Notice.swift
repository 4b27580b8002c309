import Model

/// What happened, for whoever watches: the log, and the terminal of `serve --follow`.
enum Notice: Sendable {
    /// An event is on disk, with what it made; `MappedEvent` has the mapping's failures.
    case accepted(MappedEvent, deliveries: [Delivery])
    /// The sender told of this event before.
    case duplicate(of: EventID, source: String)
    /// A request was turned away; `id` is what its sender was told.
    case refused(source: String, problem: Problem, id: String, peer: String)
    /// A call for this delivery has ended; `delivery` is as it stands since.
    case attempted(Delivery, CallResult)
    /// Something about the gateway itself, for the operator.
    case operation(Operation)

    enum Operation: Sendable {
        case listening(address: String, purpose: String)
        case sandboxInPlace(address: String, destination: String)
        case configReloaded
        case configRefused(problems: String)
        case certificatesReread
        case certificatesRefused(reason: String)
        case destinationPaused(String, reason: String)
        case destinationResumed(String)
        /// Something that mends itself: an open breaker, a quota that the destination counts otherwise.
        case destinationTrouble(String, reason: String)
        case storeFailed(String)
        case storeRecovered
        case imbalance(String)
        case draining
        /// For the terminal: something to know at start.
        case note(String)
    }
}
