import Glibc
import HTTPTypes
import Testing

@testable import HTTPServer

/// The raw HTTP cases, sent to the server through a proxy. The proxy writes into each request how it understood it; a
/// request that reaches the handler without that, or with something else in it, was smuggled past the proxy.
@Suite struct `A request through a proxy` {
    @Test(.enabled(if: RawHTTPSuite.canRun && Proxy.nginx.isInstalled))
    func `reaches the handler as nginx understood it`() async throws {
        try await expectNothingIsSmuggled(past: .nginx)
    }

    @Test(.enabled(if: RawHTTPSuite.canRun && Proxy.haproxy.isInstalled))
    func `reaches the handler as HAProxy understood it`() async throws {
        try await expectNothingIsSmuggled(past: .haproxy)
    }

    private func expectNothingIsSmuggled(past proxy: Proxy) async throws {
        let seen = Lock<[Seen]>([])
        let test = try TestServer { request, responder in
            seen.withLock { $0.append(Seen(request)) }
            TestServer.accept(request, responder)
        } configure: {
            $0.clock = SystemClock()
            $0.trustedProxies = [AddressBlock("127.0.0.1")].compactMap(\.self)
            $0.expectsProxyHeader = proxy.sendsProxyHeader
        }
        let running = try RunningProxy(proxy, to: test.address)
        let (_, lines) = try await RawHTTPSuite.run(["--echo", "--jobs", "16", running.address, "/hook"])
        #expect(lines.contains { $0.hasPrefix("level must") }, "the suite ran")
        #expect(lines.filter { $0.contains("body: got") } == [], "a body came back as another")
        let requests = seen.withLock { $0 }
        #expect(requests.count > 300)
        #expect(requests.filter { !$0.isAsUnderstood } == [])
        #expect(Set(requests.flatMap(\.ids)).count == requests.count, "each request was sent on once")
    }

    /// A request at the handler, and what the proxy says of it.
    private struct Seen: Equatable {
        var method: String
        var target: String
        var peer: String
        var ids: [String]
        var understood: [String]

        init(_ request: Request) {
            method = request.method.rawValue
            target = request.target
            peer = request.peer
            ids = request.rawFields.filter { $0.name.lowercased() == "x-proxy-id" }.map(\.value)
            understood = ["x-proxy-method", "x-proxy-target"].map { request.field($0) ?? "" }
        }

        /// nginx leaves the slash of `http://host?query` out of its own account (RFC 9110 section 4.2.3: they are equal).
        var isAsUnderstood: Bool {
            ids.count == 1 && peer == "127.0.0.1"
                && (understood == [method, target]
                    || understood.map { $0.hasPrefix("?") ? "/" + $0 : $0 } == [method, target])
        }
    }
}

/// A proxy of Debian's, and how it is told to say what it understood.
private struct Proxy: Sendable {
    var program: String
    var sendsProxyHeader: Bool
    /// The command that starts it in the background, in the folder with its configuration.
    var start: String
    var configuration: @Sendable (_ port: UInt16, _ server: ListenAddress) -> String

    var isInstalled: Bool { access(program, X_OK) == 0 }

    static let nginx = Proxy(
        program: "/usr/sbin/nginx",
        sendsProxyHeader: false,
        start: "/usr/sbin/nginx -p \"$PWD\" -e error.log -c proxy.conf"
    ) { port, server in
        """
        worker_processes 1; pid proxy.pid; error_log error.log;
        events {}
        http {
            access_log off;
            client_body_temp_path body; proxy_temp_path proxied;
            fastcgi_temp_path fastcgi; uwsgi_temp_path uwsgi; scgi_temp_path scgi;
            upstream server { server \(server); keepalive 8; }
            server {
                listen 127.0.0.1:\(port);
                location / {
                    proxy_pass http://server;
                    proxy_http_version 1.1;
                    proxy_set_header Connection "";
                    proxy_set_header Host $http_host;
                    proxy_set_header X-Proxy-Id $request_id;
                    proxy_set_header X-Proxy-Method $request_method;
                    proxy_set_header X-Proxy-Target $request_uri;
                }
            }
        }

        """
    }

    static let haproxy = Proxy(
        program: "/usr/sbin/haproxy",
        sendsProxyHeader: true,
        start: "/usr/sbin/haproxy -D -p proxy.pid -f proxy.conf"
    ) { port, server in
        """
        defaults
            mode http
            timeout connect 5s
            timeout client 5s
            timeout server 5s
        frontend door
            bind 127.0.0.1:\(port)
            http-request set-header X-Proxy-Id %[uuid]
            http-request set-header X-Proxy-Method %[method]
            http-request set-header X-Proxy-Target %[url]
            default_backend server
        backend server
            http-reuse always
            server server \(server) send-proxy-v2

        """
    }
}

/// A proxy in front of a server, until this goes.
private final class RunningProxy {
    let address: String
    private let folder = "/tmp/journey-gateway-proxy-\(getpid())-\(UInt32.random(in: 0...9_999_999))"

    init(_ proxy: Proxy, to server: ListenAddress) throws {
        let port = try Self.freePort()
        address = "127.0.0.1:\(port)"
        guard mkdir(folder, 0o700) == 0, let file = fopen(folder + "/proxy.conf", "w") else {
            throw TestClient.Failure(call: "mkdir")
        }
        fputs(proxy.configuration(port, server), file)
        fclose(file)
        let status = system("cd '\(folder)' && \(proxy.start) > start.log 2>&1")
        guard status == 0 else { throw TestClient.Failure(call: proxy.start, code: status) }
    }

    deinit {
        _ = system("cd '\(folder)' && kill $(cat proxy.pid); rm -rf '\(folder)'")
    }

    /// A port that was free just now.
    private static func freePort() throws -> UInt16 {
        let listener = try Listener(ListenAddress("127.0.0.1:0"), index: 0, backlog: 1, sharesPort: false)
        return listener.address.port
    }
}
