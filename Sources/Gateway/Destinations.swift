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
        opening: @escaping @Sendable (OpenHours, Timestamp) -> Timestamp,
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
                opening: opening,
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

    /// Hands over what is on disk, each to its destination: new deliveries, and earlier ones that the store has moved.
    func handOver(_ deliveries: [Delivery], moved: [Delivery] = []) {
        for destination in running {
            let own = deliveries.filter { $0.destination == destination.name }
            if !own.isEmpty { destination.deliverer.appended(own) }
            let ownMoved = moved.filter { $0.destination == destination.name }
            if !ownMoved.isEmpty { destination.deliverer.moved(ownMoved) }
        }
    }

    var names: [String] { running.map(\.name) }

    /// Asks one destination's engine for something; `done` is told once that is durable. False when there is no such
    /// destination.
    func ask(_ name: String, _ control: Control, _ done: @escaping @Sendable ([Delivery]) -> Void) -> Bool {
        guard let destination = running.first(where: { $0.name == name }) else { return false }
        destination.deliverer.control(control) { changed in
            // What was given to another destination is news to that one.
            self.handOver(changed.filter { $0.destination != name })
            done(changed)
        }
        return true
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

    /// The prospects of all queues, by destination.
    func forecasts(_ backlogs: [Backlog], _ rates: ArrivalRates) async -> [String: [GatewayStatus.Queue]] {
        var all: [String: [GatewayStatus.Queue]] = [:]
        for destination in running {
            let own = backlogs.filter { $0.destination == destination.name }
            let loads = own.map { backlog in
                let key = ArrivalRates.Key(destination: backlog.destination, queue: backlog.queue)
                return QueueLoad(queue: backlog.queue, waiting: backlog.owed, arrivalsPerHour: rates.perHour(key))
            }
            let forecasts = await destination.deliverer.forecast(loads)
            all[destination.name] = zip(loads, forecasts).map { load, forecast in
                GatewayStatus.Queue(
                    name: load.queue,
                    waiting: load.waiting,
                    arrivalsPerHour: load.arrivalsPerHour,
                    clearsAt: forecast.clearsAt,
                    beginsToExpireAt: forecast.beginsToExpireAt
                )
            }
        }
        return all
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
