extension Preset {
    /// Customer records, support, calendars, code.
    static let work: [Preset] = [hubspot, intercom, zendesk, calendly, github, gitlab]

    private static let hubspot = Preset(
        name: "hubspot",
        summary: """
            HubSpot: one change of the array each. Topic is its subscriptionType, for example contact.propertyChange. \
            Workflow webhooks post one whole contact.
            """,
        setup: "secret: the app's client secret. The URL must be the one entered at HubSpot.",
        signatures: [
            SignatureScheme(
                .hmacSHA256,
                in: .header("X-HubSpot-Signature-v3"),
                encoding: .base64,
                signed: ["{method}{url.decoded}{body}{timestamp}", "{method}{url}{body}{timestamp}"],
                timestamp: .header("X-HubSpot-Request-Timestamp"),
                timestampUnit: .milliseconds,
                tolerance: .seconds(300),
                window: .past
            ),
            // The older versions, which workflows and cards still use; without the newer header only.
            SignatureScheme(
                .sha256,
                in: .header("X-HubSpot-Signature"),
                signed: ["{secret}{body}", "{secret}{method}{url}{body}"]
            ),
        ],
        topic: "body.subscriptionType",
        eventID: """
            body.eventId && join('/', [to_string(body.eventId), to_string(body.subscriptionId),
                to_string(body.occurredAt), to_string(body.objectId)])
            """,
        split: "body",
        answers: [(nil, .empty)]
    )

    private static let intercom = Preset(
        name: "intercom",
        summary: "Intercom: notifications. Topic is theirs, for example contact.lead.signed_up.",
        setup: "secret: the app's client secret. The ping that saving sends is answered.",
        signatures: [SignatureScheme(.hmacSHA1, in: .header("X-Hub-Signature"), prefix: "sha1=")],
        handshakes: [
            Handshake("POST", .verified, when: "body.topic == 'ping'", reply: .fixed(.empty)),
            Handshake("HEAD", reply: .fixed(.empty)),
        ],
        topic: "body.topic",
        eventID: "body.id",
        answers: [(nil, .empty)]
    )

    private static let zendesk = Preset(
        name: "zendesk",
        summary: "Zendesk: event subscriptions, and triggers with a JSON body of one's own. Topic is the type.",
        setup: "secret: the webhook's signing secret.",
        signatures: [
            SignatureScheme(
                .hmacSHA256,
                in: .header("X-Zendesk-Webhook-Signature"),
                encoding: .base64,
                signed: ["{timestamp}{body}"],
                timestamp: .header("X-Zendesk-Webhook-Signature-Timestamp"),
                timestampUnit: .rfc3339,
                tolerance: .seconds(300)
            )
        ],
        topic: "body.type",
        eventID: "body.id",
        answers: [(nil, .empty)]
    )

    private static let calendly = Preset(
        name: "calendly",
        summary: "Calendly: bookings. Topic is the event, for example invitee.created.",
        setup: "secret: the subscription's signing key.",
        signatures: [
            SignatureScheme(
                .hmacSHA256,
                in: .header("Calendly-Webhook-Signature"),
                pair: "v1",
                signed: ["{timestamp}.{body}"],
                timestamp: .pair("t"),
                tolerance: .seconds(180)
            )
        ],
        topic: "body.event",
        eventID: "body.payload.uri && join('/', [body.payload.uri, body.event, body.created_at || ''])",
        answers: [(nil, .empty)]
    )

    private static let github = Preset(
        name: "github",
        summary: "GitHub: topic is X-GitHub-Event, for example issues. JSON or form, both are the payload's object.",
        setup: "secret: the webhook's own. The ping that saving sends is answered.",
        signatures: [SignatureScheme(.hmacSHA256, in: .header("X-Hub-Signature-256"), prefix: "sha256=")],
        accept: [.json, .form],
        handshakes: [
            Handshake("POST", .verified, when: #"headers."x-github-event" == 'ping'"#, reply: .fixed(.empty))
        ],
        topic: #"headers."x-github-event""#,
        eventID: #"headers."x-github-delivery""#,
        payloadField: "payload"
    )

    private static let gitlab = Preset(
        name: "gitlab",
        summary: "GitLab: topic is X-Gitlab-Event, for example Push Hook.",
        setup: "secret: the webhook's secret token, or its signing token (whsec_…) where there is one.",
        signatures: [
            SignatureScheme.standardWebhooks(prefix: "webhook"), SignatureScheme(.token, in: .header("X-Gitlab-Token")),
        ],
        topic: #"headers."x-gitlab-event""#,
        eventID: #"headers."idempotency-key" || headers."x-gitlab-event-uuid""#
    )
}
