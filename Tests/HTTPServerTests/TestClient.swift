import COpenSSL
import Glibc
import HTTPServer

/// A client of plain sockets that says exactly what it is told to, in the pieces it is told to.
final class TestClient {
    private let descriptor: Int32
    private var received: [UInt8] = []
    /// Kept for as long as the client: a server that nobody holds stops.
    var server: HTTPServer?

    struct Failure: Error {
        var call: String
        var code = errno
    }

    /// One response: its status, its field lines in lower case, its body.
    struct Response {
        var status: Int
        var fields: [String]
        var body: [UInt8]

        func has(_ field: String) -> Bool { fields.contains(field) }
        func value(_ name: String) -> String? {
            fields.first { $0.hasPrefix(name + ": ") }.map { String($0.dropFirst(name.count + 2)) }
        }
        var text: String { String(decoding: body, as: UTF8.self) }
    }

    /// - Parameter window: What the kernel takes for a client that does not read; nil for the system's own choice.
    init(_ address: ListenAddress, window: Int32? = nil) throws {
        switch address {
        case .internet(let ip, let port):
            descriptor = socket(ip.isIPv4 ? AF_INET : AF_INET6, Int32(SOCK_STREAM.rawValue), 0)
            if ip.isIPv4 {
                if var window {
                    setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &window, socklen_t(MemoryLayout<Int32>.size))
                }
                var address = sockaddr_in()
                address.sin_family = sa_family_t(AF_INET)
                address.sin_port = port.bigEndian
                inet_pton(AF_INET, ip.description, &address.sin_addr)
                try connect(&address)
            } else {
                var address = sockaddr_in6()
                address.sin6_family = sa_family_t(AF_INET6)
                address.sin6_port = port.bigEndian
                inet_pton(AF_INET6, ip.description, &address.sin6_addr)
                try connect(&address)
            }
        case .unix(let path, _):
            descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
            var address = sockaddr_un()
            address.sun_family = sa_family_t(AF_UNIX)
            withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
            try connect(&address)
        case .inherited:
            throw Failure(call: "connect", code: EINVAL)
        }
        // Nothing in a test waits for ever.
        var patience = timeval(tv_sec: 20, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
    }

    deinit {
        if let tls { SSL_free(tls) }
        Glibc.close(descriptor)
    }

    private var tls: OpaquePointer?

    /// Whether a TLS server said that nothing more comes.
    var gotGoodbye: Bool {
        SSL_get_shutdown(tls) & SSL_RECEIVED_SHUTDOWN != 0
    }

    /// What a TLS client says of itself.
    struct TLSOptions {
        var host = "one.example"
        var protocols = ["http/1.1"]
        var version = TLS1_3_VERSION
        var certificate: (chain: String, key: String)?
        /// Whether it wants to know that the server's certificate is not revoked.
        var asksForStatus = false
    }

    /// Whether the session is that of an earlier connection.
    var isResumed: Bool { SSL_session_reused(tls) == 1 }

    /// What came along with the certificate.
    var revocationStatus: [UInt8]? {
        var start: UnsafePointer<UInt8>?
        let count = SSL_ctrl(tls, SSL_CTRL_GET_TLSEXT_STATUS_REQ_OCSP_RESP, 0, &start)
        return count > 0 ? Array(UnsafeBufferPointer(start: start, count: count)) : nil
    }

