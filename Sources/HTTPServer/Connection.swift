import HTTPTypes

/// One client's connection: bytes become requests, responses become bytes.
///
/// Its life is `serve`: while it is reading, each complete request goes to the handler, and each answer becomes output.
/// It serves one request at a time; while an answer is pending, or has not been taken by the client, nothing more is read,
/// so that a client that pipelines waits in its own socket.
///
/// It belongs to its loop, which tells it what happened and then looks at `wantedInterest`, `waiting` and `isClosed`.
final class Connection {
    let id: ConnectionID
    /// What the loop watches the socket for at present.
    var interest: Interest = .input
    /// What the peer has to do in time; nil when it is not the peer's turn.
    private(set) var waiting: Wait?

    private var transport: Transport
    /// Gives the address' place back when this connection goes.
    private let ticket: AddressGate.Ticket?
    private var info: ConnectionInfo
    private let context: LoopContext
    private var phase = Phase.reading
    private var decoder: RequestDecoder
    /// What was received and not consumed: an incomplete head, or the requests behind the one being answered.
    private var kept: ArraySlice<UInt8> = []
    private var output = Outgoing()

    /// When the request at hand began to arrive.
    private var requestSince: Duration
    /// How fast a body comes in, or an answer goes out.
    private var pace: Pace
    /// Bytes of the request's body, as they are counted in the loop's statistics.
    private var bodyBytes = 0
    private var isIdentified = false
    private var peerHasEnded = false
    /// Whether input was reported while none was wanted: it is not watched for until it is.
    private var isInputPaused = false

    private enum Phase: Equatable {
        /// Between requests, or in the middle of one.
        case reading
        /// The handler has a request.
        case handling
        /// The handler writes an answer bit by bit.
        case streaming
        /// What is written now is the last; then the connection is closed, and before that, when the peer may still be
        /// sending, lingers: closing would reset the connection, and the peer lose the answer.
        case ending(lingers: Bool)
        /// What still comes is thrown away until the peer ends too.
        case lingering
        case closed
    }

    init(
        _ transport: consuming Transport,
        _ ticket: consuming AddressGate.Ticket?,
        generation: UInt32,
        info: ConnectionInfo,
        context: LoopContext
    ) {
        id = ConnectionID(descriptor: transport.number, generation: generation)
        self.transport = transport
        self.ticket = ticket
        self.info = info
        self.context = context
        decoder = RequestDecoder(limits: context.limits)
        waiting = Wait(for: .header, since: context.now)
        requestSince = context.now
        pace = Pace(since: context.now)
    }

    // MARK: What the loop looks at

    var isClosed: Bool { phase == .closed }
    var isShakingHands: Bool { transport.isShakingHands }

    var wantedInterest: Interest {
        var wanted: Interest = output.isBlocked ? .output : []
        switch phase {
        case .reading: if !output.isBlocked { wanted.insert(.input) }
        case .lingering: wanted.insert(.input)
        // Watching is left as it is until input comes that has to wait: one system call less for each request.
        case .handling, .streaming, .ending: if !isInputPaused { wanted.formUnion(interest.intersection(.input)) }
        case .closed: break
        }
        return wanted
    }

    /// Counts this connection into the figures.
    func count(into statistics: inout ServerStatistics) {
        statistics.connections += 1
        switch (phase, waiting?.kind) {
        case (_, .write): statistics.writing += 1
        case (.reading, .idle): statistics.idle += 1
        case (.reading, .body): statistics.readingBody += 1
        case (.reading, _): statistics.readingHeader += 1
        case (.lingering, _), (.ending, _): statistics.lingering += 1
        case (.handling, _), (.streaming, _), (.closed, _): statistics.handling += 1
        }
    }

    // MARK: What happens

    /// There is input, or the peer's end.
    func readable() {
        switch phase {
        case .reading where !output.isBlocked: receive()
        case .streaming where kept.isEmpty: receive()
        case .lingering: receive()
        case .reading, .handling, .streaming, .ending: isInputPaused = true
        case .closed: break
        }
    }

    /// The kernel takes output again.
    func writable() {
        push()
        goOn()
    }

    /// The connection was reset, or is closed in both directions.
    func broke() {
        switch phase {
        // What came before the end is still served.
        case .reading where !output.isBlocked: receive()
        default: close()
        }
    }

