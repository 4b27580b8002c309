/// Who has to do something by when: one queue for each kind of time-out.
///
/// Within a kind all wait equally long, so a queue in order of entry is in order of expiry: entering, leaving and finding
/// the next to expire take constant time, and the head of `idle` is the connection that has been idle longest.
/// The queues are linked through a table indexed by descriptor; a descriptor is in one queue at most.
struct Deadlines {
    enum Kind: UInt8, CaseIterable {
        case idle, header, body, write, linger
    }

    private struct Entry {
        var wait: Wait?
        var previous: Int32 = -1
        var next: Int32 = -1
    }

    private struct Queue {
        var patience: Duration
        var first: Int32 = -1
        var last: Int32 = -1
    }

    private var entries: [Entry] = []
    private var queues: [Queue]

    init(_ limits: Limits) {
        queues = Kind.allCases.map { kind in
            switch kind {
            case .idle: Queue(patience: limits.idleTimeout)
            case .header: Queue(patience: limits.headerTimeout)
            case .body: Queue(patience: limits.bodyTimeout)
            case .write: Queue(patience: limits.writeTimeout)
            case .linger: Queue(patience: limits.lingerTimeout)
            }
        }
    }

    /// Has a descriptor wait since a moment that is not before those already waiting; nil takes it out.
    mutating func set(_ descriptor: Int32, _ wait: Wait?) {
        while entries.count <= Int(descriptor) { entries.append(Entry()) }
        guard entries[Int(descriptor)].wait != wait else { return }
        remove(descriptor)
        guard let wait else { return }
        let kind = wait.kind
        let last = queues[Int(kind.rawValue)].last
        entries[Int(descriptor)] = Entry(wait: wait, previous: last)
        if last >= 0 {
            entries[Int(last)].next = descriptor
        } else {
            queues[Int(kind.rawValue)].first = descriptor
        }
        queues[Int(kind.rawValue)].last = descriptor
    }

    /// The descriptor that has waited longest in a queue.
    func oldest(_ kind: Kind) -> Int32? {
        let first = queues[Int(kind.rawValue)].first
        return first >= 0 ? first : nil
    }

    /// When the next descriptor expires; nil when none waits.
    var next: Duration? {
        var earliest: Duration?
        for queue in queues {
            guard let deadline = deadline(of: queue) else { continue }
            earliest = min(earliest ?? deadline, deadline)
        }
        return earliest
    }

    /// Takes out a descriptor whose time is over.
    mutating func takeExpired(at now: Duration) -> (descriptor: Int32, kind: Kind)? {
        for kind in Kind.allCases {
            let queue = queues[Int(kind.rawValue)]
            if let deadline = deadline(of: queue), deadline <= now {
                remove(queue.first)
                return (queue.first, kind)
            }
        }
        return nil
    }

    private func deadline(of queue: Queue) -> Duration? {
        guard queue.first >= 0, let wait = entries[Int(queue.first)].wait else { return nil }
        return wait.since + queue.patience
    }

    private mutating func remove(_ descriptor: Int32) {
        let entry = entries[Int(descriptor)]
        guard let kind = entry.wait?.kind else { return }
        if entry.previous >= 0 {
            entries[Int(entry.previous)].next = entry.next
        } else {
            queues[Int(kind.rawValue)].first = entry.next
        }
        if entry.next >= 0 {
            entries[Int(entry.next)].previous = entry.previous
        } else {
            queues[Int(kind.rawValue)].last = entry.previous
        }
        entries[Int(descriptor)] = Entry()
    }
}
