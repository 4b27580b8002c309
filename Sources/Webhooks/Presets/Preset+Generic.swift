extension Preset {
    static let generic: [Preset] = [standardWebhooks, svix, cloudEvents]

    private static let standardWebhooks = Preset(
        name: "standard-webhooks",
        summary: "Whoever signs as Standard Webhooks has it: best for systems of one's own. Topic is the type.",
        setup: "secret: whsec_… (shared) or whpk_… (a public key).",
        signatures: [.standardWebhooks(prefix: "webhook"), .standardWebhooksPublicKey(prefix: "webhook")],
        topic: "body.type",
        eventID: #"headers."webhook-id""#
    )

    private static let svix = Preset(
        name: "svix",
        summary: "Svix, and those who send by it: Clerk, Resend and others. Topic is the type.",
        setup: "secret: whsec_… as the sender shows it.",
        signatures: [
            .standardWebhooks(prefix: "svix"), .standardWebhooksPublicKey(prefix: "svix"),
            .standardWebhooks(prefix: "webhook"), .standardWebhooksPublicKey(prefix: "webhook"),
        ],
        topic: "body.type",
        eventID: #"headers."svix-id" || headers."webhook-id""#
    )

    private static let cloudEvents = Preset(
        name: "cloudevents",
        summary: "CloudEvents 1.0 in every mode; the body is the event's JSON form. Topic is its type.",
        setup: "secret: a bearer token, in Authorization or as ?access_token=… The OPTIONS handshake is answered.",
        signatures: [.bearer, .urlSecret("access_token")],
        accept: [.cloudevents],
        topic: "body.type",
        eventID: "join(' ', [body.source, body.id])"
    )
}

extension SignatureScheme {
    /// Standard Webhooks' `v1`: headers `<prefix>-id`, `-timestamp` and `-signature`.
    static func standardWebhooks(prefix: String, key: KeyForm = .whsec) -> SignatureScheme {
        SignatureScheme(
            .hmacSHA256,
            in: .header("\(prefix)-signature"),
            prefix: "v1,",
            separator: " ",
            encoding: .base64,
            key: key,
            signed: ["{id}.{timestamp}.{body}"],
            timestamp: .header("\(prefix)-timestamp"),
            tolerance: .seconds(300),
            idHeader: "\(prefix)-id"
        )
    }

    /// Its `v1a`, with a public key.
    static func standardWebhooksPublicKey(prefix: String) -> SignatureScheme {
        var scheme = standardWebhooks(prefix: prefix, key: .whpk)
        scheme.algorithm = .ed25519
        scheme.prefix = "v1a,"
        return scheme
    }
}
