import JSON
import Model

/// What an answer says of the quota. Two gateways are in use before the API, each with a language of its own: a 403
/// with `X-Mashery-Error-Code` and a heading as body, or a 429 with `X-RateLimit-*` and a JSON body.
struct QuotaSigns {
    let report: QuotaReport?
    /// Whether a 403 is about the quota; else it is about permission.
    let saysOverQuota: Bool
    let scope: QuotaScope
    /// Until when nothing will be taken; nil when the answer does not say.
    let until: Timestamp?

    init(_ answer: HTTPAnswer, _ body: AnswerBody, at now: Timestamp) {
        let details = body.json?["errors"]?[0]?["details"]
        let limit = Self.count(answer.field("X-RateLimit-Limit"))
        let remaining = Self.count(answer.field("X-RateLimit-Remaining"))
        let reset = Self.moment(answer.field("X-RateLimit-Reset"), at: now)
        report =
            limit == nil && remaining == nil && reset == nil
            ? nil : QuotaReport(limit: limit, remaining: remaining, resetsAt: reset)
        // Only refusals are asked what they mean; the text of a success is the API's business.
        guard answer.status == 403 || answer.status == 429 else {
            saysOverQuota = false
            scope = .unknown
            until = nil
            return
        }
        let retryAfter = RetryAfter(answer, at: now)
        let words = [
            answer.field("X-Mashery-Error-Code"), answer.field("X-Error-Detail-Header"), body.text,
        ].compactMap { $0?.lowercased() }
        let spoken = words.lazy.compactMap(Self.scope).first
        saysOverQuota = spoken != nil || retryAfter != nil || remaining == 0
        scope = spoken ?? Self.window(details?["window"]) ?? .unknown
        let inBody = details?["resetAt"].flatMap { $0.stringValue ?? $0.number?.lexeme }
        until = retryAfter.map { now + $0.wait } ?? reset ?? Self.moment(inBody, at: now)
    }

    /// `ERR_403_DEVELOPER_OVER_QPS`, `Account Over Queries Per Second Limit`, `<h1>Developer Over Rate</h1>` …
    private static func scope(_ text: String) -> QuotaScope? {
        for second in ["over qps", "over_qps", "over queries per second"] where text.contains(second) { return .second }
        for hour in ["over rate", "over_rate"] where text.contains(hour) { return .hour }
        return nil
    }

    /// How `details.window` is written is not documented: a word (`hour`), a length (`1h`, `3600s`), or seconds.
    private static func window(_ value: JSONValue?) -> QuotaScope? {
        guard let text = (value?.stringValue ?? value?.number?.lexeme)?.lowercased() else { return nil }
        if text.contains("hour") || text == "1h" || text == "3600" || text == "3600s" { return .hour }
        if text.contains("sec") || text == "1s" || text == "1" { return .second }
        return nil
    }

    private static func count(_ text: String?) -> Int? {
        guard let text, !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return Int(text)
    }

    /// Unix seconds, as documented; milliseconds, a wait in seconds and RFC 3339 are understood too. A moment that is
    /// past says nothing.
    private static func moment(_ text: String?, at now: Timestamp) -> Timestamp? {
        guard let text else { return nil }
        let moment: Timestamp?
        switch count(text).map(Int64.init) {
        case .none: moment = Timestamp(rfc3339: text)
        case .some(let number) where number < 1_000_000_000: moment = now + .seconds(number)
        case .some(let number) where number < 100_000_000_000: moment = Timestamp(milliseconds: number * 1_000)
        case .some(let number): moment = Timestamp(milliseconds: number)
        }
        return moment.flatMap { $0 >= now ? $0 : nil }
    }
}
