import Delivery
import EventStore
import Glibc
import JSON
import Model
import Rules
import Sprinklr

/// `check --live`: whether the world is as the config has it. Clock, disk, names, TLS, credentials, journeys.
///
/// Calls are counted in the store, as all of them draw on the quota. While a gateway runs, the store and the quota are
/// its own: then it is asked how it fares.
public struct LiveCheck: Sendable {
    public struct Finding: Sendable, Equatable {
        public enum Verdict: String, Sendable {
            case fine = "ok"
            case unknown = "?"
            case wrong = "FAILED"
        }

        public let verdict: Verdict
        public let subject: String
        public let words: String

        public var text: String {
            verdict.rawValue + String(repeating: " ", count: 8 - verdict.rawValue.utf8.count) + subject + ": " + words
        }
    }

    /// A clock that is further off than this makes signatures look stale, and waits wrong.
    private static let clockTolerance = Duration.seconds(5)
    private static let wantedDiskBytes = UInt64(256) << 20

    private let config: GatewayConfig
    private let client: AdminClient?
    private let http: HTTPClient

    /// - Parameter socket: where a running gateway listens, if not beside its store.
    public init(_ config: GatewayConfig, socket: String?) throws {
        self.config = config
        client = try? AdminClient(liveAt: config.socketPath(overridden: socket))
        http = try HTTPClient()
    }

    public func run() async throws -> [Finding] {
        var findings = [disk()]
        for destination in config.destinations {
            guard !destination.delivery.isDryRun else {
                findings.append(Finding(verdict: .fine, subject: destination.name, words: "dry: the sandbox answers"))
                continue
            }
            findings += await reach(destination)
            if findings.contains(where: { $0.verdict == .wrong && $0.subject.hasPrefix(destination.name) }) { continue }
            findings += try await authorize(destination)
        }
        try await client?.close()
        await http.close(within: .zero)
        return findings
    }

    // MARK: This machine

    private func disk() -> Finding {
        let folder = config.storePath.lastIndex(of: "/").map { String(config.storePath[...$0]) } ?? "."
        var status = statvfs()
        guard statvfs(folder, &status) == 0 else {
            return Finding(verdict: .wrong, subject: "disk", words: "\(folder): \(String(cString: strerror(errno)))")
        }
        let free = UInt64(status.f_bavail) * UInt64(status.f_frsize)
        let words = "\(free >> 20) MiB free in \(folder)"
        guard access(folder, W_OK) == 0 else {
            return Finding(verdict: .wrong, subject: "disk", words: "\(folder) cannot be written")
        }
        return Finding(verdict: free < Self.wantedDiskBytes ? .wrong : .fine, subject: "disk", words: words)
    }

    // MARK: The way to a destination

    /// One request outside the API, which no quota counts: its answer tells of name, connection, TLS and clock.
    private func reach(_ destination: DestinationConfig) async -> [Finding] {
        let url = destination.sprinklr.baseURL
        let subject = destination.name
        switch await http.send(HTTPCall("HEAD", url.origin + "/", timeout: destination.sprinklr.timeout)) {
        case .failed(let failure):
            let step =
                switch failure.reason {
                case .resolve: "name"
                case .tls: "TLS"
                default: "connection"
                }
            let words = "\(url.host): \(failure.message)"
            return [Finding(verdict: .wrong, subject: "\(subject) \(step)", words: words)]
        case .answered(let answer):
            let way = url.description.hasPrefix("https:") ? "name, connection and TLS" : "name and connection"
            return [Finding(verdict: .fine, subject: "\(subject) \(way)", words: url.host), clock(subject, answer)]
        }
    }

    private func clock(_ subject: String, _ answer: HTTPAnswer) -> Finding {
        let now = SystemClock.now()
        guard let date = answer.date else {
            return Finding(verdict: .unknown, subject: "\(subject) clock", words: "the answer tells no time")
        }
        let apart = now.since(date)
        let isClose = apart > .zero - Self.clockTolerance && apart < Self.clockTolerance
        let words = isClose ? "as the destination's" : "\(apart.components.seconds) s from the destination's"
        return Finding(verdict: isClose ? .fine : .wrong, subject: "\(subject) clock", words: words)
    }

    // MARK: Credentials and journeys

