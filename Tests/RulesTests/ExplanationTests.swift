import JSON
import Model
import Testing

@testable import Rules

@Suite struct `An explanation` {
    private func rules() throws -> RuleSet {
        try RuleSet([
            rule("order") {
                $0.when = "topic == 'orders/create' && body.customer.phone && !body.test"
                $0.lets = [NamedExpression("id", "msisdn(body.customer.phone, body.country)")]
                $0.trigger.snID = "{{ $id }}"
                $0.trigger.contextParams = [
                    ContextParamDefinition("total", "{{ body.total }} {{ body.currency }}"),
                    ContextParamDefinition("items", "{{ join(', ', body.items[].title) }}"),
                    ContextParamDefinition("greeting", "Dear {{ body.customer.first_name }}"),
                ]
                $0.newProfile = NewProfileDefinition(profile: [
                    .init("contact", .object([.init("firstName", .template("{{ body.customer.first_name }}"))])),
                    .init(
                        "profiles",
                        .list([
                            .object([
                                .init("channelType", .template("SMS")), .init("channelId", .template("{{ $id }}")),
                            ])
                        ])
                    ),
                ])
                $0.expiresAfter = .seconds(3_600)
                $0.stop = true
            },
            rule("paid") { $0.when = "topic == 'orders/paid'" }, rule("behind"),
        ])
    }

    private static let body = #"""
        {"customer": {"phone": "(514) 555-0199", "first_name": "Camille"}, "country": "CA", "total": 409.90,
         "currency": "CAD", "items": [{"title": "Cap"}, {"title": "Mug"}], "test": false}
        """#

    @Test func `shows every rule, each part of its conditions, and the calls`() throws {
        let text = try rules().explain(event(Self.body)).text()
        #expect(
            text == """
                event 0190a5e4-7c00-7abc-8def-0123456789ab of shop, topic orders/create: matched, deliveries: 1

                rule order: matched
                  $id = msisdn(body.customer.phone, body.country): "15145550199"
                    body.customer.phone: "(514) 555-0199"
                    body.country: "CA"
                  when topic == 'orders/create' && body.customer.phone && !body.test: true
                    topic == 'orders/create' && body.customer.phone: "(514) 555-0199"
                      topic == 'orders/create': true
                        topic: "orders/create"
                      body.customer.phone: "(514) 555-0199"
                    !body.test: true
                      body.test: false
                  trigger.journey: 64ad5aaeda4f3f1b3fea3eda
                  trigger.snType: SMS
                  trigger.snId: {{ $id }}
                    $id: "15145550199"
                  trigger.contextParams.total: {{ body.total }} {{ body.currency }}
                    body.total: 409.90
                    body.currency: "CAD"
                  trigger.contextParams.items: {{ join(', ', body.items[].title) }}
                    join(', ', body.items[].title): "Cap, Mug"
                      body.items[].title: ["Cap","Mug"]
                        body.items: [{"title":"Cap"},{"title":"Mug"}]
                        title: "Cap", "Mug"
                  trigger.contextParams.greeting: Dear {{ body.customer.first_name }}
                    body.customer.first_name: "Camille"
                  newProfile.contact.firstName: {{ body.customer.first_name }}
                    body.customer.first_name: "Camille"
                  newProfile.profiles[0].channelType: SMS
                  newProfile.profiles[0].channelId: {{ $id }}
                    $id: "15145550199"
                  delivery to sprinklr, queue default, expires at 2026-01-31T10:30:00.123Z
                    trigger {"snType":"SMS","snId":"15145550199","journeyId":"64ad5aaeda4f3f1b3fea3eda",\
                "contextParams":{"total":"409.90 CAD","items":"Cap, Mug","greeting":"Dear Camille"}}
                    triggerWithNewProfile if the person is unknown {"journeyId":"64ad5aaeda4f3f1b3fea3eda",\
                "contextParams":{"total":"409.90 CAD","items":"Cap, Mug","greeting":"Dear Camille"},\
                "unifiedProfile":{"contact":{"firstName":"Camille"},\
                "profiles":[{"channelType":"SMS","channelId":"15145550199"}]}}

                rule paid: not asked: rule order matched, and says stop

                rule behind: not asked: rule order matched, and says stop

