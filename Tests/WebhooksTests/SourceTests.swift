import JSON
import Model
import Testing

@testable import Webhooks

@Suite struct `A source` {
    private func source(_ change: (inout SourceSettings) -> Void = { _ in }) throws -> Source {
        var settings = SourceSettings(name: "shop")
        change(&settings)
        return try Source(settings)
    }

    // MARK: Events

    @Test func `makes an event of a JSON post, numbers digit for digit`() throws {
        let source = try source {
            $0.topic = "headers.\"x-kind\""
            $0.eventID = "body.id"
        }
        let event = try #require(
            source.events(in: Sample.json(#"{"id":820982911946154508,"total":19.90}"#, fields: [("X-Kind", "paid")]))
                .first
        )
        #expect(event.source == "shop" && event.topic == "paid" && event.key == "820982911946154508")
        #expect(event.body["total"]?.number?.lexeme == "19.90")
        #expect(event.receivedAt == Sample.now)
        #expect(source.dedupe == .seconds(3 * 86_400))
    }

    @Test func `shows rules the headers without credentials, and the query`() throws {
        let source = try Source(
            SourceSettings(
                name: "s",
                secrets: ["secret"],
                signature: SignatureScheme(.token, in: .header("X-Key"))
            )
        )
        let webhook = Sample.request(
            "POST",
            "https://e.com/hooks?a=1&b=x+y&a=2",
            fields: [
                ("Content-Type", "application/json"), ("X-Key", "secret"), ("Authorization", "Bearer x"),
                ("Cookie", "c=1"), ("Accept", "a"), ("accept", "b"),
            ],
            body: "{}"
        )
        let event = try #require(source.events(in: webhook).first)
        #expect(try event.headers == parsed(#"{"content-type":"application/json","accept":"a, b"}"#))
        #expect(try event.query == parsed(#"{"a":["1","2"],"b":"x y"}"#))
    }

    @Test func `answers with the events and their deliveries, and marks what it knew`() throws {
        let body = #"[{"id":1},{"id":2}]"#
        let source = try source { $0.split = "body" }
        guard case .decoded(let events, 0, let accepted) = source.receive(Sample.json(body)) else {
            Issue.record("it was not decoded")
            return
        }
        #expect(events.count == 2)
        let (one, two) = (events[0].id, events[1].id)
        let mixed = accepted.answer(for: [.accepted(one, deliveries: []), .duplicate(of: two, deliveries: 3)])
        #expect(mixed.status == 202)
        #expect(
            try parsed(mixed.text)
                == parsed(
                    """
                    {"events":[{"id":"\(one)","deliveries":0},{"id":"\(two)","deliveries":3,"duplicate":true}]}
                    """
                )
        )
        let known = accepted.answer(for: [.duplicate(of: one, deliveries: 0), .duplicate(of: two, deliveries: 1)])
        #expect(known.status == 202)
        #expect(try parsed(known.text)["duplicate"] == true)
    }

