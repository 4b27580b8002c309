public import Model
import JMESPath
import JSON

/// A place that webhooks come from, ready to receive: its preset and settings brought together, keys, templates and
/// expressions read. Pure: everything it says follows from the webhook and the settings.
public struct Source: Sendable {
    public let settings: SourceSettings
    /// Methods that it takes in any way: what `Allow` says.
    public let methods: [String]
    /// How long event ids are remembered; nil when its events have none.
    public let dedupe: Duration?
    /// What is allowed, but hardly meant, as sentences for `check`.
    public let warnings: [String]

    private let eventMethods: [String]
    private let verifier: SignatureVerifier?
    private let decoder: BodyDecoder
    private let handshakes: [CompiledHandshake]
    private let origins: Origins?
    private let splitter: EventSplitter
    private let answers: [(condition: Expression?, answer: FixedAnswer)]
    private let hiddenHeaders: [String]
    private let hiddenParameters: [String]

    /// Throws all the mistakes in the settings at once.
    public init(_ settings: SourceSettings) throws(SourceError) {
        var mistakes: [SourceError.Mistake] = []
        let preset = Self.preset(of: settings, &mistakes)
        self.settings = settings
        decoder = BodyDecoder(
            accept: settings.accept.isEmpty ? preset?.accept ?? [.json] : settings.accept,
            nestedNames: settings.nestedNames ?? preset?.nestedNames ?? false,
            payloadField: preset?.payloadField,
            jsonFields: preset?.jsonFields ?? [],
            limits: settings.limits
        )
        let schemes = settings.signature.map { [$0] } ?? preset?.signatures ?? []
        verifier = Self.verifier(schemes, settings, decoder, &mistakes)
        handshakes = (preset?.handshakes ?? []).map { CompiledHandshake($0, mistakes: &mistakes) }
        origins = Origins(settings.origins, mistakes: &mistakes)
        splitter = EventSplitter(settings, preset, &mistakes)
        answers =
            settings.answer.map { [(nil, $0)] }
            ?? (preset?.answers ?? []).map {
                (Expression.compiled($0.when, place: "answer", mistakes: &mistakes), $0.answer)
            }
        eventMethods = (settings.methods.isEmpty ? preset?.methods ?? ["POST"] : settings.methods).map {
            $0.uppercased()
        }
        methods = Self.allMethods(
            eventMethods,
            handshakes,
            hasOptions: origins != nil || decoder.accept.contains(.cloudevents)
        )
        dedupe = splitter.hasEventID ? settings.dedupe ?? preset?.dedupe ?? .seconds(3 * 86_400) : nil
        hiddenHeaders = RequestDocument.credentialFields + schemes.compactMap(\.place.header)
        hiddenParameters = schemes.compactMap(\.place.queryParameter)
        warnings = Self.warnings(settings, schemes, verifier, handshakes, splitter)
        guard mistakes.isEmpty else { throw SourceError(source: settings.name, mistakes: mistakes) }
    }

    public var name: String { settings.name }
    public var path: String { settings.path }
    public var rateLimit: RateLimit? { settings.rateLimit }

    /// Verifies and decodes one webhook. `makeID` gives each event its identity.
    public func receive(_ webhook: Webhook, makeID: () -> EventID) -> Reception {
        do throws(Refusal) {
            if let answer = try unverifiedAnswer(to: webhook) { return .answered(answer) }
            guard eventMethods.contains(webhook.method) else { throw .methodNotAllowed(allowed: methods) }
            try origins?.check(webhook)
            if case .refused(let refusal, _) = verify(webhook) { throw refusal }
            let body = try decoded(webhook)
            if let answer = try handshakeAnswer(to: webhook, .verified, body: body.value) { return .answered(answer) }
            return try reception(of: webhook, body: body, makeID: makeID)
        } catch {
            return .refused(error)
        }
    }

    /// The events in a webhook as `receive` would give them, asking for no method, origin, handshake or signature: for
    /// examples and payloads kept in files. A body that names no type, or says JSON, is read as JSON even where the
    /// source takes forms alone.
    public func decode(_ webhook: Webhook, makeID: () -> EventID) throws(Refusal) -> [Event] {
        var lenient = decoder
        lenient.accept += [.json, .form, .multipart]
        let request = request(webhook, try lenient.decode(webhook))
        return try splitter.events(of: request, rawBody: webhook.body, makeID: makeID).events
    }