    /// The peer did not do in time what it was waited for.
    func expire(_ kind: Deadlines.Kind) {
        waiting = nil
        switch kind {
        case .idle:
            closeIfIdle()
        case .header:
            if kept.isEmpty { close() } else { refuse(.headerTimeout) }
        case .body:
            let isInTime = context.now - requestSince < context.limits.requestTimeout
            if isInTime, pace.keeps(context.limits.bodyRate, after: context.limits.bodyTimeout, at: context.now) {
                waiting = Wait(for: .body, since: context.now)
            } else {
                refuse(.bodyTimeout)
            }
        case .write:
            if pace.keeps(context.limits.writeRate, after: context.limits.writeTimeout, at: context.now) {
                waiting = Wait(for: .write, since: context.now)
            } else {
                transport.resetOnClose()
                close()
            }
        case .linger:
            close()
        }
        conclude()
    }

    /// The server is going: an idle connection is closed now, a busy one after its answer.
    func drain() {
        if phase == .reading, !output.isBlocked, kept.isEmpty, !decoder.isReadingBody { closeIfIdle() }
    }

    /// A message from another thread.
    func receive(_ content: Message.Content) {
        switch content {
        case .answer(let answer) where phase == .handling:
            write(answer)
        case .unanswered where phase == .handling:
            let detail = "The request got no answer."
            write(.response(ownResponse(500, "Unanswered", detail, "unanswered")))
        case .chunk(let flow, let bytes) where phase == .streaming && output.isStreaming(flow):
            output.borrow(&context.spareOutput)
            output.appendChunk(bytes)
        case .finish(let flow) where phase == .streaming && output.isStreaming(flow):
            output.finishStream()
            finishExchange()
        case .abort(let flow) where phase == .streaming && output.isStreaming(flow):
            transport.resetOnClose()
            close()
        default:
            // The connection has gone on, or ended, since the message was sent.
            return
        }
        push()
        goOn()
    }

    func close() {
        guard phase != .closed else { return }
        if phase != .lingering { transport.sayGoodbye() }
        phase = .closed
        waiting = nil
        output.closeStream()
        countBody(0)
        output.giveBack(to: &context.spareOutput)
    }

    // MARK: Reading

    /// Reads once: a connection that sends without pause does not keep the others waiting.
    private func receive() {
        let start = kept.count
        context.readBuffer.overwrite(at: 0, with: kept.span)
        switch transport.read(into: &context.readBuffer, at: start, staging: &context.staging) {
        case .bytes(let count): received(count, behind: start)
        // A handshake may have something to send.
        case .wouldBlock: push()
        case .end: peerEnded()
        case .failed: close()
        case .plainText:
            refuse(.plainTextOnTLS)
            conclude()
        }
    }

    private func received(_ count: Int, behind start: Int) {
        if !isIdentified { identify() }
        let end = start + count
        switch phase {
        case .reading:
            pace.bytes += count
            kept = []
            let buffer = context.readBuffer
            let consumed = serve(buffer.span.extracting(..<end))
            if consumed < end, phase != .closed { kept = Array(buffer[consumed..<end])[...] }
            conclude()
        case .streaming:
            // The next request, or nothing of the kind: it waits, and what comes behind it waits in the socket.
            kept = Array(context.readBuffer[..<end])[...]
            isInputPaused = true
        case .handling, .ending, .lingering, .closed:
            break
        }
    }

    /// Notes who the peer is, once the transport knows.
    private func identify() {
        isIdentified = true
        info.address = transport.proxiedAddress ?? info.address
        info.clientCertificate = transport.clientCertificate
    }

    /// A connection's whole life: requests are taken from the bytes and served, one after the other, until there is none
    /// complete, or one is not answered at once, or the peer does not take its answers.
    /// - Returns: How many bytes were consumed.
    private func serve(_ bytes: Span<UInt8>) -> Int {
        output.borrow(&context.spareOutput)
        if waiting?.kind != .header, waiting?.kind != .body { requestSince = context.now }
        var offset = 0
        while phase == .reading, !output.isBlocked, offset < bytes.count {
            do throws(Refusal) {
                var consumed = 0
                let message = try decoder.decode(bytes.extracting(offset...), consumed: &consumed)
                offset += consumed
                guard let message else { break }
                handle(message)
            } catch {
                refuse(error)
            }
            if output.count >= Self.batchSize { push() }
        }
        if phase == .reading, !output.isBlocked { waitForMore(hasRest: offset < bytes.count) }
        push()
        return offset
    }

    private func handle(_ message: RequestDecoder.Message) {
        context.statistics.requests += 1
        guard countBody(message.body.count) else { return refuse(.overloaded) }
        waiting = nil
        phase = .handling
        output.exchange = ResponseWriter.Exchange(message.head)
        // RFC 9110 section 9.3.7: this asks about the server itself, so the server answers.
        if message.head.target.form == .asterisk { return write(.response(Response(204))) }
        let slot = AnswerSlot(mailbox: context.mailbox, connection: id, streamBuffer: context.limits.streamBuffer)
        let origin = context.forwarding?.origin(of: message.head, from: info.address)
        context.shared.handler(Request(message, from: info, origin: origin), Responder(answerSlot: slot))
        if let answer = slot.takeAfterCall() { write(answer) }
    }

