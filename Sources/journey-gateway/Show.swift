import ArgumentParser
import Gateway
import JSON
import Model

struct Show: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show what the config may name, and how the gateway is.",
        subcommands: [ShowFunctions.self, ShowPresets.self, ShowSchema.self, ShowStatus.self]
    )
}

struct ShowFunctions: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "functions",
        abstract: "The functions of expressions, with examples."
    )

    @Flag(help: "As a page in Markdown.")
    var markdown = false

    func run() { Terminal.write(markdown ? Reference.functionsPage() : Reference.functions()) }
}

struct ShowPresets: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "presets",
        abstract: "The senders whose webhooks are known."
    )

    func run() { Terminal.write(Reference.presets()) }
}

struct ShowSchema: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schema",
        abstract: "The config's vocabulary as a JSON Schema, for editors."
    )

    func run() { Terminal.write(GatewayConfig.schema.text) }
}

struct ShowStatus: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "How the gateway is; exit 1 when it takes no events."
    )

    @OptionGroup var config: ConfigOption

    @Option(help: "The admin API's Unix socket. Default: admin.sock beside the store.")
    var socket: String?

    func run() async throws {
        try await reportingFailure {
            let client = try AdminClient(liveGatewayOf: config.path, socket: socket)
            let answer = await client.ask("GET", "/api/status")
            try await client.close()
            Terminal.write(String(decoding: answer.body, as: UTF8.self))
            if answer.status != 200 { throw ExitCode.failure }
        }
    }
}
