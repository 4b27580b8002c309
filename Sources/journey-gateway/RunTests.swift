import ArgumentParser
import Gateway
import Glibc

struct RunTests: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "test",
        abstract: "Run the rules' examples; exit 1 when one fails."
    )

    @OptionGroup var config: ConfigOption

    @Option(help: "Write the results to this file as JUnit XML.", completion: .file())
    var junit: String?

    @Flag(help: "Show what failed examples would have to expect, and write it into the config after asking.")
    var update = false

    func run() async throws {
        try await reportingFailure {
            let rules = try GatewayConfig.load(config.path, isDry: true, examples: .skipped).rules
            let report = ExampleReport(rules)
            let isColoured = isatty(STDOUT_FILENO) == 1
            Terminal.write(report.text(isColoured: isColoured))
            if let junit { try OutputFile.write(report.junit, to: junit) }
            guard report.failureCount > 0 else { return }
            if !update { throw ExitCode.failure }
            try rewrite(ExpectationUpdate(configPath: config.path, report: report), isColoured: isColoured)
        }
    }

    private func rewrite(_ update: ExpectationUpdate, isColoured: Bool) throws {
        for obstacle in update.obstacles { complain(obstacle) }
        if update.edits.isEmpty { throw ExitCode.failure }
        Terminal.write(update.text(isColoured: isColoured))
        complain("Write this to \(config.path)? [y/N]")
        guard let answer = readLine(), ["y", "yes"].contains(answer.lowercased()) else { throw ExitCode.failure }
        try update.write()
        complain("\(update.edits.count) written; look whether it is what you want")
        if !update.obstacles.isEmpty { throw ExitCode.failure }
    }
}
