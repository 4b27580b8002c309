import Testing

@testable import HTTPServer

@Suite struct `A listen address` {
    @Test(arguments: [
        "0.0.0.0:8080", "127.0.0.1:0", "[::]:8080", "[2001:db8::1]:65535", "unix:/run/gateway.sock",
        "unix:/run/gateway.sock?mode=660", "fd:3",
    ])
    func `is written as it is read`(text: String) throws {
        #expect(try ListenAddress(text).description == text)
    }

    @Test func `may name the machine itself`() throws {
        #expect(try ListenAddress("localhost:80").description == "127.0.0.1:80")
    }

    @Test(arguments: [
        "", "8080", ":8080", "0.0.0.0", "0.0.0.0:", "0.0.0.0:65536", "0.0.0.0:+1", "::1:80", "[127.0.0.1]:80", "[::1]",
        "example.com:80", "unix:", "unix:relative", "unix:/a?mode=999", "unix:/a?mode=1000", "unix:/a?x=1",
        "fd:", "fd:2", "fd:+3", "fd:x",
    ])
    func `is refused when it is none`(text: String) {
        #expect(throws: ListenAddressError.self) { try ListenAddress(text) }
    }
}

@Suite struct `An address block` {
    @Test(arguments: [
        ("10.0.0.0/8", "10.255.1.2", true), ("10.0.0.0/8", "11.0.0.0", false), ("192.0.2.7", "192.0.2.7", true),
        ("192.0.2.7", "192.0.2.8", false), ("0.0.0.0/0", "203.0.113.9", true), ("0.0.0.0/0", "::1", false),
        ("2001:db8::/32", "2001:db8:ffff::1", true), ("2001:db8::/32", "2001:db9::1", false),
        ("2001:db8::/65", "2001:db8::7fff:0:0:1", true), ("2001:db8::/65", "2001:db8::8000:0:0:1", false),
        ("::/0", "2001:db8::1", true), ("::1/128", "::1", true), ("10.0.0.0/8", "::ffff:10.1.2.3", true),
    ])
    func `contains what shares its prefix`(block: String, address: String, isInside: Bool) throws {
        let block = try #require(AddressBlock(block))
        let address = try #require(IPAddress(address))
        #expect(block.contains(address) == isInside)
    }

    @Test(arguments: [
        "", "10.0.0.1/8", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/", "2001:db8::/129", "2001:db8::1/32", "x",
    ])
    func `is refused when it is malformed or has bits behind its prefix`(text: String) {
        #expect(AddressBlock(text) == nil)
    }
}
