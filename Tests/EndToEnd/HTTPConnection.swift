import Glibc

/// A keep-alive connection that sends requests as bytes and reads the answers: a client with no opinions of its own.
final class HTTPConnection {
    struct Response {
        var status: Int
        var head: String
        var body: String
    }

    struct Failed: Error {
        let reason: String
    }

    private let descriptor: Int32
    private var received: [UInt8] = []

    /// `address` is `127.0.0.1:port`.
    init(_ address: String) throws {
        guard let port = address.split(separator: ":").last.flatMap({ UInt16($0) }) else {
            throw Failed(reason: "no port in \(address)")
        }
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { throw Failed(reason: "socket: errno \(errno)") }
        var target = sockaddr_in()
        target.sin_family = sa_family_t(AF_INET)
        target.sin_port = port.bigEndian
        target.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let connected = withUnsafePointer(to: &target) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard connected == 0 else {
            let reason = errno
            close(descriptor)
            throw Failed(reason: "connect: errno \(reason)")
        }
    }

    deinit {
        close(descriptor)
    }

    func post(_ path: String, _ body: String, type: String = "application/json", headers: [String] = []) throws
        -> Response
    {
        let head =
            ["POST \(path) HTTP/1.1", "Host: localhost", "Content-Type: \(type)", "Content-Length: \(body.utf8.count)"]
            + headers
        return try send(head.joined(separator: "\r\n") + "\r\n\r\n" + body)
    }

    func get(_ path: String, headers: [String] = []) throws -> Response {
        try send((["GET \(path) HTTP/1.1", "Host: localhost"] + headers).joined(separator: "\r\n") + "\r\n\r\n")
    }

    func send(_ request: String) throws -> Response {
        var rest = Array(request.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { throw Failed(reason: "send: errno \(errno)") }
            rest = rest.dropFirst(count)
        }
        return try receive()
    }

    private func receive() throws -> Response {
        let separator = Array("\r\n\r\n".utf8)
        while true {
            if let end = received.firstRange(of: separator) {
                let head = String(decoding: received[..<end.lowerBound], as: UTF8.self)
                let lines = head.split(separator: "\r\n")
                let status = lines.first.flatMap { $0.split(separator: " ").dropFirst().first }.flatMap { Int($0) }
                let length =
                    lines.first { $0.lowercased().hasPrefix("content-length:") }
                    .flatMap { Int($0.dropFirst("content-length:".count).trimmingPrefix(while: \.isWhitespace)) } ?? 0
                guard let status else { throw Failed(reason: "no status in \(head)") }
                if received.count >= end.upperBound + length {
                    let body = String(decoding: received[end.upperBound..<end.upperBound + length], as: UTF8.self)
                    received.removeFirst(end.upperBound + length)
                    return Response(status: status, head: head, body: body)
                }
            }
            var buffer = [UInt8](repeating: 0, count: 65_536)
            let count = recv(descriptor, &buffer, buffer.count, 0)
            guard count > 0 else { throw Failed(reason: count == 0 ? "closed by the server" : "recv: errno \(errno)") }
            received.append(contentsOf: buffer[..<count])
        }
    }
}
