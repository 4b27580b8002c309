/// What a connection has written and the kernel has not taken yet.
struct OutputBuffer {
    /// Whether the kernel takes no more until the peer has read some.
    private(set) var isBlocked = false
    private var bytes: [UInt8] = []
    /// So many of `bytes` are taken.
    private var taken = 0

    var isEmpty: Bool { taken == bytes.count }
    var count: Int { bytes.count - taken }

    mutating func append(_ more: [UInt8]) {
        bytes.append(contentsOf: more)
    }

    /// Lets `body` append bytes.
    mutating func append(with body: (inout [UInt8]) -> Void) {
        body(&bytes)
    }

    /// Writes what the transport takes, with one system call unless it takes only a part.
    /// - Parameter tail: Bytes behind those appended; what is not taken of them is appended.
    /// - Returns: How many bytes were taken; nil when the connection is broken.
    mutating func write(to transport: inout Transport, followedBy tail: [UInt8] = []) -> Int? {
        var total = 0
        var takenOfTail = 0
        while !isEmpty || takenOfTail < tail.count {
            switch send(to: &transport, followedBy: tail, from: takenOfTail) {
            case .bytes(let count):
                total += count
                let ofBytes = min(count, self.count)
                taken += ofBytes
                takenOfTail += count - ofBytes
            case .wouldBlock:
                isBlocked = true
                drop()
                bytes.append(tail.span.extracting(takenOfTail...))
                return total
            case .end, .failed, .plainText:
                return nil
            }
        }
        drop()
        switch transport.flush() {
        case .bytes: isBlocked = false
        case .wouldBlock: isBlocked = true
        case .end, .failed, .plainText: return nil
        }
        return total
    }

    private func send(to transport: inout Transport, followedBy tail: [UInt8], from start: Int) -> Transfer {
        let pending = bytes.span.extracting(taken...)
        return tail.isEmpty ? transport.write(pending) : transport.write(pending, tail.span.extracting(start...))
    }

    /// Takes over an empty buffer's room, if it has none of its own.
    mutating func borrow(_ spare: inout [UInt8]) {
        if bytes.capacity == 0 { swap(&bytes, &spare) }
    }

    /// Leaves the room for others when nothing is to be written. Buffers that grew large are not passed on.
    mutating func giveBack(to spare: inout [UInt8]) {
        guard isEmpty else { return }
        if spare.capacity == 0, bytes.capacity <= OutputBuffer.largestSpare { swap(&bytes, &spare) }
        bytes = []
    }

    /// Forgets what is taken.
    private mutating func drop() {
        if isEmpty {
            bytes.removeAll(keepingCapacity: true)
        } else {
            bytes.removeFirst(taken)
        }
        taken = 0
    }

    private static let largestSpare = 256 << 10
}
