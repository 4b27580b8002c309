import Dispatch
public import HTTPServer
import HTTPTypes

/// A stand-in for the journey trigger API, to try everything without an account.
///
/// It checks calls as the API's document says, enforces a quota with the API's own refusals, and can be told to fail.
/// Under `/sandbox/` it shows its calls (`GET` and `DELETE /sandbox/calls`, `GET /sandbox/stats`) and takes faults
/// (`POST`, `GET` and `DELETE /sandbox/faults`). `DELETE /sandbox/tokens` revokes the tokens that it gave.
public final class Sandbox: Sendable {
    private let state: Lock<SandboxState>
    private let server = Lock<HTTPServer?>(nil)
    private let now: @Sendable () -> Duration
    private let delays = DispatchQueue(label: "journey-gateway.sandbox")

    /// - Parameter now: the time since 1970.
    public init(_ settings: SandboxSettings = SandboxSettings(), now: @escaping @Sendable () -> Duration) {
        state = Lock(SandboxState(settings))
        self.now = now
    }

    /// Listens, and answers calls until `stop`, or until the sandbox is let go.
    ///
    /// - Returns: the address with the port that was given to it. With `127.0.0.1:0` any free one is.
    /// - Throws: what `HTTPServer.start` throws.
    /// - Precondition: it has not been started before.
    public func start(listen address: ListenAddress) throws -> ListenAddress {
        var configuration = ServerConfiguration(listeners: [address]) { "sandbox" }
        configuration.limits.body = 4 * 1_024 * 1_024
        let server = HTTPServer(configuration) { [weak self] request, responder in
            self?.answer(request, responder)
        }
        let isFirst = self.server.withLock { running in
            guard running == nil else { return false }
            running = server
            return true
        }
        precondition(isFirst, "a sandbox starts once")
        return try server.start().first ?? address
    }

    /// Stops listening and finishes the calls under way.
    public func stop(within patience: Duration) async {
        await server.withLock { $0 }?.drain(within: patience)
    }

    /// The newest calls, oldest first.
    public var calls: [RecordedCall] { state.withLock { Array($0.log.calls) } }

    public var statistics: SandboxStatistics { state.withLock { $0.statistics } }

    /// Forgets the calls and what was counted of them; the quota goes on as it was.
    public func forgetCalls() { state.withLock { $0.forgetCalls() } }

    /// Adds faults behind those that are in force.
    ///
    /// - Precondition: there are at most a thousand with these.
    public func fail(_ faults: SandboxFault...) {
        let isTaken = state.withLock { $0.faults.add(faults) }
        precondition(isTaken, "too many faults")
    }

    public func stopFailing() { state.withLock { $0.faults.removeAll() } }

    private func answer(_ request: Request, _ responder: Responder) {
        let request = SandboxRequest(
            method: request.method.rawValue,
            path: request.path,
            query: request.query ?? "",
            fields: Array(request.rawFields),
            body: request.body
        )
        let moment = now()
        let reply = state.withLock { state in
            state.control(request).map { SandboxReply(form: .answer($0)) } ?? state.receive(request, at: moment)
        }
        guard reply.delay > .zero else { return perform(reply, responder) }
        delays.asyncAfter(deadline: .now() + .milliseconds(Int(reply.delay.milliseconds))) {
            self.perform(reply, responder)
        }
    }

    private func perform(_ reply: SandboxReply, _ responder: Responder) {
        switch reply.form {
        case .answer(let answer):
            var response = Response(answer.status, body: answer.body)
            for field in answer.fields {
                guard let name = HTTPField.Name(field.name) else { continue }
                response.fields.append(HTTPField(name: name, value: field.value))
            }
            responder.respond(response)
        case .raw, .drop: _ = responder.stream(200)
        }
    }
}
