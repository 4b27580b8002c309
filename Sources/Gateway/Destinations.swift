import Delivery
import EventStore
import HTTPServer
import Model
import Sandbox
import Sprinklr

/// The destinations of a running gateway, each with its deliverer; a dry one with the sandbox in its place.
struct Destinations: Sendable {
    private let running: [RunningDestination]
    private let http: HTTPClient

    /// Starts the sandboxes; nothing is sent before `run`.
    init(
        _ configs: [DestinationConfig],
        store: any EventStore,
        writer: Writer,
        now: @escaping @Sendable () -> Timestamp,
        notify: @escaping @Sendable (Notice) -> Void
    ) throws {
        let http = try HTTPClient()
        self.http = http
        running = try configs.map { config in
            let sandbox = config.delivery.isDryRun ? try SandboxInPlace(of: config, now: now) : nil
            if let sandbox {
                notify(.operation(.sandboxInPlace(address: sandbox.baseURL.description, destination: config.name)))
            }
            let name = config.name
            let tokens = Tokens(
                config.credentials,
                stored: try store.setting(DeliveryEngine.tokenSetting(destination: name)),
                renewing: try store.setting(DeliveryEngine.renewalSetting(destination: name))
            )
            let deliverer = Deliverer(
                settings: config.delivery,
                client: config.client(http, sandbox: sandbox, now: now),
                tokens: tokens,
                store: store,
                writer: writer,
                now: now,
                seed: UInt64.random(in: .min ... .max),
                notify: notify
            )
            return RunningDestination(name: name, deliverer: deliverer, sandbox: sandbox, now: now)
        }
    }

    /// Delivers until `drain`.
    func run() async throws {
        try await withThrowingTaskGroup { group in
            for destination in running { group.addTask { try await destination.deliverer.run() } }
            try await group.waitForAll()
        }
    }

    /// Hands over deliveries that are on disk, each to its destination.
    func appended(_ deliveries: [Delivery]) {
        for destination in running {
            let own = deliveries.filter { $0.destination == destination.name }
            if !own.isEmpty { destination.deliverer.appended(own) }
        }
    }

    /// Calls that begin from now on are made by these settings. The names are the same as before.
    func reconfigure(_ configs: [DestinationConfig]) {
        for config in configs {
            guard let destination = running.first(where: { $0.name == config.name }) else { continue }
            destination.deliverer.reconfigure(
                config.delivery,
                client: config.client(http, sandbox: destination.sandbox, now: destination.now),
                credentials: config.credentials
            )
        }
    }

    /// Starts no further calls and waits for those under way.
    func drain(within patience: Duration) async {
        await withTaskGroup { group in
            for destination in running { group.addTask { await destination.deliverer.drain(within: patience) } }
        }
        await http.close(within: .zero)
        for destination in running { await destination.sandbox?.sandbox.stop(within: .zero) }
    }

    /// The deliverer of a destination; nil when there is none of this name.
    func deliverer(of name: String) -> Deliverer? {
        running.first { $0.name == name }?.deliverer
    }

    var statuses: [GatewayStatus.Destination] { running.map(\.deliverer.status) }
}

private struct RunningDestination: Sendable {
    let name: String
    let deliverer: Deliverer
    let sandbox: SandboxInPlace?
    let now: @Sendable () -> Timestamp
}

/// A sandbox on a port of its own, with the quota of the destination in whose place it stands.
private struct SandboxInPlace: Sendable {
    let sandbox: Sandbox
    let baseURL: BaseURL

    init(of config: DestinationConfig, now: @escaping @Sendable () -> Timestamp) throws {
        var settings = SandboxSettings()
        settings.perSecond = config.delivery.quota.perSecond
        settings.perHour = config.delivery.quota.perHour
        settings.hour = config.delivery.quota.hour
        sandbox = Sandbox(settings, now: { .milliseconds(now().milliseconds) })
        let address = try sandbox.start(listen: ListenAddress("127.0.0.1:0"))
        baseURL = try BaseURL("http://\(address)")
    }
}

extension DestinationConfig {
    fileprivate func client(
        _ http: HTTPClient,
        sandbox: SandboxInPlace?,
        now: @escaping @Sendable () -> Timestamp
    ) -> SprinklrClient {
        var settings = sprinklr
        if let sandbox { settings.baseURL = sandbox.baseURL }
        return SprinklrClient(settings, http: http, now: now)
    }
}