    private func waitForMore(hasRest: Bool) {
        if decoder.isReadingBody {
            guard countBody(decoder.bodyCount) else { return refuse(.overloaded) }
            if waiting?.kind != .body {
                waiting = Wait(for: .body, since: context.now)
                pace = Pace(since: context.now, bytes: decoder.bodyCount)
            }
            if decoder.takeExpectation() { output.appendContinue() }
        } else if !hasRest {
            waiting = Wait(for: .idle, since: context.now)
        } else if waiting?.kind != .header {
            waiting = Wait(for: .header, since: context.now)
        }
    }

    /// Closes an idle connection, unless a request came in just now: then it is served.
    private func closeIfIdle() {
        receive()
        if phase == .reading, kept.isEmpty, !decoder.isReadingBody, !output.isBlocked { close() }
    }

    /// The peer sends no more. What it sent completely is answered; half a request is refused.
    private func peerEnded() {
        peerHasEnded = true
        guard phase == .reading, !kept.isEmpty || decoder.isReadingBody else { return close() }
        refuse(.incomplete)
        conclude()
    }

    /// Counts the bytes of the request's body that are held.
    /// - Returns: False when the loop holds too many.
    @discardableResult
    private func countBody(_ count: Int) -> Bool {
        context.statistics.bodyBytes += count - bodyBytes
        bodyBytes = count
        return count == 0 || context.statistics.bodyBytes <= context.bodyMemory
    }

    // MARK: Writing

    /// Appends an answer to the output, and ends the exchange unless its body is still to come.
    private func write(_ answer: Answer) {
        output.borrow(&context.spareOutput)
        if context.isDraining || peerHasEnded { output.exchange.isPersistent = false }
        switch answer {
        case .response(let response):
            write(response)
            finishExchange()
        case .stream(let response, let flow):
            let isStreaming = output.begin(response, flow, date: context.date)
            if isStreaming { phase = .streaming } else { finishExchange() }
        }
    }

    private func write(_ response: Response) {
        let body = output.append(response, date: context.date)
        if !body.isEmpty { push(followedBy: body) }
    }

    private func finishExchange() {
        countBody(0)
        let isPersistent = output.exchange.isPersistent
        phase = isPersistent ? .reading : .ending(lingers: false)
        isInputPaused = isInputPaused && !isPersistent
    }

    private func refuse(_ refusal: Refusal) {
        output.borrow(&context.spareOutput)
        context.statistics.refused += 1
        countBody(0)
        output.exchange = .refusal(toHead: decoder.isHead)
        decoder = RequestDecoder(limits: context.limits)
        var response = ownResponse(refusal.status, refusal.title, refusal.detail(context.limits), refusal.reason)
        if refusal.status == 503 { response.fields[.retryAfter] = "1" }
        write(response)
        phase = .ending(lingers: true)
    }

    /// An answer that no handler gave; the observer is told.
    private func ownResponse(_ status: Int, _ title: String, _ detail: String, _ reason: String) -> Response {
        let id = context.configuration.makeID()
        context.configuration.onRefusal(
            RefusedRequest(reason: reason, status: status, id: id, peer: info.address, listener: info.listener)
        )
        return .problem(status, title, detail, id: id)
    }

    /// Writes what the kernel takes.
    private func push(followedBy tail: [UInt8] = []) {
        guard phase != .closed else { return }
        let wasBlocked = output.isBlocked
        guard let count = output.write(to: &transport, followedBy: tail) else { return close() }
        pace.bytes += count
        if output.isBlocked, !wasBlocked {
            waiting = Wait(for: .write, since: context.now)
            pace = Pace(since: context.now)
        } else if wasBlocked, !output.isBlocked {
            waiting = nil
        }
    }

    /// Serves what was kept, when nothing stands in its way any more.
    private func goOn() {
        if phase == .reading, !output.isBlocked {
            let bytes = kept
            kept = []
            let consumed = serve(bytes.span)
            if consumed < bytes.count, phase != .closed { kept = bytes.dropFirst(consumed) }
        }
        conclude()
    }

    /// Ends the connection when its last answer is written.
    private func conclude() {
        push()
        if case .ending(let lingers) = phase, !output.isBlocked {
            if !peerHasEnded, lingers || isInputPaused || !kept.isEmpty {
                kept = []
                transport.endWriting()
                phase = .lingering
                waiting = Wait(for: .linger, since: context.now)
            } else {
                close()
            }
        }
        output.giveBack(to: &context.spareOutput)
    }

    /// Answers to pipelined requests are written together, in parts of about this size.
    private static let batchSize = 64 << 10
}
