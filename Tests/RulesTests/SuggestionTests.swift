import JSON
import Model
import Testing

@testable import Rules

@Suite struct `A suggested rule` {
    private func draft(source: String = "shop", topic: String? = "orders/create", _ body: String) throws
        -> RuleSuggestion
    {
        RuleSuggestion.draft(for: try event(source: source, topic: topic, body), journey: "64ad5aaeda4f3f1b3fea3eda")
    }

    /// What the draft makes of the event that it was drafted from.
    private func mapping(_ suggestion: RuleSuggestion, _ body: String, topic: String? = "orders/create") throws
        -> Mapping
    {
        try RuleSet([suggestion.rule]).map(event(source: suggestion.rule.sources[0], topic: topic, body))
    }

    private static let order = #"""
        {"id": 820982911946154508, "name": "#1001", "order_number": 1001, "currency": "CAD", "total_price": "409.94",
         "email": "camille@example.com", "phone": null, "browser_ip": "203.0.113.7",
         "customer": {"id": 7, "first_name": "Camille", "phone": "(514) 555-0199", "email": "camille@example.com",
                      "default_address": {"phone": "514-555-0199", "country_code": "CA"}},
         "shipping_address": {"phone": "514-555-0199", "country_code": "CA"},
         "line_items": [{"id": 1, "title": "Cap", "price": "5.00"}, {"id": 2, "title": "Mug", "price": "6.00"}]}
        """#

    @Test func `takes the phone number found, its country, the topic and likely fields`() throws {
        let suggestion = try draft(Self.order)
        let rule = suggestion.rule
        #expect(rule.name == "orders-create")
        #expect(rule.when == "topic == 'orders/create' && body.customer.phone")
        #expect(rule.each == nil)
        #expect(rule.trigger.snType == "WHATSAPP_BUSINESS")
        #expect(rule.trigger.snID == "{{ msisdn(body.customer.phone, body.customer.default_address.country_code) }}")
        let mapping = try mapping(suggestion, Self.order)
        #expect(mapping.deliveries.map(\.trigger.snID) == ["15145550199"])
        let params = try #require(mapping.deliveries.first).trigger.contextParams
        #expect(params.contains(ContextParam("orderNumber", "1001")))
        #expect(params.contains(ContextParam("totalPrice", "409.94")))
        #expect(params.contains(ContextParam("currency", "CAD")))
        #expect(params.contains(ContextParam("firstName", "Camille")))
        #expect(params.contains(ContextParam("title", "Cap, Mug")))
        #expect(!params.contains { $0.value == "203.0.113.7" })
    }

    @Test func `is for each element when the person stands in a list`() throws {
        let body = #"""
            {"value": {"metadata": {"display_phone_number": "15550783881", "phone_number_id": "106540352242922"},
                       "contacts": [{"profile": {"name": "Ana Lima"}, "wa_id": "351912345678"}],
                       "messages": [{"from": "351912345678", "type": "text", "text": {"body": "Hello!"}}]}}
            """#
        let suggestion = try draft(source: "whatsapp", topic: nil, body)
        #expect(["body.value.contacts", "body.value.messages"].contains(suggestion.rule.each))
        #expect(suggestion.rule.name == "whatsapp")
        #expect(try mapping(suggestion, body, topic: nil).deliveries.map(\.trigger.snID) == ["351912345678"])
    }

    @Test func `takes the e-mail address when there is no phone number`() throws {
        let body = #"{"name": "Ana", "e-mail": " Ana@Example.com ", "support_email": "help@shop.example"}"#
        let suggestion = try draft(source: "form", topic: nil, body)
        #expect(suggestion.rule.trigger.snType == "EMAIL")
        #expect(suggestion.rule.trigger.snID == #"{{ email(body."e-mail") }}"#)
        #expect(suggestion.rule.when == #"body."e-mail""#)
        #expect(try mapping(suggestion, body, topic: nil).deliveries.map(\.trigger.snID) == ["ana@example.com"])
    }

    @Test func `takes no number that is none`() throws {
        let body = #"{"id": 15145550199, "order_phone_id": "12", "created_at": "2026-01-31", "email": "a@b.co"}"#
        #expect(try draft(body).rule.trigger.snType == "EMAIL")
    }

    @Test func `says what it could not find`() throws {
        let suggestion = RuleSuggestion.draft(for: try event(topic: "it's", #"{"a": 1}"#))
        #expect(suggestion.rule.when == #"topic == 'it\'s'"#)
        #expect(suggestion.notes.contains { $0.hasPrefix("No phone number and no e-mail address was found") })
        #expect(suggestion.rule.trigger.journey == "your-journey")
    }

    @Test(arguments: ["null", "[]", "\"text\"", "{}", "[[[[[[[[[[[[1]]]]]]]]]]]]", #"{"phone": ["+351912345678"]}"#])
    func `is made of any body`(body: String) throws {
        let suggestion = try draft(body)
        #expect(!suggestion.yaml.isEmpty)
        #expect(problems([suggestion.rule]).filter { $0.severity == .error } == [])
    }

    @Test func `reads as YAML`() throws {
        let body = #"{"phone": "+351912345678", "name": "Ana", "total: x": "1"}"#
        #expect(
            try draft(body).yaml == """
                  # Drafted from event 0190a5e4-7c00-7abc-8def-0123456789ab. Change what does not fit, then run: journey-gateway test
                  # snType: WHATSAPP_BUSINESS or SMS
                  - name: orders-create
                    source: shop
                    when: topic == 'orders/create' && body.phone
                    trigger:
                      journey: "64ad5aaeda4f3f1b3fea3eda"
                      snType: WHATSAPP_BUSINESS
                      snId: "{{ msisdn(body.phone) }}"
                      contextParams:
                        totalX: "{{ body.\\"total: x\\" }}"
                        name: "{{ body.name }}"

                """
        )
    }

    @Test func `writes all that a definition has`() {
        var definition = rule("a: b") {
            $0.sources = ["shop", "form"]
            $0.each = "body.items[?a]"
            $0.trigger.contextParams = [ContextParamDefinition("true", "{{ a }}", isRequired: true)]
            $0.queue = "high"
            $0.delay = .seconds(5_400)
            $0.expiresAfter = .seconds(172_800)
        }
        definition.newProfile = NewProfileDefinition(profile: [
            .init("id", .template("{{ body.id }}")),
            .init(
                "profiles",
                .list([.object([.init("channelType", .template("SMS")), .init("verified", .constant(true))])])
            ),
        ])
        #expect(
            YAMLText.entry(definition) == """
                  - name: "a: b"
                    source: [shop, form]
                    each: "body.items[?a]"
                    trigger:
                      journey: "64ad5aaeda4f3f1b3fea3eda"
                      snType: SMS
                      snId: "{{ body.phone }}"
                      contextParams:
                        "true": { value: "{{ a }}", required: true }
                    newProfile:
                      mode: ifMissing
                      id: "{{ body.id }}"
                      profiles:
                        - channelType: SMS
                          verified: true
                    queue: high
                    delay: 90m
                    expiresAfter: 2d

                """
        )
    }
}
