import JSON

/// What the API knows and counts, and how it answers: told the time, and without effects.
struct SandboxState: Sendable {
    let settings: SandboxSettings
    private(set) var log: CallLog
    private(set) var statistics = SandboxStatistics()
    var faults: FaultQueue
    private var second: RollingWindow
    private var hour: RollingWindow
    private var tokens: TokenDesk
    /// People who match a pattern of `unknownPeople`, and were made known by a call.
    private var madeKnown: Set<String> = []

    /// So many people are remembered as made known.
    private static let peopleLimit = 1_000_000

    init(_ settings: SandboxSettings) {
        self.settings = settings
        log = CallLog(countLimit: settings.recordedCalls, byteLimit: settings.recordedBytes)
        faults = FaultQueue(seed: settings.seed)
        second = RollingWindow(limit: settings.perSecond, length: .seconds(1))
        hour = RollingWindow(limit: settings.perHour, length: settings.hour)
        tokens = TokenDesk(settings)
    }

    /// Answers a call of the API.
    mutating func receive(_ request: SandboxRequest, at now: Duration) -> SandboxReply {
        guard let path = SandboxPath(request.path) else {
            return reply(.error(404, "NOT_FOUND", "There is nothing at this URL.", id: log.lastNumber))
        }
        second.advance(to: now)
        hour.advance(to: now)
        var fault: SandboxFault?
        var usual = refusal(request, path, at: now)
        var tookEffect = false
        if usual == nil {
            // The gateway let it through: now it can fail.
            fault = faults.next(for: path.operation)
            if fault.map({ $0.failure == .none || $0.takesEffect }) ?? true {
                let answer = take(request, path.operation, at: now)
                tookEffect = answer.status < 400
                usual = answer
            }
        }
        let reply = reply(usual ?? .noContent, fault)
        let status: Int? = if case .answer(let answer) = reply.form { answer.status } else { nil }
        // The body of a token call is nothing but secrets.
        let body = path.operation == .token ? [] : request.body
        log.append(at: now, path.operation, request.path, body, status: status, tookEffect: tookEffect)
        statistics.count(path.operation, status, tookEffect: tookEffect, inSecond: second.count, inHour: hour.count)
        return reply
    }

    /// As when a person's access ends: what was given works no more, neither token of the pair.
    mutating func revokeTokens() { tokens.revoke() }

    mutating func forgetCalls() {
        log.removeAll()
        statistics = SandboxStatistics()
    }

