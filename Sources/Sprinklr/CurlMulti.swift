import CCurl
import CEpoll
import Dispatch
import Glibc
import Model

/// libcurl's multi interface, for one owner on one queue: not `Sendable`, and every callback of libcurl comes while the
/// owner is inside one of these methods. All unsafe code of this module is in this file and
/// in `CurlTransfer.swift`.
final class CurlMulti {
    /// The identity of a call under way.
    struct Ticket: Hashable, Comparable {
        let number: UInt64
        static func < (one: Ticket, other: Ticket) -> Bool { one.number < other.number }
    }

    /// An epoll descriptor, readable when `actOnReadySockets` has something to do. The owner closes it.
    let descriptor: Int32
    /// When `actOnTimeout` is due; nil: not before something else happens.
    private(set) var deadline: DispatchTime?

    private let settings: HTTPClientSettings
    private let multi: UnsafeMutableRawPointer
    private var lastTicket: UInt64 = 0
    private var transfers: [Ticket: CurlTransfer] = [:]
    private var tickets: [UnsafeMutableRawPointer: Ticket] = [:]
    private var idle: [CurlTransfer] = []
    private var refused: [(Ticket, HTTPResult)] = []
    private var ready = [epoll_event](repeating: epoll_event(), count: 128)

    /// libcurl asks for its global state once a process, before any other call.
    private static let globalResult = curl_global_init(Int(CURL_GLOBAL_ALL))

    init(_ settings: HTTPClientSettings) throws(HTTPClientError) {
        guard Self.globalResult == CURLE_OK, let multi = curl_multi_init() else {
            throw HTTPClientError(description: "libcurl could not be started")
        }
        descriptor = epoll_create1(Int32(EPOLL_CLOEXEC))
        guard descriptor >= 0 else {
            curl_multi_cleanup(multi)
            throw HTTPClientError(description: "epoll_create1: \(String(cString: strerror(errno)))")
        }
        self.settings = settings
        self.multi = multi
        let context = Unmanaged.passUnretained(self).toOpaque()
        _ = journey_multi_setopt_long(multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, settings.maxConnections)
        _ = journey_multi_setopt_long(multi, CURLMOPT_MAXCONNECTS, settings.maxConnections)
        _ = journey_multi_setopt_pointer(multi, CURLMOPT_SOCKETDATA, context)
        _ = journey_multi_setopt_pointer(multi, CURLMOPT_TIMERDATA, context)
        _ = journey_multi_setopt_socket(multi) { _, socket, interest, context, known in
            CurlMulti.at(context)?.watch(socket, interest, isKnown: known != nil)
            return 0
        }
        _ = journey_multi_setopt_timer(multi) { _, milliseconds, context in
            CurlMulti.at(context)?.deadline = milliseconds < 0 ? nil : .now() + .milliseconds(milliseconds)
            return 0
        }
    }

    /// Ends all calls and closes all connections. The last method to be called.
    func cleanUp() {
        for transfer in transfers.values { curl_multi_remove_handle(multi, transfer.easy) }
        transfers = [:]
        idle = []
        curl_multi_cleanup(multi)
    }

    func nextTicket() -> Ticket {
        lastTicket += 1
        return Ticket(number: lastTicket)
    }

    func start(_ call: HTTPCall, _ ticket: Ticket, onChunk: (@Sendable ([UInt8]) -> Void)?) {
        guard let transfer = idle.popLast() ?? CurlTransfer(settings) else {
            return refused.append((ticket, .failed(HTTPFailure(.connect, "libcurl is out of memory"))))
        }
        let fault = transfer.begin(call, onChunk: onChunk)
        guard fault == CURLE_OK else {
            return refused.append((ticket, .failed(HTTPFailure(.invalid, String(cString: curl_easy_strerror(fault))))))
        }
        let result = curl_multi_add_handle(multi, transfer.easy)
        precondition(result == CURLM_OK, "a handle is under way once, and not within a callback")
        transfers[ticket] = transfer
        tickets[transfer.easy] = ticket
        actOnDeadlinesOfNow()
    }

