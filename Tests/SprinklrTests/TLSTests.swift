import Model
import Testing

@testable import Sprinklr

@Suite(.enabled(if: OpenSSL.isAvailable), .timeLimit(.minutes(1))) struct `A TLS connection` {
    private let certificates: Certificates
    private let ours: Certificates.Pair

    init() throws {
        certificates = try Certificates()
        ours = try certificates.make("server")
    }

    private func client(_ change: (inout HTTPClientSettings) -> Void = { _ in }) throws -> HTTPClient {
        var settings = HTTPClientSettings()
        settings.proxy = .none
        change(&settings)
        return try HTTPClient(settings)
    }

    private func outcome(_ failure: HTTPFailure) -> Outcome {
        CallResult(of: .failed(failure), unknownWhen: nil, at: Timestamp(milliseconds: 0)).outcome
    }

    @Test func `is made with an authority that we trust`() async throws {
        let server = try TLSServer(ours)
        let client = try client { $0.authoritiesPath = ours.certificate }
        let answer = try #require(await client.send(HTTPCall("GET", "https://127.0.0.1:\(server.port)/")).answer)
        #expect(answer.status == 200)
    }

    @Test func `is not made with another`() async throws {
        let server = try TLSServer(ours)
        let failure = try #require(
            await client().send(HTTPCall("GET", "https://127.0.0.1:\(server.port)/")).failure
        )
        #expect(failure.reason == .tls)
        #expect(failure.written == .nothing)
        #expect(outcome(failure) == .unsent)
    }

    @Test func `is not made with a certificate for another host`() async throws {
        let other = try certificates.make("other", for: "other.example.com")
        let server = try TLSServer(other)
        let client = try client { $0.authoritiesPath = other.certificate }
        let failure = try #require(await client.send(HTTPCall("GET", "https://127.0.0.1:\(server.port)/")).failure)
        #expect(failure.reason == .tls)
        #expect(failure.written == .nothing)
    }

    @Test func `is not made with TLS 1.1`() async throws {
        let server = try TLSServer(ours, ["-tls1_1", "-cipher", "DEFAULT@SECLEVEL=0"])
        let client = try client { $0.authoritiesPath = ours.certificate }
        let failure = try #require(await client.send(HTTPCall("GET", "https://127.0.0.1:\(server.port)/")).failure)
        #expect(failure.reason == .tls)
        #expect(failure.written == .nothing)
    }

    @Test func `is not made when the authorities cannot be read`() async throws {
        let client = try client { $0.authoritiesPath = "/nowhere/authorities.pem" }
        let server = try TLSServer(ours)
        let failure = try #require(await client.send(HTTPCall("GET", "https://127.0.0.1:\(server.port)/")).failure)
        #expect(failure.reason == .tls)
        #expect(failure.message.contains("/nowhere/authorities.pem"))
    }

    @Test(arguments: ["-tls1_2", "-tls1_3"])
    func `shows our certificate to who asks for it`(version: String) async throws {
        let mine = try certificates.make("client")
        let server = try TLSServer(
            ours,
            [version, "-Verify", "1", "-verify_return_error", "-CAfile", mine.certificate]
        )
        let call = HTTPCall("GET", "https://127.0.0.1:\(server.port)/")
        let known = try client {
            $0.authoritiesPath = ours.certificate
            $0.clientCertificate = .init(certificatePath: mine.certificate, keyPath: mine.key)
        }
        #expect(await known.send(call).answer?.status == 200)
        // Refused, and the request unread: nothing to be unsure about.
        let nameless = try client { $0.authoritiesPath = ours.certificate }
        let refused = try #require(await nameless.send(call).failure)
        #expect(refused.reason == .tls)
        #expect(outcome(refused) == .unsent)
        let stranger = try certificates.make("stranger")
        let unknown = try client {
            $0.authoritiesPath = ours.certificate
            $0.clientCertificate = .init(certificatePath: stranger.certificate, keyPath: stranger.key)
        }
        let rejected = try #require(await unknown.send(call).failure)
        #expect(rejected.reason == .tls)
        #expect(outcome(rejected) == .unsent)
    }
}