    private func reply(_ usual: SandboxAnswer, _ fault: SandboxFault? = nil) -> SandboxReply {
        let delay = settings.latency + (fault?.latency ?? .zero)
        switch fault?.failure {
        case nil, .some(.none): return SandboxReply(form: .answer(usual), delay: delay)
        case .drop: return SandboxReply(form: .drop, delay: delay)
        case .garbage: return SandboxReply(form: .raw(Array("\u{1}\u{2}garbage\r\n\r\n".utf8)), delay: delay)
        case .cut:
            let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{\"data\":"
            return SandboxReply(form: .raw(Array(head.utf8)), delay: delay)
        case .status(let status):
            let fields = fault?.fields.sorted { $0.key < $1.key } ?? []
            let answer = SandboxAnswer(
                status: status,
                fields: fields.map { SandboxAnswer.Field(name: $0.key, value: $0.value) },
                body: Array((fault?.body ?? "").utf8)
            )
            return SandboxReply(form: .answer(answer), delay: delay)
        }
    }

    // MARK: - The order of the checks: the gateway with its quota, the token, the API itself

    /// The answer of the gateway in front of the API; nil when it lets the call through, which is then counted.
    private mutating func refusal(
        _ request: SandboxRequest,
        _ path: SandboxPath,
        at now: Duration
    ) -> SandboxAnswer? {
        let method = path.operation.method
        guard request.method == method else {
            return .error(405, "METHOD_NOT_ALLOWED", "Use \(method).", id: nextNumber).with("Allow", method)
        }
        // A browser makes this one; it is not the key's.
        if path.operation == .authorize { return nil }
        guard request.field("Content-Length") != nil else {
            return .error(411, "LENGTH_REQUIRED", "Content-Length is needed, 0 for an empty body.", id: nextNumber)
        }
        if let environment = settings.environment, path.environment != environment {
            return .error(421, "MISDIRECTED_REQUEST", "The key is not one of this environment.", id: nextNumber)
        }
        if path.operation != .token {
            guard let key = request.field("Key"), settings.key.map({ $0 == key }) ?? !key.isEmpty else {
                return .mashery(403, "ERR_403_DEVELOPER_INACTIVE", "Account Inactive", "Developer Inactive")
            }
        }
        if hour.isFull || second.isFull {
            statistics.countOverQuota()
            return overQuota(at: now)
        }
        second.add(at: now)
        hour.add(at: now)
        return nil
    }

    private var nextNumber: Int { log.lastNumber + 1 }

    private mutating func take(
        _ request: SandboxRequest,
        _ operation: SandboxOperation,
        at now: Duration
    ) -> SandboxAnswer {
        switch operation {
        case .authorize: authorize(request, at: now)
        case .token: exchange(request, at: now)
        case .trigger, .newProfile, .bulk, .search:
            settings.quotaStyle == .rateLimit
                ? withLimits(takeJSON(request, operation, at: now), at: now) : takeJSON(request, operation, at: now)
        }
    }

    private mutating func takeJSON(
        _ request: SandboxRequest,
        _ operation: SandboxOperation,
        at now: Duration
    ) -> SandboxAnswer {
        let id = nextNumber
        guard let authorization = request.field("Authorization"), authorization.hasPrefix("Bearer "),
            tokens.accepts(String(authorization.dropFirst(7)), at: now)
        else { return .error(401, "UNAUTHORIZED", "The access token is invalid or has expired.", id: id) }
        let mediaType = request.field("Content-Type").map { $0.prefix { $0 != ";" && $0 != " " }.lowercased() }
        guard mediaType == "application/json" else {
            return .error(415, "UNSUPPORTED_MEDIA_TYPE", "Content-Type must be application/json.", id: id)
        }
        guard let body = try? JSONValue.parse(request.body) else {
            return .error(400, "BAD_REQUEST", "The body is not JSON.", id: id)
        }
        if operation == .search { return search(body, id) }
        let trigger: TriggerBody
        do throws(BodyFault) {
            trigger = try TriggerBody(operation, body)
        } catch {
            return .error(400, "BAD_REQUEST", error.message, id: id)
        }
        if let journeys = settings.journeys, !journeys.contains(trigger.journeyID) {
            return .error(404, "NOT_FOUND", "There is no journey \(trigger.journeyID).", id: id)
        }
        guard operation == .trigger else {
            for person in trigger.people where isUnknown(person) && madeKnown.count < Self.peopleLimit {
                madeKnown.insert(person)
            }
            return .triggered(call: id)
        }
        if let person = trigger.people.first(where: isUnknown) {
            return .error(404, "NOT_FOUND", "There is no profile for \(person).", id: id)
        }
        return .noContent
    }

    private func isUnknown(_ person: String) -> Bool {
        settings.unknownPeople.contains { $0 == person || matches(person, $0) } && !madeKnown.contains(person)
    }

    // MARK: - Quota

    private func overQuota(at now: Duration) -> SandboxAnswer {
        // The hour goes first: who waits a second only would be refused again.
        let isHour = hour.isFull
        let wait = isHour ? hour.wait(at: now) : second.wait(at: now)
        // Whole seconds, rounded up: who waits so long is taken.
        let seconds = max(1, (wait.milliseconds + 999) / 1_000)
        switch settings.quotaStyle {
        case .mashery:
            let answer: SandboxAnswer =
                isHour
                ? .mashery(403, "ERR_403_DEVELOPER_OVER_RATE", "Account Over Rate Limit", "Developer Over Rate")
                : .mashery(
                    403,
                    "ERR_403_DEVELOPER_OVER_QPS",
                    "Account Over Queries Per Second Limit",
                    "Developer Over Qps"
                )
            return answer.with("Retry-After", String(seconds))
        case .rateLimit:
            let details: [(String, JSONValue)] = [
                ("limit", .integer(Int64(isHour ? settings.perHour : settings.perSecond))),
                ("window", isHour ? "hour" : "second"), ("resetAt", .integer((now + wait).components.seconds + 1)),
            ]
            let error: [(String, JSONValue)] = [
                ("code", "RATE_LIMIT_EXCEEDED"), ("message", "Too many requests"), ("details", .object(details)),
            ]
            let body: [(String, JSONValue)] = [("success", false), ("errors", .array([.object(error)]))]
            return withLimits(.json(429, .object(body)), at: now).with("Retry-After", String(seconds))
        }
    }

    private func withLimits(_ answer: SandboxAnswer, at now: Duration) -> SandboxAnswer {
        answer
            .with("X-RateLimit-Limit", String(settings.perHour))
            .with("X-RateLimit-Remaining", String(max(0, settings.perHour - hour.count)))
            .with("X-RateLimit-Reset", String((now + hour.wait(at: now)).components.seconds + 1))
    }

    // MARK: - Tokens and journeys

    private mutating func authorize(_ request: SandboxRequest, at now: Duration) -> SandboxAnswer {
        let form = decodedForm(request.query)
        guard let client = form["client_id"], settings.key.map({ $0 == client }) ?? !client.isEmpty,
            form["response_type"] == "code", let target = form["redirect_uri"], !target.isEmpty
        else {
            return .error(
                400,
                "BAD_REQUEST",
                "client_id, response_type=code and redirect_uri are needed.",
                id: nextNumber
            )
        }
        let code = tokens.issueCode(at: now)
        let state = form["state"].map { "&state=\($0)" } ?? ""
        return SandboxAnswer(status: 302)
            .with("Location", "\(target)\(target.contains("?") ? "&" : "?")code=\(code)\(state)")
    }

    private mutating func exchange(_ request: SandboxRequest, at now: Duration) -> SandboxAnswer {
        let text = request.body.isEmpty ? request.query : String(decoding: request.body, as: UTF8.self)
        do throws(TokenFault) {
            let pair = try tokens.exchange(decodedForm(text), at: now)
            let members: [(String, JSONValue)] = [
                ("access_token", .string(pair.access)), ("refresh_token", .string(pair.refresh)),
                ("token_type", "Bearer"), ("expires_in", .integer(settings.tokenLifetime.components.seconds)),
            ]
            return .json(200, .object(members)).with("SPR-TOKEN-VERSION", "2")
        } catch {
            let members: [(String, JSONValue)] = [
                ("error", .string(error.error)), ("error_description", .string(error.description)),
            ]
            return .json(error.status, .object(members))
        }
    }

    private func search(_ body: JSONValue, _ id: Int) -> SandboxAnswer {
        let size = body["page"].map { $0["size"]?.number?.int64Value ?? 0 } ?? 100
        let page = body["page"]?["page"]?.number?.int64Value ?? 0
        guard (1...1_000).contains(size), (0...1_000_000).contains(page) else {
            return .error(400, "BAD_REQUEST", "page.size: is required, from 1 to 1000", id: id)
        }
        let all = settings.journeys ?? []
        let rest = all.dropFirst(Int(page * size))
        let found = rest.prefix(Int(size)).map { id -> JSONValue in
            .object([("id", .string(id)), ("name", .string(id)), ("status", "ACTIVE")])
        }
        let data: [(String, JSONValue)] = [
            ("data", .array(Array(found))), ("count", .integer(Int64(all.count))),
            ("hasMore", .bool(rest.count > found.count)),
        ]
        return .json(200, .object([("data", .object(data)), ("errors", .array([]))]))
    }
}

/// Whether a text matches a pattern in which `*` stands for any text.
func matches(_ text: String, _ pattern: String) -> Bool {
    var parts = pattern.split(separator: "*", omittingEmptySubsequences: false)[...]
    guard parts.count > 1, let first = parts.popFirst(), let last = parts.popLast() else { return text == pattern }
    guard text.hasPrefix(first), text.hasSuffix(last), text.count >= first.count + last.count else { return false }
    var rest = text.dropFirst(first.count).dropLast(last.count)
    for part in parts where !part.isEmpty {
        guard let range = rest.firstRange(of: part) else { return false }
        rest = rest[range.upperBound...]
    }
    return true
}