    private func authorize(_ destination: DestinationConfig) async throws -> [Finding] {
        let subject = destination.name
        if let client { return [try await running(client, subject)] }
        // A store that is not there yet is not made by looking.
        guard access(config.storePath, F_OK) == 0 else {
            return await search(destination, Tokens(destination.credentials, stored: nil, renewing: nil), store: nil)
        }
        let store = try SQLiteEventStore(path: config.storePath)
        let tokens = Tokens(
            destination.credentials,
            stored: try store.setting(DeliveryEngine.tokenSetting(destination: subject)),
            renewing: try store.setting(DeliveryEngine.renewalSetting(destination: subject))
        )
        let findings = await search(destination, tokens, store: store)
        try store.close()
        return findings
    }

    private func running(_ client: AdminClient, _ subject: String) async throws -> Finding {
        let status = try await client.get("/api/status")
        let found = status["destinations"]?.elements?.first { $0["name"]?.stringValue == subject }
        if let reason = found?["paused"]?.stringValue {
            return Finding(verdict: .wrong, subject: "\(subject) credentials", words: reason)
        }
        let words = "a gateway runs and calls with them; journeys are looked at while none runs"
        return Finding(verdict: .fine, subject: "\(subject) credentials", words: words)
    }

    private func search(
        _ destination: DestinationConfig,
        _ tokens: Tokens,
        store: SQLiteEventStore?
    ) async -> [Finding] {
        let subject = "\(destination.name) credentials"
        if case .unauthorized(let reason) = tokens.standing {
            return [Finding(verdict: .wrong, subject: subject, words: "\(reason); journey-gateway authorize does it")]
        }
        guard !tokens.accessToken.isEmpty else {
            let words = "the first token is obtained when the gateway starts; looking would use the refresh token up"
            return [Finding(verdict: .unknown, subject: subject, words: words)]
        }
        let sprinklr = SprinklrClient(destination.sprinklr, http: http, now: SystemClock.now)
        var journeys: [JourneySearchResult.Journey] = []
        var page = 0
        var hasMore = true
        while hasMore, page < 100 {
            let result: JourneySearchResult
            do {
                result = try await count(in: store, destination) {
                    let result = await sprinklr.search(page: page, token: tokens.accessToken)
                    return (result, result.call)
                }
            } catch {
                return [Finding(verdict: .unknown, subject: subject, words: "\(error)")]
            }
            guard case .accepted = result.call.outcome else {
                return [Finding(verdict: .wrong, subject: subject, words: result.call.reason)]
            }
            journeys += result.journeys
            hasMore = result.hasMore
            page += 1
        }
        return [Finding(verdict: .fine, subject: subject, words: "accepted")]
            + look(for: config.rules.journeys(of: destination.name), among: journeys, destination.name)
    }

    /// Makes a call that is on disk before it is made, so that the quota's memory has it.
    private func count<Value>(
        in store: SQLiteEventStore?,
        _ destination: DestinationConfig,
        _ call: () async -> (Value, CallResult)
    ) async throws -> Value {
        guard let store else { return await call().0 }
        let (now, bootTime) = (SystemClock.now(), SystemClock.bootTime())
        let quota = destination.delivery.quota
        let span = destination.delivery.quotaMemory
        let hour = try store.calls(
            destination: destination.name,
            since: now - span,
            bootTime: bootTime.map { $0 - span }
        )
        guard hour.count < quota.perHour else {
            throw AdminClient.Failed("the quota leaves no call for it at the moment")
        }
        let id = CallID(destination: destination.name, number: try store.lastCall(destination: destination.name) + 1)
        let start = CallStart(call: id, kind: .search, started: now, bootTime: bootTime, attempts: [])
        _ = try store.commit([.start(start)])
        let (value, result) = await call()
        let end = CallEnd(call: id, ended: SystemClock.now(), status: result.status, attempts: [])
        _ = try store.commit([.finish(end)])
        return value
    }

    private func look(
        for wanted: [RuleSet.JourneyUse],
        among journeys: [JourneySearchResult.Journey],
        _ destination: String
    ) -> [Finding] {
        wanted.map { use in
            let subject = "\(destination) journey \(use.journeyID) of rule \(use.rule)"
            guard let found = journeys.first(where: { $0.id == use.journeyID }) else {
                return Finding(verdict: .wrong, subject: subject, words: "there is none, or this user may not see it")
            }
            let isActive = found.status.isEmpty || found.status.uppercased() == "ACTIVE"
            return Finding(
                verdict: isActive ? .fine : .wrong,
                subject: subject,
                words: "\(found.name), \(found.status)"
            )
        }
    }
}