    /// What a request's signature is worth.
    public enum Verification: Sendable {
        /// The signature at `place` (`header X-Shopify-Hmac-Sha256`) is right, and its time too.
        case genuine(place: String)
        /// The source has no secret: nothing was verified.
        case unsigned
        /// `refusal` is what the sender is told; `why` says more, for whoever runs the gateway, and no secret.
        case refused(Refusal, why: String)
    }

    /// Verifies without decoding.
    public func verify(_ webhook: Webhook) -> Verification {
        switch verifier?.verify(webhook) {
        case nil: .unsigned
        case .genuine(let place): .genuine(place: place)
        case .refused(let refusal, let why): .refused(refusal, why: why)
        }
    }

    /// Fields that any answer to this webhook should carry so that a page's script may read it (CORS). Answers made here
    /// have them; add them to problems.
    public func crossOriginFields(for webhook: Webhook) -> [Field] {
        origins?.fields(for: webhook) ?? []
    }
}

// MARK: - Receiving

extension Source {
    /// Preflights, CloudEvents' handshake, and what the preset answers before anything is verified.
    private func unverifiedAnswer(to webhook: Webhook) throws(Refusal) -> Answer? {
        if let answer = origins?.preflightAnswer(to: webhook, methods: eventMethods) { return answer }
        if let answer = cloudEventsConsent(to: webhook) { return answer }
        guard handshakes.contains(where: { $0.handshake.method == webhook.method && $0.handshake.stage == .unverified })
        else { return nil }
        let body = webhook.body.isEmpty ? JSONValue.null : (try? decoder.decode(webhook))?.value ?? .null
        return try handshakeAnswer(to: webhook, .unverified, body: body)
    }

    private func handshakeAnswer(
        to webhook: Webhook,
        _ stage: Handshake.Stage,
        body: JSONValue
    ) throws(Refusal) -> Answer? {
        let candidates = handshakes.filter { $0.handshake.method == webhook.method && $0.handshake.stage == stage }
        guard !candidates.isEmpty else { return nil }
        let document = JSONValue.object([
            ("method", .string(webhook.method)), ("headers", RequestDocument.headers(of: webhook)),
            ("query", RequestDocument.query(of: webhook)), ("body", body),
        ])
        for candidate in candidates {
            if let answer = try candidate.answer(
                to: document,
                verifyToken: settings.verifyToken,
                secret: settings.secrets.first
            ) {
                return answer
            }
        }
        return nil
    }

    /// The abuse protection of CloudEvents' web hooks (section 4): consent to whoever may send, at the rate we allow.
    private func cloudEventsConsent(to webhook: Webhook) -> Answer? {
        guard webhook.method == "OPTIONS", decoder.accept.contains(.cloudevents),
            let origin = webhook.field("WebHook-Request-Origin").map({ trimmed($0) }),
            !origin.isEmpty, origin.utf8.allSatisfy({ isTokenByte($0) || ":[]".utf8.contains($0) })
        else { return nil }
        let isAllowed = origins.map { $0.allows("https://\(origin)") || $0.allows(origin) } ?? true
        guard isAllowed else { return nil }
        var fields = [Field("Allow", methods.joined(separator: ", ")), Field("WebHook-Allowed-Origin", origin)]
        if webhook.field("WebHook-Request-Rate") != nil {
            let perMinute = settings.rateLimit.map { String(Int(min($0.perSecond * 60, 1e15))) }
            fields.append(Field("WebHook-Allowed-Rate", perMinute ?? "*"))
        }
        return Answer(200, fields: fields)
    }

    /// The body, or for a method without one the query.
    private func decoded(_ webhook: Webhook) throws(Refusal) -> DecodedBody {
        if webhook.method == "GET" {
            return DecodedBody(kind: .json, value: RequestDocument.query(of: webhook, hiding: hiddenParameters))
        }
        if webhook.body.isEmpty, handshakes.contains(where: { $0.handshake.stage == .verified }),
            webhook.field("Content-Type") == nil
        {
            return DecodedBody(kind: .json, value: .null)
        }
        return try decoder.decode(webhook)
    }

    private func reception(
        of webhook: Webhook,
        body: DecodedBody,
        makeID: () -> EventID
    ) throws(Refusal) -> Reception {
        let request = request(webhook, body)
        var answer = acceptedAnswer(to: webhook, request, body)
        if let honeypot = settings.honeypot, EventSplitter.isFilled(body.value[honeypot]) {
            answer.dropped = [makeID()]
            return .decoded(events: [], dropped: 1, answer: answer)
        }
        let (events, dropped) = try splitter.events(of: request, rawBody: webhook.body, makeID: makeID)
        // A batch of nothing, as consoles send to try an address.
        if events.isEmpty && dropped == 0 { return .answered(answer.answer(for: [])) }
        return .decoded(events: events, dropped: dropped, answer: answer)
    }

