import Synchronization

/// Takes the one answer to a request from whichever thread has it to the connection's loop.
///
/// While the handler runs, an answer is left here and picked up when the handler returns: no lock, no wake-up. After that
/// it goes through the loop's mailbox.
final class AnswerSlot: @unchecked Sendable {
    // `Sendable` by this: `answer` is written by the one caller that raises `isAnswered`, before it moves `stage` from
    // `calling` to `answered` with a release; it is read only by the loop, after it has seen `answered` with an acquire.
    // All else is immutable.
    private var answer: Answer?
    private let isAnswered = Atomic(false)
    private let stage = Atomic(Stage.calling)
    private let mailbox: Mailbox
    private let connection: ConnectionID
    let streamBuffer: Int

    private enum Stage: UInt8, AtomicRepresentable {
        /// The handler runs.
        case calling
        /// The handler returned without an answer; whoever has it posts it.
        case waiting
        /// The answer came while the handler ran.
        case answered
    }

    init(mailbox: Mailbox, connection: ConnectionID, streamBuffer: Int) {
        self.mailbox = mailbox
        self.connection = connection
        self.streamBuffer = streamBuffer
    }

    deinit {
        if !isAnswered.load(ordering: .relaxed) { post(.unanswered) }
    }

    /// Gives the answer; all but the first are ignored.
    func answer(_ answer: Answer) {
        guard !isAnswered.exchange(true, ordering: .relaxed) else { return }
        self.answer = answer
        let (isLeftHere, _) = stage.compareExchange(expected: .calling, desired: .answered, ordering: .releasing)
        if !isLeftHere {
            self.answer = nil
            post(.answer(answer))
        }
    }

    /// Called by the loop when the handler has returned.
    /// - Returns: The answer if it is there; if nil, it comes through the mailbox.
    func takeAfterCall() -> Answer? {
        let (isOpen, _) = stage.compareExchange(expected: .calling, desired: .waiting, ordering: .acquiring)
        guard !isOpen else { return nil }
        defer { answer = nil }
        return answer
    }

    func post(_ content: Message.Content) {
        mailbox.post(Message(connection: connection, content: content))
    }
}

/// How a request is answered: whole, or by a stream.
enum Answer: Sendable {
    case response(Response)
    case stream(Response, StreamFlow)
}

/// What other threads tell a loop about one of its connections.
struct Message: Sendable {
    let connection: ConnectionID
    let content: Content

    enum Content: Sendable {
        case answer(Answer)
        /// All copies of the responder went without an answer.
        case unanswered
        case chunk(StreamFlow, [UInt8])
        case finish(StreamFlow)
        case abort(StreamFlow)
    }
}

/// Names a connection of a loop: descriptors are used again, generations are not.
struct ConnectionID: Hashable, Sendable {
    let descriptor: Int32
    let generation: UInt32
}
