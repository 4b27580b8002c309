import JSON
import Model
import Testing

@testable import Webhooks

/// A request as a provider signs it.
struct SignedSample: CustomTestStringConvertible {
    var preset: String
    var secret = "secret"
    var method = "POST"
    var url = "https://example.com/hooks/x"
    var fields: [(String, String)]
    var body = Sample.body
    var seconds: Int64 = 1_700_000_000
    var type = "application/json"
    var verifyToken: String?

    var testDescription: String { "\(preset) \(fields.map(\.0).joined(separator: " "))" }

    var webhook: Webhook {
        Sample.request(
            method,
            url,
            fields: [("Content-Type", type)] + fields,
            body: body,
            at: Timestamp(milliseconds: seconds * 1_000)
        )
    }

    func source() throws -> Source {
        try Source(SourceSettings(name: "s", preset: preset, secrets: [secret], verifyToken: verifyToken))
    }

    private static let base64 = "SMwnLxeGsoXbLjfvwv/KaypgaXM81SbgQnvIFl3NTrw="
    private static let hex = "48cc272f1786b285db2e37efc2ffca6b2a6069733cd526e0427bc8165dcd4ebc"
    private static let slackBody =
        "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V"
        + "&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text="
        + "&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN"
        + "&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c"
    private static let form = "application/x-www-form-urlencoded"

