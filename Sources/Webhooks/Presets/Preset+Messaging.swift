extension Preset {
    static let messaging: [Preset] = [meta, x, line, telegram, viber, twilio, slack, discord]

    private static let meta = Preset(
        name: "meta",
        summary: """
            Meta: WhatsApp, Messenger, Instagram, Pages. One event is one change, as {object, entry: {id, time}, field, \
            value}, or one Messenger item, as {object, entry, sender, recipient, message, …}. Topic is the field, for \
            example messages, or what a Messenger item holds.
            """,
        setup: "secret: the app's secret; verifyToken: the one entered beside the callback URL.",
        signatures: [SignatureScheme(.hmacSHA256, in: .header("X-Hub-Signature-256"), prefix: "sha256=")],
        handshakes: [
            Handshake(
                "GET",
                when: #"query."hub.mode" == 'subscribe'"#,
                token: #"query."hub.verify_token""#,
                reply: .text(#"query."hub.challenge""#)
            )
        ],
        topic: """
            body.field || (body.message && 'message') || (body.postback && 'postback') || (body.reaction && 'reaction')
                || (body.delivery && 'delivery') || (body.read && 'read') || (body.optin && 'optin')
                || (body.referral && 'referral')
            """,
        // A change may hold several messages or states of messages; together they are its identity.
        eventID: """
            not_null(
                body.value.messages && join(',', body.value.messages[].id),
                body.value.statuses && join(',', body.value.statuses[].join('/', [id, status])),
                body.message.mid,
                body.postback.mid,
                body.value.leadgen_id && to_string(body.value.leadgen_id))
            """,
        split: """
            let $object = body.object in
            body.entry[].[
                let $common = {object: $object, entry: {id: id, time: time}} in
                    [(changes || `[]`)[].merge($common, @), (messaging || `[]`)[].merge($common, @)][]
            ][][]
            """,
        // What a business sends itself comes back as an echo.
        drop: "body.message.is_echo",
        dedupe: .seconds(7 * 86_400),
        answers: [(nil, .empty)]
    )

    private static let x = Preset(
        name: "x",
        summary: """
            X (Twitter) account activity. One event is one item, as {kind, for_user_id, sender, item}. Topic is the \
            array it stood in, for example direct_message_events; what the brand did itself is dropped.
            """,
        setup: "secret: the app's consumer secret; it answers the CRC requests too.",
        signatures: [
            SignatureScheme(
                .hmacSHA256,
                in: .header("x-twitter-webhooks-signature"),
                prefix: "sha256=",
                encoding: .base64
            )
        ],
        handshakes: [
            Handshake(
                "GET",
                when: "query.crc_token",
                reply: .authenticated("query.crc_token", member: "response_token")
            )
        ],
        topic: "body.kind",
        eventID: """
            join('/', [body.kind, to_string(not_null(body.item.id_str, body.item.id, [digest, to_string(index)]))])
            """,
        split: """
            let $for = body.for_user_id, $users = items(body.users || `{}`) in
            items(body)[?ends_with([0], '_events') && type([1]) == 'array'].[
                let $kind = [0] in [1][].[
                    let $item = @, $id = not_null(message_create.sender_id, user.id_str, source.id, sender_id) in
                    {kind: $kind, for_user_id: $for, sender: $users[?[0] == $id] | [0][1] || $item.user, item: $item}
                ][]
            ][][]
            """,
        drop: """
            body.for_user_id && body.for_user_id
                == not_null(body.item.message_create.sender_id, body.item.user.id_str, body.item.source.id, '')
            """,
        answers: [(nil, .empty)]
    )

    private static let line = Preset(
        name: "line",
        summary: "LINE: one event of `events` each, with its destination. Topic is its type, for example follow.",
        setup:
            "secret: the channel secret. Events of standby mode are dropped; an empty list (Verify) is answered 200.",
        signatures: [SignatureScheme(.hmacSHA256, in: .header("x-line-signature"), encoding: .base64)],
        topic: "body.type",
        eventID: "body.webhookEventId",
        split: "let $common = {destination: body.destination} in body.events[].merge($common, @)",
        drop: "body.mode == 'standby'",
        answers: [(nil, .empty)]
    )

    private static let telegram = Preset(
        name: "telegram",
        summary: "Telegram bots: one update. Topic is the key beside update_id, for example message.",
        setup: "secret: the secret_token given to setWebhook.",
        signatures: [SignatureScheme(.token, in: .header("X-Telegram-Bot-Api-Secret-Token"))],
        topic: "keys(body)[?@ != 'update_id'] | [0]",
        eventID: "body.update_id",
        answers: [(nil, .empty)]
    )

    private static let viber = Preset(
        name: "viber",
        summary: "Viber bots. Topic is the event, for example message or subscribed.",
        setup: "secret: the bot's token. set_webhook's own event is answered 200.",
        signatures: [SignatureScheme(.hmacSHA256, in: .header("X-Viber-Content-Signature"))],
        handshakes: [Handshake("POST", .verified, when: "body.event == 'webhook'", reply: .fixed(.empty))],
        topic: "body.event",
        eventID: "body.message_token && join('/', [body.event, to_string(body.message_token)])",
        answers: [(nil, .empty)]
    )

    private static let twilio = Preset(
        name: "twilio",
        summary: """
            Twilio: incoming SMS and WhatsApp messages, calls, states. Topic is message, call, or the state of what we \
            sent (delivered, failed …).
            """,
        setup: "secret: the account's auth token. The URL must be the one entered at Twilio.",
        signatures: [
            SignatureScheme(
                .hmacSHA1,
                in: .header("X-Twilio-Signature"),
                encoding: .base64,
                signed: ["{url}{form}", "{url.withoutPort}{form}", "{url.withPort}{form}"],
                bodyHashParameter: "bodySHA256"
            )
        ],
        accept: [.form, .json],
        methods: ["POST", "GET"],
        topic: """
            (body.MessageStatus && body.MessageStatus != 'received' && body.MessageStatus)
                || (body.CallSid && 'call') || (not_null(body.MessageSid, body.SmsSid) && 'message')
            """,
        eventID: """
            not_null(
                headers."i-twilio-idempotency-token",
                (body.MessageSid || body.SmsSid) && join('/', [body.MessageSid || body.SmsSid,
                    body.MessageStatus || body.SmsStatus || '']))
            """,
        // Text in an answer would be sent to the person.
        answers: [(nil, FixedAnswer(200, contentType: "text/xml", body: "<Response/>"))]
    )

    private static let slack = Preset(
        name: "slack",
        summary: "Slack: events, slash commands, interactions. Topic is the inner event's type, for example team_join.",
        setup: "secret: the app's signing secret. The URL verification is answered; what bots wrote is dropped.",
        signatures: [
            SignatureScheme(
                .hmacSHA256,
                in: .header("X-Slack-Signature"),
                prefix: "v0=",
                signed: ["v0:{timestamp}:{body}"],
                timestamp: .header("X-Slack-Request-Timestamp"),
                tolerance: .seconds(300)
            )
        ],
        accept: [.json, .form],
        handshakes: [
            Handshake("POST", .verified, when: "body.type == 'url_verification'", reply: .text("body.challenge"))
        ],
        topic: "body.event.type || body.command || body.type",
        eventID: "body.event_id || body.trigger_id",
        drop: "body.event.bot_id",
        answers: [(nil, .empty)],
        payloadField: "payload"
    )

    private static let discord = Preset(
        name: "discord",
        summary: "Discord: webhook events and interactions. Topic is the event's type, else the interaction's number.",
        setup: "secret: the application's public key, in hexadecimal. Pings of both kinds are answered.",
        signatures: [
            SignatureScheme(
                .ed25519,
                in: .header("X-Signature-Ed25519"),
                key: .hex,
                signed: ["{timestamp}{body}"],
                timestamp: .header("X-Signature-Timestamp")
            )
        ],
        handshakes: [
            Handshake("POST", .verified, when: "body.type == `0`", reply: .fixed(FixedAnswer(204))),
            Handshake(
                "POST",
                .verified,
                when: "body.type == `1` && !body.event",
                reply: .fixed(FixedAnswer(200, contentType: "application/json", body: #"{"type":1}"#))
            ),
        ],
        topic: "body.event.type || to_string(body.type)",
        // Interactions have an id, events have none.
        eventID: "not_null(body.id, digest)",
        answers: [
            ("body.event", FixedAnswer(204)),
            // An interaction has to be answered with something that the person sees; 64 shows it to them alone.
            (
                nil,
                FixedAnswer(
                    200,
                    contentType: "application/json",
                    body: #"{"type":4,"data":{"content":"Received.","flags":64}}"#
                )
            ),
        ]
    )
}
