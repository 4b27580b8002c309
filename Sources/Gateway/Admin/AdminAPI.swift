import Delivery
public import EventStore
import JSON
public import Model
import Rules

/// The admin API: what an operator asks, as values. The admin listener and its Unix socket answer with it, and so does
/// the command line in its own process when no gateway is running.
public struct AdminAPI: Sendable {
    public struct Request: Sendable {
        public var method: String
        public var path: String
        /// The decoded parameters of the query; of a name given twice, the last.
        public var query: [String: String]
        public var body: [UInt8]

        public init(_ method: String, _ path: String, query: [String: String] = [:], body: [UInt8] = []) {
            self.method = method
            self.path = path
            self.query = query
            self.body = body
        }
    }

    let store: any EventStore
    /// The gateway that runs in this process; nil when there is only its store.
    let live: (any LiveGateway)?
    private let configured: Places?
    /// Who carries out what is asked for.
    let instructions: any InstructionTaker
    let now: @Sendable () -> Timestamp

    /// The API over a store; without `live`, over one that no gateway has open.
    ///
    /// - Parameter configured: What the gateway's config names, where none is running.
    public init(
        store: any EventStore,
        live: (any LiveGateway)? = nil,
        configured: Places? = nil,
        now: @escaping @Sendable () -> Timestamp = { SystemClock.now() }
    ) {
        self.store = store
        self.live = live
        self.configured = configured
        self.now = now
        instructions = live ?? StoreInstructions(store: store, now: now)
    }

    /// What there is to be named; nil: nobody knows.
    var places: Places? { live?.places() ?? configured }

    /// Answers a request. It may wait for the disk: not to be called on an event loop's queue.
    public func answer(_ request: Request) -> Answer {
        do {
            let path = request.path.split(separator: "/").map(String.init)
            switch (request.method, path.prefix(2).joined(separator: "/"), path.dropFirst(2).first) {
            case ("GET", "metrics", nil): return try metrics()
            case ("GET", "api/status", nil), ("GET", "readyz", nil): return status(detailed: true)
            case ("GET", "api/events", nil): return try events(request)
            case ("GET", "api/events", let id?): return try story(id)
            case ("POST", "api/events", let id?) where path.dropFirst(3) == ["deliveries"]:
                return try add(request, to: id)
            case ("GET", "api/deliveries", nil): return try deliveries(request)
            case ("GET", "api/deliveries", let id?): return try delivery(id)
            case ("GET", "api/authorization", let name?): return try authorizationPage(name)
            case ("POST", "api/authorization", let name?): return try authorize(name, request)
            case ("POST", "api/deliveries", let verb?): return try change(request, verb: verb)
            case ("GET", "api/pauses", nil): return try pauses()
            case ("POST", "api/pause", nil): return try pause(request, isPaused: true)
            case ("POST", "api/resume", nil): return try pause(request, isPaused: false)
            case ("GET", "api/suppressions", nil): return try suppressions()
            case ("POST", "api/suppressions", nil): return try suppress(request, isSuppressed: true)
            case ("DELETE", "api/suppressions", nil): return try suppress(request, isSuppressed: false)
            case ("POST", "api/reload", nil): return try reload()
            default: throw AdminError.notFound("The admin API has no such resource, or not by this method.")
            }
        } catch let error as AdminError {
            return error.problem.answer(id: "-")
        } catch {
            return Problem(503, "Store not readable", "\(error)").answer(id: "-")
        }
    }

    /// Whether the gateway takes events; in detail only for those with a token.
    func status(detailed: Bool) -> Answer {
        guard let live else { return Answer(503, json: ["ready": false, "reason": "no gateway is running"]) }
        let status = live.status()
        return Answer(
            status.isReady ? 200 : 503,
            json: detailed ? status.json : .object([("ready", .bool(status.isReady))])
        )
    }

    func metrics() throws -> Answer {
        let accounts = try live?.accounts() ?? store.accounts()
        let text = Metrics.text(accounts: accounts, backlogs: try store.backlogs(), status: live?.status())
        return Answer(
            200,
            fields: [Field("Content-Type", PrometheusText.contentType)],
            body: Array(text.utf8)
        )
    }

    private func events(_ request: Request) throws -> Answer {
        let filter = EventFilter(
            source: request.query["source"],
            outcome: try request.choice("outcome", of: MappingOutcome.self),
            since: try request.time("since"),
            text: request.query["text"]
        )
        let page = try store.events(filter, from: request.pageStart(), limit: request.limit())
        return Answer(200, json: page.json(named: "events", \.json))
    }

    private func story(_ id: String) throws -> Answer {
        guard let event = EventID(id) else { throw AdminError.malformed("'\(id)' is no event id.") }
        guard let story = try store.story(of: event) else { throw AdminError.notFound("No event has this id.") }
        return Answer(200, json: story.json)
    }

