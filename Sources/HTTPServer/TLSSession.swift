import COpenSSL

/// One connection's TLS: bytes of the socket in, bytes of HTTP out, and the other way round. It does no I/O.
///
/// OpenSSL reads what was staged with `decrypt`, and writes to `output`, through a BIO of our own: nothing is buffered
/// twice, and what a connection holds while it is idle is OpenSSL's session alone.
final class TLSSession {
    /// What has to be sent, encrypted.
    private(set) var output: [UInt8] = []
    private let session: OpaquePointer
    /// Keeps what the handshake's callbacks use.
    private let context: TLSContext
    /// What was received and OpenSSL has not taken yet; only within `decrypt`.
    private var input = UnsafeRawBufferPointer(start: nil, count: 0)
    private(set) var isHandshakeDone = false

    /// What decryption came to.
    enum Result: Equatable {
        /// So many bytes of HTTP; 0 when OpenSSL needs more first.
        case bytes(Int)
        /// The peer said that it sends no more.
        case end
        case failed
    }

    /// Nil when there is no memory.
    init?(_ context: TLSContext) {
        guard let session = context.makeSession() else { return nil }
        self.session = session
        self.context = context
        guard let bio = BIO_new(TLSSession.method) else {
            SSL_free(session)
            return nil
        }
        // The BIO goes with the session, which goes with this object: an unretained reference is enough.
        BIO_set_data(bio, Unmanaged.passUnretained(self).toOpaque())
        BIO_set_init(bio, 1)
        SSL_set_bio(session, bio, bio)
    }

    deinit {
        SSL_free(session)
    }

    /// Takes what was received, all of it.
    /// - Parameters:
    ///   - buffer: Gets the bytes of HTTP behind its first `offset`; it has room for as many as were received, and a
    ///     record more.
    func decrypt(_ received: Span<UInt8>, into buffer: inout [UInt8], at offset: Int) -> Result {
        received.withUnsafeBytes { received in
            input = received
            defer { input = UnsafeRawBufferPointer(start: nil, count: 0) }
            ERR_clear_error()
            if !isHandshakeDone {
                let result = SSL_do_handshake(session)
                guard result == 1 else { return isWaiting(result) ? .bytes(0) : .failed }
                isHandshakeDone = true
            }
            return buffer.withUnsafeMutableBytes { buffer in
                var end = offset
                while end < buffer.count {
                    var count = 0
                    let room = buffer[end...]
                    let result = SSL_read_ex(
                        session,
                        UnsafeMutableRawBufferPointer(rebasing: room).baseAddress,
                        room.count,
                        &count
                    )
                    if result == 1 {
                        end += count
                    } else if isWaiting(result) || end > offset {
                        break
                    } else {
                        return SSL_get_error(session, result) == SSL_ERROR_ZERO_RETURN ? .end : .failed
                    }
                }
                return .bytes(end - offset)
            }
        }
    }

    /// Encrypts bytes and appends them to `output`.
    /// - Returns: False when the session is broken.
    func encrypt(_ bytes: Span<UInt8>) -> Bool {
        bytes.withUnsafeBytes { bytes in
            var start = 0
            ERR_clear_error()
            while start < bytes.count {
                var count = 0
                let rest = UnsafeRawBufferPointer(rebasing: bytes[start...])
                guard SSL_write_ex(session, rest.baseAddress, rest.count, &count) == 1 else { return false }
                start += count
            }
            return true
        }
    }

    /// Appends the message that nothing more comes to `output`.
    func end() {
        guard isHandshakeDone else { return }
        ERR_clear_error()
        SSL_shutdown(session)
    }

    /// Forgets output that was sent.
    func outputWasSent(_ count: Int) {
        if count == output.count { output = [] } else { output.removeFirst(count) }
    }

    /// What the peer showed of itself.
    var clientCertificate: ClientCertificate? {
        guard isHandshakeDone, let certificate = SSL_get1_peer_certificate(session) else { return nil }
        defer { X509_free(certificate) }
        return ClientCertificate(subject: certificate.subject, fingerprint: certificate.fingerprint)
    }

