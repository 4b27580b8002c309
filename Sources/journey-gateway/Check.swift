import ArgumentParser
import Gateway

struct Check: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Check the config, its rules and their examples.",
        discussion: "Every mistake is named with file, line and column; exit 1 when there is one."
    )

    @OptionGroup var config: ConfigOption

    @Flag(help: "Check it as for serve --dry-run: credentials may be missing.")
    var dryRun = false

    func run() async throws {
        try await reportingFailure {
            let config = try GatewayConfig.load(config.path, isDry: dryRun)
            for warning in config.warnings { complain("\(warning)") }
            print("\(self.config.path): \(config.summary)")
        }
    }
}
