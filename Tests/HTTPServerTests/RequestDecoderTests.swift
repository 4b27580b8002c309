import HTTPTypes
import Testing

@testable import HTTPServer

/// What bytes come to: the requests in them, and how they end.
struct Reading: Equatable {
    var requests: [String] = []
    var refusal: Refusal?
    /// Bytes behind the last complete request.
    var rest = 0
}

/// Feeds bytes to a decoder in pieces, the way a connection does: what was not consumed is given again.
func read(_ bytes: [UInt8], inPiecesOf size: Int, limits: Limits = Limits()) -> Reading {
    var decoder = RequestDecoder(limits: limits)
    var reading = Reading()
    var kept: [UInt8] = []
    var position = 0
    while position < bytes.count {
        let end = min(bytes.count, position + size)
        kept += bytes[position..<end]
        position = end
        var offset = 0
        do {
            while offset < kept.count {
                var consumed = 0
                let message = try decoder.decode(kept.span.extracting(offset...), consumed: &consumed)
                offset += consumed
                guard let message else { break }
                reading.requests.append(describe(message))
            }
        } catch {
            reading.refusal = error
            return reading
        }
        kept.removeFirst(offset)
    }
    reading.rest = kept.count + decoder.bodyCount
    return reading
}

/// All that a decoder found, as text.
private func describe(_ message: RequestDecoder.Message) -> String {
    let request = Request(message, from: ConnectionInfo(listener: 0))
    let fields = request.rawFields.map { "\($0.name): \($0.value)" }.joined(separator: "|")
    let trailer = request.trailerFields.map(\.description).joined(separator: "|")
    let body = String(decoding: request.body, as: UTF8.self)
    return "\(request.method) \(request.target) \(request.version) [\(fields)] \(body) [\(trailer)]"
        + (message.head.isPersistent ? "" : " closes")
}

private let host = "Host: example.com\r\n"

@Suite struct `The request decoder` {
    static let good: [String] = [
        "GET / HTTP/1.1\r\n\(host)\r\n",
        "GET / HTTP/1.0\r\n\r\n",
        "\r\nGET / HTTP/1.1\r\n\(host)\r\n",
        "POST /a/b?c=d&e=%20 HTTP/1.1\r\n\(host)Content-Length: 5\r\n\r\nhello",
        "POST / HTTP/1.1\r\n\(host)content-length:\t5 \t\r\n\r\nhelloGET / HTTP/1.1\r\n\(host)\r\n",
        "POST / HTTP/1.1\r\n\(host)Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6;a=b ; c=\"d\\\"e\"\r\n world\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\n\(host)Transfer-Encoding: Chunked\r\n\r\n001\r\nx\r\n0;x\r\nDigest: a\r\nX-T:\r\n\r\nGET /2 HTTP/1.1\r\n\(host)\r\n",
        "GET http://other.example:8080?q HTTP/1.1\r\n\(host)Connection: a, close\r\n\r\n",
        "OPTIONS * HTTP/1.1\r\n\(host)\r\n",
        "GET / HTTP/1.7\r\nHost: [::1]:80\r\nX: \u{e9}\r\nEmpty:\r\n\r\n",
        "GET /[a|b]^?{x}=[1]&y=100%|\\^` HTTP/1.1\r\nHost:\r\n\r\n",
        "POST / HTTP/1.0\r\nConnection: Keep-Alive\r\nContent-Length: 0\r\n\r\nPOST / HTTP/1.0\r\n\r\n",
    ]

    @Test(arguments: good)
    func `finds the same in every prefix, whole and byte by byte`(text: String) {
        let bytes = Array(text.utf8)
        for count in 0...bytes.count {
            let prefix = Array(bytes[..<count])
            let whole = read(prefix, inPiecesOf: max(1, count))
            #expect(whole.refusal == nil)
            #expect(whole.requests == read(prefix, inPiecesOf: 1).requests)
            #expect(whole.requests == read(prefix, inPiecesOf: 7).requests)
        }
        let all = read(bytes, inPiecesOf: bytes.count)
        #expect(!all.requests.isEmpty)
        #expect(all.rest == 0)
    }

