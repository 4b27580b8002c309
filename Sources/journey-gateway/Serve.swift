import ArgumentParser
import Gateway
import Glibc
import HTTPServer
import Logging
import ServiceLifecycle
import UnixSignals

struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Receive webhooks and deliver, until SIGTERM.",
        discussion: "SIGHUP reloads the config: all of it, or, when it has a mistake, nothing."
    )

    @OptionGroup var config: ConfigOption

    @Option(help: "Listen here in place of the config's listen: 0.0.0.0:8080, [::]:8080, unix:/path. May be repeated.")
    var listen: [String] = []

    @Option(help: "Serve the admin API here in place of the config's admin.listen.")
    var admin: String?

    @Option(help: "Keep events in this SQLite file in place of the config's store.")
    var store: String?

    @Option(help: "The admin API's Unix socket. Default: admin.sock beside the store.")
    var socket: String?

    @Flag(help: "Deliver to the built-in sandbox: no credentials are needed, and nothing leaves this machine.")
    var dryRun = false

    @Flag(help: "Take a config whose examples fail, with a warning for each.")
    var allowFailingExamples = false

    @Flag(help: "Reload when the config or a file it names changes.")
    var watch = false

    @Flag(
        inversion: .prefixedNo,
        help: "Show each event's way on standard output. Default: when that is a terminal."
    )
    var follow: Bool?

    @Option(help: "The least level that is logged: debug, info, notice, warning, error.", transform: Self.level)
    var logLevel = Logger.Level.info

    private static func level(_ text: String) throws -> Logger.Level {
        guard let level = Logger.Level(rawValue: text) else {
            throw ValidationError("'\(text)' is no level: debug, info, notice, warning, error")
        }
        return level
    }

    func run() async throws {
        try await reportingFailure {
            var options = GatewayOptions(configPath: config.path)
            options.listen = try listen.map { try ListenAddress($0) }
            options.adminListen = try admin.map { try ListenAddress($0) }
            options.storePath = store
            options.socketPath = socket
            options.isDryRun = dryRun
            options.examples = allowFailingExamples ? .mayFail : .mustPass
            options.watches = watch
            let follow = follow ?? (isatty(STDOUT_FILENO) == 1)
            options.isFollowed = follow
            options.programName = CommandLine.arguments[0]
            // Who follows on a terminal reads there whatever happens; the log would tell the same twice.
            let level = follow && isatty(STDERR_FILENO) == 1 ? .critical : logLevel
            let logger = Logger(label: "journey-gateway") { _ in JSONLogHandler(level: level) }
            // What the store and its socket hold is for this user alone.
            umask(0o077)
            let gateway = try RunningGateway(options, logger: logger)
            var quiet = logger
            quiet.logLevel = .warning
            let services = ServiceGroup(
                services: [gateway],
                gracefulShutdownSignals: [.sigterm, .sigint],
                logger: quiet
            )
            try await withThrowingTaskGroup { group in
                let hangUps = await UnixSignalsSequence(trapping: .sighup)
                group.addTask { await reload(gateway, or: services, on: hangUps) }
                try await services.run()
                group.cancelAll()
            }
        }
    }

    /// SIGHUP asks for a reload, unless it says that the terminal which was followed on is gone: then nobody could end
    /// the gateway any more but by its number.
    private func reload(_ gateway: RunningGateway, or services: ServiceGroup, on hangUps: UnixSignalsSequence) async {
        let hadTerminal = isatty(STDOUT_FILENO) == 1
        for await _ in hangUps {
            if hadTerminal, isatty(STDOUT_FILENO) == 0 {
                await services.triggerGracefulShutdown()
            } else {
                _ = gateway.reload()
            }
        }
    }
}
