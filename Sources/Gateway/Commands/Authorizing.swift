import Delivery
import EventStore
import Model
import Sprinklr

/// Authorizes a destination: through the gateway that runs, or, when none does, by itself on the gateway's store.
public struct Authorizing: Sendable {
    private enum Way: Sendable {
        case gateway(AdminClient)
        case alone(DestinationConfig, SQLiteEventStore, HTTPClient)
    }

    private let way: Way
    private let destination: String
    public let page: AuthorizationPage

    /// - Parameter destination: nil: the only one there is.
    public init(config path: String, socket: String?, destination name: String?) async throws {
        let config = try GatewayConfig.load(path, isDry: false, examples: .skipped)
        let known = config.destinations.map(\.name)
        guard let found = config.destinations.first(where: { name == nil ? known.count == 1 : $0.name == name }) else {
            throw AdminClient.Failed("name one destination: \(known.joined(separator: ", "))")
        }
        destination = found.name
        if let client = try? AdminClient(liveAt: config.socketPath(overridden: socket)) {
            way = .gateway(client)
            guard let page = AuthorizationPage(try await client.get("/api/authorization/" + found.name)) else {
                throw AdminClient.Failed("the gateway that runs is of another version")
            }
            self.page = page
        } else {
            guard let page = AuthorizationPage(found.sprinklr) else {
                throw AdminClient.Failed("\(found.name) has no oauth in the config; there is nothing to authorize")
            }
            self.page = page
            way = .alone(found, try SQLiteEventStore(path: config.makeStoreFolder()), try HTTPClient())
        }
    }

    /// Exchanges the code for tokens.
    ///
    /// - Returns: nil once they are on disk, else why there are none.
    public func authorize(_ code: String) async throws -> String? {
        switch way {
        case .gateway(let client):
            let answer = await client.ask("POST", "/api/authorization/" + destination, [("code", code)])
            return answer.status == 200 ? nil : AdminClient.failure(answer).description
        case .alone(let config, let store, let http):
            return try await exchange(code, config, store, http)
        }
    }

    public func close() async throws {
        switch way {
        case .gateway(let client): try await client.close()
        case .alone(_, let store, let http):
            await http.close(within: .zero)
            try store.close()
        }
    }

    /// As the engine does it: the call is on disk before it is made, and the tokens before they are used.
    private func exchange(
        _ code: String,
        _ config: DestinationConfig,
        _ store: SQLiteEventStore,
        _ http: HTTPClient
    ) async throws -> String? {
        guard let exchange = Tokens(config.credentials, stored: nil, renewing: nil).exchange(.authorizationCode(code))
        else { return "there is no oauth in the config" }
        let quota = config.delivery.quota
        let (now, bootTime) = (SystemClock.now(), SystemClock.bootTime())
        let span = config.delivery.quotaMemory
        let hour = try store.calls(destination: destination, since: now - span, bootTime: bootTime.map { $0 - span })
        guard hour.count < quota.perHour else {
            return "the quota leaves no call for it at the moment; try again later"
        }
        let id = CallID(destination: destination, number: try store.lastCall(destination: destination) + 1)
        let start = CallStart(call: id, kind: .token, started: now, bootTime: bootTime, attempts: [])
        _ = try store.commit([.start(start)])
        let client = SprinklrClient(config.sprinklr, http: http, now: SystemClock.now)
        let result = await client.requestTokens(exchange.grant, as: exchange.client)
        let new = exchange.newToken(of: result, at: SystemClock.now())
        let end = CallEnd(call: id, ended: SystemClock.now(), status: result.call.status, attempts: [])
        var changes: [Change] = [.finish(end)]
        if let new {
            let name = DeliveryEngine.tokenSetting(destination: destination)
            changes.append(.set(name: name, value: new.value))
            changes.append(.set(name: DeliveryEngine.renewalSetting(destination: destination), value: nil))
            changes += DeliveryEngine.resuming(
                try store.settings(prefix: DeliveryEngine.settingsPrefix(destination: destination)),
                destination: destination
            )
        }
        _ = try store.commit(changes)
        return new == nil ? result.call.reason : nil
    }
}