    @Test func `gives method, target, fields, body and trailers as they came`() throws {
        let text =
            "PATCH /hooks/a%2Fb?x=1?2 HTTP/1.1\r\nHost: Example.com:81\r\nX-A:  one \r\nx-a: two\r\n"
            + "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\nX-Sum: 5\r\n\r\n"
        var decoder = RequestDecoder(limits: Limits())
        var consumed = 0
        let message = try #require(try decoder.decode(Array(text.utf8).span, consumed: &consumed))
        let request = Request(message, from: ConnectionInfo(address: IPAddress("192.0.2.1"), listener: 3))
        #expect(consumed == text.utf8.count)
        #expect(request.method == .patch)
        #expect(request.target == "/hooks/a%2Fb?x=1?2")
        #expect(request.path == "/hooks/a%2Fb")
        #expect(request.query == "x=1?2")
        #expect(request.authority == "Example.com:81")
        #expect(request.url == "http://Example.com:81/hooks/a%2Fb?x=1?2")
        #expect(request.body == Array("abcde".utf8))
        #expect(request.fields[try #require(HTTPField.Name("X-A"))] == "one, two")
        #expect(request.field("x-A") == "one")
        #expect(request.rawFields.map(\.name) == ["Host", "X-A", "x-a", "Transfer-Encoding"])
        #expect(request.trailerFields[try #require(HTTPField.Name("x-sum"))] == "5")
        #expect(request.peer == "192.0.2.1")
        #expect(request.listener == 3)
        #expect(!request.isTLS)
    }

    @Test func `takes an absolute target's authority before Host`() throws {
        var decoder = RequestDecoder(limits: Limits())
        var consumed = 0
        let text = "GET HTTP://real.example?q HTTP/1.1\r\nHost: other.example\r\n\r\n"
        let message = try #require(try decoder.decode(Array(text.utf8).span, consumed: &consumed))
        let request = Request(message, from: ConnectionInfo(isTLS: true, listener: 0))
        #expect(request.authority == "real.example")
        #expect(request.path == "/")
        #expect(request.url == "https://real.example/?q")
    }

    static let bad: [(String, Refusal)] = [
        ("GET /\r\n\r\n", .malformedRequestLine),
        ("GET  / HTTP/1.1\r\n", .malformedRequestLine),
        ("GET /  HTTP/1.1\r\n", .malformedVersion),
        (" GET / HTTP/1.1\r\n", .malformedRequestLine),
        ("GET / HTTP/1.1 \r\n", .malformedVersion),
        ("GET / HTTP/1.1\n", .malformedRequestLine),
        ("GET /\rHTTP/1.1\r\n", .malformedRequestLine),
        ("\r\n\r\nGET / HTTP/1.1\r\n", .malformedRequestLine),
        ("\u{16}\u{3}\u{1}", .malformedRequestLine),
        ("GET /\0 HTTP/1.1\r\n", .malformedRequestLine),
        ("GET /\u{e9} HTTP/1.1\r\n", .malformedRequestLine),
        ("G@T / HTTP/1.1\r\n", .malformedMethod),
        ("GET /a#b HTTP/1.1\r\n", .malformedTarget),
        ("GET /a\"b HTTP/1.1\r\n", .malformedTarget),
        ("GET a HTTP/1.1\r\n", .malformedTarget),
        ("GET * HTTP/1.1\r\n", .malformedTarget),
        ("OPTIONS *?a HTTP/1.1\r\n", .malformedTarget),
        ("GET ftp://a/ HTTP/1.1\r\n", .malformedTarget),
        ("GET http:///a HTTP/1.1\r\n", .malformedTarget),
        ("GET http://u@a/ HTTP/1.1\r\n", .malformedTarget),
        ("GET a:80 HTTP/1.1\r\n", .malformedTarget),
        ("CONNECT / HTTP/1.1\r\n", .malformedTarget), ("CONNECT a HTTP/1.1\r\n", .malformedTarget),
        ("CONNECT a: HTTP/1.1\r\n", .malformedTarget), ("CONNECT [::1] HTTP/1.1\r\n", .malformedTarget),
        ("CONNECT a:443 HTTP/1.1\r\n", .connectUnsupported),
        ("GET / http/1.1\r\n", .malformedVersion),
        ("GET / HTTP/1.10\r\n", .malformedVersion),
        ("GET / HTTP/2.0\r\n", .unsupportedVersion),
        ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", .unsupportedVersion),
        ("GET / HTTP/1.1\r\n\(host) folded\r\n\r\n", .foldedField),
        ("GET / HTTP/1.1\r\n Host: a\r\n\r\n", .foldedField),
        ("GET / HTTP/1.1\r\nHost : a\r\n\r\n", .malformedField),
        ("GET / HTTP/1.1\r\n: a\r\n\r\n", .malformedField),
        ("GET / HTTP/1.1\r\nHost\r\n\r\n", .malformedField),
        ("GET / HTTP/1.1\r\n\(host)X: a\rb\r\n\r\n", .malformedField),
        ("GET / HTTP/1.1\r\n\(host)X: a\nY: b\r\n\r\n", .malformedField),
        ("GET / HTTP/1.1\r\n\(host)X: a\0b\r\n\r\n", .malformedField),
        ("GET / HTTP/1.1\r\n\r\n", .missingHost),
        ("GET / HTTP/1.1\r\n\(host)\(host)\r\n", .repeatedHost),
        ("GET / HTTP/1.1\r\nHost: a b\r\n\r\n", .malformedHost),
        ("GET / HTTP/1.1\r\nHost: u@a\r\n\r\n", .malformedHost),
        ("GET / HTTP/1.1\r\nHost: a:65536\r\n\r\n", .malformedHost),
        ("GET / HTTP/1.1\r\nHost: [::1\r\n\r\n", .malformedHost),
        ("GET / HTTP/1.1\r\nHost: [127.0.0.1]\r\n\r\n", .malformedHost),
        ("GET / HTTP/1.1\r\nHost: a%4\r\n\r\n", .malformedHost),
        ("POST / HTTP/1.1\r\n\(host)Content-Length: +5\r\n\r\n", .malformedContentLength),
        ("POST / HTTP/1.1\r\n\(host)Content-Length:\r\n\r\n", .malformedContentLength),
        ("POST / HTTP/1.1\r\n\(host)Content-Length: 5, 5\r\n\r\n", .malformedContentLength),
        ("POST / HTTP/1.1\r\n\(host)Content-Length: 5\r\nContent-Length: 5\r\n\r\n", .repeatedContentLength),
        ("POST / HTTP/1.1\r\n\(host)Content-Length: 99999999999999999999999\r\n\r\n", .bodyTooLarge),
        ("POST / HTTP/1.1\r\n\(host)Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", .lengthAndCoding),
        ("POST / HTTP/1.0\r\n\(host)Transfer-Encoding: chunked\r\n\r\n", .codingInHTTP10),
        ("POST / HTTP/1.1\r\n\(host)Transfer-Encoding: gzip, chunked\r\n\r\n", .unknownTransferEncoding),
        ("POST / HTTP/1.1\r\n\(host)Transfer-Encoding: gzip\r\n\r\n", .unknownTransferEncoding),
        ("POST / HTTP/1.1\r\n\(host)Transfer-Encoding: chunked, gzip\r\n\r\n", .chunkedNotLast),
        ("POST / HTTP/1.1\r\n\(host)Transfer-Encoding: chunked, chunked\r\n\r\n", .malformedTransferEncoding),
        (
            "POST / HTTP/1.1\r\n\(host)Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
            .malformedTransferEncoding
        ),
        ("POST / HTTP/1.1\r\n\(host)Transfer-Encoding: chunked;q=1\r\n\r\n", .malformedTransferEncoding),
        ("POST / HTTP/1.1\r\n\(host)Transfer-Encoding: chunked,\r\n\r\n", .malformedTransferEncoding),
        ("POST / HTTP/1.1\r\n\(host)Transfer-Encoding:\r\n\r\n", .malformedTransferEncoding),
        ("POST / HTTP/1.1\r\n\(host)Expect: tea\r\n\r\n", .unknownExpectation),
    ]

