import CEpoll
import Glibc

/// What a descriptor is watched for. Broken connections are reported in any case.
struct Interest: OptionSet, Sendable {
    let rawValue: UInt32
    static let input = Interest(rawValue: EPOLLIN.rawValue)
    static let output = Interest(rawValue: EPOLLOUT.rawValue)
}

/// An epoll instance: level-triggered, each descriptor with a generation, so that an event of one that was closed in the
/// same batch, and whose number is in use again, is told from an event of the new one.
final class Epoll: Sendable {
    let descriptor: FileDescriptor

    init() throws(SystemError) {
        let number = epoll_create1(Int32(EPOLL_CLOEXEC))
        guard number >= 0 else { throw .last("epoll_create1") }
        descriptor = FileDescriptor(owning: number)
    }

    /// - Returns: False when the kernel has no memory for it.
    func add(_ id: ConnectionID, _ interest: Interest) -> Bool {
        control(EPOLL_CTL_ADD, id, interest)
    }

    func change(_ id: ConnectionID, to interest: Interest) {
        // Changing a descriptor that is watched needs no memory; it cannot fail.
        let isChanged = control(EPOLL_CTL_MOD, id, interest)
        precondition(isChanged, "the descriptor is watched")
    }

    func remove(_ id: ConnectionID) {
        _ = control(EPOLL_CTL_DEL, id, [])
    }

    /// Fills `events` with what has happened, or happens within so many milliseconds.
    /// - Returns: How many there are.
    func take(_ events: inout [epoll_event], waiting milliseconds: Int32) -> Int {
        let count = events.withUnsafeMutableBufferPointer { events in
            epoll_wait(descriptor.number, events.baseAddress, Int32(events.count), milliseconds)
        }
        return max(0, Int(count))
    }

    private func control(_ operation: Int32, _ id: ConnectionID, _ interest: Interest) -> Bool {
        var event = epoll_event()
        event.events = interest.rawValue
        event.data.u64 = UInt64(id.generation) << 32 | UInt64(UInt32(bitPattern: id.descriptor))
        return epoll_ctl(descriptor.number, operation, id.descriptor, &event) == 0
    }
}

extension epoll_event {
    var id: ConnectionID {
        ConnectionID(
            descriptor: Int32(bitPattern: UInt32(truncatingIfNeeded: data.u64)),
            generation: UInt32(truncatingIfNeeded: data.u64 >> 32)
        )
    }

    var hasInput: Bool { events & EPOLLIN.rawValue != 0 }
    var hasOutput: Bool { events & EPOLLOUT.rawValue != 0 }
    /// The connection was reset, or is closed in both directions.
    var isBroken: Bool { events & (EPOLLERR.rawValue | EPOLLHUP.rawValue) != 0 }
}
