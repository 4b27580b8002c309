import Dispatch
import Glibc
import Model

/// A server on a raw socket that plays a script on each connection: it can answer, and break, at any byte.
final class ScriptedServer: Sendable {
    /// What a script may do on its connection. Used by one thread at a time.
    final class Connection {
        /// Counting from 1, in the order of acceptance.
        let number: Int
        private let server: ScriptedServer
        private let socket: Int32
        private var received: [UInt8] = []

        fileprivate init(number: Int, server: ScriptedServer, socket: Int32) {
            self.number = number
            self.server = server
            self.socket = socket
        }

        /// Reads until so many bytes have come; fewer at the end of the stream.
        @discardableResult
        func read(count: Int) -> [UInt8] {
            while received.count < count, fill() {}
            let bytes = Array(received.prefix(count))
            received.removeFirst(bytes.count)
            return bytes
        }

        /// Reads a request with its body; nil at the end of the stream. It is recorded.
        @discardableResult
        func readRequest() -> ReceivedRequest? {
            guard let request = readHead() else { return nil }
            let length = request.field("Content-Length").flatMap { Int($0) } ?? 0
            let complete = ReceivedRequest(line: request.line, fields: request.fields, body: read(count: length))
            server.record(complete)
            return complete
        }

        /// Reads a request's header alone.
        func readHead() -> ReceivedRequest? {
            let end = Array("\r\n\r\n".utf8)
            while true {
                if let start = received.indices.first(where: { received[$0...].starts(with: end) }) {
                    let head = String(decoding: received[..<start], as: UTF8.self)
                    received.removeFirst(start + end.count)
                    server.log.countHead()
                    return ReceivedRequest(head: head)
                }
                guard fill() else { return nil }
            }
        }

        func write(_ text: String) { write(Array(text.utf8)) }

        func write(_ bytes: [UInt8]) {
            var rest = bytes[...]
            while !rest.isEmpty {
                let count = rest.withUnsafeBytes { send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
                guard count > 0 else { return }
                rest = rest.dropFirst(count)
            }
        }

        /// Waits until the client closes its side.
        func waitForEnd() {
            while fill() {}
        }

        /// Ends the connection by a reset instead of an orderly end.
        func reset() {
            var linger = linger(l_onoff: 1, l_linger: 0)
            setsockopt(socket, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<Glibc.linger>.size))
        }

        /// Ends our side at once, while the script goes on.
        func end() {
            shutdown(socket, Int32(SHUT_RDWR))
        }

        /// Carries bytes between the client and a port of this machine until either side ends.
        func relay(toPort port: Int) {
            guard let upstream = ScriptedServer.connect(toPort: port) else { return }
            let back = DispatchQueue(label: "scripted-relay")
            let done = DispatchSemaphore(value: 0)
            back.async { [socket] in
                ScriptedServer.carry(from: upstream, to: socket)
                done.signal()
            }
            ScriptedServer.carry(from: socket, to: upstream)
            done.wait()
            close(upstream)
        }

        private func fill() -> Bool {
            var buffer = [UInt8](repeating: 0, count: 16_384)
            let count = recv(socket, &buffer, buffer.count, 0)
            guard count > 0 else { return false }
            received += buffer.prefix(count)
            return true
        }
    }

    let port: Int
    private let path: String?
    private let listener: Int32
    private let log = Log()

    var url: String { "http://127.0.0.1:\(port)" }
    /// The requests that were read whole, over all connections.
    var requests: [ReceivedRequest] { log.requests }
    /// The requests whose header was read, over all connections.
    var headCount: Int { log.headCount }
    var connectionCount: Int { log.connectionCount }

    /// - Parameters:
    ///   - path: of a Unix socket; nil: a free port of 127.0.0.1.
    ///   - script: plays on each connection; at its return the connection is closed.
    init(path: String? = nil, _ script: @escaping @Sendable (Connection) -> Void) throws {
        self.path = path
        listener = try path.map(Self.listen(at:)) ?? Self.listen()
        port = path == nil ? Self.port(of: listener) : 0
        let thread = DispatchQueue(label: "scripted-server")
        thread.async { [listener, log, weak self] in
            while true {
                let socket = accept(listener, nil, nil)
                guard socket >= 0, let server = self else {
                    close(listener)
                    return
                }
                var on: Int32 = 1
                setsockopt(socket, Int32(IPPROTO_TCP), TCP_NODELAY, &on, 4)
                let number = log.countConnection()
                DispatchQueue(label: "scripted-connection").async {
                    script(Connection(number: number, server: server, socket: socket))
                    close(socket)
                }
            }
        }
    }

