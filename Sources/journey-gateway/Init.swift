import ArgumentParser
import Gateway

struct Init: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Write a config to begin with, or draft a rule.",
        subcommands: [InitConfig.self, InitRule.self],
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
struct InitRule: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rule",
        abstract: "Draft a rule from an event.",
        discussion: """
            Proposes the phone number or e-mail address found as snId, a condition on the topic, and likely \
            contextParams. The payload is kept as the rule's example, in examples/ beside the config; the rule is \
            printed, to be put under rules:.
            """
    )

    @OptionGroup var config: ConfigOption

    @Option(help: "The event's id, as events or serve --follow shows it.")
    var from: String

    @Option(help: "The admin API's Unix socket. Default: admin.sock beside the store.")
    var socket: String?

    func run() async throws {
        try await reportingFailure {
            let client = try AdminClient(config: config.path, socket: socket)
            let story = try await client.get("/api/events/\(from)")
            try await client.close()
            let draft = try RuleDraft(from: story, configPath: config.path)
            try draft.writeExample()
            complain("the payload is kept as \(draft.examplePath)")
            Terminal.write(draft.yaml)
        }
    }
}