    private func request(_ webhook: Webhook, _ body: DecodedBody) -> EventSplitter.Request {
        EventSplitter.Request(
            source: settings.name,
            receivedAt: webhook.receivedAt,
            headers: RequestDocument.headers(of: webhook, hiding: hiddenHeaders),
            query: RequestDocument.query(of: webhook, hiding: hiddenParameters),
            body: body.value,
            batch: body.batch
        )
    }

    private func acceptedAnswer(
        to webhook: Webhook,
        _ request: EventSplitter.Request,
        _ body: DecodedBody
    ) -> AcceptedAnswer {
        var answer = AcceptedAnswer(form: .list, fields: crossOriginFields(for: webhook))
        // CloudEvents web hooks section 3.2: what came with a token in its URL is nobody else's.
        if !hiddenParameters.isEmpty, !webhook.query.isEmpty { answer.fields.append(Field("Cache-Control", "private")) }
        let accept = body.isForm ? AcceptField(webhook.values(of: "Accept").joined(separator: ",")) : nil
        if let accept, let redirect = settings.redirect, !accept.prefersJSON {
            answer.form = .redirect(redirect)
        } else if let fixed = fixedAnswer(to: request) {
            answer.form = .fixed(fixed)
        } else if accept?.prefersHTML == true {
            answer.form = .thanks
        }
        return answer
    }

    private func fixedAnswer(to request: EventSplitter.Request) -> FixedAnswer? {
        answers.first { candidate in
            guard let condition = candidate.condition else { return true }
            return (try? condition.evaluate(request.document))?.isTrueLike == true
        }?.answer
    }
}

// MARK: - Putting together

extension Source {
    private static func preset(of settings: SourceSettings, _ mistakes: inout [SourceError.Mistake]) -> Preset? {
        guard let name = settings.preset else { return nil }
        if let preset = Preset.named(name) { return preset }
        mistakes.append(
            SourceError.Mistake(
                place: "preset",
                message: "found '\(name)', expected one of \(Preset.all.map(\.name).joined(separator: ", "))"
            )
        )
        return nil
    }

    private static func verifier(
        _ schemes: [SignatureScheme],
        _ settings: SourceSettings,
        _ decoder: BodyDecoder,
        _ mistakes: inout [SourceError.Mistake]
    ) -> SignatureVerifier? {
        if schemes.isEmpty, !settings.secrets.isEmpty {
            mistakes.append(
                SourceError.Mistake(
                    place: "secret",
                    message: "neither 'signature' nor a preset says what it is for"
                )
            )
        }
        if settings.secrets.isEmpty, settings.signature != nil {
            mistakes.append(SourceError.Mistake(place: "secret", message: "'signature' needs a secret to verify with"))
        }
        guard !schemes.isEmpty, !settings.secrets.isEmpty else { return nil }
        return SignatureVerifier(
            schemes,
            secrets: settings.secrets,
            verifyToken: settings.verifyToken,
            decoder: decoder,
            mistakes: &mistakes
        )
    }

    private static func allMethods(
        _ eventMethods: [String],
        _ handshakes: [CompiledHandshake],
        hasOptions: Bool
    ) -> [String] {
        var methods = eventMethods
        for method in handshakes.map(\.handshake.method) + (hasOptions ? ["OPTIONS"] : []) {
            if !methods.contains(method) { methods.append(method) }
        }
        return methods
    }

    private static func warnings(
        _ settings: SourceSettings,
        _ schemes: [SignatureScheme],
        _ verifier: SignatureVerifier?,
        _ handshakes: [CompiledHandshake],
        _ splitter: EventSplitter
    ) -> [String] {
        var warnings: [String] = []
        if verifier == nil && settings.origins.isEmpty {
            warnings.append(
                schemes.isEmpty
                    ? "anybody may send to this source: it has no signature"
                    : "anybody may send to this source: it has no secret"
            )
        }
        if settings.verifyToken == nil, handshakes.contains(where: \.needsVerifyToken) {
            warnings.append("without verifyToken the provider's handshake will be refused")
        }
        if settings.dedupe != nil && !splitter.hasEventID {
            warnings.append("dedupe means nothing without eventId")
        }
        return warnings
    }
}
