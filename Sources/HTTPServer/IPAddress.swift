import Glibc

/// An IPv4 or IPv6 address. An IPv4 address mapped into IPv6 (`::ffff:192.0.2.1`) is the IPv4 address.
public struct IPAddress: Hashable, Sendable {
    /// Whether the address is one of IPv4.
    public let isIPv4: Bool
    /// The 128 bits in network order; an IPv4 address stands in the last 32.
    let high: UInt64
    let low: UInt64

    init(ipv4: UInt32) {
        isIPv4 = true
        high = 0
        low = UInt64(ipv4)
    }

    init(ipv6 high: UInt64, _ low: UInt64) {
        let isMapped = high == 0 && low >> 32 == 0xFFFF
        isIPv4 = isMapped
        self.high = high
        self.low = isMapped ? low & 0xFFFF_FFFF : low
    }

    /// Reads `192.0.2.1` or `2001:db8::1`: digits only, no brackets, no port, no zone. Nil for anything else.
    public init?(_ text: some StringProtocol) {
        var ipv4 = in_addr()
        var ipv6 = in6_addr()
        let text = String(text)
        if inet_pton(AF_INET, text, &ipv4) == 1 {
            self.init(ipv4: UInt32(bigEndian: ipv4.s_addr))
        } else if inet_pton(AF_INET6, text, &ipv6) == 1 {
            self.init(ipv6)
        } else {
            return nil
        }
    }

    init(_ address: in6_addr) {
        let halves = unsafeBitCast(address, to: (UInt64, UInt64).self)
        self.init(ipv6: UInt64(bigEndian: halves.0), UInt64(bigEndian: halves.1))
    }

    /// The address as the kernel's IPv6 structure.
    var in6: in6_addr {
        unsafeBitCast((high.bigEndian, low.bigEndian), to: in6_addr.self)
    }
}

extension IPAddress: CustomStringConvertible {
    /// The address as RFC 5952 writes it: `192.0.2.1`, `2001:db8::1`.
    public var description: String {
        if isIPv4 {
            return "\(low >> 24 & 0xFF).\(low >> 16 & 0xFF).\(low >> 8 & 0xFF).\(low & 0xFF)"
        }
        var address = in6
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(INET6_ADDRSTRLEN)) { text in
            guard inet_ntop(AF_INET6, &address, text.baseAddress, socklen_t(text.count)) != nil,
                let start = text.baseAddress
            else { return "::" }
            return String(cString: start)
        }
    }
}

/// A block of addresses that share a prefix: `10.0.0.0/8`, `2001:db8::/32`, or one address alone.
public struct AddressBlock: Hashable, Sendable {
    let network: IPAddress
    let prefixLength: Int

    /// Reads `ADDRESS/BITS` or `ADDRESS`. Nil when it is neither, or when bits behind the prefix are set (`10.0.0.1/8`).
    public init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let network = IPAddress(parts[0]) else { return nil }
        let width = network.isIPv4 ? 32 : 128
        var bits = width
        if parts.count == 2 {
            guard (1...3).contains(parts[1].utf8.count), parts[1].utf8.allSatisfy({ (0x30...0x39).contains($0) }),
                let number = Int(parts[1]), number <= width
            else { return nil }
            bits = number
        }
        self.network = network
        prefixLength = bits
        guard masked(network) == network else { return nil }
    }

    /// Whether the address lies in the block.
    public func contains(_ address: IPAddress) -> Bool {
        address.isIPv4 == network.isIPv4 && masked(address) == network
    }

    /// The address with all bits behind the prefix cleared.
    private func masked(_ address: IPAddress) -> IPAddress {
        if address.isIPv4 {
            let mask = prefixLength == 0 ? 0 : UInt32.max << UInt32(32 - prefixLength)
            return IPAddress(ipv4: UInt32(truncatingIfNeeded: address.low) & mask)
        }
        // Swift's shift by the full width or more gives zero, which is what an empty mask half wants.
        let high = UInt64.max << UInt64(64 - min(prefixLength, 64))
        let low = UInt64.max << UInt64(64 - max(prefixLength - 64, 0))
        return IPAddress(unmapped: address.high & high, address.low & low)
    }
}

extension IPAddress {
    /// An IPv6 address whose bits are taken as they are.
    fileprivate init(unmapped high: UInt64, _ low: UInt64) {
        isIPv4 = false
        self.high = high
        self.low = low
    }
}