@Suite(.timeLimit(.minutes(1))) struct `A proxy` {
    private func client(_ proxy: HTTPClientSettings.Proxy, authoritiesPath: String? = nil) throws -> HTTPClient {
        var settings = HTTPClientSettings()
        settings.proxy = proxy
        settings.authoritiesPath = authoritiesPath
        return try HTTPClient(settings)
    }

    @Test func `is told the whole URL, and our credentials`() async throws {
        let proxy = try ScriptedServer.answering("HTTP/1.1 204 No Content\r\n\r\n")
        let client = try client(.url("http://ana:s%3Acret@127.0.0.1:\(proxy.port)"))
        let call = HTTPCall("POST", "http://api.example.com/a", body: [0x31])
        #expect(await client.send(call).answer?.status == 204)
        let request = try #require(proxy.requests.first)
        #expect(request.line == "POST http://api.example.com/a HTTP/1.1")
        #expect(request.field("Proxy-Authorization") == "Basic YW5hOnM6Y3JldA==")
        #expect(request.field("Host") == "api.example.com")
        #expect(request.text == "1")
    }

    @Test(arguments: [403, 407, 502])
    func `that refuses the way has not seen the call`(status: Int) async throws {
        let proxy = try ScriptedServer { connection in
            _ = connection.readHead()
            connection.write("HTTP/1.1 \(status) No\r\nContent-Length: 0\r\n\r\n")
        }
        let client = try client(.url("http://127.0.0.1:\(proxy.port)"))
        let failure = try #require(await client.send(HTTPCall("POST", "https://api.example.com/", body: [1])).failure)
        #expect(failure.reason == .proxy)
        #expect(failure.written == .nothing)
    }

    @Test func `that ends the connection has not seen the call`() async throws {
        let proxy = try ScriptedServer { _ = $0.readHead() }
        let client = try client(.url("http://127.0.0.1:\(proxy.port)"))
        let failure = try #require(await client.send(HTTPCall("POST", "https://api.example.com/", body: [1])).failure)
        #expect(failure.reason == .proxy)
        #expect(failure.written == .nothing)
    }

    @Test func `that nobody runs has not seen the call`() async throws {
        let client = try client(.url("http://127.0.0.1:\(try closedPort())"))
        let failure = try #require(await client.send(HTTPCall("POST", "https://api.example.com/")).failure)
        #expect(failure.reason == .connect)
        #expect(failure.written == .nothing)
    }

    @Test(.enabled(if: OpenSSL.isAvailable)) func `makes a way for TLS`() async throws {
        let certificates = try Certificates()
        let pair = try certificates.make("server")
        let server = try TLSServer(pair)
        let port = server.port
        let proxy = try ScriptedServer { connection in
            guard connection.readHead() != nil else { return }
            connection.write("HTTP/1.1 200 Connection established\r\nX-Proxy: 1\r\n\r\n")
            connection.relay(toPort: port)
        }
        let client = try client(.url("http://127.0.0.1:\(proxy.port)"), authoritiesPath: pair.certificate)
        let answer = try #require(await client.send(HTTPCall("GET", "https://127.0.0.1:\(port)/")).answer)
        #expect(answer.status == 200)
        #expect(answer.field("X-Proxy") == nil)
    }

    /// In a process of its own: the environment belongs to all.
    @Test func `is taken from the environment`() async {
        await #expect(processExitsWith: .success) {
            let proxy = try ScriptedServer { connection in
                guard let head = connection.readHead() else { return }
                let isExpected =
                    head.line == "CONNECT api.example.com:443 HTTP/1.1"
                    && head.field("Proxy-Authorization") == "Basic YW5hOnNlY3JldA=="
                connection.write("HTTP/1.1 \(isExpected ? 418 : 500) No\r\nContent-Length: 0\r\n\r\n")
            }
            setEnvironment("HTTPS_PROXY", "http://ana:secret@127.0.0.1:\(proxy.port)")
            setEnvironment("http_proxy", "http://127.0.0.1:\(proxy.port)")
            let client = try HTTPClient()
            let failure = await client.send(HTTPCall("POST", "https://api.example.com/")).failure
            #expect(failure?.reason == .proxy)
            #expect(failure?.message.contains("418") == true)
            // What is on this machine is reached without it.
            let direct = try ScriptedServer.answering("HTTP/1.1 204 No Content\r\n\r\n")
            #expect(await client.send(HTTPCall("POST", direct.url)).answer?.status == 204)
        }
    }
}
