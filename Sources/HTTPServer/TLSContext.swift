import COpenSSL
import Glibc

/// Certificates and settings, ready for handshakes. It is not changed once it is made, and OpenSSL lets several threads
/// use it; new certificates make a new one, while sessions keep that which they began with.
final class TLSContext: @unchecked Sendable {
    // `Sendable` because nothing here is changed after `init`, and `SSL_CTX` counts its references atomically.
    /// One for each certificate, in their order.
    private let contexts: [OpaquePointer]
    private let statuses: [RevocationStatus?]

    init(_ configuration: TLSConfiguration) throws(TLSError) {
        guard !configuration.certificates.isEmpty else {
            throw TLSError(file: "", reason: "no certificate is configured")
        }
        var contexts: [OpaquePointer] = []
        var statuses: [RevocationStatus?] = []
        do throws(TLSError) {
            for certificate in configuration.certificates {
                guard let context = SSL_CTX_new(TLS_server_method()) else { throw .last() }
                contexts.append(context)
                try context.restrict()
                try context.use(certificate)
                try context.ask(configuration.clients)
                statuses.append(try certificate.revocationStatus.map(RevocationStatus.init))
            }
        } catch {
            for context in contexts { SSL_CTX_free(context) }
            throw error
        }
        self.contexts = contexts
        self.statuses = statuses
        for context in contexts { registerCallbacks(on: context) }
    }

    deinit {
        for context in contexts { SSL_CTX_free(context) }
    }

    /// A session that has not begun.
    func makeSession() -> OpaquePointer? {
        guard let session = SSL_new(contexts[0]) else { return nil }
        SSL_set_accept_state(session)
        return session
    }

    private func registerCallbacks(on context: OpaquePointer) {
        let argument = Unmanaged.passUnretained(self).toOpaque()
        // RFC 7301 section 3.2: a client that speaks none of our protocols is told so, and no more.
        SSL_CTX_set_alpn_select_cb(context, selectProtocol, nil)
        SSL_CTX_callback_ctrl(
            context,
            SSL_CTRL_SET_TLSEXT_SERVERNAME_CB,
            unsafeBitCast(selectCertificate, to: (@convention(c) () -> Void).self)
        )
        SSL_CTX_ctrl(context, SSL_CTRL_SET_TLSEXT_SERVERNAME_ARG, 0, argument)
        SSL_CTX_callback_ctrl(
            context,
            SSL_CTRL_SET_TLSEXT_STATUS_REQ_CB,
            unsafeBitCast(stapleStatus, to: (@convention(c) () -> Void).self)
        )
        SSL_CTX_ctrl(context, SSL_CTRL_SET_TLSEXT_STATUS_REQ_CB_ARG, 0, argument)
    }

    /// Shows the first certificate that names the host.
    fileprivate func select(_ session: OpaquePointer, host: UnsafePointer<CChar>) {
        for context in contexts {
            guard let certificate = SSL_CTX_get0_certificate(context) else { continue }
            if X509_check_host(certificate, host, 0, 0, nil) == 1 {
                SSL_set_SSL_CTX(session, context)
                return
            }
        }
    }

    fileprivate func status(for session: OpaquePointer) -> RevocationStatus? {
        let context = SSL_get_SSL_CTX(session)
        return contexts.firstIndex { $0 == context }.flatMap { statuses[$0] }
    }
}

/// The certificates in use, seen by all loops. New ones serve the handshakes that begin from then on.
final class Certificates: Sendable {
    private let context: Lock<TLSContext>

    init(_ configuration: TLSConfiguration) throws(TLSError) {
        context = Lock(try TLSContext(configuration))
    }

    var current: TLSContext { context.withLock { $0 } }

    func replace(by configuration: TLSConfiguration) throws(TLSError) {
        let new = try TLSContext(configuration)
        context.withLock { $0 = new }
    }
}

// MARK: - Callbacks from the handshake

private let selectProtocol:
    @convention(c) (
        OpaquePointer?, UnsafeMutablePointer<UnsafePointer<UInt8>?>?, UnsafeMutablePointer<UInt8>?,
        UnsafePointer<UInt8>?, UInt32, UnsafeMutableRawPointer?
    ) -> Int32 = { _, chosen, chosenLength, offered, offeredLength, _ in
        guard let chosen, let chosenLength, let offered else { return SSL_TLSEXT_ERR_ALERT_FATAL }
        var choice: UnsafeMutablePointer<UInt8>?
        let result = SSL_select_next_proto(
            &choice,
            chosenLength,
            protocols.utf8Start,
            UInt32(protocols.utf8CodeUnitCount),
            offered,
            offeredLength
        )
        guard result == OPENSSL_NPN_NEGOTIATED, let choice else { return SSL_TLSEXT_ERR_ALERT_FATAL }
        chosen.pointee = UnsafePointer(choice)
        return SSL_TLSEXT_ERR_OK
    }

