import ArgumentParser
import Gateway
import JSON
import Model
import Rules

struct Replay: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Send dead letters anew, or show what today's rules would make of events of the past.",
        discussion: """
            Each dead letter is made anew once, as a delivery that names it, at the end of its queue and within its quota; \
            asked for again, it goes on where it was broken off. With --dry-run nothing is sent: events are mapped by the \
            rules of --config, which need not be the config that is in force. Asks the gateway that runs, over its Unix \
            socket; when none runs, works on its store.
            """
    )

    @OptionGroup var config: ConfigOption

    @Argument(help: "Ids of events, or numbers of deliveries; or say --since.")
    var events: [String] = []

    @Option(help: "Only deliveries of this queue.")
    var queue: String?

    @Option(help: "Only deliveries of this rule.")
    var rule: String?

    @Option(help: "Only deliveries for this destination.")
    var destination: String?

    @Option(help: "Only deliveries for this person: their snId.")
    var person: String?

    @Option(help: "Deliveries in this state in place of dead ones: expired, cancelled, suppressed.")
    var state: String?

    @Flag(help: "All dead letters.")
    var all = false

    @Option(help: "At most so many deliveries a second. Default: as fast as the store takes them.")
    var rate: Int?

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
        if dryRun {
            if events.isEmpty == (since == nil) { throw ValidationError("Name events by their ids, or say --since.") }
        } else if events.isEmpty == (filter.isEmpty && !all) {
            throw ValidationError("Name events or deliveries, or say which by the options, or --all.")
        }
        if let rate, rate < 1 { throw ValidationError("--rate is at least 1.") }
    }

    private var filter: [(String, String)] {
        [
            ("queue", queue), ("rule", rule), ("destination", destination), ("snId", person), ("state", state),
            ("source", source), ("since", since?.description), ("until", until?.description),
        ].compactMap { name, value in value.map { (name, $0) } }
    }

    /// What is to be replayed, each as the admin API is asked for it.
    private var queries: [[(String, String)]] {
        if events.isEmpty { return [filter + (all ? [("all", "true")] : [])] }
        let deliveries = events.filter { Int64($0) != nil }
        return (deliveries.isEmpty ? [] : [[("id", deliveries.joined(separator: ","))]])
            + events.filter { Int64($0) == nil }.map { [("event", $0)] }
    }

    func run() async throws {
        try await reportingFailure {
            try await AdminOptions.withClient(config: config, socket: socket) { client in
                guard dryRun else {
                    for query in queries {
                        try await BulkChange("replay", query, rate: rate).run(client, done: "made anew")
                    }
                    return
                }
                try await compare(by: GatewayConfig.load(config.path, isDry: true, examples: .skipped).rules, client)
            }
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
