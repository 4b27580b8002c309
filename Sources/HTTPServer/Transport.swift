/// How a connection's bytes travel: as they are, or through TLS, and behind what a proxy says first.
struct Transport: ~Copyable {
    private let socket: Socket
    private var session: TLSSession?
    /// What has come of a proxy's header; nil when none is awaited, or no longer.
    private var proxyHeader: [UInt8]?
    /// Whether nothing was received yet: a client that speaks HTTP where TLS is spoken is told so.
    private var isFresh = true
    /// What a proxy's header says of the client.
    private(set) var proxiedAddress: IPAddress?

    /// - Parameter session: Nil for plain HTTP.
    init(_ descriptor: consuming FileDescriptor, session: TLSSession?, awaitsProxyHeader: Bool) {
        socket = Socket(descriptor)
        self.session = session
        proxyHeader = awaitsProxyHeader ? [] : nil
    }

    var number: Int32 { socket.number }

    var isShakingHands: Bool { session.map { !$0.isHandshakeDone } ?? false }
    var clientCertificate: ClientCertificate? { session?.clientCertificate }

    /// Reads into `buffer` behind its first `offset` bytes.
    /// - Parameter staging: Where encrypted bytes are put meanwhile.
    mutating func read(into buffer: inout [UInt8], at offset: Int, staging: inout [UInt8]) -> Transfer {
        guard session != nil || proxyHeader != nil else { return socket.read(into: &buffer, at: offset) }
        let transfer = socket.read(into: &staging, at: 0)
        guard case .bytes(let count) = transfer else { return transfer }
        var start = 0
        if var header = proxyHeader {
            header.append(staging.span.extracting(..<count))
            switch ProxyHeader.read(header.span) {
            case .needsMore:
                proxyHeader = header
                return .wouldBlock
            case .malformed:
                return .failed
            case .complete(let read):
                // What was there before this read is all header, or it would have been complete then.
                start = read.length - (header.count - count)
                proxiedAddress = read.address
                proxyHeader = nil
            }
        }
        guard start < count else { return .wouldBlock }
        return take(staging.span.extracting(start..<count), into: &buffer, at: offset)
    }

    /// What came behind a proxy's header.
    private mutating func take(_ received: Span<UInt8>, into buffer: inout [UInt8], at offset: Int) -> Transfer {
        guard let session else {
            buffer.overwrite(at: offset, with: received)
            return .bytes(received.count)
        }
        if isFresh, received[0] >= 0x41, received[0] <= 0x5A {
            self.session = nil
            return .plainText
        }
        isFresh = false
        switch session.decrypt(received, into: &buffer, at: offset) {
        case .bytes(0): return .wouldBlock
        case .bytes(let count): return .bytes(count)
        case .end: return .end
        case .failed:
            // The alert that says why.
            _ = flush()
            return .failed
        }
    }

    /// Writes as much as is taken; with TLS, all of a piece is taken, and `flush` says whether it is gone.
    mutating func write(_ bytes: Span<UInt8>) -> Transfer {
        guard let session else { return socket.write(bytes) }
        let flushed = flush()
        guard flushed == .bytes(0) else { return flushed }
        let piece = bytes.extracting(..<min(bytes.count, Transport.pieceSize))
        return session.encrypt(piece) ? .bytes(piece.count) : .failed
    }

    /// Writes two parts; with TLS the first alone, when there is one.
    mutating func write(_ first: Span<UInt8>, _ second: Span<UInt8>) -> Transfer {
        guard session != nil else { return socket.write(first, second) }
        return write(first.count > 0 ? first : second)
    }

    /// Sends what is encrypted.
    /// - Returns: `.bytes(0)` when nothing is left.
    mutating func flush() -> Transfer {
        guard let session else { return .bytes(0) }
        while !session.output.isEmpty {
            let transfer = socket.write(session.output.span)
            guard case .bytes(let count) = transfer else { return transfer }
            session.outputWasSent(count)
        }
        return .bytes(0)
    }

    /// Tells the peer that nothing more comes; what it sends can still be read.
    mutating func endWriting() {
        session?.end()
        _ = flush()
        socket.endWriting()
    }

    /// Tells a TLS peer that the connection is closed on purpose.
    mutating func sayGoodbye() {
        guard let session else { return }
        session.end()
        _ = flush()
    }

    func resetOnClose() {
        socket.resetOnClose()
    }

    /// What is encrypted at once, and may wait in memory for its peer.
    private static let pieceSize = 64 << 10
}
