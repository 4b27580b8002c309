import COpenSSL
import Foundation
import Testing

@testable import HTTPServer

@Suite(.enabled(if: TestCertificates.canBeMade)) struct `TLS` {
    private let certificates: TestCertificates

    init() throws {
        // A client that writes to a connection the server has cut off must not end the tests.
        signal(SIGPIPE, SIG_IGN)
        certificates = try TestCertificates()
    }

    private func server(
        _ names: [String] = ["one"],
        clients: TLSConfiguration.Clients = .anyone,
        limits: Limits = Limits(),
        handler: @escaping HTTPServer.Handler = TestServer.accept
    ) throws -> TestServer {
        var tls = TLSConfiguration(certificates: names.map(certificates.certificate))
        tls.clients = clients
        return try TestServer(limits: limits, handler: handler) { $0.tls = tls }
    }

    @Test(arguments: [TLS1_2_VERSION, TLS1_3_VERSION])
    func `carries requests, many on one connection`(version: Int32) throws {
        let test = try server { request, responder in
            responder.respond(Response(200, body: Array("\(request.isTLS) \(request.url)".utf8)))
        }
        let client = try test.client()
        try client.startTLS(TestClient.TLSOptions(version: version))
        for number in 0..<20 {
            try client.send("GET /\(number) HTTP/1.1\r\nHost: one.example\r\n\r\n")
            #expect(try client.response().text == "true https://one.example/\(number)")
        }
        try client.send("GET /last HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        #expect(try client.response().has("connection: close"))
        #expect(try client.isEnded())
    }

    @Test func `carries large bodies both ways, also when they are taken late`() async throws {
        let body = [UInt8](repeating: 0x62, count: 4_000_000)
        let test = try server { request, responder in
            responder.respond(Response(200, body: request.body + request.body))
        }
        let client = try test.client(window: 65_536)
        try client.startTLS()
        try client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: \(body.count)\r\n\r\n")
        try client.send(body)
        try await test.until { $0.writing == 1 }
        #expect(try client.response().body == body + body)
    }

    @Test func `answers pipelined requests`() throws {
        let test = try server()
        let client = try test.client()
        try client.startTLS()
        try client.send((0..<50).map { post("\($0)") }.joined())
        for number in 0..<50 { #expect(try client.response().text == "\(number)") }
    }

    @Test func `shows the certificate that names the host, or else the first`() throws {
        let test = try server(["one", "two"])
        let cases = [
            ("one.example", "one"), ("two.example", "two"), ("www.two.example", "two"), ("a.b.two.example", "one"),
            ("other.example", "one"),
        ]
        for (host, subject) in cases {
            let client = try test.client()
            #expect(try client.startTLS(TestClient.TLSOptions(host: host)) == "/O=Example/CN=\(subject)")
            try client.send(post("x"))
            #expect(try client.response().status == 202)
        }
    }

    @Test func `ends a handshake with a client that speaks other protocols only`() throws {
        let test = try server()
        #expect(throws: TestClient.Failure.self) {
            try test.client().startTLS(TestClient.TLSOptions(protocols: ["h2"]))
        }
        try test.client().startTLS(TestClient.TLSOptions(protocols: ["h2", "http/1.1"]))
        try test.client().startTLS(TestClient.TLSOptions(protocols: ["http/1.0"]))
        try test.client().startTLS(TestClient.TLSOptions(protocols: []))
    }

    @Test func `tells a client that speaks plain HTTP so`() throws {
        let test = try server()
        let client = try test.client()
        try client.send(post("x"))
        let response = try client.response()
        #expect(response.status == 400)
        #expect(response.text.contains("use https"))
        #expect(try client.isEnded())
        #expect(test.refusals.reasons == ["plainTextOnTLS"])
    }

    @Test func `closes on what is neither TLS nor HTTP`() throws {
        let test = try server()
        let client = try test.client()
        try client.send([UInt8](repeating: 0, count: 20))
        _ = try client.rest()
        try test.client().startTLS()
    }

    @Test func `knows who shows a certificate`() throws {
        let authorities = certificates.certificate("client").chain
        let handler: HTTPServer.Handler = { request, responder in
            responder.respond(Response(200, text: request.clientCertificate?.subject ?? "nobody"))
        }
        let options = TestClient.TLSOptions(certificate: (authorities, certificates.certificate("client").key))
        let optional = try server(clients: .mayShowCertificate(authorities: authorities), handler: handler)
        for (options, subject) in [(options, "CN=client,O=Example"), (TestClient.TLSOptions(), "nobody")] {
            let client = try optional.client()
            try client.startTLS(options)
            try client.send(post())
            #expect(try client.response().text == subject)
        }
        let required = try server(clients: .mustShowCertificate(authorities: authorities), handler: handler)
        let client = try required.client()
        try client.startTLS(options)
        try client.send(post())
        #expect(try client.response().text == "CN=client,O=Example")
        let anonymous = try required.client()
        // With TLS 1.3 the client learns of its refusal behind its own side of the handshake.
        _ = try? anonymous.startTLS()
        try? anonymous.send(post())
        #expect(throws: TestClient.Failure.self) { try anonymous.response() }
    }

    @Test func `uses new certificates for new connections, and keeps the old ones open`() throws {
        let test = try server()
        let old = try test.client()
        #expect(try old.startTLS() == "/O=Example/CN=one")
        try test.server.reload(TLSConfiguration(certificates: [certificates.certificate("two")]))
        let new = try test.client()
        #expect(try new.startTLS() == "/O=Example/CN=two")
        for client in [old, new] {
            try client.send(post("x"))
            #expect(try client.response().status == 202)
        }
        let missing = TLSConfiguration.Certificate(chain: "/nowhere.crt", key: "/nowhere.key")
        let error = #expect(throws: TLSError.self) {
            try test.server.reload(TLSConfiguration(certificates: [missing]))
        }
        #expect(error?.file == "/nowhere.crt")
        #expect(try test.client().startTLS() == "/O=Example/CN=two")
    }

    @Test func `renews certificates under load without failing a request`() async throws {
        let test = try server()
        let isOver = Lock(false)
        let clients = (0..<4).map { number in
            Task {
                try await onThread {
                    var answered = 0
                    // Half of the clients shake hands for each request, half of them once.
                    var client = try test.client()
                    try client.startTLS()
                    while !isOver.withLock({ $0 }) {
                        if number.isMultiple(of: 2) {
                            client = try test.client()
                            try client.startTLS()
                        }
                        try client.send(post("x"))
                        if try client.response().status == 202 { answered += 1 }
                    }
                    return answered
                }
            }
        }
        for renewal in 0..<20 {
            try test.server.reload(
                TLSConfiguration(certificates: [certificates.certificate(renewal.isMultiple(of: 2) ? "two" : "one")])
            )
            // A handshake by itself, so that the clients come to have some between two renewals.
            try await onThread { _ = try test.client().startTLS() }
        }
        isOver.withLock { $0 = true }
        // Whatever failed is thrown here.
        for client in clients { #expect(try await client.value > 0) }
    }

    @Test func `says which file cannot be used`() throws {
        var certificate = certificates.certificate("one")
        certificate.key = certificates.certificate("two").key
        let error = #expect(throws: ServerStartError.self) {
            try TestServer { $0.tls = TLSConfiguration(certificates: [certificate]) }
        }
        #expect(error == .certificate(TLSError(file: certificate.key, reason: "key values mismatch")))
    }

    @Test func `refuses an encrypted key, and asks nobody for its password`() throws {
        let certificate = try certificates.encryptingKey(of: "one")
        let error = #expect(throws: TLSError.self) { try TLSConfiguration(certificates: [certificate]).check() }
        #expect(error?.file == certificate.key)
    }

    @Test(arguments: [TLS1_2_VERSION, TLS1_3_VERSION])
    func `resumes sessions, also of clients with certificates`(version: Int32) throws {
        let client = certificates.certificate("client")
        let test = try server(["one", "two"], clients: .mustShowCertificate(authorities: client.chain))
        var options = TestClient.TLSOptions(host: "two.example", version: version)
        options.certificate = (client.chain, client.key)
        let first = try test.client()
        try first.startTLS(options)
        try first.send(post("x"))
        #expect(try first.response().status == 202)
        #expect(!first.isResumed)
        let second = try test.client()
        try second.startTLS(options, resuming: first)
        try second.send(post("x"))
        #expect(try second.response().status == 202)
        #expect(second.isResumed)
    }

    @Test func `sends the certificate authority's word along when it is asked for`() throws {
        let certificate = try certificates.addingRevocationStatus(to: "one")
        let test = try TestServer {
            $0.tls = TLSConfiguration(certificates: [certificate, certificates.certificate("two")])
        }
        let word = try contents(of: try #require(certificate.revocationStatus))
        for (options, expected) in [
            (TestClient.TLSOptions(asksForStatus: true), word), (TestClient.TLSOptions(), nil),
            (TestClient.TLSOptions(host: "two.example", asksForStatus: true), nil),
        ] {
            let client = try test.client()
            try client.startTLS(options)
            #expect(client.revocationStatus == expected)
        }
        var wrong = certificate
        wrong.revocationStatus = certificate.chain
        let error = #expect(throws: TLSError.self) { try TLSConfiguration(certificates: [wrong]).check() }
        #expect(error?.file == certificate.chain)
    }

    @Test func `sends no word of the certificate authority that is out of date`() throws {
        let certificate = try certificates.addingRevocationStatus(to: "one", minutes: 1)
        let status = try RevocationStatus(try #require(certificate.revocationStatus))
        #expect(status.isValid(at: time(nil)))
        #expect(!status.isValid(at: time(nil) + 61))
    }

    @Test func `comes behind a proxy's header`() throws {
        let test = try TestServer { _, responder in
            responder.respond(Response(200))
        } configure: {
            $0.tls = TLSConfiguration(certificates: [certificates.certificate("one")])
            $0.expectsProxyHeader = true
            $0.trustedProxies = [AddressBlock("127.0.0.0/8")].compactMap(\.self)
        }
        let client = try test.client()
        try client.send("PROXY TCP4 192.0.2.1 198.51.100.1 56324 443\r\n")
        try client.startTLS()
        try client.send(post("x"))
        #expect(try client.response().status == 200)
    }

    @Test func `limits the time that a handshake takes`() async throws {
        let test = try server()
        let client = try test.client()
        try await test.until { $0.readingHeader == 1 }
        try client.send([0x16, 0x03, 0x01])
        test.clock.advance(by: .seconds(10))
        #expect(try client.rest().isEmpty)
    }

    @Test func `ends a connection with a message, so that a cut can be told from an end`() throws {
        let test = try server { _, responder in
            let stream = responder.stream(200)
            _ = stream.offer(Array("abc".utf8))
            stream.finish()
        }
        let client = try test.client()
        try client.startTLS()
        try client.send("GET / HTTP/1.0\r\n\r\n")
        #expect(try client.response().text == "abc")
        #expect(client.gotGoodbye)
    }
}

/// Does what blocks on a thread of its own, and not on one that the tests share.
private func onThread<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
        Thread.detachNewThread { continuation.resume(with: Result { try work() }) }
    }
}

extension TestServer {
    fileprivate init(configure: (inout ServerConfiguration) -> Void) throws {
        try self.init(["127.0.0.1:0"], configure: configure)
    }
}
