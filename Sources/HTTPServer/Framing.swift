/// What the header fields say of the message as a whole: whose host, how long the body, what happens to the connection.
struct Framing: Sendable {
    private(set) var host: Slice?
    private(set) var body: BodyFraming = .length(0)
    private(set) var isPersistent: Bool
    private(set) var expectsContinue = false

    private let version: HTTPVersion
    private var isClosing = false
    private var contentLength: Slice?
    private var coding = TransferCoding()

    init(_ lines: [FieldLine], in bytes: Span<UInt8>, version: HTTPVersion, limits: Limits) throws(Refusal) {
        self.version = version
        isPersistent = version == .http11
        for line in lines { try note(line, in: bytes) }
        try checkHost(in: bytes)
        body = try bodyFraming(in: bytes, limits: limits)
    }

    /// Only a handful of names matter here; their lengths tell almost all others away.
    private mutating func note(_ line: FieldLine, in bytes: Span<UInt8>) throws(Refusal) {
        let name = bytes.extracting(line.name.range)
        let value = bytes.extracting(line.value.range)
        switch name.count {
        case 4 where name.equalsIgnoringCase("host"):
            guard host == nil else { throw .repeatedHost }
            host = line.value
        case 6 where name.equalsIgnoringCase("expect"):
            try noteExpectation(value)
        case 10 where name.equalsIgnoringCase("connection"):
            noteConnection(value)
        case 14 where name.equalsIgnoringCase("content-length"):
            // RFC 9110 section 8.6 lets a server merge equal lengths. Refusing them is the safer of the two.
            guard contentLength == nil else { throw .repeatedContentLength }
            contentLength = line.value
        case 17 where name.equalsIgnoringCase("transfer-encoding"):
            coding.note(value)
        default:
            break
        }
    }

    /// RFC 9112 section 3.2: exactly one valid Host in HTTP/1.1, at most one in HTTP/1.0.
    private func checkHost(in bytes: Span<UInt8>) throws(Refusal) {
        guard let host else {
            guard version == .http10 else { throw .missingHost }
            return
        }
        // An empty value is what a client sends whose URL has no authority.
        guard host.isEmpty || Authority.isValid(bytes.extracting(host.range)) else { throw .malformedHost }
    }

    /// RFC 9112 section 6.3.
    private func bodyFraming(in bytes: Span<UInt8>, limits: Limits) throws(Refusal) -> BodyFraming {
        if coding.isPresent {
            guard version == .http11 else { throw .codingInHTTP10 }
            // Section 6.1 lets a server refuse a request with both; proxies disagree about which of them counts.
            guard contentLength == nil else { throw .lengthAndCoding }
            try coding.check()
            return .chunked
        }
        guard let contentLength else { return .length(0) }
        return .length(try Framing.length(bytes.extracting(contentLength.range), limit: limits.body))
    }

    /// Decimal digits and nothing else: no sign, no list, no space.
    private static func length(_ text: Span<UInt8>, limit: Int) throws(Refusal) -> Int {
        guard text.count > 0, text.all(.digit) else { throw .malformedContentLength }
        var length = 0
        for index in text.indices {
            length = length * 10 + Int(text[index] - 0x30)
            guard length <= limit else { throw .bodyTooLarge }
        }
        return length
    }

    /// RFC 9110 section 10.1.1: what is not understood is answered 417; an HTTP/1.0 client cannot wait for 100.
    private mutating func noteExpectation(_ value: Span<UInt8>) throws(Refusal) {
        guard value.count > 0 else { return }
        guard value.equalsIgnoringCase("100-continue") else { throw .unknownExpectation }
        expectsContinue = version == .http11
    }

    /// RFC 9112 section 9.3: `close` goes before all else; HTTP/1.0 closes unless it says `keep-alive`.
    private mutating func noteConnection(_ value: Span<UInt8>) {
        value.forEachListMember { member in
            let option = value.extracting(member)
            if option.equalsIgnoringCase("close") {
                isClosing = true
            } else if option.equalsIgnoringCase("keep-alive"), version == .http10 {
                isPersistent = true
            }
        }
        if isClosing { isPersistent = false }
    }
}

/// What the `Transfer-Encoding` fields of a request said, taken together.
private struct TransferCoding: Sendable {
    private(set) var isPresent = false
    private var chunkedCount = 0
    private var unknownCount = 0
    private var endsInChunked = false
    private var isMalformed = false

    mutating func note(_ value: Span<UInt8>) {
        isPresent = true
        if value.count == 0 { isMalformed = true }
        value.forEachListMember { member in
            let coding = value.extracting(member)
            // Parameters are known of no coding here, and chunked has none (RFC 9112 section 7.1).
            if coding.count == 0 || !coding.all(.token) {
                isMalformed = true
            }
            endsInChunked = coding.equalsIgnoringCase("chunked")
            if endsInChunked { chunkedCount += 1 } else { unknownCount += 1 }
        }
    }

    /// RFC 9112 section 6.1: what is not understood is answered 501; 6.3: chunked comes last, and once.
    func check() throws(Refusal) {
        guard !isMalformed, chunkedCount <= 1 else { throw .malformedTransferEncoding }
        guard chunkedCount == 0 || endsInChunked else { throw .chunkedNotLast }
        guard unknownCount == 0 else { throw .unknownTransferEncoding }
    }
}
