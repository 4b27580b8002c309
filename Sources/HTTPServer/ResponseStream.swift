/// The body of a response that is written bit by bit, from any thread.
public final class ResponseStream: Sendable {
    let flow: StreamFlow
    private let answerSlot: AnswerSlot

    init(answerSlot: AnswerSlot) {
        self.answerSlot = answerSlot
        flow = StreamFlow(limit: answerSlot.streamBuffer)
    }

    deinit {
        // Without an end the client must see that the body is not whole.
        if flow.close() { answerSlot.post(.abort(flow)) }
    }

    /// Sends bytes, and returns when there is room for more: the peer's reading sets the pace.
    /// - Throws: `StreamClosed` when the peer is gone, the stream is finished or the task is cancelled.
    public func write(_ bytes: [UInt8]) async throws(StreamClosed) {
        guard flow.reserve(bytes.count, beyondLimit: true) else { throw StreamClosed() }
        answerSlot.post(.chunk(flow, bytes))
        guard await flow.room() else { throw StreamClosed() }
    }

    /// Sends bytes if there is room for them now.
    /// - Returns: False when there is none, or nobody who reads: nothing was sent.
    public func offer(_ bytes: [UInt8]) -> Bool {
        guard flow.reserve(bytes.count, beyondLimit: false) else { return false }
        answerSlot.post(.chunk(flow, bytes))
        return true
    }

    /// Ends the body. The connection may then serve its next request.
    public func finish() {
        if flow.close() { answerSlot.post(.finish(flow)) }
    }

    /// Whether writing is over: finished, or the peer is gone.
    public var isClosed: Bool { flow.isClosed }
}

/// Nobody reads the stream any more, or it was finished.
public struct StreamClosed: Error, Equatable {}

/// How much of a stream waits for its peer: known to the writer and to the loop.
final class StreamFlow: Sendable {
    private let limit: Int
    private let state = Lock(State())

    private struct State {
        var waitingBytes = 0
        var isClosed = false
        var writers: [Int: CheckedContinuation<Bool, Never>] = [:]
        var nextWriter = 0
    }

    init(limit: Int) {
        self.limit = limit
    }

    var isClosed: Bool { state.withLock { $0.isClosed } }

    /// Counts bytes in that are about to be sent.
    /// - Parameter beyondLimit: Whether they are counted in even when the buffer is full.
    /// - Returns: Whether they may be sent.
    func reserve(_ count: Int, beyondLimit: Bool) -> Bool {
        state.withLock { state in
            guard !state.isClosed, beyondLimit || state.waitingBytes + count <= limit else { return false }
            state.waitingBytes += count
            return true
        }
    }

    /// Counts bytes out that the kernel took.
    func release(_ count: Int) {
        let writers = state.withLock { state in
            state.waitingBytes -= count
            guard state.waitingBytes <= limit else { return [] as [CheckedContinuation<Bool, Never>] }
            defer { state.writers = [:] }
            return Array(state.writers.values)
        }
        for writer in writers { writer.resume(returning: true) }
    }

    /// Ends the stream; writers that wait are let go.
    /// - Returns: Whether it was open.
    @discardableResult
    func close() -> Bool {
        let (wasOpen, writers) = state.withLock { state in
            let wasOpen = !state.isClosed
            state.isClosed = true
            defer { state.writers = [:] }
            return (wasOpen, Array(state.writers.values))
        }
        for writer in writers { writer.resume(returning: false) }
        return wasOpen
    }

    /// Waits until no more bytes are waiting than the limit.
    /// - Returns: False when the stream was closed, or the task cancelled, first.
    func room() async -> Bool {
        let number = state.withLock { state in
            state.nextWriter += 1
            return state.nextWriter
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let answer: Bool? = state.withLock { state in
                    if state.isClosed || Task.isCancelled { return false }
                    if state.waitingBytes <= limit { return true }
                    state.writers[number] = continuation
                    return nil
                }
                if let answer { continuation.resume(returning: answer) }
            }
        } onCancel: {
            let writer = state.withLock { $0.writers.removeValue(forKey: number) }
            writer?.resume(returning: false)
        }
    }
}
