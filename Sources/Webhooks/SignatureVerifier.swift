import JMESPath
import JSON
import Model

/// Signature schemes with their keys and templates read: ready to verify.
struct SignatureVerifier: Sendable {
    /// What was found, for whoever runs the gateway; the sender is told less.
    enum Verdict {
        case genuine(place: String)
        case refused(Refusal, why: String)
    }

    private let schemes: [CompiledScheme]
    private let decoder: BodyDecoder
    private let verifyToken: String?

    /// Reads keys and templates. Every secret must be a key for at least one of the schemes.
    init(
        _ schemes: [SignatureScheme],
        secrets: [String],
        verifyToken: String?,
        decoder: BodyDecoder,
        mistakes: inout [SourceError.Mistake]
    ) {
        var isUsed = [Bool](repeating: false, count: secrets.count)
        var reasons: [String] = []
        self.schemes = schemes.map { scheme in
            var keys: [CompiledScheme.Key] = []
            for (index, secret) in secrets.enumerated() {
                do throws(CompiledScheme.Key.Unusable) {
                    keys.append(try CompiledScheme.Key(secret, for: scheme))
                    isUsed[index] = true
                } catch {
                    reasons.append(error.description)
                }
            }
            return CompiledScheme(scheme, keys: keys, mistakes: &mistakes)
        }
        for (index, isUsed) in isUsed.enumerated() where !isUsed {
            let which = secrets.count == 1 ? "it" : "number \(index + 1)"
            mistakes.append(
                SourceError.Mistake(
                    place: "secret",
                    message: "\(which) is no key for this signature: \(reasons.first ?? "")"
                )
            )
        }
        self.decoder = decoder
        self.verifyToken = verifyToken
    }

    /// Tries the schemes that read the first place which is filled; one signature that matches one key is enough.
    func verify(_ webhook: Webhook) -> Verdict {
        let request = SignedRequest(webhook: webhook, decoder: decoder, schemes: schemes)
        var filled: SignatureScheme.Place?
        var last: Verdict?
        for scheme in schemes where filled == nil || scheme.scheme.place == filled {
            switch request.texts(at: scheme.scheme.place, of: scheme) {
            case [] where filled == nil: continue
            case let texts:
                filled = scheme.scheme.place
                let verdict = verify(texts, request, by: scheme)
                if case .genuine = verdict { return verdict }
                // The verdict that says most: a stale time comes after a signature that was right.
                if case .refused(.timestampOutsideWindow, _) = last { continue }
                last = verdict
            }
        }
        if let last { return last }
        let place = schemes.first?.scheme.place.title ?? "a signature"
        return .refused(
            .signatureMissing(place: place, challenge: challenge),
            why: "the request has no \(place)"
        )
    }

    private func verify(_ texts: [String], _ request: SignedRequest, by scheme: CompiledScheme) -> Verdict {
        let place = scheme.scheme.place.title
        func refused(_ why: String) -> Verdict {
            .refused(.signatureMismatch(place: place, challenge: challenge), why: why)
        }
        guard texts.count == 1 else { return refused("the \(place) is there \(texts.count) times") }
        let carried: CarriedSignatures
        switch CarriedSignatures.read(trimmed(texts[0]), by: scheme.scheme) {
        case .success(let found): carried = found
        case .failure(let why): return refused("the \(place) \(why)")
        }
        guard !scheme.keys.isEmpty else { return refused("no secret of this source is for this kind of signature") }
        var timestamp: String?
        if let timestampPlace = scheme.scheme.timestamp {
            timestamp = carried.timestamp ?? request.texts(at: timestampPlace, of: scheme).first.map { trimmed($0) }
            if timestamp?.isEmpty != false { return refused("the \(timestampPlace.title) is missing or empty") }
        }
        var id: String?
        if let idHeader = scheme.scheme.idHeader {
            id = request.webhook.field(idHeader).map { trimmed($0) }
            if id?.isEmpty != false { return refused("the header \(idHeader) is missing or empty") }
        }
        if let why = request.uncovered(by: scheme) { return refused(why) }
        var values = SignedTemplate.Values(
            webhook: request.webhook,
            timestamp: timestamp,
            id: id,
            secret: "",
            verifyToken: verifyToken,
            form: request.form,
            decodedBody: request.body
        )
        for key in scheme.keys {
            values.secret = key.text
            if key.matches(carried.signatures, scheme, values) {
                return verdict(onTime: timestamp, of: scheme.scheme, at: request.webhook.receivedAt)
            }
        }
        return refused(
            "the \(place) does not match: either the secret is another, or what was signed is not "
                + scheme.scheme.signed.joined(separator: " or ")
        )
    }

    // MARK: - Time

    /// After the signature was found right: whether its time is.
    private func verdict(onTime text: String?, of scheme: SignatureScheme, at now: Timestamp) -> Verdict {
        guard let text, let tolerance = scheme.tolerance else { return .genuine(place: scheme.place.title) }
        guard let signedAt = scheme.timestampUnit.moment(text) else {
            return .refused(
                .signatureMismatch(place: scheme.place.title, challenge: challenge),
                why: "the signed time '\(text)' is not in \(scheme.timestampUnit.title)"
            )
        }
        let age = now.since(signedAt)
        if age > tolerance || (scheme.window == .both && age < .zero - tolerance) {
            let seconds = tolerance.milliseconds / 1_000
            let distance = abs(age.milliseconds / 1_000)
            return .refused(
                .timestampOutsideWindow(seconds: seconds),
                why: "the signature is right, but its time is \(distance) s \(age > .zero ? "before" : "after") ours; "
                    + "\(seconds) s are allowed"
            )
        }
        return .genuine(place: scheme.place.title)
    }

