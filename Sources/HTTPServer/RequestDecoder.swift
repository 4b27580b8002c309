/// Bytes become requests: a pure state machine, one for each connection.
///
/// Bytes in, and out comes one of three things: a complete request, a wish for more bytes, or the reason why what came is
/// none. What comes out depends on the bytes alone, not on how they were cut into pieces.
struct RequestDecoder: Sendable {
    private var stage = Stage.requestLine(LineScanner(startingAt: 0))
    private var body: [UInt8] = []
    private let limits: Limits
    /// Whether the first line of the request at hand says HEAD (RFC 9110 section 9.3.2: no answer to it has a body).
    private(set) var isHead = false

    private enum Stage {
        case requestLine(LineScanner)
        case fields(RequestLine, FieldSection)
        case length(RequestHead, remaining: Int)
        case chunked(RequestHead, ChunkedDecoder)
    }

    /// A request as its bytes say; who sent it is the connection's knowledge.
    struct Message: Sendable {
        var head: RequestHead
        var body: [UInt8] = []
        var trailer = Trailer()
    }

    init(limits: Limits) {
        self.limits = limits
    }

    /// The part of a body that is held here.
    var bodyCount: Int { body.count }

    /// Whether a head is complete and its body is not.
    var isReadingBody: Bool {
        switch stage {
        case .requestLine, .fields: false
        case .length, .chunked: true
        }
    }

    /// Whether the peer waits for `100 Continue`: it said so, and sent nothing of the body yet. True once.
    mutating func takeExpectation() -> Bool {
        switch stage {
        case .length(var head, let remaining) where head.expectsContinue && body.isEmpty:
            head.expectsContinue = false
            stage = .length(head, remaining: remaining)
            return true
        case .chunked(var head, let decoder) where head.expectsContinue && body.isEmpty:
            head.expectsContinue = false
            stage = .chunked(head, decoder)
            return true
        default:
            return false
        }
    }

    /// Reads on.
    /// - Parameters:
    ///   - bytes: What has arrived and was not consumed before.
    ///   - consumed: Is set to what was taken from `bytes`; give the rest again, with more behind it.
    /// - Returns: The request, when it is complete.
    mutating func decode(_ bytes: Span<UInt8>, consumed: inout Int) throws(Refusal) -> Message? {
        consumed = 0
        if !isReadingBody {
            guard let head = try readHead(bytes, end: &consumed) else { return nil }
            switch head.framing {
            case .length(0):
                return finish(Message(head: head))
            case .length(let count):
                stage = .length(head, remaining: count)
            case .chunked:
                stage = .chunked(head, ChunkedDecoder())
            }
        }
        return try readBody(bytes.extracting(consumed...), consumed: &consumed)
    }

    /// The head is consumed as a whole, when it is complete.
    private mutating func readHead(_ bytes: Span<UInt8>, end: inout Int) throws(Refusal) -> RequestHead? {
        if case .requestLine(var scanner) = stage {
            let line = try requestLine(bytes, &scanner)
            guard let line else {
                stage = .requestLine(scanner)
                return nil
            }
            isHead = bytes.extracting(line.method.range).equals("HEAD")
            stage = .fields(line, FieldSection(startingAt: scanner.lineStart))
        }
        guard case .fields(let line, var section) = stage else { return nil }
        guard let sectionEnd = try section.parse(bytes, limits: limits) else {
            stage = .fields(line, section)
            return nil
        }
        let framing = try Framing(section.lines, in: bytes, version: line.version, limits: limits)
        end = sectionEnd
        return RequestHead(
            bytes: Array(bytes.extracting(..<sectionEnd)),
            method: line.method,
            target: line.target,
            version: line.version,
            fields: section.lines,
            host: framing.host,
            framing: framing.body,
            isPersistent: framing.isPersistent,
            expectsContinue: framing.expectsContinue
        )
    }

    private func requestLine(_ bytes: Span<UInt8>, _ scanner: inout LineScanner) throws(Refusal) -> RequestLine? {
        let kind = LineScanner.Kind(
            allowed: .requestLine,
            malformed: .malformedRequestLine,
            tooLong: .targetTooLong
        )
        while true {
            let start = scanner.lineStart
            let line: Range<Int>?
            do {
                line = try scanner.nextLine(in: bytes, kind, atMost: RequestLine.longest(limits))
            } catch .targetTooLong where bytes.firstIndex(of: .space, from: start) ?? .max > start + limits.method {
                throw .methodTooLong
            }
            guard let line else { return nil }
            // RFC 9112 section 2.2: one empty line before a request is overlooked; some clients send one behind a body.
            guard line.isEmpty, start == 0 else { return try RequestLine(line, in: bytes, limits: limits) }
        }
    }

    private mutating func readBody(_ bytes: Span<UInt8>, consumed: inout Int) throws(Refusal) -> Message? {
        switch stage {
        case .length(let head, let remaining):
            let count = min(remaining, bytes.count)
            if body.isEmpty { body.reserveCapacity(min(remaining, Self.firstCapacity)) }
            body.append(bytes.extracting(..<count))
            consumed += count
            guard count == remaining else {
                stage = .length(head, remaining: remaining - count)
                return nil
            }
            return finish(Message(head: head))
        case .chunked(let head, var decoder):
            guard try decoder.decode(bytes, consumed: &consumed, into: &body, limits: limits) else {
                stage = .chunked(head, decoder)
                return nil
            }
            return finish(Message(head: head, trailer: decoder.trailer))
        case .requestLine, .fields:
            preconditionFailure("a body is read behind its head")
        }
    }

    private mutating func finish(_ message: Message) -> Message {
        stage = .requestLine(LineScanner(startingAt: 0))
        isHead = false
        var message = message
        swap(&message.body, &body)
        return message
    }

    /// What is set aside for a body on the word of its `Content-Length` alone.
    private static let firstCapacity = 8 << 10
}