    private func authorizationPage(_ destination: String) throws -> Answer {
        guard let live else { throw AdminError.conflict("No gateway is running that could be authorized.") }
        guard let page = live.authorizationPage(of: destination) else {
            throw AdminError.notFound("There is no destination \(destination) with oauth.")
        }
        return Answer(200, json: page.json)
    }

    private func authorize(_ destination: String, _ request: Request) throws -> Answer {
        guard let live else { throw AdminError.conflict("No gateway is running that could be authorized.") }
        guard let code = request.query["code"], !code.isEmpty else {
            throw AdminError.malformed("code is what the browser came back with.")
        }
        if let reason = live.authorize(destination, code: code) { throw AdminError.conflict(reason) }
        return Answer(200, json: ["authorized": true])
    }

    private func reload() throws -> Answer {
        guard let live else { throw AdminError.conflict("No gateway is running that could reload.") }
        guard let problems = live.reload() else { return Answer(200, json: ["reloaded": true]) }
        throw AdminError.conflict("The config was refused, the one in force stays:\n" + problems)
    }
}

/// What the admin API asks of a running gateway.
public protocol LiveGateway: InstructionTaker {
    func status() -> GatewayStatus
    /// The names that its config has.
    func places() -> Places
    /// The books, with what is counted and not in the store yet.
    func accounts() throws -> Accounts
    /// Where a person's browser begins the authorization of a destination; nil without OAuth.
    func authorizationPage(of destination: String) -> AuthorizationPage?
    /// Exchanges the code that an authorization brought: nil when its tokens are in use, else why not. It waits for the
    /// destination's answer.
    func authorize(_ destination: String, code: String) -> String?
    /// Reads the config anew: nil when it is in force, else its problems, a line each.
    func reload() -> String?
}

/// What a config names.
public struct Places: Sendable {
    public var destinations: [String]
    public var queues: [String]
    public var rules: [String]

    public init(destinations: [String], queues: [String], rules: [String]) {
        self.destinations = destinations
        self.queues = queues
        self.rules = rules
    }

    init(_ config: GatewayConfig) {
        destinations = config.destinations.map(\.name)
        queues = config.queues.map(\.name)
        rules = config.rules.definitions.map(\.name)
    }
}

/// Why the admin API did not do what it was asked.
struct AdminError: Error {
    let problem: Problem

    static func malformed(_ detail: String) -> AdminError { AdminError(problem: Problem(400, "Malformed", detail)) }
    static func notFound(_ detail: String) -> AdminError { AdminError(problem: Problem(404, "Not found", detail)) }
    static func conflict(_ detail: String) -> AdminError { AdminError(problem: Problem(409, "Not done", detail)) }
}

extension AdminAPI.Request {
    func choice<Choice: RawRepresentable<String> & CaseIterable>(
        _ name: String,
        of type: Choice.Type
    ) throws -> Choice? {
        guard let text = query[name] else { return nil }
        guard let choice = Choice(rawValue: text) else {
            let known = Choice.allCases.map(\.rawValue).joined(separator: ", ")
            throw AdminError.malformed("\(name) is one of \(known).")
        }
        return choice
    }

    func time(_ name: String) throws -> Timestamp? {
        guard let text = query[name] else { return nil }
        guard let time = Timestamp(rfc3339: text) else {
            throw AdminError.malformed("\(name) is an RFC 3339 time: 2026-01-31T09:30:00Z.")
        }
        return time
    }

    func eventID(_ name: String) throws -> EventID? {
        guard let text = query[name] else { return nil }
        guard let id = EventID(text) else { throw AdminError.malformed("'\(text)' is no event id.") }
        return id
    }

    fileprivate func place(_ name: String) throws -> Int64? {
        guard let text = query[name] else { return nil }
        guard let place = Int64(text) else { throw AdminError.malformed("\(name) is a place: a whole number.") }
        return place
    }

    func pageStart(usually start: PageStart = .newest) throws -> PageStart {
        if let before = try place("before") { return .before(before) }
        if let after = try place("after") { return .after(after) }
        return start
    }

    func limit(usually count: Int = 50) throws -> Int {
        guard let text = query["limit"] else { return count }
        guard let limit = Int(text), (1...1_000).contains(limit) else {
            throw AdminError.malformed("limit is a number from 1 to 1000.")
        }
        return limit
    }
}

extension Page {
    /// The elements under `name`, and `before` or `after`: what to give for the next page; absent on the last.
    func json(named name: String, _ element: (Element) -> JSONValue) -> JSONValue {
        var members: [(String, JSONValue)] = [(name, .array(elements.map(element)))]
        switch next {
        case .before(let place): members.append(("before", .integer(place)))
        case .after(let place): members.append(("after", .integer(place)))
        case .newest, nil: break
        }
        return .object(members)
    }
}
