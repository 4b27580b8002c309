import COpenSSL
import Dispatch
import HTTPServer
import HTTPTypes
import Model

/// Serves the admin API on its own port, behind a bearer token, and on a Unix socket whose file permissions stand for
/// the token.
struct AdminServer: Sendable {
    struct Settings: Sendable {
        /// Nil: the Unix socket alone.
        var listen: ListenAddress?
        /// Without one the port answers `/healthz` and `/readyz` only.
        var token: Secret?
        /// Whether `/metrics` is read without the token.
        var isMetricsOpen: Bool
        var socketPath: String
    }

    private let settings: Settings
    private let api: AdminAPI
    /// Where answers that wait for the disk are made.
    private let queue = DispatchQueue(label: "Gateway.AdminServer", attributes: .concurrent)
    private let makeID: @Sendable () -> String

    init(_ settings: Settings, api: AdminAPI, makeID: @escaping @Sendable () -> String) {
        self.settings = settings
        self.api = api
        self.makeID = makeID
    }

    /// The server, and which of its listeners is the Unix socket: the first.
    func makeServer() -> HTTPServer {
        let listeners =
            [ListenAddress.unix(path: settings.socketPath, mode: 0o600)] + (settings.listen.map { [$0] } ?? [])
        let configuration = ServerConfiguration(listeners: listeners, makeID: makeID)
        return HTTPServer(configuration) { [self] request, responder in receive(request, responder) }
    }

    private func receive(_ request: Request, _ responder: Responder) {
        let isTrusted = request.listener == 0 || hasToken(request)
        let path = request.path
        switch (request.method, path) {
        case (.get, "/healthz"), (.head, "/healthz"):
            responder.respond(Response(200, text: "ok\n"))
        case (.get, "/readyz"), (.head, "/readyz"):
            responder.respond(Response(api.status(detailed: isTrusted)))
        case (.get, "/metrics") where settings.isMetricsOpen || isTrusted:
            answer(request, responder)
        case _ where isTrusted:
            answer(request, responder)
        default:
            let detail =
                settings.token == nil
                ? "This port has no admin.token, so it answers /healthz and /readyz only."
                : "Send the admin token: Authorization: Bearer …"
            let problem = Problem(
                401,
                "Not authorized",
                detail,
                fields: [Field("WWW-Authenticate", #"Bearer realm="journey-gateway""#)]
            )
            responder.respond(Response(problem.answer(id: makeID())))
        }
    }

    private func answer(_ request: Request, _ responder: Responder) {
        let asked = AdminAPI.Request(
            request.method.rawValue,
            request.path,
            query: AdminQuery.parse(request.query ?? ""),
            body: request.body
        )
        queue.async { @Sendable in responder.respond(Response(api.answer(asked))) }
    }

    private func hasToken(_ request: Request) -> Bool {
        guard let token = settings.token, let given = request.field("Authorization") else { return false }
        // RFC 9110 section 11.1: the scheme's name is case-insensitive.
        let parts = given.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, parts[0].lowercased() == "bearer" else { return false }
        let expected = Array(token.reveal.utf8)
        let bytes = Array(parts[1].utf8)
        // Equal lengths first: CRYPTO_memcmp compares so many bytes in a time that tells nothing of them.
        return bytes.count == expected.count && CRYPTO_memcmp(bytes, expected, expected.count) == 0
    }
}
