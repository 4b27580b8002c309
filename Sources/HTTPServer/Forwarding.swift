/// What trusted proxies say of a request's origin.
struct Origin: Sendable, Equatable {
    var address: IPAddress?
    var scheme: Request.Scheme?
    var authority: String?
}

/// Whose word on a request's origin counts.
///
/// Each proxy appends what it saw, so the lists are read from their end: as long as the one who speaks is trusted, the
/// address it saw is looked at; the first that is not trusted is the sender. What stands before it, anybody can have written.
struct Forwarding: Sendable {
    let trusted: [AddressBlock]
    /// Whether whoever connects to a Unix socket is a trusted proxy.
    let trustsUnixSockets: Bool

    /// - Returns: Nil when the peer is no trusted proxy, or says nothing.
    func origin(of head: RequestHead, from peer: IPAddress?) -> Origin? {
        guard isTrusted(peer) else { return nil }
        let standard = standardHops(head)
        let customary = customaryHops(head)
        switch (standard.isEmpty, customary.isEmpty) {
        case (true, true): return nil
        case (false, true): return origin(standard)
        case (true, false): return origin(customary)
        case (false, false):
            // A proxy that writes the one kind and passes on the other as the sender wrote it must not be a way to
            // choose one's own address: when the two disagree, neither is believed.
            let (one, other) = (origin(standard), origin(customary))
            return one?.address == other?.address ? one.map { $0.completed(by: other) } : nil
        }
    }

    func isTrusted(_ address: IPAddress?) -> Bool {
        guard let address else { return trustsUnixSockets }
        return trusted.contains { $0.contains(address) }
    }

    /// One proxy's statement.
    private struct Hop {
        /// Nil when it hides the address, or says something that is none.
        var address: IPAddress?
        var scheme: Request.Scheme?
        var authority: String?
    }

    /// - Parameter hops: In the order they were appended: the last is the direct peer's word.
    private func origin(_ hops: [Hop]) -> Origin? {
        var origin: Origin?
        for hop in hops.reversed() {
            origin = Origin(
                address: hop.address ?? origin?.address,
                scheme: hop.scheme ?? origin?.scheme,
                authority: hop.authority ?? origin?.authority
            )
            guard let address = hop.address, isTrusted(address) else { break }
        }
        return origin
    }

    /// `Forwarded` (RFC 7239). An element that is malformed ends the chain of trust.
    private func standardHops(_ head: RequestHead) -> [Hop] {
        head.members(of: "forwarded").map { element in
            var hop = Hop()
            for pair in element.splitOutsideQuotes(by: ";") where !pair.isEmpty {
                let parts = pair.split(separator: "=", maxSplits: 1)
                guard parts.count == 2 else { return Hop() }
                let value = parts[1].trimmingBlanks.unquoted
                switch parts[0].trimmingBlanks.lowercased() {
                case "for": hop.address = IPAddress(node: value)
                case "proto": hop.scheme = Request.Scheme(rawValue: value.lowercased())
                case "host": hop.authority = value.asAuthority
                default: break
                }
            }
            return hop
        }
    }

    /// `X-Forwarded-For`, `X-Forwarded-Proto` and `X-Forwarded-Host`. The latter two are usually set, not appended to, so
    /// a single value belongs to all hops.
    private func customaryHops(_ head: RequestHead) -> [Hop] {
        let addresses = head.members(of: "x-forwarded-for")
        let schemes = head.members(of: "x-forwarded-proto")
        let authorities = head.members(of: "x-forwarded-host")
        let count = max(addresses.count, min(1, schemes.count + authorities.count))
        return (0..<count).map { index in
            // Counted from the end, where the direct peer's word stands.
            let fromEnd = count - 1 - index
            func value(_ list: [String]) -> String? {
                if list.count == 1 { return list[0] }
                return fromEnd < list.count ? list[list.count - 1 - fromEnd] : nil
            }
            return Hop(
                address: fromEnd < addresses.count ? IPAddress(node: addresses[addresses.count - 1 - fromEnd]) : nil,
                scheme: value(schemes).flatMap { Request.Scheme(rawValue: $0.lowercased()) },
                authority: value(authorities)?.asAuthority
            )
        }
    }
}

extension Origin {
    fileprivate func completed(by other: Origin?) -> Origin {
        Origin(
            address: address ?? other?.address,
            scheme: scheme ?? other?.scheme,
            authority: authority ?? other?.authority
        )
    }
}

extension RequestHead {
    /// The members of all fields of this name, in their order; commas in quoted strings separate nothing.
    fileprivate func members(of name: String) -> [String] {
        var members: [String] = []
        for line in fields where bytes.span.extracting(line.name.range).equalsIgnoringCase(text: name) {
            let value = String(decoding: bytes[line.value.range], as: UTF8.self)
            members += value.splitOutsideQuotes(by: ",").map(\.trimmingBlanks).filter { !$0.isEmpty }
        }
        return members
    }
}

extension IPAddress {
    /// Reads a node as proxies write it: `192.0.2.1`, `192.0.2.1:47011`, `[2001:db8::1]:47011`, `2001:db8::1`.
    fileprivate init?(node: String) {
        if let address = IPAddress(node) {
            self = address
            return
        }
        if node.hasPrefix("["), let bracket = node.firstIndex(of: "]") {
            self.init(node[node.index(after: node.startIndex)..<bracket])
        } else if let colon = node.lastIndex(of: ":") {
            self.init(node[..<colon])
        } else {
            return nil
        }
    }
}

extension StringProtocol {
    fileprivate var trimmingBlanks: String {
        let bytes = Array(utf8)
        return String(decoding: bytes[bytes.span.trimmed(bytes.indices)], as: UTF8.self)
    }
}

extension String {
    /// A quoted string's text (RFC 9110 section 5.6.4); any other as it is.
    fileprivate var unquoted: String {
        guard utf8.count >= 2, hasPrefix("\""), hasSuffix("\"") else { return self }
        var text: [UInt8] = []
        var isEscaped = false
        for byte in utf8.dropFirst().dropLast() {
            if byte == UInt8(ascii: "\\"), !isEscaped {
                isEscaped = true
            } else {
                text.append(byte)
                isEscaped = false
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// The text if it is host and port, else nil.
    fileprivate var asAuthority: String? {
        Authority.isValid(Array(utf8).span) ? self : nil
    }

    fileprivate func splitOutsideQuotes(by separator: Character) -> [Substring] {
        var parts: [Substring] = []
        var start = startIndex
        var (isQuoted, isEscaped) = (false, false)
        for index in indices {
            if isEscaped {
                isEscaped = false
            } else if isQuoted, self[index] == "\\" {
                isEscaped = true
            } else if self[index] == "\"" {
                isQuoted.toggle()
            } else if self[index] == separator, !isQuoted {
                parts.append(self[start..<index])
                start = self.index(after: index)
            }
        }
        return parts + [self[start...]]
    }
}
