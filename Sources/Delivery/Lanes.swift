import Model

/// Which lanes are busy, and with which delivery.
///
/// A lane has an entry while one of its deliveries is between its start and its end, and, so that nobody overtakes it,
/// while one that was promoted or came back waits in the window. What lies parked behind it is known to the store alone.
struct Lanes: Sendable {
    enum State: Sendable, Equatable {
        /// Its start is being committed. Who comes next waits in the window for how that ends.
        case starting(DeliveryID)
        /// It is durably attempting or retrying. Who comes next is parked.
        case busy(DeliveryID)
        /// What it comes to is being committed; that may promote another one. Who comes next waits in the window.
        case leaving(DeliveryID)
        /// It is ready and goes first.
        case first(DeliveryID)

        var holder: DeliveryID {
            switch self {
            case .starting(let id), .busy(let id), .leaving(let id), .first(let id): id
            }
        }
    }

    private var states: [Lane: State] = [:]

    var count: Int { states.count }

    subscript(lane: Lane) -> State? {
        get { states[lane] }
        set { states[lane] = newValue }
    }

    /// Whether this delivery may start now as far as its lane is concerned.
    func admits(_ delivery: Delivery) -> Bool {
        guard let state = states[delivery.lane] else { return true }
        return state == .first(delivery.id)
    }

    /// Whether the engine has this delivery in hand already, so that a second copy of its row must be dropped.
    func holds(_ delivery: Delivery) -> Bool {
        switch states[delivery.lane] {
        case .starting(delivery.id), .busy(delivery.id), .leaving(delivery.id): true
        default: false
        }
    }

    /// Frees the lane if this delivery has it.
    mutating func release(_ lane: Lane, from id: DeliveryID) {
        if states[lane]?.holder == id { states[lane] = nil }
    }

    /// The delivery waits in the window, ahead of its lane, unless another one has the lane.
    mutating func putFirst(_ delivery: Delivery) {
        guard let state = states[delivery.lane], state.holder != delivery.id else {
            states[delivery.lane] = .first(delivery.id)
            return
        }
    }
}
