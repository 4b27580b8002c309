import JSON
import Model
import Testing

@testable import Webhooks

/// A payload as a provider sends it, and what its events are.
struct PayloadSample: CustomTestStringConvertible {
    var preset: String
    var fields: [(String, String)] = []
    var type = "application/json"
    var body: String
    var topics: [String?]
    var keys: [String?]
    var dropped = 0

    var testDescription: String { preset }

    var webhook: Webhook { Sample.request(fields: [("Content-Type", type)] + fields, body: body) }

    private static let form = "application/x-www-form-urlencoded"

    static let all: [PayloadSample] = [
        PayloadSample(
            preset: "shopify",
            fields: [
                ("X-Shopify-Topic", "orders/create"), ("X-Shopify-Event-Id", "ev-1"), ("X-Shopify-Webhook-Id", "wh-1"),
            ],
            body: #"{"id": 820982911946154508, "total_price": "49.90"}"#,
            topics: ["orders/create"],
            keys: ["orders/create/ev-1/820982911946154508"]
        ),
        PayloadSample(
            preset: "shopify",
            fields: [("X-Shopify-Topic", "shop/redact"), ("X-Shopify-Webhook-Id", "wh-1")],
            body: "{}",
            topics: ["shop/redact"],
            keys: ["wh-1"]
        ),
        PayloadSample(
            preset: "woocommerce",
            fields: [
                ("X-WC-Webhook-Topic", "order.created"), ("X-WC-Webhook-ID", "5"), ("X-WC-Webhook-Signature", "x"),
            ],
            body: #"{"id": 727, "date_modified_gmt": "2026-11-23T10:30:02"}"#,
            topics: ["order.created"],
            keys: ["5/order.created/727/2026-11-23T10:30:02"]
        ),
        PayloadSample(
            preset: "stripe",
            body: #"{"id": "evt_1Q0abc", "type": "checkout.session.completed"}"#,
            topics: ["checkout.session.completed"],
            keys: ["evt_1Q0abc"]
        ),
        PayloadSample(
            preset: "square",
            body: #"{"type": "payment.updated", "event_id": "6a8f5f28"}"#,
            topics: ["payment.updated"],
            keys: ["6a8f5f28"]
        ),
        PayloadSample(
            preset: "bigcommerce",
            body: #"{"hash": "352e", "created_at": 1795430000, "scope": "store/order/created", "data": {"id": 250}}"#,
            topics: ["store/order/created"],
            keys: ["352e/store/order/created/1795430000"]
        ),
        PayloadSample(
            preset: "paypal",
            body: #"{"id": "WH-COM47", "event_type": "PAYMENT.CAPTURE.COMPLETED"}"#,
            topics: ["PAYMENT.CAPTURE.COMPLETED"],
            keys: ["WH-COM47"]
        ),
        PayloadSample(
            preset: "meta",
            body: """
                {"object": "whatsapp_business_account", "entry": [{"id": "102290129340398", "changes": [
                 {"field": "messages", "value": {"messages": [{"id": "wamid.1"}, {"id": "wamid.2"}]}},
                 {"field": "messages", "value": {"statuses": [{"id": "wamid.3", "status": "read"}]}}]},
                 {"id": "2", "changes": [{"field": "leadgen", "value": {"leadgen_id": 44}}]}]}
                """,
            topics: ["messages", "messages", "leadgen"],
            keys: ["wamid.1,wamid.2", "wamid.3/read", "44"]
        ),
        PayloadSample(
            preset: "meta",
            body: """
                {"object": "page", "entry": [{"id": "1", "time": 5, "messaging": [
                 {"sender": {"id": "9"}, "message": {"mid": "m_1", "text": "Start"}},
                 {"sender": {"id": "1"}, "message": {"mid": "m_2", "text": "Hi", "is_echo": true}},
                 {"sender": {"id": "9"}, "postback": {"mid": "m_3", "payload": "GO"}}]}]}
                """,
            topics: ["message", "postback"],
            keys: ["m_1", "m_3"],
            dropped: 1
        ),
        PayloadSample(
            preset: "x",
            body: """
                {"for_user_id": "43", "direct_message_events": [
                  {"type": "message_create", "id": "954", "message_create": {"sender_id": "300"}},
                  {"type": "message_create", "id": "955", "message_create": {"sender_id": "43"}}],
                 "follow_events": [{"type": "follow", "created_timestamp": "17", "source": {"id": "300"}}],
                 "users": {"300": {"id": "300", "name": "Ana Lima"}}}
                """,
            topics: ["direct_message_events", "follow_events"],
            keys: ["direct_message_events/954", nil],
            dropped: 1
        ),
        PayloadSample(
            preset: "line",
            body: """
                {"destination": "U01", "events": [
                  {"type": "message", "mode": "active", "webhookEventId": "01FZ", "source": {"userId": "U4"}},
                  {"type": "follow", "mode": "standby", "webhookEventId": "01FA"}]}
                """,
            topics: ["message"],
            keys: ["01FZ"],
            dropped: 1
        ),
        PayloadSample(
            preset: "telegram",
            body: #"{"update_id": 873214551, "message": {"text": "/start"}}"#,
            topics: ["message"],
            keys: ["873214551"]
        ),
        PayloadSample(
            preset: "viber",
            body: #"{"event": "message", "message_token": 4912661846655238145}"#,
            topics: ["message"],
            keys: ["message/4912661846655238145"]
        ),
        PayloadSample(
            preset: "twilio",
            type: form,
            body: "MessageSid=SM2f1&SmsStatus=received&Body=Start&From=whatsapp%3A%2B1",
            topics: ["message"],
            keys: ["SM2f1/received"]
        ),
        PayloadSample(
            preset: "twilio",
            fields: [("I-Twilio-Idempotency-Token", "tok")],
            type: form,
            body: "MessageSid=SM2f1&MessageStatus=delivered",
            topics: ["delivered"],
            keys: ["tok"]
        ),
        PayloadSample(
            preset: "slack",
            body: #"{"type": "event_callback", "event": {"type": "team_join"}, "event_id": "Ev01"}"#,
            topics: ["team_join"],
            keys: ["Ev01"]
        ),
        PayloadSample(
            preset: "slack",
            type: form,
            body: "command=%2Fjoin&trigger_id=13.4",
            topics: ["/join"],
            keys: ["13.4"]
        ),
        PayloadSample(
            preset: "slack",
            type: form,
            body: "payload=%7B%22type%22%3A%22block_actions%22%2C%22trigger_id%22%3A%227%22%7D",
            topics: ["block_actions"],
            keys: ["7"]
        ),
        PayloadSample(
            preset: "slack",
            body: #"{"type": "event_callback", "event": {"type": "message", "bot_id": "B1"}}"#,
            topics: [],
            keys: [],
            dropped: 1
        ),
        PayloadSample(
            preset: "discord",
            body: #"{"version": 1, "type": 1, "event": {"type": "APPLICATION_AUTHORIZED"}}"#,
            topics: ["APPLICATION_AUTHORIZED"],
            keys: [nil]
        ),
        PayloadSample(
            preset: "discord",
            body: #"{"id": "77", "type": 2, "token": "x"}"#,
            topics: ["2"],
            keys: ["77"]
        ),
        PayloadSample(
            preset: "typeform",
            body: #"{"event_id": "01DQ", "event_type": "form_response"}"#,
            topics: ["form_response"],
            keys: ["01DQ"]
        ),
        PayloadSample(
            preset: "jotform",
            type: "multipart/form-data; boundary=b",
            body: [
                "--b", #"Content-Disposition: form-data; name="formID""#, "", "242", "--b",
                #"Content-Disposition: form-data; name="submissionID""#, "", "608", "--b",
                #"Content-Disposition: form-data; name="rawRequest""#, "", #"{"q4_email":"ana@example.com"}"#, "--b--",
                "",
            ].joined(separator: "\r\n"),
            topics: ["242"],
            keys: ["608"]
        ),
        PayloadSample(
            preset: "gravity-forms",
            body: #"{"id": "412", "form_id": "3", "1.3": "Ana"}"#,
            topics: ["3"],
            keys: ["3/412"]
        ),
        PayloadSample(
            preset: "mailchimp",
            type: form,
            body: "type=subscribe&data%5Bemail%5D=ana%40example.com&data%5Bmerges%5D%5BFNAME%5D=Ana",
            topics: ["subscribe"],
            keys: [nil]
        ),
        PayloadSample(
            preset: "sendgrid",
            body: #"[{"event": "click", "sg_event_id": "a"}, {"event": "open", "sg_event_id": "b"}]"#,
            topics: ["click", "open"],
            keys: ["a", "b"]
        ),
        PayloadSample(
            preset: "mailgun",
            body: #"{"signature": {"token": "t"}, "event-data": {"event": "clicked", "id": "Ase7"}}"#,
            topics: ["clicked"],
            keys: ["Ase7"]
        ),
        PayloadSample(
            preset: "mailjet",
            body: #"[{"event": "click", "time": 1795430000, "Message_GUID": "1ab2"}]"#,
            topics: ["click"],
            keys: ["1ab2/click/1795430000"]
        ),
        PayloadSample(
            preset: "mailjet",
            body: #"{"event": "open", "time": 5, "MessageID": 19421777835146490}"#,
            topics: ["open"],
            keys: ["19421777835146490/open/5"]
        ),
        PayloadSample(
            preset: "hubspot",
            body: """
                [{"eventId": 12, "subscriptionId": 3, "occurredAt": 1795430000123, "objectId": 4,
                  "subscriptionType": "contact.propertyChange"}]
                """,
            topics: ["contact.propertyChange"],
            keys: ["12/3/1795430000123/4"]
        ),
        PayloadSample(
            preset: "hubspot",
            body: #"{"properties": {"email": {"value": "ana@example.com"}}}"#,
            topics: [nil],
            keys: [nil]
        ),
        PayloadSample(
            preset: "intercom",
            body: #"{"id": "notif_01", "topic": "contact.lead.signed_up"}"#,
            topics: ["contact.lead.signed_up"],
            keys: ["notif_01"]
        ),
        PayloadSample(
            preset: "zendesk",
            body: #"{"id": "017e", "type": "zen:event-type:user.created"}"#,
            topics: ["zen:event-type:user.created"],
            keys: ["017e"]
        ),
        PayloadSample(
            preset: "calendly",
            body: #"{"event": "invitee.created", "created_at": "2026-11-23T10:30:00Z", "payload": {"uri": "u"}}"#,
            topics: ["invitee.created"],
            keys: ["u/invitee.created/2026-11-23T10:30:00Z"]
        ),
        PayloadSample(
            preset: "github",
            fields: [("X-GitHub-Event", "issues"), ("X-GitHub-Delivery", "72d3")],
            body: #"{"action": "opened"}"#,
            topics: ["issues"],
            keys: ["72d3"]
        ),
        PayloadSample(
            preset: "github",
            fields: [("X-GitHub-Event", "issues"), ("X-GitHub-Delivery", "72d3")],
            type: form,
            body: "payload=%7B%22action%22%3A%22opened%22%7D",
            topics: ["issues"],
            keys: ["72d3"]
        ),
        PayloadSample(
            preset: "gitlab",
            fields: [("X-Gitlab-Event", "Push Hook"), ("X-Gitlab-Event-UUID", "u-1")],
            body: "{}",
            topics: ["Push Hook"],
            keys: ["u-1"]
        ),
        PayloadSample(
            preset: "standard-webhooks",
            fields: [("webhook-id", "msg_1")],
            body: #"{"type": "order.paid"}"#,
            topics: ["order.paid"],
            keys: ["msg_1"]
        ),
        PayloadSample(
            preset: "svix",
            fields: [("svix-id", "msg_1")],
            body: #"{"type": "user.created"}"#,
            topics: ["user.created"],
            keys: ["msg_1"]
        ),
        PayloadSample(
            preset: "cloudevents",
            type: "application/cloudevents-batch+json",
            body: """
                [{"specversion": "1.0", "id": "1", "source": "/shop", "type": "a"},
                 {"specversion": "1.0", "id": "2", "source": "/shop", "type": "b", "data": {"x": 1}}]
                """,
            topics: ["a", "b"],
            keys: ["/shop 1", "/shop 2"]
        ),
    ]
}

