import JSON
import Model
import Testing

@testable import Rules

/// The rules that the documentation's whole config shows, as the config reader hands them over.
@Suite struct `The rules of the example config` {
    private static let vocabulary = RuleVocabulary(
        journeys: ["order-confirmation": "64ad5aaeda4f3f1b3fea3eda", "welcome": "64ad5aaeda4f3f1b3fea3edb"],
        tables: LookupTables(["timezones": ["CA": "America/Toronto", "GB": "Europe/London"]]),
        sources: ["shop", "contact-form", "whatsapp", "loyalty"],
        queues: ["transactional", "default", "campaigns"]
    )

    private static let phone = "body.customer.phone, body.shipping_address.country_code"

    private static var orderConfirmation: RuleDefinition {
        var rule = RuleDefinition(
            name: "order-confirmation",
            sources: ["shop"],
            trigger: TriggerDefinition(
                journey: "order-confirmation",
                snType: "WHATSAPP_BUSINESS",
                snID: "{{ msisdn(\(phone)) }}",
                contextParams: [
                    ContextParamDefinition("orderNumber", "{{ body.order_number }}"),
                    ContextParamDefinition("total", "{{ body.total_price }} {{ body.currency }}"),
                    ContextParamDefinition("items", "{{ join(', ', body.line_items[].title) }}"),
                ]
            )
        )
        rule.when = "topic == 'orders/create' && body.customer.phone"
        rule.newProfile = NewProfileDefinition(profile: [
            .init("id", .template("{{ body.customer.id }}")),
            .init(
                "contact",
                .object([
                    .init("firstName", .template("{{ body.customer.first_name }}")),
                    .init("phoneNo", .template("{{ phone(\(phone)) }}")),
                ])
            ),
            .init(
                "profiles",
                .list([
                    .object([
                        .init("channelType", .template("WHATSAPP_BUSINESS")),
                        .init("channelId", .template("{{ msisdn(\(phone)) }}")),
                        .init("name", .template("{{ body.customer.first_name }} {{ body.customer.last_name }}")),
                    ])
                ])
            ),
            .init("createdTime", .template("{{ receivedAt }}")),
        ])
        rule.queue = "transactional"
        rule.expiresAfter = .seconds(6 * 3_600)
        return rule
    }

    private static let order: JSONValue = [
        "order_number": 1001, "total_price": "409.94", "currency": "CAD",
        "customer": [
            "id": 7_115_310_627_314_723_954, "first_name": "Camille", "last_name": "Gagnon", "phone": "(514) 555-0199",
        ],
        "shipping_address": ["country_code": "CA"], "line_items": [["title": "Cap"], ["title": "Mug"]],
    ]

    @Test func `confirm an order`() throws {
        var definition = Self.orderConfirmation
        let expected = ExpectedDelivery(
            snType: "WHATSAPP_BUSINESS",
            snID: "15145550199",
            journey: "order-confirmation",
            contextParams: [
                ContextParam("orderNumber", "1001"), ContextParam("total", "409.94 CAD"),
                ContextParam("items", "Cap, Mug"),
            ],
            newProfile: [
                "id": "7115310627314723954", "contact": ["firstName": "Camille", "phoneNo": "+15145550199"],
                "profiles": [
                    ["channelType": "WHATSAPP_BUSINESS", "channelId": "15145550199", "name": "Camille Gagnon"]
                ],
                "createdTime": 1_769_851_800_000,
            ],
            queue: "transactional"
        )
        definition.examples = [RuleExample(given: [ExampleEvent(body: Self.order)], expect: .deliveries([expected]))]
        let rules = try RuleSet([definition], vocabulary: Self.vocabulary)
        #expect(rules.runExamples().map(\.differences) == [[]])
        #expect(rules.warnings.map(\.place) == ["journeys.welcome"])
    }

    @Test func `welcome who says hello`() throws {
        var welcome = RuleDefinition(
            name: "whatsapp-welcome",
            sources: ["whatsapp"],
            trigger: TriggerDefinition(
                journey: "welcome",
                snType: "WHATSAPP_BUSINESS",
                snID: "{{ item.from }}",
                contextParams: [ContextParamDefinition("text", "{{ item.text.body }}")]
            )
        )
        welcome.when = "item.type == 'text' && contains(lower(item.text.body), 'hello')"
        welcome.each = "body.value.messages"
        let rules = try RuleSet([welcome], vocabulary: Self.vocabulary)
        let mapping = rules.map(
            try event(
                source: "whatsapp",
                topic: "messages",
                #"""
                {"value": {"messages": [{"from": "351912345678", "type": "text", "text": {"body": "HELLO 🙂"}},
                                        {"from": "351912345679", "type": "image"},
                                        {"from": "351912345670", "type": "text", "text": {"body": "Bye"}}]}}
                """#
            )
        )
        #expect(mapping.deliveries.map(\.trigger.snID) == ["351912345678"])
        #expect(mapping.deliveries.map(\.trigger.contextParams) == [[ContextParam("text", "HELLO 🙂")]])
        #expect(mapping.failures == [])
    }

    @Test func `remind of a cart, unless it is bought meanwhile`() throws {
        var cart = RuleDefinition(
            name: "abandoned-cart",
            sources: ["shop"],
            trigger: TriggerDefinition(
                journey: "64ad5aaeda4f3f1b3fea3edc",
                snType: "EMAIL",
                snID: "{{ lower(trim(body.email)) }}",
                contextParams: [ContextParamDefinition("url", "{{ body.abandoned_checkout_url }}")]
            )
        )
        cart.when = "topic == 'checkouts/create' && body.email"
        cart.delay = .seconds(3_600)
        cart.key = "body.token"
        cart.queue = "campaigns"
        cart.expiresAfter = .seconds(86_400)
        cart.cancelWhen = CancellationDefinition(
            source: "shop",
            when: "topic == 'orders/create'",
            key: "body.checkout_token"
        )
        var order = Self.orderConfirmation
        order.atMost = Frequency(times: 1, per: .seconds(3_600))
        order.deliverBetween = DeliveryHours(
            from: "08:00",
            to: "21:00",
            timezone: "lookup('timezones', body.shipping_address.country_code)"
        )
        let rules = try RuleSet([order, cart], vocabulary: Self.vocabulary)
        let checkout = try rules.map(
            event(
                topic: "checkouts/create",
                #"{"email": " Ana@Example.com", "token": "t", "abandoned_checkout_url": "https://x"}"#
            )
        )
        #expect(checkout.deliveries.map(\.trigger.snID) == ["ana@example.com"])
        #expect(checkout.deliveries.map(\.delay) == [.seconds(3_600)])
        let bought = try rules.map(event(#"{"checkout_token": "t"}"#))
        #expect(bought.cancellations == [Cancellation(rule: "abandoned-cart", key: "t", remembered: .seconds(3_600))])
    }
}
