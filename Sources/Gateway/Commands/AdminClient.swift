import EventStore
import Glibc
public import JSON
public import Model
import Sprinklr

/// Asks the admin API: over the Unix socket of the gateway that runs, or, when none does, in this process.
public struct AdminClient: Sendable {
    /// Why the API did not answer as asked.
    public struct Failed: Error, CustomStringConvertible {
        public let description: String

        public init(_ description: String) {
            self.description = description
        }
    }

    private enum Way: Sendable {
        case socket(path: String, HTTPClient)
        case inProcess(AdminAPI, SQLiteEventStore)
    }

    private let way: Way

    /// Whether a gateway is running that answers.
    public var isLive: Bool {
        if case .socket = way { true } else { false }
    }

    /// The gateway that listens at this socket.
    public init(liveAt socketPath: String) throws {
        guard Self.isSomebodyListening(at: socketPath) else {
            throw Failed("no gateway is running: nobody listens at \(socketPath)")
        }
        way = .socket(path: socketPath, try HTTPClient())
    }

    /// The gateway of a config, which must be running.
    public init(liveGatewayOf path: String, socket: String?) throws {
        let config = try GatewayConfig.load(path, isDry: true, examples: .skipped)
        try self.init(liveAt: config.socketPath(overridden: socket))
    }

    /// The gateway of a config, or, when it is not running, its store.
    public init(config path: String, socket: String?) throws {
        let config = try GatewayConfig.load(path, isDry: true, examples: .skipped)
        let socketPath = config.socketPath(overridden: socket)
        if Self.isSomebodyListening(at: socketPath) {
            way = .socket(path: socketPath, try HTTPClient())
            return
        }
        guard access(config.storePath, F_OK) == 0 else {
            throw Failed("no gateway is running, and there is no store at \(config.storePath)")
        }
        let store = try SQLiteEventStore(path: config.storePath)
        way = .inProcess(AdminAPI(store: store, configured: Places(config)), store)
    }

    /// The JSON of a 2xx answer.
    public func get(_ path: String, _ query: [(String, String)] = []) async throws -> JSONValue {
        try await send("GET", path, query)
    }

    /// The JSON of a 2xx answer.
    public func post(_ path: String, _ query: [(String, String)] = []) async throws -> JSONValue {
        try await send("POST", path, query)
    }

    /// The JSON of a 2xx answer.
    public func send(_ method: String, _ path: String, _ query: [(String, String)]) async throws -> JSONValue {
        let answer = await ask(method, path, query)
        guard (200..<300).contains(answer.status) else { throw Self.failure(answer) }
        return try JSONValue.parse(answer.body)
    }

    /// Makes deliveries of an event; those that were made, as the API tells of them.
    public func add(_ drafts: [DeliveryDraft], to event: EventID, isForced: Bool) async throws -> [JSONValue] {
        let body = JSONValue.object([("deliveries", .array(drafts.map(\.json)))])
        let answer = await ask(
            "POST",
            "/api/events/\(event)/deliveries",
            isForced ? [("force", "true")] : [],
            body: body.serialized()
        )
        guard answer.status == 200 else { throw Self.failure(answer) }
        return try JSONValue.parse(answer.body)["deliveries"]?.elements ?? []
    }

    /// Any answer, as it is.
    public func ask(
        _ method: String,
        _ path: String,
        _ query: [(String, String)] = [],
        body: [UInt8] = []
    ) async -> Answer {
        switch way {
        case .inProcess(let api, _):
            return api.answer(AdminAPI.Request(method, path, query: Dictionary(query) { $1 }, body: body))
        case .socket(let socketPath, let http):
            let parameters = query.map { $0.0 + "=" + Self.escaped($0.1) }.joined(separator: "&")
            let url = "http://localhost" + path + (parameters.isEmpty ? "" : "?" + parameters)
            let call = HTTPCall(
                method,
                url,
                socketPath: socketPath,
                fields: body.isEmpty ? [] : [Field("Content-Type", "application/json")],
                body: body,
                timeout: .seconds(60),
                bodyLimit: 256 << 20
            )
            switch await http.send(call) {
            case .answered(let answer):
                return Answer(answer.status, fields: answer.fields, body: answer.body)
            case .failed(let failure):
                return Problem(503, "No answer from the gateway", failure.message).answer(id: "-")
            }
        }
    }

    public func close() async throws {
        switch way {
        case .socket(_, let http): await http.close(within: .zero)
        case .inProcess(_, let store): try store.close()
        }
    }

    static func failure(_ answer: Answer) -> Failed {
        let problem = try? JSONValue.parse(answer.body)
        return Failed(problem?["detail"]?.stringValue ?? "the admin API answered \(answer.status)")
    }

    /// A socket file may have outlived its gateway; only a connection tells.
    private static func isSomebodyListening(at path: String) -> Bool {
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { return false }
        defer { Glibc.close(descriptor) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else { return false }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
            }
        }
    }

    /// Every byte escaped that RFC 3986 section 2.3 does not call unreserved.
    private static func escaped(_ text: String) -> String {
        text.utf8.reduce(into: "") { escaped, byte in
            let scalar = Unicode.Scalar(byte)
            if scalar.isASCII,
                Character(scalar).isLetter || Character(scalar).isNumber || "-._~".contains(Character(scalar))
            {
                escaped.unicodeScalars.append(scalar)
            } else {
                escaped += "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            }
        }
    }
}
