import Testing

@testable import HTTPServer

@Suite struct `What proxies say of the sender` {
    /// Reads a request that came from `peer`, with 10.0.0.0/8 and ::1 trusted.
    private func request(_ fields: String, from peer: String?) throws -> Request {
        var decoder = RequestDecoder(limits: Limits())
        var consumed = 0
        let text = "GET /a?b HTTP/1.1\r\nHost: internal:8080\r\n\(fields)\r\n"
        let message = try #require(try decoder.decode(Array(text.utf8).span, consumed: &consumed))
        let trusted = [try #require(AddressBlock("10.0.0.0/8")), try #require(AddressBlock("::1"))]
        let forwarding = Forwarding(trusted: trusted, trustsUnixSockets: true)
        let address = peer.flatMap { IPAddress($0) }
        let origin = forwarding.origin(of: message.head, from: address)
        return Request(message, from: ConnectionInfo(address: address, listener: 0), origin: origin)
    }

    @Test(arguments: [
        // (fields, peer, address, scheme, authority)
        ("", "10.0.0.1", "10.0.0.1", "http", "internal:8080"),
        ("X-Forwarded-For: 192.0.2.1\r\n", "203.0.113.9", "203.0.113.9", "http", "internal:8080"),
        ("X-Forwarded-For: 192.0.2.1\r\n", "10.0.0.1", "192.0.2.1", "http", "internal:8080"),
        ("X-Forwarded-For: 6.6.6.6, 192.0.2.1\r\n", "10.0.0.1", "192.0.2.1", "http", "internal:8080"),
        ("X-Forwarded-For: 6.6.6.6, 192.0.2.1, 10.1.1.1\r\n", "10.0.0.1", "192.0.2.1", "http", "internal:8080"),
        (
            "X-Forwarded-For: 6.6.6.6\r\nX-Forwarded-For: 192.0.2.1\r\n", "10.0.0.1", "192.0.2.1", "http",
            "internal:8080"
        ),
        ("X-Forwarded-For: 10.2.2.2, 10.1.1.1\r\n", "10.0.0.1", "10.2.2.2", "http", "internal:8080"),
        ("X-Forwarded-For: 192.0.2.1, rubbish\r\n", "10.0.0.1", "10.0.0.1", "http", "internal:8080"),
        ("X-Forwarded-For: 192.0.2.1:4711\r\n", "10.0.0.1", "192.0.2.1", "http", "internal:8080"),
        ("X-Forwarded-For: 2001:db8::7\r\n", "::1", "2001:db8::7", "http", "internal:8080"),
        (
            "X-Forwarded-For: 192.0.2.1\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Host: shop.example\r\n", "10.0.0.1",
            "192.0.2.1", "https", "shop.example"
        ),
        ("X-Forwarded-Proto: HTTPS\r\n", "10.0.0.1", "10.0.0.1", "https", "internal:8080"),
        ("X-Forwarded-Host: a b\r\n", "10.0.0.1", "10.0.0.1", "http", "internal:8080"),
        (
            "Forwarded: for=6.6.6.6, for=\"[2001:db8::1]:4711\";proto=https;host=\"shop.example:444\"\r\n", "10.0.0.1",
            "2001:db8::1", "https", "shop.example:444"
        ),
        ("Forwarded: For=192.0.2.1;by=10.0.0.1\r\n", "10.0.0.1", "192.0.2.1", "http", "internal:8080"),
        ("Forwarded: for=_hidden;proto=https\r\n", "10.0.0.1", "10.0.0.1", "https", "internal:8080"),
        ("Forwarded: for=192.0.2.1;host\r\n", "10.0.0.1", "10.0.0.1", "http", "internal:8080"),
        ("Forwarded: for=6.6.6.6\r\nX-Forwarded-For: 192.0.2.1\r\n", "10.0.0.1", "10.0.0.1", "http", "internal:8080"),
        (
            "Forwarded: for=192.0.2.1\r\nX-Forwarded-For: 192.0.2.1\r\nX-Forwarded-Proto: https\r\n", "10.0.0.1",
            "192.0.2.1", "https", "internal:8080"
        ),
    ])
    func `counts only as far as they are trusted`(
        fields: String,
        peer: String,
        address: String,
        scheme: String,
        authority: String
    ) throws {
        let request = try request(fields, from: peer)
        #expect(request.peer == address)
        #expect(request.scheme.rawValue == scheme)
        #expect(request.authority == authority)
        #expect(request.url == "\(scheme)://\(authority)/a?b")
    }

    @Test func `counts on a Unix socket when that is trusted`() throws {
        #expect(try request("X-Forwarded-For: 192.0.2.1\r\n", from: nil).peer == "192.0.2.1")
    }

    @Test func `reaches the handler`() throws {
        let handler: HTTPServer.Handler = { request, responder in responder.respond(Response(200, text: request.url)) }
        let trusting = try TestServer(handler: handler) {
            $0.trustedProxies = [AddressBlock("127.0.0.0/8")].compactMap(\.self)
        }
        let client = try trusting.client()
        try client.send("GET /x HTTP/1.1\r\nHost: a\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Host: b\r\n\r\n")
        #expect(try client.response().text == "https://b/x")
    }
}
