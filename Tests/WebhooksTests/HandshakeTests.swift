import JSON
import Model
import Testing

@testable import Webhooks

@Suite struct `Handshakes` {
    @Test func `of Meta echo the challenge to whoever knows the verify token`() throws {
        let source = try Source(
            SourceSettings(name: "s", preset: "meta", secrets: ["app secret"], verifyToken: "verify me")
        )
        func handshake(_ token: String) -> Webhook {
            Sample.request(
                "GET",
                "https://e.com/hooks/x?hub.mode=subscribe&hub.verify_token=\(token)&hub.challenge=11584%2B01"
            )
        }
        let answer = try #require(source.answer(to: handshake("verify+me")))
        #expect(answer.status == 200 && answer.text == "11584+01")
        #expect(answer["Content-Type"]?.hasPrefix("text/plain") == true)
        #expect(source.refusal(of: handshake("guess")) == .verifyTokenMismatch)
        #expect(source.refusal(of: handshake(""))?.status == 403)
        #expect(source.refusal(of: Sample.request("GET"))?.status == 405)
    }

    @Test func `of Meta are refused while no verify token is configured, and check says so`() throws {
        let source = try Source(SourceSettings(name: "s", preset: "meta", secrets: ["app secret"]))
        let webhook = Sample.request("GET", "https://e.com/?hub.mode=subscribe&hub.verify_token=&hub.challenge=1")
        #expect(source.refusal(of: webhook) == .verifyTokenMismatch)
        #expect(source.warnings.contains { $0.contains("verifyToken") })
    }

    @Test func `of X are answered with the token's HMAC`() throws {
        let source = try Source(SourceSettings(name: "s", preset: "x", secrets: ["secret"]))
        let answer = source.answer(to: Sample.request("GET", "https://e.com/x?crc_token=challenge_string"))
        #expect(answer?.text == #"{"response_token":"sha256=KVLX9CEwUdVdeJfmJAnltj/knkdCqwZJlA1u97xbErw="}"#)
        #expect(source.refusal(of: Sample.request("GET", "https://e.com/x"))?.status == 405)
    }

    @Test func `of Slack are answered once their signature is right`() throws {
        let source = try Source(SourceSettings(name: "s", preset: "slack", secrets: ["secret"]))
        let body = #"{"type":"url_verification","token":"t","challenge":"3eZbrw1a"}"#
        let code = AuthenticationKey(Array("secret".utf8), .sha256).code(of: Array("v0:1700000000:\(body)".utf8))
        let time = ("X-Slack-Request-Timestamp", "1700000000")
        let signed = Sample.json(body, fields: [time, ("X-Slack-Signature", "v0=" + BinaryText.hex.encoded(code))])
        #expect(source.answer(to: signed)?.text == "3eZbrw1a")
        #expect(source.refusal(of: Sample.json(body, fields: [time, ("X-Slack-Signature", "v0=00")]))?.status == 401)
    }

    @Test func `of Discord, both kinds, get what each wants`() throws {
        let source = try Sample.source(preset: "discord")
        let interaction = source.answer(to: Sample.json(#"{"type":1,"id":"1","token":"t"}"#))
        #expect(interaction?.text == #"{"type":1}"# && interaction?["Content-Type"] == "application/json")
        #expect(source.answer(to: Sample.json(#"{"version":1,"type":0}"#)) == Answer(204))
    }

    @Test func `of WooCommerce are let through unsigned, and nothing else is`() throws {
        let source = try Source(SourceSettings(name: "s", preset: "woocommerce", secrets: ["secret"]))
        #expect(source.answer(to: Sample.form("webhook_id=27")) == Answer(200))
        #expect(source.refusal(of: Sample.form("webhook_id=27&id=1"))?.status == 401)
        #expect(
            source.refusal(of: Sample.form("webhook_id=27", fields: [("X-WC-Webhook-Signature", "AA==")]))?.status
                == 401
        )
        #expect(source.refusal(of: Sample.json(#"{"id":1}"#))?.status == 401)
    }

    @Test func `of Mailchimp get 200 for GET, HEAD and an empty POST`() throws {
        let source = try Source(SourceSettings(name: "s", preset: "mailchimp", secrets: ["secret"]))
        #expect(source.answer(to: Sample.request("GET"))?.status == 200)
        #expect(source.answer(to: Sample.request("HEAD"))?.status == 200)
        #expect(source.answer(to: Sample.request("POST", "https://e.com/?token=secret"))?.status == 200)
        #expect(source.refusal(of: Sample.form("type=subscribe"))?.status == 401)
    }

    @Test(arguments: [
        ("github", [("X-GitHub-Event", "ping")], #"{"zen":"x"}"#), ("intercom", [], #"{"topic":"ping"}"#),
        ("viber", [], #"{"event":"webhook"}"#), ("line", [], #"{"destination":"U","events":[]}"#),
    ])
    func `that are pings leave no event`(preset: String, fields: [(String, String)], body: String) throws {
        let answer = try Sample.source(preset: preset).answer(to: Sample.json(body, fields: fields))
        #expect(answer?.status == 200)
    }

    @Test func `of CloudEvents consent by header, at the rate that the source allows`() throws {
        var settings = SourceSettings(
            name: "s",
            preset: "cloudevents",
            secrets: ["secret"],
            rateLimit: RateLimit(perSecond: 2)
        )
        let request = Sample.request(
            "OPTIONS",
            fields: [("WebHook-Request-Origin", "emitter.example.com"), ("WebHook-Request-Rate", "500")]
        )
        let answer = try #require(try Source(settings).answer(to: request))
        #expect(answer.status == 200)
        #expect(answer["WebHook-Allowed-Origin"] == "emitter.example.com")
        #expect(answer["WebHook-Allowed-Rate"] == "120")
        #expect(answer["Allow"] == "POST, OPTIONS")
        settings.origins = ["https://other.example.com"]
        #expect(try Source(settings).refusal(of: request)?.status == 405)
        #expect(try Source(settings).refusal(of: Sample.request("OPTIONS"))?.status == 405)
    }

    @Test func `keep an answer to a token in the URL from being cached`() throws {
        let source = try Source(SourceSettings(name: "s", preset: "cloudevents", secrets: ["secret"]))
        var webhook = Sample.request(
            "POST",
            "https://e.com/?access_token=secret&a=1",
            fields: [("ce-specversion", "1.0"), ("ce-id", "1"), ("ce-source", "/s"), ("ce-type", "t")]
        )
        webhook.fields.append(Field("Content-Type", "application/json"))
        webhook.body = Array(#"{"x":19.90}"#.utf8)
        let event = try #require(source.events(in: webhook).first)
        #expect(event.body["data"]?["x"]?.number?.lexeme == "19.90")
        #expect(event.query.members?.map(\.key) == ["a"])
        #expect(source.acceptedAnswer(to: webhook)?["Cache-Control"] == "private")
    }
}
