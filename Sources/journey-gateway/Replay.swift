import ArgumentParser
import Gateway
import JSON
import Model
import Rules

struct Replay: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Send dead letters anew, or what today's rules make of events of the past.",
        discussion: """
            Each dead letter is made anew once, as a delivery that names it, at the end of its queue and within its quota; \
            asked for again, it goes on where it was broken off. With --dry-run, --only-missing or --force events are \
            mapped by the rules of --config, which need not be the config that is in force: what differs is shown, and \
            with the last two sent. Asks the gateway that runs, over its Unix socket; when none runs, works on its store.
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

    @Flag(
        help: """
            Send what the rules make now and was not made then, or was given up: nothing that was delivered, waits, \
            or was decided against.
            """
    )
    var onlyMissing = false

    @Flag(help: "Send all that the rules make now, also what was delivered. People may be messaged twice.")
    var force = false

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
        if [dryRun, onlyMissing, force].count(where: { $0 }) > 1 {
            throw ValidationError("Say --dry-run, --only-missing or --force, and no two of them.")
        }
        if isByRules {
            if events.isEmpty == (since == nil) { throw ValidationError("Name events by their ids, or say --since.") }
        } else if events.isEmpty == (filter.isEmpty && !all) {
            throw ValidationError("Name events or deliveries, or say which by the options, or --all.")
        }
        if let rate, rate < 1 { throw ValidationError("--rate is at least 1.") }
    }

    /// Whether events are mapped anew, in place of replaying deliveries as they were.
    private var isByRules: Bool { dryRun || onlyMissing || force }

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
                guard isByRules else {
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
        var made = 0
        try await forEachStory(client) { story in
            let comparison = try ReplayComparison(story: story, rules: rules)
            report.add(comparison)
            if comparison.isDifferent { Terminal.write(json ? comparison.json.text : comparison.text) }
            let drafts = dryRun ? [] : force ? comparison.drafts : comparison.missing
            if !drafts.isEmpty {
                made += try await client.add(drafts, to: comparison.event.id, isForced: force).count
            }
        }
        complain(report.summary)
        if !dryRun { complain("\(made) \(made == 1 ? "delivery" : "deliveries") made") }
    }

    private func forEachStory(_ client: AdminClient, _ body: (JSONValue) async throws -> Void) async throws {
        guard let since else {
            for id in events { try await body(try await client.get("/api/events/\(id)")) }
            return
        }
        try await PastEvents(source: source, since: since, until: until).forEachStory(client, body)
    }
}
