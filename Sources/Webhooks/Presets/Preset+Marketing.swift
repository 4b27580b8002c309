extension Preset {
    static let marketing: [Preset] = [mailchimp, sendgrid, mailgun, mailjet]

    private static let mailchimp = Preset(
        name: "mailchimp",
        summary: "Mailchimp audiences: data[email] is data.email. Topic is the type, for example subscribe.",
        setup: "Mailchimp signs nothing: secret is what the URL entered there carries as ?token=… Its checks get 200.",
        signatures: [.urlSecret()],
        accept: [.form],
        handshakes: [
            Handshake("GET", reply: .fixed(.empty)), Handshake("HEAD", reply: .fixed(.empty)),
            Handshake("POST", .verified, when: "!body", reply: .fixed(.empty)),
        ],
        topic: "body.type",
        eventID: "digest",
        answers: [(nil, .empty)],
        nestedNames: true
    )

    private static let sendgrid = Preset(
        name: "sendgrid",
        summary: "SendGrid's event webhook: one event of the array each. Topic is the event, for example click.",
        setup: "secret: the verification key (a public key in base64) shown beside the webhook.",
        signatures: [
            SignatureScheme(
                .ecdsaSHA256,
                in: .header("X-Twilio-Email-Event-Webhook-Signature"),
                encoding: .base64,
                key: .der,
                signed: ["{timestamp}{body}"],
                timestamp: .header("X-Twilio-Email-Event-Webhook-Timestamp")
            )
        ],
        topic: "body.event",
        eventID: "body.sg_event_id",
        split: "body",
        answers: [(nil, .empty)]
    )

    private static let mailgun = Preset(
        name: "mailgun",
        summary: #"Mailgun: one event, under "event-data". Topic is its event, for example clicked."#,
        setup:
            "secret: the HTTP webhook signing key. The signature covers a token, not the body: keep the URL private.",
        signatures: [
            SignatureScheme(
                .hmacSHA256,
                in: .body("signature.signature"),
                signed: ["{timestamp}{body.signature.token}"],
                timestamp: .body("signature.timestamp"),
                tolerance: .seconds(86_400)
            )
        ],
        topic: #"body."event-data".event"#,
        eventID: #"not_null(body."event-data".id, body.signature.token)"#,
        answers: [(nil, .empty)]
    )

    private static let mailjet = Preset(
        name: "mailjet",
        summary: "Mailjet: one event, or each of an array. Topic is the event, for example click.",
        setup: "Mailjet signs nothing: secret is 'user:password' as in the URL entered there, https://user:password@…",
        signatures: [.basic],
        topic: "body.event",
        eventID: """
            join('/', [to_string(not_null(body.Message_GUID, body.MessageID, digest)), body.event || '',
                to_string(body.time)])
            """,
        split: "body",
        answers: [(nil, .empty)]
    )
}