    /// The most bytes of HTTP in one record (RFC 8446 section 5.1).
    static let recordSize = 16 << 10

    /// Whether OpenSSL only wants more input.
    private func isWaiting(_ result: Int32) -> Bool {
        SSL_get_error(session, result) == SSL_ERROR_WANT_READ
    }

    // MARK: OpenSSL's side

    fileprivate func take(into target: UnsafeMutableRawPointer, atMost room: Int) -> Int {
        let count = min(room, input.count)
        guard count > 0, let start = input.baseAddress else { return 0 }
        target.copyMemory(from: start, byteCount: count)
        input = UnsafeRawBufferPointer(rebasing: input[count...])
        return count
    }

    fileprivate func put(_ bytes: UnsafeRawBufferPointer) {
        output.append(contentsOf: bytes)
    }

    /// The BIO's functions, the same for all sessions.
    private nonisolated(unsafe) static let method: OpaquePointer? = {
        // Safe: it is made once, and only read after that.
        let method = BIO_meth_new(BIO_get_new_index() | Int32(BIO_TYPE_SOURCE_SINK), "loop")
        BIO_meth_set_read_ex(method, readInput)
        BIO_meth_set_write_ex(method, writeOutput)
        BIO_meth_set_ctrl(method, control)
        return method
    }()
}

private func session(of bio: OpaquePointer?) -> TLSSession? {
    BIO_get_data(bio).map { Unmanaged<TLSSession>.fromOpaque($0).takeUnretainedValue() }
}

private let readInput:
    @convention(c) (OpaquePointer?, UnsafeMutablePointer<CChar>?, Int, UnsafeMutablePointer<Int>?) -> Int32 = {
        bio,
        target,
        room,
        count in
        guard let target, let count, let session = session(of: bio) else { return 0 }
        BIO_clear_flags(bio, OpenSSLMacro.retryFlags)
        count.pointee = session.take(into: target, atMost: room)
        guard count.pointee == 0 else { return 1 }
        BIO_set_flags(bio, BIO_FLAGS_READ | BIO_FLAGS_SHOULD_RETRY)
        return 0
    }

private let writeOutput:
    @convention(c) (OpaquePointer?, UnsafePointer<CChar>?, Int, UnsafeMutablePointer<Int>?) -> Int32 = {
        bio,
        source,
        length,
        count in
        guard let source, let count, let session = session(of: bio) else { return 0 }
        BIO_clear_flags(bio, OpenSSLMacro.retryFlags)
        session.put(UnsafeRawBufferPointer(start: source, count: length))
        count.pointee = length
        return 1
    }

private let control: @convention(c) (OpaquePointer?, Int32, Int, UnsafeMutableRawPointer?) -> Int = {
    _,
    command,
    _,
    _ in
    // Flushing is the connection's work. Everything else is not known here.
    command == BIO_CTRL_FLUSH ? 1 : 0
}

extension OpaquePointer {
    /// A certificate's subject, as RFC 2253 writes it.
    fileprivate var subject: String {
        guard let memory = BIO_new(BIO_s_mem()) else { return "" }
        defer { BIO_free(memory) }
        X509_NAME_print_ex(memory, X509_get_subject_name(self), 0, OpenSSLMacro.rfc2253)
        var text = [UInt8](repeating: 0, count: Int(BIO_ctrl_pending(memory)))
        let count = BIO_read(memory, &text, Int32(text.count))
        return String(decoding: text.prefix(Int(max(0, count))), as: UTF8.self)
    }

    /// SHA-256 of a certificate.
    fileprivate var fingerprint: String {
        var digest = [UInt8](repeating: 0, count: 32)
        var length: UInt32 = 32
        guard X509_digest(self, EVP_sha256(), &digest, &length) == 1 else { return "" }
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: digest.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}