    @Test func `splits a batch, drops what is not wanted, and answers an empty one at once`() throws {
        let source = try source {
            $0.split = "body.items"
            $0.drop = "body.test"
        }
        guard case .decoded(let events, 1, _) = source.receive(Sample.json(#"{"items":[{"a":1},{"test":true}]}"#))
        else {
            Issue.record("one event and one dropped were expected")
            return
        }
        #expect(events.map(\.body) == [["a": 1]])
        #expect(source.answer(to: Sample.json(#"{"items":[]}"#))?.text == #"{"events":[]}"#)
    }

    @Test func `splits a batch of CloudEvents by itself, whatever it is described as`() throws {
        let source = try source { $0.accept = [.json, .cloudevents] }
        let batch = Sample.request(
            fields: [("Content-Type", "application/cloudevents-batch+json")],
            body: """
                [{"specversion":"1.0","id":"1","source":"/s","type":"a"},
                 {"specversion":"1.0","id":"2","source":"/s","type":"b"}]
                """
        )
        #expect(source.events(in: batch).map { $0.body["id"] } == ["1", "2"])
        #expect(
            source.events(in: Sample.json("[1,2]")).map(\.body) == [[1, 2]],
            "a JSON array is one event unless split"
        )
    }

    @Test func `lets an expression fail without refusing the event`() throws {
        let source = try source {
            $0.topic = "length(body.a)"
            $0.eventID = "join('-', body.parts)"
        }
        let events = source.events(in: Sample.json(#"{"a":5,"parts":[1]}"#))
        #expect(events.count == 1 && events[0].topic == nil && events[0].key == nil)
    }

    @Test func `keeps long identities by their hash`() throws {
        let source = try source { $0.eventID = "body.id" }
        let long = String(repeating: "x", count: 5_000)
        let key = source.events(in: Sample.json(#"{"id":"\#(long)"}"#)).first?.key
        #expect(key?.hasPrefix("sha256:") == true && key?.utf8.count == 71)
    }

    @Test func `reads payloads kept in files without asking who sent them`() throws {
        let source = try Source(SourceSettings(name: "s", preset: "meta", secrets: ["secret"]))
        let sample = try #require(PayloadSample.all.first { $0.preset == "meta" })
        var webhook = sample.webhook
        webhook.fields = []
        let ids = IDs()
        #expect(try source.decode(webhook) { ids.make() }.map(\.topic) == sample.topics)
        let form = try Source(SourceSettings(name: "f", accept: [.form]))
        #expect(try form.decode(Sample.json(#"{"name":"Ana"}"#)) { ids.make() }.map(\.body) == [["name": "Ana"]])
    }

    // MARK: Bodies

    @Test(arguments: [
        ("application/json", BodyKind.json), ("application/vnd.shop+json; charset=utf-8", .json), ("text/json", .json),
        ("text/plain", .text), ("text/csv; charset=utf-8", .text),
    ])
    func `takes the media types of the kinds it accepts, and no others`(type: String, kind: BodyKind) throws {
        let webhook = Sample.request(fields: [("Content-Type", type)], body: "[1]")
        let wanted = try Source(SourceSettings(name: "s", accept: [kind]))
        #expect(wanted.events(in: webhook).map(\.body) == [kind == .json ? [1] : "[1]"])
        let other = try Source(SourceSettings(name: "s", accept: [.form]))
        #expect(other.refusal(of: webhook)?.status == 415)
        #expect(other.refusal(of: webhook)?.problem.fields.first?.value == "application/x-www-form-urlencoded")
    }

    @Test func `reads a body without a type as JSON, where it takes JSON`() throws {
        #expect(try source().events(in: Sample.request(body: "{}")).count == 1)
        #expect(try source { $0.accept = [.form] }.refusal(of: Sample.request(body: "{}"))?.status == 415)
    }

    @Test func `says where an undecodable body breaks`() throws {
        let refusal = try #require(source().refusal(of: Sample.json("{\"a\":1,\n\"b\":}")))
        #expect(refusal.status == 400 && refusal.account == "body")
        #expect(refusal.problem.detail.contains("line 2, column 5"))
        let multipart = Sample.request(fields: [("Content-Type", "multipart/form-data; boundary=b")], body: "--b\r\nx")
        #expect(try source { $0.accept = [.multipart] }.refusal(of: multipart)?.problem.detail.contains("byte") == true)
    }

    @Test func `keeps whatever comes where it accepts any: text, else base64`() throws {
        let source = try source { $0.accept = [.any] }
        let json = Sample.json(#"{"a":1}"#, fields: [("Content-Encoding", "gzip")])
        #expect(source.events(in: json).map(\.body) == [#"{"a":1}"#])
        let bytes = Sample.request(fields: [("Content-Type", "image/png")], bytes: [0xFF, 0xFE])
        #expect(source.events(in: bytes).map(\.body) == ["//4="])
        let both = try Source(SourceSettings(name: "s", accept: [.json, .any]))
        #expect(both.events(in: Sample.json(#"{"a":1}"#)).map(\.body) == [["a": 1]])
    }

    @Test func `reads text in UTF-8 and Latin-1, and no other`() throws {
        let source = try source { $0.accept = [.text] }
        func text(_ charset: String, _ bytes: [UInt8]) -> Webhook {
            Sample.request(fields: [("Content-Type", "text/plain; charset=\(charset)")], bytes: bytes)
        }
        #expect(source.events(in: text("UTF-8", Array("é".utf8))).map(\.body) == ["é"])
        #expect(source.events(in: text("ISO-8859-1", [0xE9])).map(\.body) == ["é"])
        #expect(source.refusal(of: text("utf-8", [0xE9]))?.status == 400)
        #expect(source.refusal(of: text("koi8-r", [0x41]))?.status == 400)
    }

    // MARK: Methods

    @Test func `names the methods it takes when asked for another`() throws {
        let refusal = try #require(source().refusal(of: Sample.request("GET")))
        #expect(refusal.problem.status == 405)
        #expect(refusal.problem.fields == [Field("Allow", "POST")])
        #expect(try Sample.source(preset: "meta").methods == ["POST", "GET"])
    }

    @Test func `reads the query where GET carries the event`() throws {
        let source = try source { $0.methods = ["get"] }
        let event = source.events(in: Sample.request("GET", "https://e.com/x?name=Ana&tag=a&tag=b")).first
        #expect(try event?.body == parsed(#"{"name":"Ana","tag":["a","b"]}"#))
    }

    // MARK: Settings

    @Test func `reports every mistake of its settings at once, with its place`() throws {
        let error = #expect(throws: SourceError.self) {
            try Source(
                SourceSettings(
                    name: "shop",
                    preset: "shopfy",
                    secrets: ["a"],
                    origins: ["https://www.example.com/form"],
                    topic: "body..kind",
                    eventID: "nonsense(body)"
                )
            )
        }
        #expect(error?.mistakes.map(\.place) == ["preset", "secret", "origins", "topic", "eventId"])
        #expect(error?.description.contains("sources.shop.preset: found 'shopfy', expected one of shopify") == true)
        #expect(error?.description.contains("^") == true, "the expression's mistake is shown by a caret")
    }

    @Test(arguments: [
        (SignatureScheme(.hmacSHA256, in: .header("X"), signed: ["{bdy}"]), "qwertz", "signature.signed"),
        (SignatureScheme(.hmacSHA256, in: .header("X"), signed: ["{timestamp}"]), "qwertz", "signature.signed"),
        (SignatureScheme(.hmacSHA256, in: .header("X"), signed: ["{id}"]), "qwertz", "signature.signed"),
        (SignatureScheme(.hmacSHA256, in: .header("X"), signed: ["{body"]), "qwertz", "signature.signed"),
        (SignatureScheme(.hmacSHA256, in: .header("X"), tolerance: .seconds(1)), "qwertz", "signature.tolerance"),
        (SignatureScheme(.hmacSHA256, in: .body("a..b")), "qwertz", "signature.field"),
        (SignatureScheme(.hmacSHA256, in: .header("X"), key: .hex), "no hex", "secret"),
        (SignatureScheme(.hmacSHA256, in: .header("X"), key: .whsec), "whsec_", "secret"),
        (SignatureScheme(.ed25519, in: .header("X"), key: .hex), "00ff", "secret"),
        (SignatureScheme(.ecdsaSHA256, in: .header("X"), key: .der), "AAAA", "secret"),
        (SignatureScheme(.rsaSHA256, in: .header("X"), key: .pem), "no PEM", "secret"),
        (SignatureScheme(.hmacSHA256, in: .header("X")), "", "secret"),
    ])
    func `refuses a signature that cannot be meant, without showing the secret`(
        scheme: SignatureScheme,
        secret: String,
        place: String
    ) throws {
        let error = #expect(throws: SourceError.self) {
            try Source(SourceSettings(name: "s", secrets: [secret], signature: scheme))
        }
        #expect(error?.mistakes.contains { $0.place == place } == true, "\(String(describing: error))")
        if secret.count > 4 { #expect(error?.description.contains(secret) == false) }
    }

    @Test func `warns of what is allowed, but hardly meant`() throws {
        #expect(try source().warnings.count == 1)
        #expect(try source { $0.preset = "shopify" }.warnings == ["anybody may send to this source: it has no secret"])
        #expect(
            try source {
                $0.preset = "shopify"
                $0.secrets = ["s"]
            }.warnings.isEmpty
        )
    }
}