    /// Made or confirmed with the senders' own libraries, or published by them.
    static let all: [SignedSample] = [
        SignedSample(preset: "shopify", fields: [("X-Shopify-Hmac-Sha256", base64)]),
        SignedSample(preset: "woocommerce", fields: [("X-WC-Webhook-Signature", base64)]),
        SignedSample(preset: "line", fields: [("x-line-signature", base64)]),
        SignedSample(preset: "typeform", fields: [("Typeform-Signature", "sha256=" + base64)]),
        SignedSample(preset: "x", fields: [("x-twitter-webhooks-signature", "sha256=" + base64)]),
        SignedSample(preset: "viber", fields: [("X-Viber-Content-Signature", hex)]),
        SignedSample(preset: "meta", fields: [("X-Hub-Signature-256", "sha256=" + hex)]),
        SignedSample(preset: "github", fields: [("X-Hub-Signature-256", "sha256=" + hex)]),
        SignedSample(
            preset: "intercom",
            fields: [("X-Hub-Signature", "sha1=cd98ba1d12d4dcc014d6113350f24f98926686f5")]
        ),
        SignedSample(
            preset: "github",
            secret: "It's a Secret to Everybody",
            fields: [
                ("X-Hub-Signature-256", "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17")
            ],
            body: "Hello, World!"
        ),
        SignedSample(
            preset: "stripe",
            secret: "whsec_test",
            fields: [
                (
                    "Stripe-Signature",
                    "t=1700000000,v1=08ce522956de43d9ff30f9e9aab48150eb0f041a981272ffe50a7941581abb5d"
                )
            ]
        ),
        SignedSample(
            preset: "standard-webhooks",
            secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            fields: [
                ("webhook-id", "msg_p5jXN8AQM9LWM0D4loKWxJek"), ("webhook-timestamp", "1614265330"),
                ("webhook-signature", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="),
            ],
            body: #"{"test": 2432232314}"#,
            seconds: 1_614_265_330
        ),
        SignedSample(
            preset: "svix",
            secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            fields: [
                ("svix-id", "msg_1"), ("svix-timestamp", "1700000000"),
                ("svix-signature", "v1,VGocdvdLclDvoHD97AQBEi0T7n/rWQQ9bjJ6YqzbLnA="),
            ]
        ),
        SignedSample(
            preset: "gitlab",
            secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            fields: [
                ("webhook-id", "msg_1"), ("webhook-timestamp", "1700000000"),
                ("webhook-signature", "v1,VGocdvdLclDvoHD97AQBEi0T7n/rWQQ9bjJ6YqzbLnA="),
            ]
        ),
        SignedSample(preset: "gitlab", fields: [("X-Gitlab-Token", "secret")]),
        SignedSample(preset: "telegram", fields: [("X-Telegram-Bot-Api-Secret-Token", "secret")]),
        SignedSample(
            preset: "slack",
            fields: [
                ("X-Slack-Request-Timestamp", "1700000000"),
                ("X-Slack-Signature", "v0=0fb4e72f4f7f71ecd4b3a565277479e509640058fb5e30bc2fd62b42366c07a3"),
            ]
        ),
        SignedSample(
            preset: "slack",
            secret: "8f742231b10e8888abcd99yyyzzz85a5",
            fields: [
                ("X-Slack-Request-Timestamp", "1531420618"),
                ("X-Slack-Signature", "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"),
            ],
            body: slackBody,
            seconds: 1_531_420_618,
            type: form
        ),
        SignedSample(
            preset: "twilio",
            secret: "12345",
            url: "https://mycompany.com/myapp.php?foo=1&bar=2",
            fields: [("X-Twilio-Signature", "RSOYDt4T1cUTdK1PDd93/VVr8B8=")],
            body: "CallSid=CA1234567890ABCDE&Caller=%2B14158675309&Digits=1234&From=%2B14158675309&To=%2B18005551212",
            type: form
        ),
        SignedSample(
            preset: "twilio",
            secret: "12345",
            url: "https://example.com/hooks/twilio"
                + "?bodySHA256=1846510ac71227f396205c7583ba1fbce1b59803817ac57fbdde5a46451c0372",
            fields: [("X-Twilio-Signature", "XogY6gw7OrMLU7YOs1RofddchQs=")]
        ),
        SignedSample(
            preset: "hubspot",
            url: "https://example.com/hooks/hubspot",
            fields: [
                ("X-HubSpot-Request-Timestamp", "1700000000000"),
                ("X-HubSpot-Signature-v3", "vqzT+pQyxfFrKMBboZsrm64PGHCR9HTrbEKlYVqp1Rs="),
            ]
        ),
        SignedSample(
            preset: "hubspot",
            url: "https://example.com/hooks/hubspot",
            fields: [
                ("X-HubSpot-Signature", "22f79e43d280444fd149869bda4fc11af67a8b5b050d258477118022275f55cb"),
                ("X-HubSpot-Signature-Version", "v2"),
            ]
        ),
        SignedSample(
            preset: "hubspot",
            fields: [("X-HubSpot-Signature", "efc5d3a0f2f7520578be5db85c7f81f169247bd584770f69e76dd489fae8f2b9")]
        ),
        SignedSample(
            preset: "square",
            url: "https://example.com/hooks/square",
            fields: [("x-square-hmacsha256-signature", "/A/TS4NuxCRgNwC8TJWU+szLEHCmkYT8ymVu2kRzv6g=")]
        ),
        SignedSample(
            preset: "calendly",
            fields: [
                (
                    "Calendly-Webhook-Signature",
                    "t=1700000000,v1=364c5d4b9e8ec19f7226866a5bab664da74184913a9591de2f0c009ee6e4afd6"
                )
            ]
        ),
        SignedSample(
            preset: "zendesk",
            fields: [
                ("X-Zendesk-Webhook-Signature", "vZXmhXTUqXoqRnMa3KU+H1wipq1nvVWruqBIGKvDTMU="),
                ("X-Zendesk-Webhook-Signature-Timestamp", "2023-11-14T22:13:20Z"),
            ]
        ),
        SignedSample(
            preset: "mailgun",
            fields: [],
            body: """
                {"signature":{"timestamp":"1529006854","token":"a8ce0edb2dd8301dee6c2405235584e45aa91d1e9f979f3de0",\
                "signature":"a32c55c5046de2997212638147a0b45d99fbe491e8ac452c671037dd7f4ccfc5"},"event-data":{}}
                """,
            seconds: 1_529_006_854
        ),
        SignedSample(
            preset: "discord",
            secret: "03a107bff3ce10be1d70dd18e74bc09967e4d6309ba50d5f1ddc8664125531b8",
            fields: [
                ("X-Signature-Timestamp", "1700000000"),
                (
                    "X-Signature-Ed25519",
                    "c9f3ef2f7beed5e98267b4a873bfbfef1c41076aac98a2adb50fa9f3fe0f260b"
                        + "c6d29aebd02f503a2f360f5c0381888e6fb2c611393e58436352d9f32404fa04"
                ),
            ]
        ),
        SignedSample(
            preset: "sendgrid",
            secret: "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEX206oNMnwTcCUT1CmfKXqxgvz2cPlikfqxlXLnpuAcS"
                + "/60Ok58tolMk9sI1WIJu6kmBUJIWWAlPrxVSOHnv1CQ==",
            fields: [
                ("X-Twilio-Email-Event-Webhook-Timestamp", "1700000000"),
                (
                    "X-Twilio-Email-Event-Webhook-Signature",
                    "MEQCIB4umJa7du5Db3Rm946/7Nq5VeFThE79MDe+tbHmc6kIAiA/QCcnnHojXW+KoIFcD1qgqGBNo07fIKqPU/ATCsIwfA=="
                ),
            ]
        ),
        SignedSample(preset: "cloudevents", fields: [("Authorization", "bearer secret")]),
        SignedSample(preset: "cloudevents", url: "https://example.com/hooks/x?access_token=secret", fields: []),
        SignedSample(preset: "jotform", url: "https://example.com/hooks/x?token=secret", fields: []),
        SignedSample(preset: "mailjet", secret: "ana:secret", fields: [("Authorization", "Basic YW5hOnNlY3JldA==")]),
    ]
}

@Suite struct `Signatures` {
    @Test(arguments: SignedSample.all)
    func `of every provider are believed`(sample: SignedSample) throws {
        let verification = try sample.source().verify(sample.webhook)
        guard case .genuine = verification else {
            Issue.record("\(sample): \(verification)")
            return
        }
    }