                """
        )
    }

    @Test func `says why a rule does not match, or fails`() throws {
        let paid = try rules().explain(event(topic: "orders/paid", #"{"phone": "1"}"#))
        #expect(paid.rules.map(\.verdict) == [.unmatched, .matched, .matched])
        #expect(paid.rules[0].reason == "topic is 'orders/paid', and the rule wants 'orders/create'")
        let when = try #require(paid.rules[0].items.first?.when)
        #expect(when.values == [false])
        #expect(when.parts.last?.values == [])

        let failed = try rules().explain(event(#"{"customer": {"phone": "12"}, "country": "CA"}"#))
        #expect(failed.rules[0].verdict == .failed)
        #expect(failed.rules[0].items.first?.failure?.place == "lets.id")
        #expect(failed.text().contains("failure at lets.id: '12' is too short for region CA"))
        #expect(failed.text().contains("error: '12' is too short for region CA"))
    }

    @Test func `goes through the elements of each`() throws {
        let rules = try RuleSet([
            rule {
                $0.each = "body.people"
                $0.when = "item.ok"
                $0.trigger.snID = "{{ item.id }}"
            }
        ])
        let explanation = rules.explain(try event(#"{"people": [{"id": "a", "ok": true}, {"id": "b"}]}"#))
        #expect(explanation.rules[0].items.map(\.matched) == [true, false])
        #expect(explanation.rules[0].items.map(\.element) == [["id": "a", "ok": true], ["id": "b"]])
        #expect(explanation.text().contains("  item 1: {\"id\":\"b\"}\n    when item.ok: null\n"))
        #expect(rules.explain(try event("{}")).rules[0].reason == "each gives no element")
        #expect(
            rules.explain(try event(#"{"people": 1}"#)).rules[0].reason == "each: found a number, expected an array"
        )
    }

    @Test func `agrees with the mapping`() throws {
        for topic in ["orders/create", "orders/paid", nil] {
            for body in [Self.body, "{}", #"{"phone": "1"}"#, #"{"customer": {"phone": 1}}"#] {
                let event = try event(topic: topic, body)
                let explanation = try rules().explain(event)
                let items = explanation.rules.flatMap(\.items)
                #expect(items.compactMap(\.delivery) == explanation.mapping.deliveries)
                #expect(items.compactMap(\.failure) == explanation.mapping.failures)
                #expect(try rules().map(event).deliveries == explanation.mapping.deliveries)
            }
        }
    }

    @Test func `as JSON is the same tree`() throws {
        let value = try rules().explain(event(Self.body)).json()
        #expect(value["outcome"] == "matched")
        let item = try #require(value["rules"]?[0]?["items"]?[0])
        #expect(item["when"]?["parts"]?[1]?["expression"] == "!body.test")
        #expect(item["when"]?["parts"]?[1]?["value"] == true)
        #expect(item["lets"]?["id"]?["value"] == "15145550199")
        #expect(item["templates"]?[2]?["place"] == "trigger.snId")
        #expect(item["delivery"]?["calls"]?[0]?["body"]?["snId"] == "15145550199")
        #expect(item["delivery"]?["calls"]?[1]?["call"] == "triggerWithNewProfile")
        #expect(try JSONValue.parse(value.serialized()) == value)
    }

    @Test func `hides who it is about, when asked`() throws {
        let explanation = try rules().explain(
            event(Self.body.replacing("\"test\"", with: "\"email\": \"camille.g@example.com\", \"test\""))
        )
        for text in [
            explanation.text(masking: true),
            String(decoding: explanation.json(masking: true).serialized(), as: UTF8.self),
        ] {
            for secret in ["Camille", "camille.g", "555-0199", "15145550199"] {
                #expect(!text.contains(secret), "\(secret) in \(text)")
            }
            #expect(text.contains("409.90 CAD") && text.contains("orders/create"))
        }
    }

    @Test func `of a source without rules says so`() throws {
        #expect(try rules().explain(event(source: "none")).text().contains("no rule has this source"))
    }
}

@Suite struct `Personal data` {
    @Test(arguments: [
        ("call +1 514-555-0199 now", "call +1 51•••99 now"), ("ana.lima@example.com", "an•••om"), ("a@b.co", "•••"),
        ("409.94 CAD", "409.94 CAD"), ("2026-01-31T09:30:00.123Z", "2026-01-31T09:30:00.123Z"), ("1042", "1042"),
        ("820982911946154508", "82•••08"), ("order", "order"), ("", ""),
    ])
    func `is known by its look`(text: String, masked: String) {
        #expect(PersonalData(in: .null).masked(text) == masked)
    }

    @Test func `is known by the name it stands under, and found again elsewhere`() {
        let document: JSONValue = [
            "first_name": "Camille", "shippingAddress": ["City": "Montréal"], "note": "for Camille",
        ]
        let data = PersonalData(in: document)
        #expect(
            data.masked(document) == ["first_name": "•••", "shippingAddress": ["City": "Mo•••al"], "note": "for •••"]
        )
        #expect(data.masked("Camille of Montréal") == "••• of Mo•••al")
    }
}