    func actOnReadySockets() {
        let count = epoll_wait(descriptor, &ready, Int32(ready.count), 0)
        var running: Int32 = 0
        for event in ready.prefix(Int(max(count, 0))) {
            var mask: Int32 = 0
            if event.events & EPOLLIN.rawValue != 0 { mask |= CURL_CSELECT_IN }
            if event.events & EPOLLOUT.rawValue != 0 { mask |= CURL_CSELECT_OUT }
            if event.events & (EPOLLERR.rawValue | EPOLLHUP.rawValue) != 0 { mask |= CURL_CSELECT_ERR }
            curl_multi_socket_action(multi, event.data.fd, mask, &running)
        }
        actOnDeadlinesOfNow()
    }

    func actOnTimeout() {
        guard let deadline, deadline <= .now() else { return }
        self.deadline = nil
        var running: Int32 = 0
        curl_multi_socket_action(multi, journey_socket_timeout, 0, &running)
        actOnDeadlinesOfNow()
    }

    /// The calls that have ended since this was last asked.
    func takeFinished() -> [(Ticket, HTTPResult)] {
        var finished = refused
        refused = []
        var queued: Int32 = 0
        while let message = curl_multi_info_read(multi, &queued) {
            guard message.pointee.msg == CURLMSG_DONE, let easy = message.pointee.easy_handle else { continue }
            // Removing the handle ends the message's life.
            let code = journey_message_result(message)
            guard let ticket = tickets[easy], let transfer = transfers[ticket] else { continue }
            finished.append((ticket, transfer.result(code)))
            release(ticket, transfer)
        }
        return finished
    }

    /// Ends a call without an answer; nil when it is not under way any more.
    func giveUp(_ ticket: Ticket) -> HTTPFailure.Written? {
        guard let transfer = transfers[ticket] else { return nil }
        let written = transfer.written
        release(ticket, transfer)
        return written
    }

    private func release(_ ticket: Ticket, _ transfer: CurlTransfer) {
        curl_multi_remove_handle(multi, transfer.easy)
        transfers[ticket] = nil
        tickets[transfer.easy] = nil
        transfer.end()
        if idle.count < settings.maxConnections { idle.append(transfer) }
    }

    /// libcurl asks for a turn "now" after most of its steps. Some of them at once spare the way through a timer; a
    /// bound keeps the queue free for others.
    private func actOnDeadlinesOfNow() {
        var running: Int32 = 0
        for _ in 0..<4 {
            guard let deadline, deadline <= .now() else { return }
            self.deadline = nil
            curl_multi_socket_action(multi, journey_socket_timeout, 0, &running)
        }
    }

    private func watch(_ socket: Int32, _ interest: Int32, isKnown: Bool) {
        var event = epoll_event()
        event.data.fd = socket
        switch interest {
        case CURL_POLL_IN: event.events = EPOLLIN.rawValue
        case CURL_POLL_OUT: event.events = EPOLLOUT.rawValue
        case CURL_POLL_INOUT: event.events = EPOLLIN.rawValue | EPOLLOUT.rawValue
        default:
            epoll_ctl(descriptor, EPOLL_CTL_DEL, socket, nil)
            return
        }
        // A number that was closed and is in use again is not in the epoll set, whatever libcurl thinks.
        if epoll_ctl(descriptor, isKnown ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, socket, &event) != 0 {
            epoll_ctl(descriptor, isKnown ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, socket, &event)
        }
        // What is assigned says, the next time, that the socket is known; libcurl forgets it when it is removed.
        if !isKnown { curl_multi_assign(multi, socket, Unmanaged.passUnretained(self).toOpaque()) }
    }

    private static func at(_ context: UnsafeMutableRawPointer?) -> CurlMulti? {
        context.map { Unmanaged<CurlMulti>.fromOpaque($0).takeUnretainedValue() }
    }
}
