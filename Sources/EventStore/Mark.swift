import Model

/// That a key was seen.
struct Mark: Equatable {
    enum Kind: String {
        /// Of an event, within its source.
        case duplicate
        /// Of a delivery that a cancelling event may call off, within its rule.
        case waiting
        /// Of a cancelling event, within the rule whose deliveries it calls off.
        case cancel
        /// Of a person whom a delivery was sent to, within its rule.
        case times
    }

    struct Name: Hashable {
        var kind: Kind
        /// A source or a rule.
        var scope: String
        var key: String

        /// Stored in indexes: the same in every process. FNV-1a over the parts, then mixed so that all bits count.
        var hash: UInt64 {
            var hash: UInt64 = 0xCBF2_9CE4_8422_2325
            for part in [kind.rawValue, scope, key] {
                for byte in part.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
                hash = hash &* 0x0000_0100_0000_01B3
            }
            hash = (hash ^ hash >> 33) &* 0xFF51_AFD7_ED55_8CCD
            hash = (hash ^ hash >> 33) &* 0xC4CE_B9FE_1A85_EC53
            return hash ^ hash >> 33
        }
    }

    var id: Int64
    var name: Name
    var event: EventID
    /// The delivery that is waiting, or was sent.
    var delivery: DeliveryID?
    var deliveries: Int
    /// Of no more use from then on.
    var until: Timestamp
}
