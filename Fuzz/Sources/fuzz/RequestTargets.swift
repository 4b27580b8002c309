@testable import HTTPServer

/// Request targets: what is taken is visible ASCII, and its parts make up the whole.
enum RequestTargets {
    static func check(_ bytes: [UInt8]) {
        for method in ["POST", "OPTIONS", "CONNECT"] {
            let head = Array("\(method) ".utf8) + bytes + Array(" HTTP/1.1\r\nHost: h\r\n\r\n".utf8)
            var decoder = RequestDecoder(limits: Limits())
            var consumed = 0
            guard let message = try? decoder.decode(head.span, consumed: &consumed) else { continue }
            // The bytes may hold a line's end and a whole request of their own.
            guard consumed == head.count else { continue }
            check(Request(message, from: ConnectionInfo(listener: 0)), message.head.target)
        }
    }

    private static func check(_ request: Request, _ target: RequestTarget) {
        let whole = request.target
        require(whole.utf8.allSatisfy { 0x21...0x7E ~= $0 && $0 != UInt8(ascii: "#") }, "'\(whole)' is taken")
        let rest = request.query.map { "?" + $0 } ?? ""
        switch target.form {
        case .origin: require(whole == request.path + rest && whole.hasPrefix("/"), "'\(whole)' is cut wrongly")
        case .absolute:
            let path = target.path.isEmpty ? "" : request.path
            require(whole.hasSuffix("://" + request.authority + path + rest), "'\(whole)' is cut wrongly")
            require(!request.authority.isEmpty && !request.authority.contains("@"), "'\(whole)' has a bad authority")
        case .asterisk: require(whole == "*" && request.method == .options, "'\(whole)' is taken")
        case .authority: broken("CONNECT is taken")
        }
    }

    @Sendable static func seeds() -> [[UInt8]] {
        [
            "/", "*", "/a/b?c=d&e=%20", "http://example.com", "HTTPS://example.com:443/a?b", "http://[::1]:80?x",
            "example.com:443", "http://a%41b/", "/a;b=c/!$&'()*+,=:@-._~", "//x", "/%2e%2e/", "/?a?b/c",
            "http://[v1.a]/", "http://[::ffff:192.0.2.1]/", "http://user@h/", "/a#b",
        ].map { Array($0.utf8) }
    }
}
