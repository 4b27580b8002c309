import Model

/// Which lanes are taken, and by which delivery.
///
/// A lane has an entry while one of its deliveries is between its start and its end. What lies parked behind it is known
/// to the store alone. One that was promoted, or came back, needs no entry: it waits in the window ahead of its lane.
struct Lanes: Sendable {
    enum State: Sendable, Equatable {
        /// Its start is being committed. Who comes next waits in the window for how that ends.
        case starting(DeliveryID)
        /// It is durably attempting or retrying. Who comes next is parked.
        case busy(DeliveryID)
        /// What it comes to is being committed; that may promote another one. Who comes next waits in the window.
        case leaving(DeliveryID)

        var holder: DeliveryID {
            switch self {
            case .starting(let id), .busy(let id), .leaving(let id): id
            }
        }
    }

    private var states: [Lane: State] = [:]

    var count: Int { states.count }

    subscript(lane: Lane) -> State? {
        get { states[lane] }
        set { states[lane] = newValue }
    }

    /// Whether the engine has this delivery in hand already, so that a second copy of its row must be dropped.
    func holds(_ delivery: Delivery) -> Bool {
        states[delivery.lane]?.holder == delivery.id
    }

    /// Frees the lane if this delivery has it.
    mutating func release(_ lane: Lane, from id: DeliveryID) {
        if states[lane]?.holder == id { states[lane] = nil }
    }
}
