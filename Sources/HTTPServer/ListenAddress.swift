/// Where a server listens.
public enum ListenAddress: Hashable, Sendable {
    /// An address of this machine, and a port; port 0 takes any free one. `::` takes IPv6 only: name `0.0.0.0` beside it.
    case internet(IPAddress, port: UInt16)
    /// A Unix socket, and the permissions its file gets. A socket file left by a server that is gone is replaced.
    case unix(path: String, mode: UInt32 = 0o600)
    /// A socket that listens already, by its descriptor: whoever started this process has opened it. The server closes it.
    case inherited(Int32)

    /// Reads `0.0.0.0:8080`, `[::1]:8080`, `localhost:8080` (which is 127.0.0.1), `unix:/run/gateway.sock`,
    /// `unix:/run/gateway.sock?mode=660` (octal), or `fd:3`.
    public init(_ text: String) throws(ListenAddressError) {
        if text.hasPrefix("unix:") {
            self = try .unix(text.dropFirst(5), in: text)
        } else if text.hasPrefix("fd:") {
            self = try .inherited(text.dropFirst(3), in: text)
        } else {
            self = try .internet(text)
        }
    }

    private static func internet(_ text: String) throws(ListenAddressError) -> ListenAddress {
        guard let colon = text.lastIndex(of: ":") else { throw ListenAddressError(text, "the port is missing") }
        let host = text[..<colon]
        let digits = text[text.index(after: colon)...]
        guard !digits.isEmpty, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let port = UInt16(digits) else {
            throw ListenAddressError(text, "the port is a number from 0 to 65535")
        }
        if host == "localhost" {
            return .internet(IPAddress(ipv4: 0x7F00_0001), port: port)
        }
        let isBracketed = host.hasPrefix("[") && host.hasSuffix("]")
        guard let address = IPAddress(isBracketed ? host.dropFirst().dropLast() : host) else {
            throw ListenAddressError(text, "the host is an IPv4 address, an IPv6 address in brackets, or localhost")
        }
        guard address.isIPv4 != isBracketed else {
            throw ListenAddressError(text, "an IPv6 address, and no other, stands in brackets")
        }
        return .internet(address, port: port)
    }

    private static func inherited(_ rest: Substring, in text: String) throws(ListenAddressError) -> ListenAddress {
        guard !rest.isEmpty, rest.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int32(rest), number > 2
        else { throw ListenAddressError(text, "a descriptor that is passed on has a number from 3 on") }
        return .inherited(number)
    }

    private static func unix(_ rest: Substring, in text: String) throws(ListenAddressError) -> ListenAddress {
        let parts = rest.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        let path = String(parts[0])
        guard path.hasPrefix("/"), path.utf8.count <= UnixSocketPath.longest else {
            throw ListenAddressError(text, "the path starts with / and has at most \(UnixSocketPath.longest) bytes")
        }
        guard parts.count == 2 else { return .unix(path: path) }
        guard parts[1].hasPrefix("mode="), let mode = UInt32(parts[1].dropFirst(5), radix: 8), mode <= 0o777 else {
            throw ListenAddressError(text, "after ? only mode= with an octal number up to 777 is known")
        }
        return .unix(path: path, mode: mode)
    }
}

extension ListenAddress: CustomStringConvertible {
    /// The address as `init(_:)` reads it.
    public var description: String {
        switch self {
        case .internet(let address, let port): address.isIPv4 ? "\(address):\(port)" : "[\(address)]:\(port)"
        case .unix(let path, 0o600): "unix:\(path)"
        case .unix(let path, let mode): "unix:\(path)?mode=\(String(mode, radix: 8))"
        case .inherited(let number): "fd:\(number)"
        }
    }
}

extension ListenAddress {
    /// Whether it is an address and port: TLS may be spoken there, and several sockets may listen.
    var isInternet: Bool {
        if case .internet = self { true } else { false }
    }
}

/// Why a text is no listen address.
public struct ListenAddressError: Error, Equatable, CustomStringConvertible {
    /// The text as it was given.
    public let text: String
    /// What was expected.
    public let expected: String

    init(_ text: String, _ expected: String) {
        self.text = text
        self.expected = expected
    }

    public var description: String { "'\(text)' is no listen address: \(expected)" }
}

/// What the kernel says of Unix sockets' paths.
enum UnixSocketPath {
    /// `sockaddr_un` has room for 108 bytes, of which the last is zero.
    static let longest = 107
}
