extension Preset {
    static let shops: [Preset] = [shopify, woocommerce, stripe, square, bigcommerce, paypal]

    private static let shopify = Preset(
        name: "shopify",
        summary: "Shopify: orders, checkouts, customers. Topic is X-Shopify-Topic, for example orders/create.",
        setup: "secret: the app's client secret, or the one shown on the admin's notification page.",
        signatures: [
            SignatureScheme(.hmacSHA256, in: .header("X-Shopify-Hmac-Sha256"), encoding: .base64)
        ],
        topic: #"headers."x-shopify-topic""#,
        // One action of the merchant may concern several orders, under one event id: the resource's id tells them
        // apart. Two subscriptions to one topic share it all, and are one event.
        eventID: """
            headers."x-shopify-event-id"
                && join('/', [headers."x-shopify-topic" || '', headers."x-shopify-event-id", to_string(body.id)])
                || headers."x-shopify-webhook-id"
            """,
        answers: [(nil, .empty)]
    )

    private static let woocommerce = Preset(
        name: "woocommerce",
        summary: "WooCommerce: orders, products, customers. Topic is X-WC-Webhook-Topic, for example order.created.",
        setup: "secret: the webhook's own. The unsigned ping that saving a webhook sends is answered 200.",
        signatures: [
            SignatureScheme(.hmacSHA256, in: .header("X-WC-Webhook-Signature"), encoding: .base64)
        ],
        accept: [.json, .form],
        handshakes: [
            Handshake(
                "POST",
                when: #"body && !headers."x-wc-webhook-signature" && keys(body) == ['webhook_id']"#,
                reply: .fixed(.empty)
            )
        ],
        topic: #"headers."x-wc-webhook-topic""#,
        // The delivery id is shared by all deliveries of one second, so it identifies nothing.
        eventID: """
            body.id && join('/', [headers."x-wc-webhook-id" || '', headers."x-wc-webhook-topic" || '',
                to_string(body.id), body.date_modified_gmt || digest])
            """,
        answers: [(nil, .empty)]
    )

    private static let stripe = Preset(
        name: "stripe",
        summary:
            "Stripe: payments and subscriptions. Topic is the event's type, for example checkout.session.completed.",
        setup: "secret: the endpoint's, whole, with its whsec_. Amounts are in minor units.",
        signatures: [
            SignatureScheme(
                .hmacSHA256,
                in: .header("Stripe-Signature"),
                pair: "v1",
                signed: ["{timestamp}.{body}"],
                timestamp: .pair("t"),
                tolerance: .seconds(300),
                window: .past
            )
        ],
        topic: "body.type",
        eventID: "body.id"
    )

    private static let square = Preset(
        name: "square",
        summary: "Square: payments, orders, customers. Topic is the event's type, for example payment.updated.",
        setup: "secret: the subscription's signature key. The URL must be the one entered at Square.",
        signatures: [
            SignatureScheme(
                .hmacSHA256,
                in: .header("X-Square-HmacSha256-Signature"),
                encoding: .base64,
                signed: ["{url}{body}"]
            )
        ],
        topic: "body.type",
        eventID: "body.event_id"
    )

    private static let bigcommerce = Preset(
        name: "bigcommerce",
        summary:
            "BigCommerce: what happened to which id, and no more. Topic is the scope, for example store/order/created.",
        setup: "secret: the app's client secret. An event names no person: a rule needs another step for that.",
        signatures: [SignatureScheme.standardWebhooks(prefix: "webhook", key: .text)],
        topic: "body.scope",
        eventID: "join('/', [body.hash, body.scope, to_string(body.created_at)])",
        answers: [(nil, .empty)]
    )

    private static let paypal = Preset(
        name: "paypal",
        summary: "PayPal: payments. Topic is the event's type, for example PAYMENT.CAPTURE.COMPLETED.",
        setup: """
            secret: PayPal's signing certificate in PEM, pinned (it is never fetched, so renew it when PayPal does); \
            verifyToken: the webhook's id at PayPal.
            """,
        signatures: [
            SignatureScheme(
                .rsaSHA256,
                in: .header("PAYPAL-TRANSMISSION-SIG"),
                encoding: .base64,
                key: .pem,
                signed: [
                    "{header.PAYPAL-TRANSMISSION-ID}|{header.PAYPAL-TRANSMISSION-TIME}|{verifyToken}|{crc32}"
                ]
            )
        ],
        topic: "body.event_type",
        eventID: "body.id",
        answers: [(nil, .empty)]
    )
}