/// What is spoken, the best first, each behind its length (RFC 7301 section 3.1).
private let protocols: StaticString = "\u{8}http/1.1\u{8}http/1.0"

private let selectCertificate:
    @convention(c) (OpaquePointer?, UnsafeMutablePointer<Int32>?, UnsafeMutableRawPointer?) -> Int32 = {
        session,
        _,
        argument in
        guard let session, let argument, let host = SSL_get_servername(session, TLSEXT_NAMETYPE_host_name) else {
            return SSL_TLSEXT_ERR_NOACK
        }
        // The context outlives its callbacks: sessions hold a reference to the SSL_CTX, and connections to the context.
        Unmanaged<TLSContext>.fromOpaque(argument).takeUnretainedValue().select(session, host: host)
        return SSL_TLSEXT_ERR_OK
    }

private let stapleStatus: @convention(c) (OpaquePointer?, UnsafeMutableRawPointer?) -> Int32 = { session, argument in
    guard let session, let argument,
        let status = Unmanaged<TLSContext>.fromOpaque(argument).takeUnretainedValue().status(for: session),
        // A client may end its handshake over a word that is out of date, and go on without one.
        status.isValid(at: time(nil)), let copy = CRYPTO_malloc(status.bytes.count, nil, 0)
    else { return SSL_TLSEXT_ERR_NOACK }
    copy.copyMemory(from: status.bytes, byteCount: status.bytes.count)
    // OpenSSL frees the copy.
    SSL_ctrl(session, SSL_CTRL_SET_TLSEXT_STATUS_REQ_OCSP_RESP, status.bytes.count, copy)
    return SSL_TLSEXT_ERR_OK
}

// MARK: - Settings of one SSL_CTX

extension OpaquePointer {
    /// What is safe, and nothing that is not: no renegotiation, no compression, no version below 1.2.
    fileprivate func restrict() throws(TLSError) {
        SSL_CTX_ctrl(self, SSL_CTRL_SET_MIN_PROTO_VERSION, Int(TLS1_2_VERSION), nil)
        let preference = OpenSSLMacro.serverPreference | OpenSSLMacro.prioritizeChaCha
        SSL_CTX_set_options(self, preference | OpenSSLMacro.noRenegotiation | OpenSSLMacro.noCompression)
        // Idle connections give their record buffers back; a write may go on from another address.
        let modes = SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER
        SSL_CTX_ctrl(self, SSL_CTRL_MODE, Int(modes), nil)
        let ciphers = "ECDHE+AESGCM:ECDHE+CHACHA20"
        guard SSL_CTX_set_cipher_list(self, ciphers) == 1 else { throw .last() }
        let groups = "X25519:P-256:P-384"
        let areSet = groups.withCString {
            SSL_CTX_ctrl(self, SSL_CTRL_SET_GROUPS_LIST, 0, UnsafeMutableRawPointer(mutating: $0))
        }
        guard areSet == 1 else { throw .last() }
    }

    fileprivate func use(_ certificate: TLSConfiguration.Certificate) throws(TLSError) {
        // OpenSSL would ask for an encrypted key's password on the terminal.
        SSL_CTX_set_default_passwd_cb(self) { _, _, _, _ in 0 }
        guard SSL_CTX_use_certificate_chain_file(self, certificate.chain) == 1 else { throw .last(certificate.chain) }
        guard SSL_CTX_use_PrivateKey_file(self, certificate.key, SSL_FILETYPE_PEM) == 1 else {
            throw .last(certificate.key)
        }
        guard SSL_CTX_check_private_key(self) == 1 else { throw .last(certificate.key) }
    }

    fileprivate func ask(_ clients: TLSConfiguration.Clients) throws(TLSError) {
        let (mode, authorities): (Int32, String)
        switch clients {
        case .anyone: return
        case .mayShowCertificate(let file): (mode, authorities) = (SSL_VERIFY_PEER, file)
        case .mustShowCertificate(let file):
            (mode, authorities) = (SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, file)
        }
        guard SSL_CTX_load_verify_file(self, authorities) == 1 else { throw .last(authorities) }
        SSL_CTX_set_client_CA_list(self, SSL_load_client_CA_file(authorities))
        SSL_CTX_set_verify(self, mode, nil)
        // Without it OpenSSL resumes no session of a client with a certificate.
        let id = Array("journey".utf8)
        SSL_CTX_set_session_id_context(self, id, UInt32(id.count))
    }
}

extension TLSError {
    /// What OpenSSL noted last on this thread, which is then forgotten.
    static func last(_ file: String = "") -> TLSError {
        let code = ERR_peek_last_error()
        ERR_clear_error()
        var text = [CChar](repeating: 0, count: 256)
        ERR_error_string_n(code, &text, text.count)
        let whole = String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
        // `error:…:library:function:reason`; the reason is what a reader understands.
        let reason = whole.split(separator: ":", omittingEmptySubsequences: false).last.map(String.init) ?? whole
        return TLSError(file: file, reason: reason)
    }
}