    deinit {
        shutdown(listener, Int32(SHUT_RDWR))
        if let path { unlink(path) }
    }

    /// A server that answers every request with these bytes, on connections that stay open.
    static func answering(_ answer: String) throws -> ScriptedServer {
        try ScriptedServer { connection in
            while connection.readRequest() != nil { connection.write(answer) }
        }
    }

    fileprivate func record(_ request: ReceivedRequest) { log.record(request) }

    private static func listen() throws -> Int32 {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return try listen(AF_INET, address)
    }

    private static func listen(at path: String) throws -> Int32 {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8)) }
        return try listen(AF_UNIX, address)
    }

    private static func listen<Address>(_ family: Int32, _ address: Address) throws -> Int32 {
        let descriptor = socket(family, Int32(SOCK_STREAM.rawValue), 0)
        var address = address
        let length = socklen_t(MemoryLayout<Address>.size)
        // Little room, so that a large body is still under way when a script breaks its connection.
        var room: Int32 = 64 * 1_024
        setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &room, 4)
        let result = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, length) }
        }
        guard result == 0, Glibc.listen(descriptor, 64) == 0 else { throw ServerError(errno: errno) }
        return descriptor
    }

    private static func connect(toPort port: Int) -> Int32? {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        address.sin_port = UInt16(port).bigEndian
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        let result = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        return result == 0 ? descriptor : nil
    }

    /// Until the end of the stream, which it passes on.
    private static func carry(from one: Int32, to other: Int32) {
        var buffer = [UInt8](repeating: 0, count: 16_384)
        while case let count = recv(one, &buffer, buffer.count, 0), count > 0 {
            guard send(other, buffer, count, Int32(MSG_NOSIGNAL)) == count else { break }
        }
        shutdown(other, Int32(SHUT_WR))
    }

    private static func port(of descriptor: Int32) -> Int {
        var address = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        _ = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
        }
        return Int(UInt16(bigEndian: address.sin_port))
    }

    struct ServerError: Error {
        let errno: Int32
    }

    /// What the connections' threads leave for the test. Every access is under the mutex, which stays where it was
    /// allocated: that makes the class safe to share.
    private final class Log: @unchecked Sendable {
        private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
        private var received: [ReceivedRequest] = []
        private var heads = 0
        private var connections = 0

        init() { pthread_mutex_init(mutex, nil) }

        deinit {
            pthread_mutex_destroy(mutex)
            mutex.deallocate()
        }

        var requests: [ReceivedRequest] { locked { received } }
        var headCount: Int { locked { heads } }
        var connectionCount: Int { locked { connections } }

        func record(_ request: ReceivedRequest) { locked { received.append(request) } }

        func countHead() { locked { heads += 1 } }

        func countConnection() -> Int {
            locked {
                connections += 1
                return connections
            }
        }

        private func locked<Result>(_ body: () -> Result) -> Result {
            pthread_mutex_lock(mutex)
            defer { pthread_mutex_unlock(mutex) }
            return body()
        }
    }
}

/// A request as the scripted server read it.
struct ReceivedRequest: Sendable, Equatable {
    let line: String
    let fields: [Field]
    var body: [UInt8] = []

    init(line: String, fields: [Field], body: [UInt8]) {
        self.line = line
        self.fields = fields
        self.body = body
    }

    init(head: String) {
        let lines = head.split(separator: "\r\n", omittingEmptySubsequences: false).map(String.init)
        line = lines[0]
        fields = lines.dropFirst().map { line in
            let colon = line.firstIndex(of: ":") ?? line.endIndex
            return Field(String(line[..<colon]), String(line[colon...].dropFirst(2)))
        }
    }

    var text: String { String(decoding: body, as: UTF8.self) }

    func field(_ name: String) -> String? { fields.first { $0.isNamed(name) }?.value }
}

func setEnvironment(_ name: String, _ value: String) {
    setenv(name, value, 1)
}

/// A free port on which nobody listens: it was bound, and let go.
func closedPort() throws -> Int {
    let server = try ScriptedServer { _ in }
    return server.port
}