    @Test(arguments: SignedSample.all)
    func `are refused for another secret`(sample: SignedSample) throws {
        var other = sample
        other.secret =
            switch sample.preset {
            case "discord": "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"
            case "sendgrid":
                "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEaxfR8uEsQkf4vOblY6RA8ncDfYEt6zOg9KE5RdiYwpZP40Li/hp/m47n60p8D54WK84zV2sxXs7LtkBoN79R9Q=="
            default: sample.secret.hasPrefix("whsec_") ? "whsec_AAAA" + sample.secret.dropFirst(10) : "another"
            }
        let refusal = try other.source().refusal(of: other.webhook)
        #expect(refusal?.status == 401)
        #expect(refusal?.account == "signature")
        #expect(refusal?.problem.fields.contains { $0.name == "WWW-Authenticate" } == true)
    }

    @Test(arguments: SignedSample.all)
    func `are refused for another body, where the body is signed`(sample: SignedSample) throws {
        guard
            !["gitlab", "telegram", "cloudevents", "jotform", "mailjet", "mailgun"].contains(sample.preset)
                || sample.fields.count == 3
        else { return }
        var other = sample
        other.body += "&x=y"
        #expect(try other.source().refusal(of: other.webhook)?.status == 401)
    }

    @Test(arguments: SignedSample.all)
    func `that are missing are refused, with the place where one is wanted`(sample: SignedSample) throws {
        var bare = sample
        bare.fields = []
        bare.body = "{}"
        bare.url = "https://example.com/hooks/x"
        let refusal = try bare.source().refusal(of: bare.webhook)
        guard case .signatureMissing(let place, _) = refusal else {
            Issue.record("\(sample.preset): \(String(describing: refusal))")
            return
        }
        #expect(!place.isEmpty)
        #expect(refusal?.status == 401)
    }