    /// What `WWW-Authenticate` says (RFC 9110 section 11.6.1 wants one with every 401).
    private var challenge: String {
        switch schemes.first?.scheme {
        case let scheme? where scheme.algorithm == .basic: #"Basic realm="webhooks""#
        case let scheme? where scheme == .bearer: "Bearer"
        default: "Signature"
        }
    }
}

extension SignatureScheme.TimeUnit {
    /// Nil for anything but digits, or but an RFC 3339 date-time.
    func moment(_ text: String) -> Timestamp? {
        switch self {
        case .seconds: digits(text, limit: 12).map { Timestamp(milliseconds: $0 * 1_000) }
        case .milliseconds: digits(text, limit: 15).map { Timestamp(milliseconds: $0) }
        case .rfc3339: Timestamp(rfc3339: text)
        }
    }

    private func digits(_ text: String, limit: Int) -> Int64? {
        let bytes = text.utf8
        guard bytes.count <= limit, bytes.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return Int64(text)
    }

    var title: String {
        switch self {
        case .seconds: "seconds since 1970"
        case .milliseconds: "milliseconds since 1970"
        case .rfc3339: "RFC 3339"
        }
    }
}

/// One request, with its body decoded only if a scheme reads it.
struct SignedRequest {
    let webhook: Webhook
    /// The body as JSON or a form; nil when it is not needed or cannot be decoded.
    let body: JSONValue?
    /// The fields, when some template covers them and the body is a form.
    let form: FormFields?

    init(webhook: Webhook, decoder: BodyDecoder, schemes: [CompiledScheme]) {
        self.webhook = webhook
        body = schemes.contains(where: \.readsDecodedBody) ? (try? decoder.decode(webhook))?.value : nil
        form = schemes.contains(where: \.coversForm) ? decoder.form(of: webhook) : nil
    }

    /// All texts that stand at a place of the scheme: several for a header that came more than once.
    func texts(at place: SignatureScheme.Place, of scheme: CompiledScheme) -> [String] {
        switch place {
        case .header(let name): return webhook.values(of: name)
        case .query(let name): return RequestDocument.queryParameter(name, of: webhook).map { [$0] } ?? []
        case .body(let text):
            guard let body, let value = try? scheme.placeExpressions[text]?.evaluate(body) else { return [] }
            return value.text.map { [$0] } ?? []
        case .pair: return []
        }
    }

    /// Why the body is not covered by a signature over form fields; nil when it is.
    func uncovered(by scheme: CompiledScheme) -> String? {
        guard let parameter = scheme.scheme.bodyHashParameter, form == nil else { return nil }
        let hash = RequestDocument.queryParameter(parameter, of: webhook)
        if hash == nil, webhook.body.isEmpty { return nil }
        guard let hash else { return "the body is no form, and no query parameter \(parameter) covers it" }
        guard let bytes = BinaryText.hex.decoded(hash),
            isEqualInConstantTime(bytes, HashFunction.sha256.digest(webhook.body))
        else { return "the query parameter \(parameter) is not the body's hash" }
        return nil
    }
}

/// The signatures in a field, without what stands round them.
struct CarriedSignatures {
    var signatures: [String]
    /// From the same field, where the scheme has it there.
    var timestamp: String?

    /// More than any sender has secrets at a time.
    private static let limit = 32

    enum Reading {
        case success(CarriedSignatures)
        case failure(String)
    }

    static func read(_ text: String, by scheme: SignatureScheme) -> Reading {
        var carried = CarriedSignatures(signatures: [])
        if let pair = scheme.pair {
            for item in text.split(separator: scheme.separator ?? ",", maxSplits: limit) {
                let halves = trimmed(item).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                guard halves.count == 2 else { continue }
                if halves[0] == pair { carried.signatures.append(String(halves[1])) }
                if case .pair(let name) = scheme.timestamp, halves[0] == name {
                    guard carried.timestamp == nil else { return .failure("names \(name) twice") }
                    carried.timestamp = String(halves[1])
                }
            }
        } else {
            let items =
                scheme.separator.map { text.split(separator: $0, maxSplits: limit).map { String($0) } } ?? [text]
            carried.signatures = items.map { trimmed($0) }
        }
        carried.signatures = carried.signatures.compactMap { withoutPrefix($0, scheme) }
        if carried.signatures.isEmpty {
            let wanted = scheme.pair.map { "\($0)=…" } ?? "\(scheme.usedPrefix)…"
            return .failure("holds nothing of the form \(wanted)")
        }
        return .success(carried)
    }

    /// Nil when the prefix is not there, or nothing after it. The names of authentication schemes compare without case
    /// (RFC 9110 section 11.1), all other prefixes byte by byte.
    private static func withoutPrefix(_ text: String, _ scheme: SignatureScheme) -> String? {
        let prefix = scheme.usedPrefix
        guard text.utf8.count > prefix.utf8.count else { return nil }
        let end = text.utf8.index(text.startIndex, offsetBy: prefix.utf8.count)
        let isThere =
            scheme.algorithm == .token || scheme.algorithm == .basic
            ? text[..<end].lowercased() == prefix.lowercased() : text.utf8.starts(with: prefix.utf8)
        return isThere ? String(text[end...]) : nil
    }
}
