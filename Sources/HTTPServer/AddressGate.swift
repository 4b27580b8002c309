/// Counts connections by their peer's address: those each has open, and those it has made in the present second.
///
/// All loops share it, as the kernel spreads one address' connections over them. An IPv6 address stands for its /64,
/// since a host has as many of those addresses as it likes.
final class AddressGate: Sendable {
    private let limits: Limits
    private let state = Lock(State())

    private struct State {
        var open: [IPAddress: Int] = [:]
        /// The clock's second that `new` counts in. What came before it is forgotten, so the table has as many entries
        /// as there are connections accepted in a second.
        var second = Duration.zero
        var new: [IPAddress: Int] = [:]
    }

    /// Nil when the limits set none for an address.
    init?(_ limits: Limits) {
        guard limits.connectionsPerAddress != nil || limits.newConnectionsPerAddress != nil else { return nil }
        self.limits = limits
    }

    /// A connection that was let in; it counts until this goes.
    struct Ticket: ~Copyable {
        fileprivate let gate: AddressGate
        fileprivate let address: IPAddress

        deinit { gate.leave(address) }
    }

    /// - Returns: Nil when the address has as many connections as it may, or has made them.
    func admit(_ peer: IPAddress, at now: Duration) -> Ticket? {
        let address = peer.network
        let isAdmitted = state.withLock { state in
            let second = Duration.seconds(now.components.seconds)
            if state.second != second { (state.second, state.new) = (second, [:]) }
            let (open, new) = (state.open[address, default: 0], state.new[address, default: 0])
            guard open < limits.connectionsPerAddress ?? .max, new < limits.newConnectionsPerAddress ?? .max else {
                return false
            }
            state.open[address] = open + 1
            state.new[address] = new + 1
            return true
        }
        return isAdmitted ? Ticket(gate: self, address: address) : nil
    }

    private func leave(_ address: IPAddress) {
        state.withLock { state in
            let open = state.open[address, default: 1] - 1
            state.open[address] = open > 0 ? open : nil
        }
    }
}

extension IPAddress {
    /// What one host has for itself: an IPv4 address, or an IPv6 address' /64.
    fileprivate var network: IPAddress { isIPv4 ? self : IPAddress(ipv6: high, 0) }
}
