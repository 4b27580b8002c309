import CCurl
import Glibc
import Model

/// One easy handle of libcurl, and the call that it performs at the moment.
final class CurlTransfer {
    let easy: UnsafeMutableRawPointer
    private let errorText: UnsafeMutablePointer<CChar>
    private let isProxyFromEnvironment: Bool
    private var exchange = Exchange()

    // What libcurl has from the call before: most calls differ from that in their body only.
    private var url = ""
    private var fields: [Field] = []
    private var list: UnsafeMutablePointer<curl_slist>?

    /// The call under way, and how far it is.
    private struct Exchange {
        var call = HTTPCall("GET", "")
        var onChunk: (@Sendable ([UInt8]) -> Void)?
        /// Bytes of the body that libcurl has fetched.
        var bodyOffset = 0
        var hasBegun = false
        /// Whether libcurl wanted to write the request once more.
        var wasToBeRepeated = false
        /// Bytes that had been written before the request itself: those of a proxy's CONNECT.
        var writtenBefore = 0
        var head = AnswerHead()
        var body: [UInt8] = []
        /// Bytes of the answer's body, kept or not.
        var bodyLength = 0

        var isCut: Bool { bodyLength > call.bodyLimit && !isStreamed }
        var isStreamed: Bool { onChunk != nil && (200...299).contains(head.status) }
    }