    @Test(arguments: bad)
    func `refuses what is ambiguous or malformed`(text: String, refusal: Refusal) {
        let bytes = text.unicodeScalars.map { UInt8($0.value) }
        #expect(read(bytes, inPiecesOf: bytes.count).refusal == refusal)
        #expect(read(bytes, inPiecesOf: 1).refusal == refusal)
    }

    @Test(arguments: [
        "x\r\n", "\r\n", "-1\r\n", "+1\r\n", "0x1\r\n", " 1\r\n", "1 \r\n", "1\n", "1;\r\n", "1;=a\r\n", "1;a=\r\n",
        "1;a \r\n", "1;a=\"b\r\n", "1;a=\"b\"c\r\n", "1;a\u{0}\r\n", "1;a=\"\u{7f}\"\r\n", "1\r\rx", "1\r\nxy",
        "1\r\nx\n",
        "00000000000000001\r\nx\r\n", "0\r\n\n", "0\r\n X: folded\r\n\r\n",
    ])
    func `refuses a malformed chunk`(chunk: String) {
        let text = "POST / HTTP/1.1\r\n\(host)Transfer-Encoding: chunked\r\n\r\n\(chunk)"
        let bytes = Array(text.utf8)
        let whole = read(bytes, inPiecesOf: bytes.count)
        #expect(whole.refusal != nil)
        #expect(whole.refusal?.status == 400)
        #expect(whole == read(bytes, inPiecesOf: 1))
    }