@Suite struct `Presets` {
    @Test(arguments: PayloadSample.all)
    func `name topic and identity of each event, and split batches`(sample: PayloadSample) throws {
        let source = try Sample.source(preset: sample.preset)
        guard case .decoded(let events, let dropped, _) = source.receive(sample.webhook) else {
            Issue.record("\(source.receive(sample.webhook))")
            return
        }
        #expect(events.map(\.topic) == sample.topics)
        #expect(dropped == sample.dropped)
        #expect(events.count == sample.keys.count)
        for (event, key) in zip(events, sample.keys) {
            // Where nil is expected, the key is made of the body's hash, or there is none.
            if let key { #expect(event.key == key) } else { #expect(event.key?.contains(try digest(sample)) != false) }
        }
    }

    private func digest(_ sample: PayloadSample) throws -> String {
        BinaryText.hex.encoded(HashFunction.sha256.digest(sample.webhook.body))
    }

    @Test func `have a sample here, each of them, and say what they are for`() {
        let sampled = Set(PayloadSample.all.map(\.preset))
        for preset in Preset.all {
            #expect(sampled.contains(preset.name), "\(preset.name)")
            #expect(preset.summary.count > 20 && preset.setup.count > 10)
        }
        #expect(Set(Preset.all.map(\.name)).count == Preset.all.count)
    }

    @Test func `give the same event the same identity, and another one another`() throws {
        for sample in PayloadSample.all where sample.topics.count == 1 {
            let source = try Sample.source(preset: sample.preset)
            let once = source.events(in: sample.webhook).map(\.key)
            #expect(source.events(in: sample.webhook).map(\.key) == once)
        }
        let source = try Sample.source(preset: "shopify")
        let keys = ["1", "2"].map { id in
            source.events(
                in: Sample.json(
                    #"{"id":\#(id)}"#,
                    fields: [("X-Shopify-Topic", "orders/updated"), ("X-Shopify-Event-Id", "bulk")]
                )
            ).map(\.key)
        }
        #expect(keys[0] != keys[1], "one action of a merchant may concern several orders")
    }

    @Test func `keep the change of Meta as it is, with what stood round it`() throws {
        let source = try Sample.source(preset: "meta")
        let body = """
            {"object": "whatsapp_business_account", "entry": [{"id": "1022", "time": 17, "changes": [{
              "field": "messages", "value": {"metadata": {"phone_number_id": "1065"},
               "contacts": [{"profile": {"name": "Ana Lima"}, "wa_id": "351912345678"}],
               "messages": [{"from": "351912345678", "id": "wamid.1", "type": "text", "text": {"body": "Start"}}]}}]}]}
            """
        let event = try #require(source.events(in: Sample.json(body)).first)
        #expect(
            try event.body
                == parsed(
                    """
                    {"object": "whatsapp_business_account", "entry": {"id": "1022", "time": 17}, "field": "messages",
                     "value": {"metadata": {"phone_number_id": "1065"},
                      "contacts": [{"profile": {"name": "Ana Lima"}, "wa_id": "351912345678"}],
                      "messages": [{"from": "351912345678", "id": "wamid.1", "type": "text", "text": {"body": "Start"}}]}}
                    """
                )
        )
        #expect(source.dedupe == .seconds(7 * 86_400))
    }

