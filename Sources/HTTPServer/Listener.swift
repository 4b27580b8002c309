import CEpoll
import Glibc

/// A listening socket. A Unix socket's file goes with it.
final class Listener: Sendable {
    /// The address with the port that it really has; of an inherited socket, its internet address if it has one.
    let address: ListenAddress
    /// Its place in the configuration.
    let index: Int
    private let descriptor: FileDescriptor
    /// The socket file that is this listener's own, by inode: another server may have put its own in that place since.
    private let inode: ino_t?

    /// - Parameter sharesPort: Whether other loops listen on the same port.
    init(_ address: ListenAddress, index: Int, backlog: Int, sharesPort: Bool) throws(SystemError) {
        self.index = index
        switch address {
        case .internet(let ip, let port):
            descriptor = try Listener.open(ip, port: port, sharesPort: sharesPort, subject: "\(address)")
            inode = nil
        case .unix(let path, let mode):
            descriptor = try Listener.open(path: path, mode: mode)
            var status = stat()
            inode = stat(path, &status) == 0 ? status.st_ino : nil
        case .inherited(let number):
            descriptor = try Listener.adopt(number, subject: "\(address)")
            inode = nil
        }
        guard listen(descriptor.number, Int32(backlog)) == 0 else { throw .last("listen", on: "\(address)") }
        self.address = try Listener.actualAddress(of: descriptor, configured: address)
    }

    deinit {
        guard case .unix(let path, _) = address, let inode else { return }
        var status = stat()
        if stat(path, &status) == 0, status.st_ino == inode { unlink(path) }
    }

    var number: Int32 { descriptor.number }

    enum Acceptance: ~Copyable {
        case connection(FileDescriptor, peer: IPAddress?)
        /// Nobody waits.
        case none
        /// The client went away while it waited, or its network broke: try the next.
        case gone
        /// Somebody waits, and there are no descriptors or there is no memory.
        case exhausted
    }

    /// Takes the next connection that waits.
    func accept() -> Acceptance {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let flags = Int32(SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        let number = withUnsafeMutablePointer(to: &storage) { storage in
            storage.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                journey_accept4(descriptor.number, $0, &length, flags)
            }
        }
        guard number < 0 else { return .connection(FileDescriptor(owning: number), peer: Endpoint(storage)?.address) }
        switch errno {
        case EAGAIN, EWOULDBLOCK: return .none
        // The system looks for a free descriptor before it looks whether anybody waits.
        case EMFILE, ENFILE, ENOMEM, ENOBUFS: return isAwaited ? .exhausted : .none
        default: return .gone
        }
    }

    /// Whether a client waits to be taken.
    private var isAwaited: Bool {
        var request = pollfd(fd: descriptor.number, events: Int16(POLLIN), revents: 0)
        return poll(&request, 1, 0) != 0
    }

    private static func open(
        _ ip: IPAddress,
        port: UInt16,
        sharesPort: Bool,
        subject: String
    ) throws(SystemError) -> FileDescriptor {
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        let number = socket(ip.isIPv4 ? AF_INET : AF_INET6, kind, 0)
        guard number >= 0 else { throw .last("socket", on: subject) }
        let descriptor = FileDescriptor(owning: number)
        func set(_ level: Int32, _ option: Int32) throws(SystemError) {
            var on: Int32 = 1
            guard setsockopt(number, level, option, &on, socklen_t(MemoryLayout<Int32>.size)) == 0 else {
                throw .last("setsockopt", on: subject)
            }
        }
        try set(SOL_SOCKET, SO_REUSEADDR)
        if sharesPort { try set(SOL_SOCKET, SO_REUSEPORT) }
        // Accepted connections inherit it: an answer is written whole, so nothing is gained by holding back its tail.
        try set(Int32(IPPROTO_TCP), TCP_NODELAY)
        if !ip.isIPv4 { try set(Int32(IPPROTO_IPV6), IPV6_V6ONLY) }
        guard ip.withSocketAddress(port: port, { bind(number, $0, $1) }) == 0 else { throw .last("bind", on: subject) }
        return descriptor
    }