    @Test func `waits for 100-continue once, and only while nothing of the body is there`() throws {
        let head = "POST / HTTP/1.1\r\n\(host)Expect: 100-Continue\r\nContent-Length: 2\r\n\r\n"
        for (bytes, waits) in [(head, [true, false]), (head + "x", [false, false])] {
            var decoder = RequestDecoder(limits: Limits())
            var consumed = 0
            let message = try decoder.decode(Array(bytes.utf8).span, consumed: &consumed)
            #expect(message?.body == nil)
            let expectations = [decoder.takeExpectation(), decoder.takeExpectation()]
            #expect(expectations == waits)
        }
    }
}

@Suite struct `The limits of a request` {
    static let limits: Limits = {
        var limits = Limits()
        limits.method = 8
        limits.target = 16
        limits.field = 32
        limits.header = 64
        limits.fieldCount = 4
        limits.body = 10
        return limits
    }()

    /// Just within a limit, and just beyond it.
    static let cases: [(String, String, Refusal)] = [
        ("ABCDEFGH / HTTP/1.1\r\n\(host)\r\n", "ABCDEFGHI / HTTP/1.1\r\n", .methodTooLong),
        (
            "GET /234567890123456 HTTP/1.1\r\n\(host)\r\n", "GET /2345678901234567 HTTP/1.1\r\n\(host)\r\n",
            .targetTooLong
        ),
        (
            "GET / HTTP/1.1\r\n\(host)X: \(String(repeating: "x", count: 29))\r\n\r\n",
            "GET / HTTP/1.1\r\n\(host)X: \(String(repeating: "x", count: 30))\r\n\r\n", .headerTooLarge
        ),
        (
            "GET / HTTP/1.1\r\n\(host)X: \(String(repeating: "x", count: 23))\r\nY: 45678901234567\r\n\r\n",
            "GET / HTTP/1.1\r\n\(host)X: \(String(repeating: "x", count: 23))\r\nY: 456789012345678\r\n\r\n",
            .headerTooLarge
        ),
        (
            "GET / HTTP/1.1\r\n\(host)A:\r\nB:\r\nC:\r\n\r\n", "GET / HTTP/1.1\r\n\(host)A:\r\nB:\r\nC:\r\nD:\r\n\r\n",
            .tooManyFields
        ),
        (
            "POST / HTTP/1.1\r\n\(host)Content-Length: 10\r\n\r\n0123456789",
            "POST / HTTP/1.1\r\n\(host)Content-Length: 11\r\n\r\n", .bodyTooLarge
        ),
        (
            "POST / HTTP/1.1\r\n\(host)Transfer-Encoding: chunked\r\n\r\n5\r\n01234\r\n5\r\n56789\r\n0\r\n\r\n",
            "POST / HTTP/1.1\r\n\(host)Transfer-Encoding: chunked\r\n\r\n5\r\n01234\r\n6\r\n", .bodyTooLarge
        ),
        (
            "POST / HTTP/1.1\r\n\(host)Transfer-Encoding: chunked\r\n\r\n0;\(String(repeating: "x", count: 63))\r\n\r\n",
            "POST / HTTP/1.1\r\n\(host)Transfer-Encoding: chunked\r\n\r\n0;\(String(repeating: "x", count: 64))\r\n\r\n",
            .chunkExtensionsTooLong
        ),
        (
            "POST / HTTP/1.1\r\n\(host)Transfer-Encoding: chunked\r\n\r\n0\r\nX: \(String(repeating: "x", count: 29))\r\n\r\n",
            "POST / HTTP/1.1\r\n\(host)Transfer-Encoding: chunked\r\n\r\n0\r\nX: \(String(repeating: "x", count: 30))\r\n\r\n",
            .headerTooLarge
        ),
    ]

    @Test(arguments: cases)
    func `let through what is within, and refuse the next byte`(within: String, beyond: String, refusal: Refusal) {
        for size in [1, 3, 1_000] {
            let accepted = read(Array(within.utf8), inPiecesOf: size, limits: Self.limits)
            #expect(accepted.refusal == nil)
            #expect(accepted.requests.count == 1)
            #expect(read(Array(beyond.utf8), inPiecesOf: size, limits: Self.limits).refusal == refusal)
        }
    }

    @Test func `hold for a line that never ends`() {
        let endless = Array(("GET /" + String(repeating: "a", count: 100_000)).utf8)
        #expect(read(endless, inPiecesOf: 1_000).refusal == .targetTooLong)
        let method = Array(String(repeating: "A", count: 100_000).utf8)
        #expect(read(method, inPiecesOf: 1_000).refusal == .methodTooLong)
        let field = Array(("GET / HTTP/1.1\r\nX: " + String(repeating: "a", count: 100_000)).utf8)
        #expect(read(field, inPiecesOf: 1_000).refusal == .headerTooLarge)
    }
}
