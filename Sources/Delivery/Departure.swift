import Model

/// Deliveries that somebody wants elsewhere, until that is durable: meanwhile none of them is to be met in its old
/// place, whoever tells of it.
struct Departure: Sendable {
    private let deliveries: Set<DeliveryID>
    /// Where they go, if that is to another queue or destination.
    let transfer: Transfer?
    /// Those of them that have been met meanwhile, with the lanes that they keep until they are gone.
    var leaving: [Journal.Leaving] = []

    init(_ deliveries: [DeliveryID], by transfer: Transfer? = nil) {
        self.deliveries = Set(deliveries)
        self.transfer = transfer
    }

    func takes(_ delivery: Delivery) -> Bool {
        deliveries.contains(delivery.id) && (transfer?.moves(delivery) ?? true)
    }
}
