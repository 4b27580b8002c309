import Dispatch
import EventStore
import HTTPServer
import HTTPTypes
import JSON
import Model
import Rules
import Webhooks

/// The way of a webhook: receive, verify, decode, map, append, answer.
///
/// Everything up to the append happens on the connection's event loop, but for large bodies, which have a queue of
/// their own so that they hold nobody up. The answer is given when the events are on disk.
final class Pipeline: Sendable {
    /// Bodies beyond this are decoded and mapped off the event loop: some 5 ms of work at the slowest.
    static let inlineBodyBytes = 128 << 10

    /// What is called once events are on disk: with their deliveries, and with the earlier ones that were called off or
    /// come in the place of such.
    typealias Handover = @Sendable (_ deliveries: [Delivery], _ moved: [Delivery]) -> Void

    private let routes: Lock<Routes>
    private let writer: Writer
    private let deliver: Handover
    private let notify: @Sendable (Notice) -> Void
    private let now: @Sendable () -> Timestamp
    private let ids = Lock(EventIDs())
    /// What the batch being answered has for delivery.
    private let fresh = Lock(Fresh())
    private let largeBodies = DispatchQueue(label: "Gateway.Pipeline.largeBodies")

    init(
        routes: Routes,
        writer: Writer,
        now: @escaping @Sendable () -> Timestamp,
        deliver: @escaping Handover,
        notify: @escaping @Sendable (Notice) -> Void
    ) {
        self.routes = Lock(routes)
        self.writer = writer
        self.now = now
        self.deliver = deliver
        self.notify = notify
    }

    /// Requests that arrive from now on are received by these.
    func replace(routes new: Routes) {
        routes.withLock { $0 = new }
    }

    /// Answers a request, now or once its events are on disk.
    func receive(_ request: Request, _ responder: Responder) {
        let routes = routes.withLock { $0 }
        guard let route = routes[request.path] else {
            return refuse(.unknownPath, source: Routes.nobody, reason: "path", request, responder)
        }
        let receivedAt = now()
        if let seconds = route.secondsUntilAllowed(request.peer, at: receivedAt) {
            let refusal = Webhooks.Refusal.rateLimited(retryAfterSeconds: seconds)
            return refuse(refusal.problem, source: route.name, reason: refusal.account, request, responder)
        }
        let webhook = Webhook(request, receivedAt: receivedAt)
        if request.body.count > Self.inlineBodyBytes {
            largeBodies.async { @Sendable in self.receive(webhook, by: route, request, responder) }
        } else {
            receive(webhook, by: route, request, responder)
        }
    }

    private func receive(_ webhook: Webhook, by route: Route, _ request: Request, _ responder: Responder) {
        switch route.source.receive(webhook, makeID: { makeID(at: webhook.receivedAt) }) {
        case .answered(let answer):
            count(.answered, route.name)
            responder.respond(Response(answer))
        case .refused(let refusal):
            var problem = refusal.problem
            problem.fields += route.source.crossOriginFields(for: webhook)
            refuse(problem, source: route.name, reason: refusal.account, request, responder)
        case .decoded(let events, let dropped, let accepted):
            let mapped = events.map { MappedEvent(event: $0, mapping: route.rules.map($0)) }
            let receipt = Receipt(
                source: route.name,
                events: mapped,
                dropped: dropped,
                dedupe: route.source.dedupe
            )
            writer.append(receipt) { [self] result in
                switch result {
                case .success(let appended):
                    responder.respond(Response(accepted.answer(for: appended)))
                    handOver(mapped, appended, source: route.name)
                case .failure:
                    refuse(.storeUnavailable(), source: route.name, reason: "store", request, responder)
                }
            }
        }
    }

    private func handOver(_ mapped: [MappedEvent], _ appended: [Appended], source: String) {
        for (event, appended) in zip(mapped, appended) {
            switch appended {
            case .accepted(_, let deliveries, let moved):
                keep(deliveries, moved)
                notify(.accepted(event, deliveries: deliveries))
            case .duplicate(let original, _):
                notify(.duplicate(of: original, source: source))
            }
        }
    }

    /// Keeps what is to be delivered until all of the batch are answered: one hand-over for all of it.
    private func keep(_ deliveries: [Delivery], _ moved: [Delivery]) {
        if deliveries.isEmpty && moved.isEmpty { return }
        let isFirst = fresh.withLock { fresh in
            defer {
                fresh.deliveries += deliveries
                fresh.moved += moved
            }
            return fresh.deliveries.isEmpty && fresh.moved.isEmpty
        }
        guard isFirst else { return }
        writer.afterBatch { [self] in
            let fresh = fresh.withLock { fresh in
                defer { fresh = Fresh() }
                return fresh
            }
            deliver(fresh.deliveries, fresh.moved)
        }
    }

    // MARK: Refusing

    private func refuse(
        _ problem: Problem,
        source: String,
        reason: String,
        _ request: Request,
        _ responder: Responder
    ) {
        count(.refused(reason), source)
        let id = makeID()
        responder.respond(Response(problem.answer(id: id)))
        notify(.refused(source: source, problem: problem, id: id, peer: request.peer))
    }

    /// Counts and tells of a request that the server refused by itself.
    func refused(_ request: RefusedRequest) {
        count(.refused(request.reason), Routes.nobody)
        let problem = Problem(request.status, request.reason, "")
        let peer = request.peer?.description ?? ""
        notify(.refused(source: Routes.nobody, problem: problem, id: request.id, peer: peer))
    }

    /// An id for something that is to be found in the log.
    func makeID() -> String { makeID(at: now()).description }

    private func count(_ outcome: Account.Entry, _ source: String) {
        writer.count([Account(source: source, entry: .requests): 1, Account(source: source, entry: outcome): 1])
    }

    private func makeID(at moment: Timestamp) -> EventID {
        ids.withLock { $0.next(at: moment) }
    }
}

/// Deliveries that are on disk, and earlier ones that were called off or come in the place of such.
private struct Fresh {
    var deliveries: [Delivery] = []
    var moved: [Delivery] = []
}

private struct EventIDs {
    private var generator = EventIDGenerator()
    private var random = SystemRandomNumberGenerator()

    mutating func next(at moment: Timestamp) -> EventID { generator.next(at: moment, using: &random) }
}

// MARK: - What a request and an answer are to each side

extension Webhook {
    init(_ request: Request, receivedAt: Timestamp) {
        self.init(
            method: request.method.rawValue,
            url: request.url,
            path: request.path,
            query: request.query ?? "",
            fields: request.rawFields.map { Field($0.name, $0.value) },
            body: request.body,
            peer: request.peer,
            receivedAt: receivedAt
        )
    }
}

extension Response {
    init(_ answer: Answer) {
        var fields = HTTPFields()
        for field in answer.fields {
            guard let name = HTTPField.Name(field.name) else { continue }
            fields.append(HTTPField(name: name, value: field.value))
        }
        // What an answer repeats of a request is never taken by a browser for something else than it says it is.
        if !answer.body.isEmpty { fields.append(HTTPField(name: .xContentTypeOptions, value: "nosniff")) }
        self.init(answer.status, fields: fields, body: answer.body)
    }
}

extension Problem {
    static let unknownPath = Problem(404, "Not found", "No source listens at this path.")

    /// The sender keeps its event and comes again; the seconds are spread so that not all come at once.
    static func storeUnavailable() -> Problem {
        let seconds = Int.random(in: 2...10)
        return Problem(
            503,
            "Not accepted for now",
            "The event could not be stored; send it again.",
            fields: [Field("Retry-After", String(seconds))]
        )
    }
}
