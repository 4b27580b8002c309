import ArgumentParser
import Gateway
import JSON
import Model
import Rules

struct Replay: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Map events of the past by the rules as they are now, and show what would differ.",
        discussion: """
            The rules are those of --config, which need not be the config that is in force. Asks the gateway that runs, \
            over its Unix socket; when none runs, reads its store.
            """
    )

    @OptionGroup var config: ConfigOption

    @Argument(help: "Ids of events; or say --since.")
    var events: [String] = []

    @Option(help: "All events received since then: 2026-01-31T09:30:00Z.", transform: Self.moment)
    var since: Timestamp?

    @Option(help: "Only events received before then.", transform: Self.moment)
    var until: Timestamp?

    @Option(help: "Only this source's events.")
    var source: String?

    @Flag(help: "Show what is new, gone or changed, field by field, and send nothing.")
    var dryRun = false

    @Flag(help: "One JSON object an event, a line each.")
    var json = false

    @Option(help: "The admin API's Unix socket. Default: admin.sock beside the store.")
    var socket: String?

    static func moment(_ text: String) throws -> Timestamp {
        guard let moment = Timestamp(rfc3339: text) else {
            throw ValidationError("'\(text)' is no time such as 2026-01-31T09:30:00Z")
        }
        return moment
    }

    func validate() throws {
        if events.isEmpty == (since == nil) { throw ValidationError("Name events by their ids, or say --since.") }
        if !dryRun { throw ValidationError("Say --dry-run.") }
    }

    func run() async throws {
        try await reportingFailure {
            let rules = try GatewayConfig.load(config.path, isDry: true, runsExamples: false).rules
            let client = try AdminClient(config: config.path, socket: socket)
            do {
                try await compare(by: rules, client)
            } catch {
                try await client.close()
                throw error
            }
            try await client.close()
        }
    }

    private func compare(by rules: RuleSet, _ client: AdminClient) async throws {
        var report = ReplayReport()
        try await forEachStory(client) { story in
            let comparison = try ReplayComparison(story: story, rules: rules)
            report.add(comparison)
            if comparison.isDifferent { Terminal.write(json ? comparison.json.text : comparison.text) }
        }
        complain(report.summary)
    }

    private func forEachStory(_ client: AdminClient, _ body: (JSONValue) async throws -> Void) async throws {
        guard let since else {
            for id in events { try await body(try await client.get("/api/events/\(id)")) }
            return
        }
        try await PastEvents(source: source, since: since, until: until).forEachStory(client, body)
    }
}
