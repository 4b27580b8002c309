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

    func run() async throws {
        try await reportingFailure {
            let report = ExampleReport(try GatewayConfig.load(config.path, isDry: true, runsExamples: false))
            Terminal.write(report.text(isColoured: isatty(STDOUT_FILENO) == 1))
            if let junit { try OutputFile.write(report.junit, to: junit) }
            if report.failureCount > 0 { throw ExitCode.failure }
        }
    }
}
