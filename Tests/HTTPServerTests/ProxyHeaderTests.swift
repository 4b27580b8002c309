import Testing

@testable import HTTPServer

@Suite struct `A proxy's header` {
    static let signature: [UInt8] = [0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A]
    static let ipv4: [UInt8] = [192, 0, 2, 1, 198, 51, 100, 1, 0xDC, 0x04, 0x01, 0xBB]
    static let ipv6: [UInt8] =
        [0x20, 0x01, 0x0D, 0xB8] + [UInt8](repeating: 0, count: 11) + [7] + [UInt8](repeating: 1, count: 16) + [
            0, 1, 0, 2,
        ]

    static let good: [([UInt8], String?)] = [
        (Array("PROXY TCP4 192.0.2.1 198.51.100.1 56324 443\r\n".utf8), "192.0.2.1"),
        (Array("PROXY TCP6 2001:db8::7 ::1 1 65535\r\n".utf8), "2001:db8::7"),
        (Array("PROXY UNKNOWN\r\n".utf8), nil),
        (Array("PROXY UNKNOWN ffff:f...f:ffff ffff:f...f:ffff 65535 65535\r\n".utf8), nil),
        (signature + [0x21, 0x11, 0, 12] + ipv4, "192.0.2.1"),
        (signature + [0x21, 0x21, 0, 36] + ipv6, "2001:db8::7"),
        // Something appended to the addresses.
        (signature + [0x21, 0x11, 0, 16] + ipv4 + [0x04, 0, 1, 0], "192.0.2.1"),
        // A health check by the proxy itself, and a family that has no addresses.
        (signature + [0x20, 0x00, 0, 0], nil),
        (signature + [0x21, 0x00, 0, 0], nil),
    ]

    @Test(arguments: good)
    func `gives the client's address, once it is whole`(header: [UInt8], address: String?) {
        let request = Array("GET / HTTP/1.1\r\n".utf8)
        for count in 0..<header.count {
            #expect(ProxyHeader.read(Array(header[..<count]).span) == .needsMore)
        }
        let expected = ProxyHeader(address: address.flatMap { IPAddress($0) }, length: header.count)
        #expect(ProxyHeader.read(header.span) == .complete(expected))
        #expect(ProxyHeader.read((header + request).span) == .complete(expected))
    }

    @Test(arguments: [
        Array("GET / HTTP/1.1\r\n".utf8), Array("PROXY TCP4 192.0.2.1 198.51.100.1 56324\r\n".utf8),
        Array("PROXY TCP4 2001:db8::7 ::1 1 2\r\n".utf8), Array("PROXY TCP4 192.0.2.1 198.51.100.1 1 65536\r\n".utf8),
        Array("PROXY  TCP4 192.0.2.1 198.51.100.1 1 2\r\n".utf8), Array("PROXY UNKNOWN\n".utf8),
        Array("PROXY TCP4 192.0.2.1 198.51.100.1 1 2 \r\n".utf8),
        Array("PROXY TCP4 192.0.2.1 198.51.100.1 +1 2\r\n".utf8),
        Array(("PROXY UNKNOWN " + String(repeating: "x", count: 107)).utf8),
        signature + [0x11, 0x11, 0, 12] + ipv4, signature + [0x22, 0x11, 0, 12] + ipv4,
        signature + [0x21, 0x11, 0, 11] + ipv4, signature + [0x21, 0x21, 0, 12] + ipv4,
        signature + [0x21, 0x11, 0xFF, 0xFF], signature.dropLast() + [0x0B],
    ])
    func `is refused when it is malformed`(header: [UInt8]) {
        #expect(ProxyHeader.read(header.span) == .malformed)
    }

    @Test(arguments: [1, 5, 1_000])
    func `goes before each connection's first request`(size: Int) throws {
        let handler: HTTPServer.Handler = { request, responder in
            responder.respond(Response(200, text: "\(request.peer) \(request.path)"))
        }
        let test = try TestServer(handler: handler) {
            $0.expectsProxyHeader = true
            $0.trustedProxies = [AddressBlock("127.0.0.1")].compactMap(\.self)
        }
        let client = try test.client()
        let bytes = Array("PROXY TCP4 192.0.2.1 198.51.100.1 56324 443\r\nGET /a HTTP/1.1\r\nHost: a\r\n\r\n".utf8)
        for start in stride(from: 0, to: bytes.count, by: size) {
            try client.send(Array(bytes[start..<min(bytes.count, start + size)]))
        }
        #expect(try client.response().text == "192.0.2.1 /a")
        try client.send("GET /b HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(try client.response().text == "192.0.2.1 /b")

        let direct = try test.client()
        try direct.send(post("x"))
        #expect(try direct.isEnded())
    }

    @Test func `is taken from trusted proxies only`() throws {
        let test = try TestServer(handler: TestServer.accept) {
            $0.expectsProxyHeader = true
            $0.trustedProxies = [AddressBlock("10.0.0.0/8")].compactMap(\.self)
        }
        #expect(try test.client().isEnded())
    }
}
