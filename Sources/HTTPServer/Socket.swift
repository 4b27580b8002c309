import CEpoll
import Glibc

/// What a read or write on a socket that does not wait came to.
enum Transfer: Equatable {
    /// So many bytes went over; at least one.
    case bytes(Int)
    /// Nothing could be done without waiting.
    case wouldBlock
    /// The peer sends no more.
    case end
    /// The connection is broken.
    case failed
    /// The peer speaks plain HTTP where TLS is spoken. What is written from now on is not encrypted.
    case plainText
}

/// System calls on a connected socket that does not block.
///
/// `send` and `sendmsg` with `MSG_NOSIGNAL` in place of `write`: a peer that went away must not raise SIGPIPE.
struct Socket: ~Copyable {
    private let descriptor: FileDescriptor

    init(_ descriptor: consuming FileDescriptor) {
        self.descriptor = descriptor
    }

    var number: Int32 { descriptor.number }

    /// Reads into `buffer` behind its first `offset` bytes, as much as there is room for.
    func read(into buffer: inout [UInt8], at offset: Int) -> Transfer {
        let count = buffer.withUnsafeMutableBytes { room in
            let room = UnsafeMutableRawBufferPointer(rebasing: room[offset...])
            return retried { recv(descriptor.number, room.baseAddress, room.count, 0) }
        }
        return count == 0 ? .end : Transfer(result: count)
    }

    func write(_ bytes: Span<UInt8>) -> Transfer {
        bytes.withUnsafeBytes { bytes in
            Transfer(
                result: retried {
                    send(descriptor.number, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
                }
            )
        }
    }

    /// Writes two parts with one system call.
    func write(_ first: Span<UInt8>, _ second: Span<UInt8>) -> Transfer {
        first.withUnsafeBytes { first in
            second.withUnsafeBytes { second in
                withUnsafeTemporaryAllocation(of: iovec.self, capacity: 2) { parts in
                    parts[0] = iovec(
                        iov_base: UnsafeMutableRawPointer(mutating: first.baseAddress),
                        iov_len: first.count
                    )
                    parts[1] = iovec(
                        iov_base: UnsafeMutableRawPointer(mutating: second.baseAddress),
                        iov_len: second.count
                    )
                    var message = msghdr()
                    message.msg_iov = parts.baseAddress
                    message.msg_iovlen = parts.count
                    return Transfer(
                        result: retried { sendmsg(descriptor.number, &message, Int32(MSG_NOSIGNAL)) }
                    )
                }
            }
        }
    }

    /// Tells the peer that nothing more comes; what it sends can still be read.
    func endWriting() {
        _ = shutdown(descriptor.number, Int32(SHUT_WR))
    }

    /// Makes the coming close a reset: the peer, and whoever holds its bytes in between, learns at once.
    func resetOnClose() {
        var option = linger(l_onoff: 1, l_linger: 0)
        _ = setsockopt(descriptor.number, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
    }
}

extension Transfer {
    fileprivate init(result: Int) {
        if result >= 0 {
            self = .bytes(result)
        } else {
            self = errno == EAGAIN || errno == EWOULDBLOCK ? .wouldBlock : .failed
        }
    }
}

/// Makes a system call again while a signal interrupts it.
@inline(__always)
private func retried(_ call: () -> Int) -> Int {
    var result = call()
    while result < 0, errno == EINTR { result = call() }
    return result
}
