/// What a connection has to say: the answer to the request at hand, and the bytes that came of this and earlier ones.
struct Outgoing {
    /// How the request at hand is to be answered.
    var exchange = ResponseWriter.Exchange.refusal(toHead: false)
    private var buffer = OutputBuffer()
    /// The body being streamed, and how many of its bytes `buffer` holds.
    private var flow: StreamFlow?
    private var streamedBytes = 0

    /// Whether the kernel takes no more until the peer has read some.
    var isBlocked: Bool { buffer.isBlocked }
    /// Bytes that are still to be written.
    var count: Int { buffer.count }

    /// Appends a response.
    /// - Returns: Its body when that is better written from where it is: by `write` with this as its tail, at once.
    mutating func append(_ response: Response, date: DateLine) -> [UInt8] {
        let body = ResponseWriter.body(of: response)
        buffer.append { ResponseWriter.writeHead(response, body, to: &exchange, date: date, into: &$0) }
        guard body != .none, !exchange.isHead else { return [] }
        if response.body.count >= Outgoing.directWriteSize, !isBlocked { return response.body }
        buffer.append(response.body)
        return []
    }

    /// Appends the head of a streamed response.
    /// - Returns: Whether its body follows, which it does not in answer to HEAD, for example.
    mutating func begin(_ response: Response, _ flow: StreamFlow, date: DateLine) -> Bool {
        let body = ResponseWriter.streamBody(response, to: exchange)
        if body == .untilClose { exchange.isPersistent = false }
        buffer.append { ResponseWriter.writeHead(response, body, to: &exchange, date: date, into: &$0) }
        guard body != .none, !exchange.isHead else {
            flow.close()
            return false
        }
        self.flow = flow
        return true
    }

    func isStreaming(_ flow: StreamFlow) -> Bool { self.flow === flow }

    mutating func appendChunk(_ bytes: [UInt8]) {
        streamedBytes += bytes.count
        if exchange.version == .http11 {
            buffer.append { ResponseWriter.writeChunk(bytes, into: &$0) }
        } else {
            buffer.append(bytes)
        }
    }

    /// Ends the streamed body.
    mutating func finishStream() {
        if exchange.version == .http11 { buffer.append(ResponseWriter.lastChunk) }
        flow = nil
    }

    /// Whoever writes the streamed body learns that nobody reads it.
    mutating func closeStream() {
        flow?.close()
        flow = nil
    }

    mutating func appendContinue() {
        buffer.append(ResponseWriter.continueResponse)
    }

    /// Writes what the transport takes.
    /// - Returns: How many bytes were taken; nil when the connection is broken.
    mutating func write(to transport: inout Transport, followedBy tail: [UInt8]) -> Int? {
        guard let count = buffer.write(to: &transport, followedBy: tail) else { return nil }
        if !isBlocked, streamedBytes > 0 {
            flow?.release(streamedBytes)
            streamedBytes = 0
        }
        return count
    }

    /// Takes over an empty buffer's room, if it has none of its own.
    mutating func borrow(_ spare: inout [UInt8]) { buffer.borrow(&spare) }

    /// Leaves the room for others when nothing is to be written.
    mutating func giveBack(to spare: inout [UInt8]) { buffer.giveBack(to: &spare) }

    /// A body of this size is written from where it is; a smaller one is cheaper to copy behind its head.
    private static let directWriteSize = 16 << 10
}
