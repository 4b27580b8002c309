import JSON
import Model
import Testing

@testable import Webhooks

@Suite struct `Forms` {
    private func source(_ change: (inout SourceSettings) -> Void = { _ in }) throws -> Source {
        var settings = SourceSettings(name: "contact", accept: [.form, .multipart, .json])
        change(&settings)
        return try Source(settings)
    }

    private func multipart(_ parts: [(String, String)]) -> Webhook {
        let body = parts.map { "--b\r\n\($0.0)\r\n\r\n\($0.1)\r\n" }.joined() + "--b--\r\n"
        return Sample.request(fields: [("Content-Type", "multipart/form-data; boundary=b")], body: body)
    }

    // MARK: Fields

    @Test func `become objects; a name that comes twice is a list`() throws {
        let event = try source().events(
            in: Sample.form("name=Ana+Lima&phone=%2B351+912&tag=mugs&tag=plates&empty=&a[b]=1")
        ).first
        #expect(
            try event?.body
                == parsed(
                    #"{"name":"Ana Lima","phone":"+351 912","tag":["mugs","plates"],"empty":"","a[b]":"1"}"#
                )
        )
    }

    @Test(arguments: [
        ("a[b][c]=1&a[b][d]=2&a[e]=3", #"{"a":{"b":{"c":"1","d":"2"},"e":"3"}}"#),
        ("tags[]=x", #"{"tags":["x"]}"#), ("tags[]=x&tags[]=y", #"{"tags":["x","y"]}"#),
        ("a[b][]=1&a[b][]=2", #"{"a":{"b":["1","2"]}}"#), ("a=1&a[b]=2", #"{"a":{"b":"2"}}"#),
        ("a[b=1&[c]=2&a]=3&a[]b=4&a[][b]=5", #"{"a[b":"1","[c]":"2","a]":"3","a[]b":"4","a[][b]":"5"}"#),
        ("a[b]=1&a[b]=2", #"{"a":{"b":["1","2"]}}"#),
    ])
    func `nest their names where it is asked for`(body: String, expected: String) throws {
        let event = try source { $0.nestedNames = true }.events(in: Sample.form(body)).first
        #expect(try event?.body == parsed(expected))
    }

    @Test func `hold a file as what is known of it, and an empty file field as null`() throws {
        let event = try source().events(
            in: multipart([
                (#"Content-Disposition: form-data; name="note""#, "two\r\nlines"),
                (
                    "Content-Disposition: form-data; name=\"cv\"; filename=\"a%22b.pdf\"\r\nContent-Type: application/pdf",
                    "%PDF"
                ),
                ("Content-Disposition: form-data; name=\"photo\"; filename=\"\"\r\nContent-Type: image/png", ""),
            ])
        ).first
        let hash = BinaryText.hex.encoded(HashFunction.sha256.digest(Array("%PDF".utf8)))
        #expect(
            try event?.body
                == parsed(
                    """
                    {"note":"two\\r\\nlines","photo":null,"cv":{"filename":"a\\"b.pdf","contentType":"application/pdf",
                     "size":4,"sha256":"\(hash)"}}
                    """
                )
        )
    }

    @Test(arguments: [
        "", "--b", "--b\r\n", "--b--x", "--c\r\n\r\n--c--", "--b\r\nContent-Disposition: form-data\r\n\r\nx\r\n--b--",
        "--b\r\nContent-Disposition: form-data; name=a\r\n\r\nx", "--b\r\nno colon\r\n\r\nx\r\n--b--",
        "--b\r\nContent-Disposition: form-data; name=\"a\r\n\r\nx\r\n--b--",
        "--b\nContent-Disposition: form-data; name=a\n\nx\n--b--",
        "--b\r\nContent-Disposition: form-data; name=a; name=b\r\n\r\nx\r\n--b--",
        "--b\r\nContent-Disposition: attachment; name=a\r\n\r\nx\r\n--b--",
    ])
    func `that are broken multipart bodies are refused`(body: String) throws {
        let webhook = Sample.request(fields: [("Content-Type", "multipart/form-data; boundary=b")], body: body)
        let refusal = try source().refusal(of: webhook)
        if body == "--b--x" {
            // The closing delimiter, and an epilogue that nobody reads: an empty form.
            #expect(refusal == nil)
        } else {
            #expect(refusal?.status == 400)
        }
    }

    @Test func `of every cut length are refused or read, and never crash`() throws {
        let whole = multipart([
            (#"Content-Disposition: form-data; name="a"; filename="x""#, "--b\r\n--"),
            ("Content-Disposition: form-data; name=b", ""),
        ])
        let source = try source()
        for length in 0..<whole.body.count {
            var cut = whole
            cut.body = Array(whole.body.prefix(length))
            let isWhole = length >= whole.body.count - 2
            #expect((source.refusal(of: cut) == nil) == isWhole, "\(length) bytes")
        }
    }

    @Test func `with more fields or parts than allowed are refused as too large`() throws {
        let source = try source { $0.limits = BodyLimits(fields: 3, parts: 1) }
        #expect(source.events(in: Sample.form("a&b&c")).count == 1)
        #expect(source.refusal(of: Sample.form("a&b&c&d"))?.status == 413)
        let part = ("Content-Disposition: form-data; name=a", "")
        #expect(source.refusal(of: multipart([part, part]))?.status == 413)
    }

    @Test func `of one name, ten thousand times, cost no more than other names`() throws {
        let body = (0..<10_000).map { "a[]=\($0)" }.joined(separator: "&")
        let event = try source { $0.nestedNames = true }.events(in: Sample.form(body)).first
        #expect(event?.body["a"]?.count == 10_000)
        #expect(event?.body["a"]?[9_999] == "9999")
    }

    // MARK: Answers

    @Test func `send a browser on, or thank it, and tell a script what it made`() throws {
        let browser = ("Accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8")
        let thanks = try #require(try source().acceptedAnswer(to: Sample.form("a=1", fields: [browser])))
        #expect(thanks.status == 202 && thanks["Content-Type"] == "text/html; charset=utf-8")
        let plain = try #require(try source().acceptedAnswer(to: Sample.form("a=1")))
        #expect(plain.status == 202 && plain["Content-Type"] == "application/json")

        let redirecting = try source { $0.redirect = "https://www.example.com/thanks" }
        let redirect = try #require(redirecting.acceptedAnswer(to: Sample.form("a=1", fields: [browser])))
        #expect(redirect.status == 303 && redirect["Location"] == "https://www.example.com/thanks")
        #expect(redirecting.acceptedAnswer(to: Sample.form("a=1"))?.status == 303)
        let script = Sample.form("a=1", fields: [("Accept", "application/json")])
        #expect(redirecting.acceptedAnswer(to: script)?.status == 202)
        #expect(redirecting.acceptedAnswer(to: Sample.json("{}"))?.status == 202)
    }

    @Test func `of robots are answered as usual, dropped and counted`() throws {
        let source = try source { $0.honeypot = "website" }
        for body in ["name=x&website=http%3A%2F%2Fspam", "website=&website=spam"] {
            guard case .decoded(let events, let dropped, let accepted) = source.receive(Sample.form(body)) else {
                Issue.record("a robot must not see a refusal")
                return
            }
            #expect(events.isEmpty && dropped == 1)
            let answer = accepted.answer(for: [])
            #expect(answer.status == 202)
            #expect(try parsed(answer.text)["events"]?[0]?.members?.map(\.key) == ["id", "deliveries"])
        }
        #expect(source.events(in: Sample.form("name=Ana&website=")).count == 1)
        #expect(source.events(in: Sample.form("name=Ana")).count == 1)
    }

    // MARK: Origins

    private func cors() throws -> Source {
        try source { $0.origins = ["https://www.example.com", "http://localhost:3000"] }
    }

    @Test func `from other pages are refused, from ours and from no page taken`() throws {
        let source = try cors()
        func post(_ fields: [(String, String)]) -> Int {
            source.refusal(of: Sample.form("a=1", fields: fields))?.status ?? 202
        }
        #expect(post([("Origin", "https://www.example.com")]) == 202)
        #expect(post([("Origin", "http://localhost:3000")]) == 202)
        #expect(post([]) == 202)
        #expect(post([("Referer", "https://www.example.com/contact?x")]) == 202)
        #expect(post([("Origin", "https://evil.example")]) == 403)
        #expect(post([("Origin", "null")]) == 403)
        #expect(post([("Origin", "https://www.example.com.evil.example")]) == 403)
        #expect(post([("Referer", "https://evil.example/www.example.com")]) == 403)
        // A script can post a body without a type across origins, and no preflight asks first.
        let untyped = Sample.request(fields: [("Origin", "https://evil.example")], body: "{}")
        #expect(source.refusal(of: untyped) == .originNotAllowed)
    }

    @Test func `are let pass their preflight by the origins configured`() throws {
        let source = try cors()
        func preflight(_ origin: String) -> Answer? {
            source.answer(
                to: Sample.request(
                    "OPTIONS",
                    fields: [
                        ("Origin", origin), ("Access-Control-Request-Method", "POST"),
                        ("Access-Control-Request-Headers", "content-type"),
                    ]
                )
            )
        }
        let ours = try #require(preflight("https://www.example.com"))
        #expect(ours.status == 204 && ours.body.isEmpty)
        #expect(ours["Access-Control-Allow-Origin"] == "https://www.example.com")
        #expect(ours["Access-Control-Allow-Methods"] == "POST")
        #expect(ours["Access-Control-Allow-Headers"] == "content-type")
        #expect(ours["Vary"] == "Origin" && ours["Access-Control-Max-Age"] != nil)
        let other = try #require(preflight("https://evil.example"))
        #expect(other.status == 204 && other["Access-Control-Allow-Origin"] == nil && other["Vary"] == "Origin")
        let none = try self.source().refusal(of: Sample.request("OPTIONS", fields: [("Origin", "https://a.example")]))
        #expect(none?.status == 405)
    }

    @Test func `are answered so that our pages' scripts can read it`() throws {
        let source = try cors()
        let webhook = Sample.json("{}", fields: [("Origin", "https://www.example.com")])
        let answer = try #require(source.acceptedAnswer(to: webhook))
        #expect(answer["Access-Control-Allow-Origin"] == "https://www.example.com" && answer["Vary"] == "Origin")
        #expect(source.crossOriginFields(for: webhook).count == 2)
        #expect(try self.source().crossOriginFields(for: webhook).isEmpty)
    }
}
