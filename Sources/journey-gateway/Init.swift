import ArgumentParser
import Gateway

struct Init: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Write a config to begin with, or draft a rule.",
        subcommands: [InitConfig.self],
        defaultSubcommand: InitConfig.self
    )
}

struct InitConfig: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config",
        abstract: "Write gateway.yaml and an example payload into a folder."
    )

    @Argument(help: "The folder; it is made when it is missing.")
    var folder = "."

    func run() async throws {
        try await reportingFailure {
            for path in try Starter.write(into: folder) { Terminal.write("wrote \(path)") }
        }
    }
}
