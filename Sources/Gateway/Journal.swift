import Dispatch
import EventStore
import Glibc
import JSON
import Logging
import Model

/// Tells of what happens: to the log, and, when somebody follows, to the terminal.
///
/// Lines are made and written on a queue of its own, so that a slow reader of them holds nobody up; beyond `capacity`
/// they are left out, and how many is told.
final class Journal: Sendable {
    static let capacity = 10_000

    private struct Backlog {
        var waiting: [Notice] = []
        var leftOut = 0
        var isBeingWritten = false
    }

    private let logger: Logger
    private let follower: Follower?
    private let queue = DispatchQueue(label: "Gateway.Journal")
    private let backlog = Lock(Backlog())

    /// Who reads each event's way on standard output.
    struct Follower: Sendable {
        /// The command, to be followed by an event's id, that drafts a rule for it.
        var draftCommand: String
    }

    /// - Parameter follower: Nil: nobody.
    init(logger: Logger, follower: Follower?) {
        self.logger = logger
        self.follower = follower
    }

    func note(_ notice: Notice) {
        if follower == nil, notice.level < logger.logLevel { return }
        let isFirst = backlog.withLock { backlog in
            guard backlog.waiting.count < Self.capacity else {
                backlog.leftOut += 1
                return false
            }
            backlog.waiting.append(notice)
            defer { backlog.isBeingWritten = true }
            return !backlog.isBeingWritten
        }
        guard isFirst else { return }
        queue.async { @Sendable [self] in write() }
    }

    /// Writes what waits, until nothing does any more.
    private func write() {
        while let (notices, leftOut) = take() {
            for notice in notices {
                logger.log(level: notice.level, notice.message, metadata: notice.metadata)
                if let follower { Terminal.write(notice.terminalText(for: follower)) }
            }
            if leftOut > 0 { logger.warning("log lines left out", metadata: ["count": "\(leftOut)"]) }
        }
    }

    private func take() -> ([Notice], leftOut: Int)? {
        backlog.withLock { backlog in
            guard !backlog.waiting.isEmpty else {
                backlog.isBeingWritten = false
                return nil
            }
            defer { (backlog.waiting, backlog.leftOut) = ([], 0) }
            return (backlog.waiting, backlog.leftOut)
        }
    }

    /// Returns when all that was noted is written.
    func flush() async {
        await withCheckedContinuation { continuation in
            queue.async { @Sendable in continuation.resume() }
        }
    }
}

/// Standard output, unbuffered: a line is there when it is written.
public enum Terminal {
    public static func write(_ text: String) {
        let bytes = Array((text + "\n").utf8)
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(STDOUT_FILENO, $0.baseAddress, $0.count) }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }
}

// MARK: - What a notice says

extension Notice {
    /// `error` means that a person must act.
    var level: Logger.Level {
        switch self {
        case .accepted(let event, _): event.mapping.failures.isEmpty ? .debug : .warning
        case .duplicate: .debug
        case .refused: .info
        case .attempted(let delivery, _): delivery.state == .dead ? .warning : .info
        case .operation(let operation): operation.level
        }
    }

    var message: Logger.Message {
        switch self {
        case .accepted(let event, _): event.mapping.failures.isEmpty ? "event accepted" : "event not mapped"
        case .duplicate: "event known already"
        case .refused: "request refused"
        case .attempted: "call ended"
        case .operation(let operation): operation.message
        }
    }

    var metadata: Logger.Metadata {
        switch self {
        case .accepted(let mapped, let deliveries):
            var metadata: Logger.Metadata = [
                "event.id": "\(mapped.event.id)", "source": "\(mapped.event.source)",
                "deliveries": .array(deliveries.map { "\($0.id)" }),
            ]
            if let topic = mapped.event.topic { metadata["topic"] = "\(topic)" }
            if !mapped.mapping.failures.isEmpty {
                metadata["failures"] = .array(
                    mapped.mapping.failures.map { "\($0.rule), \($0.place): \($0.reason)" }
                )
            }
            return metadata
        case .duplicate(let original, let source):
            return ["event.id": "\(original)", "source": "\(source)"]
        case .refused(let source, let problem, let id, let peer):
            return [
                "id": "\(id)", "source": "\(source)", "peer": "\(peer)", "status": "\(problem.status)",
                "reason": "\(problem.title)",
            ]
        case .attempted(let delivery, let result):
            var metadata: Logger.Metadata = [
                "delivery.id": "\(delivery.id)", "event.id": "\(delivery.event)", "rule": "\(delivery.rule)",
                "attempt": "\(delivery.attemptsMade)", "outcome": "\(result.outcome.name)",
                "state": "\(delivery.state.rawValue)",
            ]
            if let status = result.status { metadata["status"] = "\(status)" }
            return metadata
        case .operation(let operation):
            return operation.metadata
        }
    }