    /// Nil when libcurl is out of memory.
    init?(_ settings: HTTPClientSettings) {
        guard let easy = curl_easy_init() else { return nil }
        self.easy = easy
        isProxyFromEnvironment = settings.proxy == .environment
        errorText = .allocate(capacity: Int(CURL_ERROR_SIZE))
        errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
        setUpCallbacks()
        set(CURLOPT_NOSIGNAL, 1)
        // A call that ends while its name is being resolved would otherwise wait, and the queue with it, for the
        // resolver's thread: as long as a DNS server keeps silent.
        set(CURLOPT_QUICK_EXIT, 1)
        // With HTTP/2 one broken connection would leave all calls on it without an answer; the quota leaves it no gain.
        set(CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1)
        set(CURLOPT_PROTOCOLS_STR, "http,https")
        set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
        set(CURLOPT_UPLOAD_BUFFERSIZE, 16 * 1_024)
        set(CURLOPT_TCP_KEEPALIVE, 1)
        set(CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
        set(CURLOPT_MAXAGE_CONN, Int(clamping: settings.maxIdle.components.seconds))
        set(CURLOPT_USERAGENT, settings.userAgent)
        if let path = settings.authoritiesPath { set(CURLOPT_CAINFO, path) }
        if let certificate = settings.clientCertificate {
            set(CURLOPT_SSLCERT, certificate.certificatePath)
            set(CURLOPT_SSLKEY, certificate.keyPath)
            if let password = certificate.keyPassword { set(CURLOPT_KEYPASSWD, password) }
        }
        switch settings.proxy {
        case .environment: break
        case .none: set(CURLOPT_PROXY, "")
        case .url(let url): set(CURLOPT_PROXY, url)
        }
    }

    deinit {
        curl_easy_cleanup(easy)
        curl_slist_free_all(list)
        errorText.deallocate()
    }

    /// Sets everything that differs from call to call.
    func begin(_ call: HTTPCall, onChunk: (@Sendable ([UInt8]) -> Void)?) -> CURLcode {
        exchange = Exchange(call: call, onChunk: onChunk)
        errorText[0] = 0
        if list == nil || call.fields != fields {
            let code = give(call.fields)
            guard code == CURLE_OK else { return code }
        }
        if call.carriesBody {
            // The body comes from `read`, and there is no function to seek with: libcurl cannot repeat it by itself.
            set(CURLOPT_POST, 1)
            _ = journey_setopt_offset(easy, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(call.body.count))
        } else {
            set(CURLOPT_HTTPGET, 1)
        }
        set(CURLOPT_NOBODY, call.method == "HEAD" ? 1 : 0)
        _ = journey_setopt_string(easy, CURLOPT_CUSTOMREQUEST, call.method)
        _ = journey_setopt_string(easy, CURLOPT_UNIX_SOCKET_PATH, call.socketPath)
        set(CURLOPT_TIMEOUT_MS, call.timeout.map { max(1, Int(clamping: $0.milliseconds)) } ?? 0)
        set(CURLOPT_CONNECTTIMEOUT_MS, max(1, Int(clamping: call.connectTimeout.milliseconds)))
        return call.url == url ? CURLE_OK : giveURL(of: call)
    }

    private func giveURL(of call: HTTPCall) -> CURLcode {
        if isProxyFromEnvironment {
            // No proxy of a network knows the way to this machine's own loopback; all else is as `no_proxy` has it.
            _ = journey_setopt_string(easy, CURLOPT_NOPROXY, call.isToLoopback ? "*" : nil)
        }
        let code = journey_setopt_string(easy, CURLOPT_URL, call.url)
        url = code == CURLE_OK ? call.url : ""
        return code
    }

    private func give(_ fields: [Field]) -> CURLcode {
        var lines: UnsafeMutablePointer<curl_slist>?
        // `Expect: 100-continue` would cost a round trip, or a second where it is not understood.
        for line in fields.map({ $0.value.isEmpty ? "\($0.name);" : "\($0.name): \($0.value)" }) + ["Expect:"] {
            guard let longer = curl_slist_append(lines, line) else {
                curl_slist_free_all(lines)
                return CURLE_OUT_OF_MEMORY
            }
            lines = longer
        }
        let code = journey_setopt_list(easy, CURLOPT_HTTPHEADER, lines)
        curl_slist_free_all(list)
        (self.fields, list) = (fields, lines)
        return code
    }

    /// Lets go of the call's own memory; the handle is kept for another.
    func end() {
        exchange = Exchange()
    }

    /// How much of the request has been handed to the network.
    var written: HTTPFailure.Written {
        guard exchange.hasBegun, requestSize > exchange.writtenBefore else { return .nothing }
        let length = exchange.call.body.count
        if exchange.bodyOffset < length { return .partly }
        // What libcurl has fetched last may still wait in its buffer; its own count begins anew with a repetition.
        var uploaded: curl_off_t = 0
        _ = journey_getinfo_offset(easy, CURLINFO_SIZE_UPLOAD_T, &uploaded)
        return uploaded >= length || exchange.wasToBeRepeated ? .wholly : .partly
    }

    func result(_ code: CURLcode) -> HTTPResult {
        let head = exchange.head
        if head.isComplete, code == CURLE_OK || exchange.isCut && code == CURLE_WRITE_ERROR {
            let body = exchange.body
            return .answered(
                HTTPAnswer(status: head.status, fields: head.fields, body: body, isCut: exchange.isCut)
            )
        }
        if code == CURLE_SEND_FAIL_REWIND { exchange.wasToBeRepeated = true }
        let (reason, message) = cause(code)
        return .failed(
            HTTPFailure(reason, written: written, status: head.isComplete ? head.status : nil, message)
        )
    }

    private func cause(_ code: CURLcode) -> (HTTPFailure.Reason, String) {
        if exchange.wasToBeRepeated {
            return (.broken, "the connection ended after the request was begun; it was not written again")
        }
        if exchange.head.isTooLong {
            return (.malformed, "the header of the answer is longer than \(AnswerHead.limit) bytes")
        }
        let text = errorText[0] == 0 ? String(cString: curl_easy_strerror(code)) : String(cString: errorText)
        return (reason(code, text), text)
    }

    private func reason(_ code: CURLcode, _ text: String) -> HTTPFailure.Reason {
        switch code {
        case CURLE_COULDNT_RESOLVE_HOST: .resolve
        case CURLE_COULDNT_RESOLVE_PROXY, CURLE_PROXY: .proxy
        case CURLE_COULDNT_CONNECT: .connect
        case CURLE_OPERATION_TIMEDOUT: .timeout
        case CURLE_URL_MALFORMAT: .invalid
        // Of the URL; after a request, of an answer without a status line.
        case CURLE_UNSUPPORTED_PROTOCOL: exchange.hasBegun ? .malformed : .invalid
        case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CERTPROBLEM, CURLE_SSL_CIPHER,
            CURLE_USE_SSL_FAILED, CURLE_SSL_CACERT_BADFILE, CURLE_SSL_SHUTDOWN_FAILED, CURLE_SSL_CRL_BADFILE,
            CURLE_SSL_ISSUER_ERROR, CURLE_SSL_PINNEDPUBKEYNOTMATCH, CURLE_SSL_INVALIDCERTSTATUS,
            CURLE_SSL_CLIENTCERT, CURLE_SSL_ENGINE_NOTFOUND, CURLE_SSL_ENGINE_SETFAILED:
            exchange.hasBegun ? .broken : .tls
        case CURLE_SEND_ERROR, CURLE_RECV_ERROR, CURLE_GOT_NOTHING, CURLE_PARTIAL_FILE:
            // Before a request there is only a proxy to talk to.
            !exchange.hasBegun ? .proxy : exchange.head.status == 0 && text.isRefusedCertificate ? .tls : .broken
        default: .malformed
        }
    }

    private var requestSize: Int {
        var size = 0
        _ = journey_getinfo_long(easy, CURLINFO_REQUEST_SIZE, &size)
        return size
    }

    private func set(_ option: CURLoption, _ number: Int) { _ = journey_setopt_long(easy, option, number) }
    private func set(_ option: CURLoption, _ text: String) { _ = journey_setopt_string(easy, option, text) }

    // MARK: - libcurl's callbacks

    private func setUpCallbacks() {
        let context = Unmanaged.passUnretained(self).toOpaque()
        _ = journey_setopt_pointer(easy, CURLOPT_ERRORBUFFER, errorText)
        for option in [CURLOPT_READDATA, CURLOPT_WRITEDATA, CURLOPT_HEADERDATA, CURLOPT_PREREQDATA] {
            _ = journey_setopt_pointer(easy, option, context)
        }
        _ = journey_setopt_transfer(easy, CURLOPT_READFUNCTION) { bytes, size, count, context in
            CurlTransfer.at(context)?.read(UnsafeMutableRawBufferPointer(start: bytes, count: size * count)) ?? 0
        }
        _ = journey_setopt_transfer(easy, CURLOPT_WRITEFUNCTION) { bytes, size, count, context in
            CurlTransfer.at(context)?.receive(UnsafeRawBufferPointer(start: bytes, count: size * count)) ?? 0
        }
        _ = journey_setopt_transfer(easy, CURLOPT_HEADERFUNCTION) { bytes, size, count, context in
            guard let transfer = CurlTransfer.at(context) else { return 0 }
            let line = UnsafeRawBufferPointer(start: bytes, count: size * count)
            return transfer.exchange.head.take(line) ? line.count : 0
        }
        _ = journey_setopt_prerequest(easy) { context, _, _, _, _ in
            CurlTransfer.at(context)?.mayWrite() == true ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT
        }
    }

    private static func at(_ context: UnsafeMutableRawPointer?) -> CurlTransfer? {
        context.map { Unmanaged<CurlTransfer>.fromOpaque($0).takeUnretainedValue() }
    }

    /// Whether libcurl may go on, now that it has a connection.
    ///
    /// When a reused connection ends before the first byte of an answer, libcurl would write the request to a fresh one,
    /// and a journey could start twice. A body that it cannot rewind keeps it from that, but not where there is none, nor
    /// before any of it was written.
    private func mayWrite() -> Bool {
        exchange.wasToBeRepeated = exchange.hasBegun
        if !exchange.hasBegun { exchange.writtenBefore = requestSize }
        exchange.hasBegun = true
        return !exchange.wasToBeRepeated
    }

    private func read(_ buffer: UnsafeMutableRawBufferPointer) -> Int {
        let chunk = exchange.call.body[exchange.bodyOffset...].prefix(buffer.count)
        buffer.copyBytes(from: chunk)
        exchange.bodyOffset += chunk.count
        return chunk.count
    }

    /// Any other number than that of the bytes ends the transfer.
    private func receive(_ bytes: UnsafeRawBufferPointer) -> Int {
        if let onChunk = exchange.onChunk, exchange.isStreamed {
            onChunk(Array(bytes))
            return bytes.count
        }
        let limit = exchange.call.bodyLimit
        exchange.bodyLength += bytes.count
        exchange.body += bytes.prefix(max(0, limit - exchange.body.count))
        return exchange.bodyLength > limit + HTTPClient.discardLimit ? 0 : bytes.count
    }
}

extension String {
    /// Whether it is OpenSSL's word for an alert about our certificate. With TLS 1.3 it comes after our side of the
    /// handshake is done and the request is written, but the peer's is not, and never will be.
    fileprivate var isRefusedCertificate: Bool {
        contains("alert") && (contains("certificate") || contains("unknown ca"))
    }
}
