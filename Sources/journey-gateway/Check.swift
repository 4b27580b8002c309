import ArgumentParser
import Gateway

struct Check: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Check the config, its rules and their examples.",
        discussion: "Every mistake is named with file, line and column; exit 1 when there is one."
    )

    @OptionGroup var config: ConfigOption

    @Flag(help: "Look at the clock, the disk, and each destination's name, TLS, credentials and journeys too.")
    var live = false

    @Option(help: "With --live: the admin API's Unix socket. Default: admin.sock beside the store.")
    var socket: String?

    @Flag(help: "Check it as for serve --dry-run: credentials may be missing.")
    var dryRun = false

    func run() async throws {
        try await reportingFailure {
            let config = try GatewayConfig.load(config.path, isDry: dryRun)
            for warning in config.warnings { complain("\(warning)") }
            Terminal.write("\(self.config.path): \(config.summary)")
            guard live else { return }
            let findings = try await LiveCheck(config, socket: socket).run()
            for finding in findings { Terminal.write(finding.text) }
            if findings.contains(where: { $0.verdict == .wrong }) { throw ExitCode.failure }
        }
    }
}