    /// Takes over a socket that listens already.
    private static func adopt(_ number: Int32, subject: String) throws(SystemError) -> FileDescriptor {
        var isListening: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        guard getsockopt(number, SOL_SOCKET, SO_ACCEPTCONN, &isListening, &length) == 0 else {
            throw .last("getsockopt", on: subject)
        }
        guard isListening == 1 else { throw SystemError(call: "listen", code: EINVAL, subject: subject) }
        guard fcntl(number, F_SETFL, O_NONBLOCK) == 0, fcntl(number, F_SETFD, FD_CLOEXEC) == 0 else {
            throw .last("fcntl", on: subject)
        }
        var on: Int32 = 1
        // Of no use to a Unix socket, which refuses it.
        setsockopt(number, Int32(IPPROTO_TCP), TCP_NODELAY, &on, length)
        return FileDescriptor(owning: number)
    }

    /// The file gets its mode before anybody can connect: that takes `listen`.
    private static func open(path: String, mode: UInt32) throws(SystemError) -> FileDescriptor {
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        let number = socket(AF_UNIX, kind, 0)
        guard number >= 0 else { throw .last("socket", on: path) }
        let descriptor = FileDescriptor(owning: number)
        if withSocketAddress(path: path, { bind(number, $0, $1) }) != 0 {
            guard errno == EADDRINUSE, isStale(path) else { throw .last("bind", on: path) }
            unlink(path)
            guard withSocketAddress(path: path, { bind(number, $0, $1) }) == 0 else { throw .last("bind", on: path) }
        }
        guard chmod(path, mode) == 0 else { throw .last("chmod", on: path) }
        return descriptor
    }

    /// Whether a socket file's server is gone: it is a socket, and nobody listens on it.
    private static func isStale(_ path: String) -> Bool {
        defer { errno = EADDRINUSE }
        let number = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), 0)
        guard number >= 0 else { return false }
        let descriptor = FileDescriptor(owning: number)
        let result = withSocketAddress(path: path) { connect(descriptor.number, $0, $1) }
        return result != 0 && errno == ECONNREFUSED
    }

    private static func actualAddress(
        of descriptor: borrowing FileDescriptor,
        configured: ListenAddress
    ) throws(SystemError) -> ListenAddress {
        switch configured {
        case .internet(_, 0), .inherited: break
        case .internet, .unix: return configured
        }
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let result = withUnsafeMutablePointer(to: &storage) { storage in
            storage.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                getsockname(descriptor.number, $0, &length)
            }
        }
        guard result == 0 else { throw .last("getsockname", on: "\(configured)") }
        return Endpoint(storage).map { .internet($0.address, port: $0.port) } ?? configured
    }
}

/// Calls `body` with the kernel's form of a Unix socket's path.
private func withSocketAddress(path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8.prefix(UnixSocketPath.longest)) }
    return withUnsafePointer(to: &address) { address in
        address.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
        }
    }
}

extension IPAddress {
    /// Calls `body` with the kernel's form of this address and a port.
    fileprivate func withSocketAddress(port: UInt16, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
        if isIPv4 {
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = port.bigEndian
            address.sin_addr.s_addr = UInt32(truncatingIfNeeded: low).bigEndian
            return withUnsafePointer(to: &address) { address in
                address.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
        }
        var address = sockaddr_in6()
        address.sin6_family = sa_family_t(AF_INET6)
        address.sin6_port = port.bigEndian
        address.sin6_addr = in6
        return withUnsafePointer(to: &address) { address in
            address.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_in6>.size))
            }
        }
    }
}

/// An address and a port.
private struct Endpoint {
    var address: IPAddress
    var port: UInt16

    /// Reads the kernel's form; nil for another family's.
    init?(_ storage: sockaddr_storage) {
        var storage = storage
        switch Int32(storage.ss_family) {
        case AF_INET:
            let ipv4 = withUnsafePointer(to: &storage) {
                $0.withMemoryRebound(to: sockaddr_in.self, capacity: 1) { $0.pointee }
            }
            address = IPAddress(ipv4: UInt32(bigEndian: ipv4.sin_addr.s_addr))
            port = UInt16(bigEndian: ipv4.sin_port)
        case AF_INET6:
            let ipv6 = withUnsafePointer(to: &storage) {
                $0.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) { $0.pointee }
            }
            address = IPAddress(ipv6.sin6_addr)
            port = UInt16(bigEndian: ipv6.sin6_port)
        default:
            return nil
        }
    }
}