    @Test func `hand X's items over with who sent them`() throws {
        let sample = try #require(PayloadSample.all.first { $0.preset == "x" })
        let event = try #require(try Sample.source(preset: "x").events(in: sample.webhook).first)
        #expect(event.body["sender"]?["name"] == "Ana Lima")
        #expect(event.body["item"]?["message_create"]?["sender_id"] == "300")
        #expect(event.body["for_user_id"] == "43")
    }

    @Test func `nest Mailchimp's names, and read Jotform's answers`() throws {
        let mailchimp = try #require(PayloadSample.all.first { $0.preset == "mailchimp" })
        let subscriber = try Sample.source(preset: "mailchimp").events(in: mailchimp.webhook).first
        #expect(subscriber?.body["data"]?["merges"]?["FNAME"] == "Ana")
        let jotform = try #require(PayloadSample.all.first { $0.preset == "jotform" })
        let submission = try Sample.source(preset: "jotform").events(in: jotform.webhook).first
        #expect(submission?.body["rawRequest"]?["q4_email"] == "ana@example.com")
    }

    @Test func `answer as their providers insist`() throws {
        func answer(_ preset: String, _ index: Int = 0) throws -> Answer {
            let sample = PayloadSample.all.filter { $0.preset == preset }[index]
            return try #require(try Sample.source(preset: preset).acceptedAnswer(to: sample.webhook))
        }
        #expect(try answer("shopify") == Answer(200))
        let twilio = try answer("twilio")
        #expect(twilio["Content-Type"] == "text/xml" && twilio.text == "<Response/>")
        #expect(try answer("discord", 0) == Answer(204))
        #expect(try parsed(answer("discord", 1).text)["type"] == 4)
        #expect(try answer("standard-webhooks").status == 202)
    }

    @Test func `can be overruled key by key`() throws {
        let source = try Source(
            SourceSettings(
                name: "s",
                preset: "shopify",
                topic: "'mine'",
                eventID: "body.id",
                dedupe: .seconds(60),
                answer: FixedAnswer(299)
            )
        )
        let webhook = Sample.json(#"{"id":1}"#, fields: [("X-Shopify-Topic", "orders/create")])
        #expect(source.events(in: webhook).map(\.topic) == ["mine"])
        #expect(source.events(in: webhook).map(\.key) == ["1"])
        #expect(source.dedupe == .seconds(60))
        #expect(source.acceptedAnswer(to: webhook)?.status == 299)
    }
}