    @Test func `match any of several secrets, while one is being changed`() throws {
        let settings = SourceSettings(name: "s", preset: "shopify", secrets: ["new", "secret"])
        let sample = SignedSample.all[0]
        guard case .genuine = try Source(settings).verify(sample.webhook) else {
            Issue.record("the second secret does not match")
            return
        }
    }

    @Test(arguments: [(-301, false), (-300, true), (0, true), (300, true), (301, false)])
    func `hold as long as the tolerance says, on both sides`(age: Int64, isGood: Bool) throws {
        var sample = try #require(SignedSample.all.first { $0.preset == "svix" })
        sample.seconds += age
        let verification = try sample.source().verify(sample.webhook)
        switch verification {
        case .genuine: #expect(isGood)
        case .refused(let refusal, let why):
            #expect(!isGood)
            #expect(refusal == .timestampOutsideWindow(seconds: 300))
            #expect(refusal.account == "timestamp")
            #expect(why.contains("301 s"))
        case .unsigned: Issue.record("there is a secret")
        }
    }

    @Test func `of one's own system are described in the same words`() throws {
        let scheme = SignatureScheme(
            .hmacSHA512,
            in: .header("X-Loyalty-Signature"),
            prefix: "v=",
            encoding: .base64url,
            key: .hex,
            signed: ["{timestamp}.{method}.{header.X-Shop}.{body.kind}.{body}"],
            timestamp: .header("X-Loyalty-Time"),
            timestampUnit: .milliseconds,
            tolerance: .seconds(60)
        )
        let source = try Source(
            SourceSettings(
                name: "loyalty",
                secrets: ["00ff"],
                signature: scheme,
                topic: "body.kind",
                eventID: "body.id"
            )
        )
        let body = #"{"kind":"points","id":7}"#
        let signed = "1700000000000.POST.porto.points.\(body)"
        let code = AuthenticationKey([0x00, 0xFF], .sha512).code(of: Array(signed.utf8))
        let fields = [
            ("X-Loyalty-Signature", "v=" + BinaryText.base64url.encoded(code)), ("X-Loyalty-Time", "1700000000000"),
            ("X-Shop", "porto"),
        ]
        let events = source.events(in: Sample.json(body, fields: fields))
        #expect(events.map(\.topic) == ["points"])
        #expect(events.map(\.key) == ["7"])
        let elsewhere = Sample.json(body, fields: Array(fields.dropLast()) + [("X-Shop", "lisboa")])
        #expect(source.refusal(of: elsewhere)?.status == 401)
    }

    @Test func `of PayPal are verified with a pinned certificate`() throws {
        let source = try Source(
            SourceSettings(name: "s", preset: "paypal", secrets: [PayPalSample.publicKey], verifyToken: "WH-1")
        )
        #expect(checksum(Array(Sample.body.utf8)) == 3_134_149_739)
        #expect(source.events(in: PayPalSample.webhook).count == 1)
        var tampered = PayPalSample.webhook
        tampered.body += [0x20]
        #expect(source.refusal(of: tampered)?.status == 401)
    }

    @Test func `that come twice in a request are refused: nobody knows which counts`() throws {
        let sample = SignedSample.all[0]
        var webhook = sample.webhook
        webhook.fields.append(Field("X-Shopify-Hmac-Sha256", "AAAA"))
        #expect(try sample.source().refusal(of: webhook)?.status == 401)
    }

    @Test func `tell the sender neither secret nor expected signature, and the operator what was signed`() throws {
        var sample = SignedSample.all[0]
        sample.secret = "very secret"
        guard case .refused(let refusal, let why) = try sample.source().verify(sample.webhook) else {
            Issue.record("it was believed")
            return
        }
        #expect(!refusal.problem.detail.contains("very secret") && !why.contains("very secret"))
        #expect(why.contains("{body}"))
    }
}