    /// What the terminal of `serve --follow` shows: a line or some.
    func terminalText(for follower: Journal.Follower) -> String {
        switch self {
        case .accepted(let mapped, let deliveries):
            let event = mapped.event
            var lines = [
                "\(event.receivedAt)  \(event.id)  \(event.source)  \(event.topic ?? "-")  "
                    + mapped.mapping.outcome.rawValue
            ]
            lines += mapped.mapping.failures.map { StoryText.line(failure: $0.json) }
            lines += deliveries.map { StoryText.line(delivery: $0.json) }
            if mapped.mapping.outcome == .unmatched && mapped.mapping.cancellations.isEmpty {
                lines.append("  no rule matched; draft one: \(follower.draftCommand) \(event.id)")
            }
            return lines.joined(separator: "\n")
        case .duplicate(let original, let source):
            return "\(SystemClock.now())  \(original)  \(source)  came again; nothing is sent twice"
        case .refused(let source, let problem, _, let peer):
            return
                "\(SystemClock.now())  \(source)  \(problem.status) \(problem.title) (from \(peer)): \(problem.detail)"
        case .attempted(let delivery, let result):
            let answer = result.status.map { "\($0) " } ?? ""
            var text =
                "\(SystemClock.now())  \(delivery.event)  delivery \(delivery.id), attempt "
                + "\(delivery.attemptsMade): \(answer)\(result.outcome.name) → \(delivery.state.rawValue)"
            if delivery.state != .delivered && delivery.state != .dry && !result.detail.isEmpty {
                text += "\n    " + result.detail.prefix(200).replacing("\n", with: " ")
            }
            return text
        case .operation(let operation):
            return operation.terminalText
        }
    }
}

extension Notice.Operation {
    var level: Logger.Level {
        switch self {
        case .listening, .sandboxInPlace, .configReloaded, .certificatesReread, .destinationResumed, .storeRecovered,
            .draining, .note:
            .notice
        case .configRefused, .certificatesRefused, .destinationTrouble: .warning
        case .destinationPaused, .storeFailed, .imbalance: .error
        }
    }

    var message: Logger.Message {
        switch self {
        case .listening: "listening"
        case .sandboxInPlace: "the sandbox stands in the destination's place"
        case .configReloaded: "config reloaded"
        case .configRefused: "config refused, the one in force stays"
        case .certificatesReread: "certificates reread"
        case .certificatesRefused: "certificates refused, those in use stay"
        case .destinationPaused: "destination paused"
        case .destinationResumed: "destination resumed"
        case .destinationTrouble: "destination in trouble"
        case .storeFailed: "the store takes nothing; webhooks are answered 503 until it does"
        case .storeRecovered: "the store takes events again"
        case .imbalance: "the books do not balance"
        case .draining: "draining"
        case .note: "note"
        }
    }

    var metadata: Logger.Metadata {
        switch self {
        case .listening(let address, let purpose): ["address": "\(address)", "purpose": "\(purpose)"]
        case .sandboxInPlace(let address, let destination):
            ["address": "\(address)", "destination": "\(destination)"]
        case .configReloaded, .certificatesReread, .storeRecovered, .draining: [:]
        case .configRefused(let problems): ["problems": "\(problems)"]
        case .destinationPaused(let name, let reason), .destinationTrouble(let name, let reason):
            ["destination": "\(name)", "reason": "\(reason)"]
        case .destinationResumed(let name): ["destination": "\(name)"]
        case .storeFailed(let reason), .certificatesRefused(let reason): ["reason": "\(reason)"]
        case .imbalance(let sentence): ["equation": "\(sentence)"]
        case .note(let text): ["text": "\(text)"]
        }
    }

    var terminalText: String {
        switch self {
        case .listening(let address, let purpose): "\(purpose): \(address)"
        case .sandboxInPlace(let address, let destination):
            "dry run: the built-in sandbox (\(address)) stands in the place of \(destination); nothing leaves this machine"
        case .configRefused(let problems): "config refused, the one in force stays:\n\(problems)"
        case .note(let text): text
        case .configReloaded, .certificatesReread, .certificatesRefused, .destinationPaused, .destinationResumed,
            .destinationTrouble, .storeFailed, .storeRecovered, .imbalance, .draining:
            metadata.isEmpty
                ? "\(message)"
                : "\(message): " + metadata.sorted { $0.key < $1.key }.map { "\($0.value)" }.joined(separator: ", ")
        }
    }
}
