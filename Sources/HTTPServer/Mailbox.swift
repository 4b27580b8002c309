import CEpoll
import Glibc

/// What other threads have for a loop, taken by it all at once. However much is posted before the loop looks, it is woken
/// once.
final class Mailbox: Sendable {
    private let messages = Lock<[Message]>([])
    /// An eventfd: readable from the first message to the moment they are taken.
    let wakeUp: FileDescriptor

    init() throws(SystemError) {
        let number = eventfd(0, Int32(EFD_NONBLOCK | EFD_CLOEXEC))
        guard number >= 0 else { throw .last("eventfd") }
        wakeUp = FileDescriptor(owning: number)
    }

    func post(_ message: Message) {
        let isFirst = messages.withLock { messages in
            messages.append(message)
            return messages.count == 1
        }
        if isFirst { eventfd_write(wakeUp.number, 1) }
    }

    func takeAll() -> [Message] {
        var count: eventfd_t = 0
        eventfd_read(wakeUp.number, &count)
        return messages.withLock { messages in
            defer { messages = [] }
            return messages
        }
    }
}