    /// Shakes hands; all that is sent and received from then on is encrypted.
    /// - Returns: The subject of the server's certificate.
    @discardableResult
    func startTLS(_ options: TLSOptions = TLSOptions(), resuming other: TestClient? = nil) throws -> String {
        guard let context = SSL_CTX_new(TLS_client_method()) else { throw Failure(call: "SSL_CTX_new", code: 0) }
        defer { SSL_CTX_free(context) }
        SSL_CTX_ctrl(context, SSL_CTRL_SET_MAX_PROTO_VERSION, Int(options.version), nil)
        if let certificate = options.certificate {
            SSL_CTX_use_certificate_chain_file(context, certificate.chain)
            SSL_CTX_use_PrivateKey_file(context, certificate.key, SSL_FILETYPE_PEM)
        }
        let session = SSL_new(context)
        tls = session
        let list = options.protocols.flatMap { [UInt8($0.utf8.count)] + Array($0.utf8) }
        if !list.isEmpty { SSL_set_alpn_protos(session, list, UInt32(list.count)) }
        options.host.withCString {
            _ = SSL_ctrl(
                session,
                SSL_CTRL_SET_TLSEXT_HOSTNAME,
                Int(TLSEXT_NAMETYPE_host_name),
                UnsafeMutableRawPointer(mutating: $0)
            )
        }
        if options.asksForStatus {
            SSL_ctrl(session, SSL_CTRL_SET_TLSEXT_STATUS_REQ_TYPE, Int(TLSEXT_STATUSTYPE_ocsp), nil)
        }
        if let other = other?.tls, let earlier = SSL_get1_session(other) {
            SSL_set_session(session, earlier)
            SSL_SESSION_free(earlier)
        }
        SSL_set_fd(session, descriptor)
        guard SSL_connect(session) == 1, let certificate = SSL_get1_peer_certificate(session) else {
            throw Failure(call: "SSL_connect", code: 0)
        }
        defer { X509_free(certificate) }
        var name = [CChar](repeating: 0, count: 256)
        X509_NAME_oneline(X509_get_subject_name(certificate), &name, Int32(name.count))
        return String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    private func connect<Address>(_ address: inout Address) throws {
        let result = withUnsafePointer(to: &address) { address in
            address.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<Address>.size))
            }
        }
        guard result == 0 else { throw Failure(call: "connect") }
    }

    func send(_ text: String) throws {
        try send(Array(text.utf8))
    }

    func send(_ bytes: [UInt8]) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { bytes in
                if let tls { return Int(SSL_write(tls, bytes.baseAddress, Int32(bytes.count))) }
                return Glibc.send(descriptor, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { throw Failure(call: "send") }
            rest = rest.dropFirst(count)
        }
    }

    /// Sends no more; still reads.
    func endSending() {
        shutdown(descriptor, Int32(SHUT_WR))
    }

    /// The next response. Those with a status below 200 are responses of their own.
    func response(toHead: Bool = false) throws -> Response {
        let lines = try line(ending: "\r\n\r\n").split(separator: "\r\n").map(String.init)
        guard let first = lines.first, let status = Int(first.split(separator: " ")[1]) else {
            throw Failure(call: "status line", code: 0)
        }
        var response = Response(status: status, fields: lines.dropFirst().map { $0.lowercased() }, body: [])
        if toHead || status < 200 || status == 204 || status == 304 { return response }
        if let length = response.value("content-length").flatMap({ Int($0) }) {
            response.body = try take(length)
        } else if response.has("transfer-encoding: chunked") {
            while let chunk = try chunk() { response.body += chunk }
        } else {
            response.body = try rest()
        }
        return response
    }

    /// A response's head, up to its empty line.
    func head() throws -> String {
        try line(ending: "\r\n\r\n")
    }

    /// The next chunk of a chunked body; nil for the last.
    func chunk() throws -> [UInt8]? {
        let size = try line(ending: "\r\n")
        guard let count = Int(size, radix: 16) else { throw Failure(call: "chunk size \(size)", code: 0) }
        let data = try take(count)
        _ = try take(2)
        return count == 0 ? nil : data
    }

    /// All up to the server's end.
    func rest() throws -> [UInt8] {
        while try receive() {}
        defer { received = [] }
        return received
    }

    /// Whether the server ends the connection now, and sends nothing before.
    func isEnded() throws -> Bool {
        try received.isEmpty && !receive()
    }

    private func line(ending: String) throws -> String {
        let ending = Array(ending.utf8)
        while true {
            if let end = received.indices.first(where: { received[$0...].starts(with: ending) }) {
                defer { received.removeFirst(end + ending.count) }
                return String(decoding: received[..<end], as: UTF8.self)
            }
            guard try receive() else { throw Failure(call: "the connection ended in a line", code: 0) }
        }
    }

    private func take(_ count: Int) throws -> [UInt8] {
        while received.count < count {
            guard try receive() else { throw Failure(call: "the connection ended in a body", code: 0) }
        }
        defer { received.removeFirst(count) }
        return Array(received[..<count])
    }

    /// - Returns: False at the server's end. A reset is one too.
    private func receive() throws -> Bool {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        if let tls {
            let count = SSL_read(tls, &buffer, Int32(buffer.count))
            if count <= 0 { return false }
            received += buffer[..<Int(count)]
            return true
        }
        let count = recv(descriptor, &buffer, buffer.count, 0)
        if count < 0, errno == ECONNRESET { return false }
        guard count >= 0 else { throw Failure(call: "recv") }
        received += buffer[..<count]
        return count > 0
    }
}

extension ListenAddress {
    /// 0 on a Unix socket.
    var port: UInt16 {
        if case .internet(_, let port) = self { port } else { 0 }
    }
}
