import JSON
import Model

extension CallResult {
    /// Which outcome an answer of the API is.
    ///
    /// - Parameters:
    ///   - unknownWhen: which answers say that the person is unknown; nil where the call itself says who it is.
    ///   - now: when the answer came; what it says of times is read against it.
    init(of result: HTTPResult, unknownWhen: SprinklrSettings.UnknownWhen?, at now: Timestamp) {
        switch result {
        case .failed(let failure):
            self.init(outcome: failure.outcome, detail: failure.detail)
        case .answered(let answer):
            let body = AnswerBody(answer)
            let signs = QuotaSigns(answer, body, at: now)
            self.init(
                outcome: Self.outcome(answer, body, signs, unknownWhen, at: now),
                status: answer.status,
                detail: body.detail(of: answer),
                quota: signs.report
            )
        }
    }

    private static func outcome(
        _ answer: HTTPAnswer,
        _ body: AnswerBody,
        _ signs: QuotaSigns,
        _ unknownWhen: SprinklrSettings.UnknownWhen?,
        at now: Timestamp
    ) -> Outcome {
        if answer.status == 429 || answer.status == 403 && signs.saysOverQuota {
            return .overQuota(signs.scope, until: signs.until)
        }
        if let unknownWhen, unknownWhen.matches(answer.status, body.text) { return .unknownProfile }
        switch answer.status {
        case 200...299: return body.isRefusal ? .rejected : .accepted(trackingID: body.trackingID)
        case 401: return .unauthorized
        // 407 is not the API's answer but a proxy's, and just as much a matter of our configuration.
        case 403, 405, 407, 411, 415, 421: return .misconfigured
        case 409: return .conflict
        case 408: return .ambiguous
        case 300...499: return .rejected
        case 500, 503: return .unavailable(retryAfter: RetryAfter(answer, at: now)?.wait)
        // 502, 504 and their like speak for something between us and the API, which may have taken the call.
        default: return .ambiguous
        }
    }
}

extension HTTPFailure {
    fileprivate var outcome: Outcome {
        switch (reason, written) {
        // It can never be written: waiting mends nothing.
        case (.invalid, _): .misconfigured
        // A peer that refuses our certificate has not read what came with it.
        case (_, .nothing), (.tls, _): .unsent
        case (_, .partly), (_, .wholly): .ambiguous
        }
    }

    fileprivate var detail: String {
        let extent =
            switch written {
            case .nothing: "nothing of the request was written"
            case .partly: "the request was written in part"
            case .wholly: "the request was written"
            }
        let head = status.map { ", status \($0) came without the whole answer" } ?? ""
        return "\(reason.rawValue): \(message) (\(extent)\(head))"
    }
}

extension SprinklrSettings.UnknownWhen {
    fileprivate func matches(_ status: Int, _ text: String) -> Bool {
        guard statuses.contains(status) else { return false }
        // A 2xx alone never says that somebody is unknown.
        guard let body else { return !(200...299).contains(status) }
        return body(text)
    }
}

/// An answer's body, as far as it can be read.
struct AnswerBody {
    /// The kept part, with replacement characters for what is not UTF-8.
    let text: String
    /// Nil unless the whole body is there, and is JSON.
    let json: JSONValue?

    static let detailLimit = 2 * 1_024

    init(_ answer: HTTPAnswer) {
        text = String(decoding: answer.body, as: UTF8.self)
        json = answer.isCut || answer.body.isEmpty ? nil : try? JSONValue.parse(answer.body)
    }

    /// Whether the body of a 2xx says that the call was not taken: `errors` with content, `success` false, or a
    /// `data.status` other than SUCCESS. Bodies that are empty or no JSON say nothing.
    var isRefusal: Bool {
        if let errors = json?["errors"], !errors.isNull, !errors.isEmpty, errors.boolValue != false { return true }
        if json?["success"]?.boolValue == false { return true }
        guard let status = json?["data"]?["status"]?.stringValue else { return false }
        return status.lowercased() != "success"
    }

    var trackingID: String? {
        guard let id = json?["data"]?["trackingId"]?.stringValue, !id.isEmpty else { return nil }
        return id
    }

    /// What is kept for the story: the beginning of the body, or of an empty one the gateway's own words.
    func detail(of answer: HTTPAnswer) -> String {
        let words = words(of: answer)
        // The token must not go where nobody has sent it.
        guard (300...399).contains(answer.status), let target = answer.field("Location") else { return words }
        return "redirected to \(target), which is not followed" + (words.isEmpty ? "" : "\n" + words)
    }

    private func words(of answer: HTTPAnswer) -> String {
        if answer.body.isEmpty {
            let words = ["X-Mashery-Error-Code", "X-Error-Detail-Header"].compactMap { name in
                answer.field(name).map { "\(name): \($0)" }
            }
            return words.joined(separator: "\n")
        }
        var kept = answer.body.prefix(Self.detailLimit)
        if kept.count < answer.body.count {
            // Not in the middle of a character: back over continuation bytes, then over the byte that leads them.
            while let last = kept.last, last & 0xC0 == 0x80 { kept.removeLast() }
            if let last = kept.last, last & 0xC0 == 0xC0 { kept.removeLast() }
        }
        return String(decoding: kept, as: UTF8.self)
    }
}
