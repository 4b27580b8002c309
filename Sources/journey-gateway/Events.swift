import ArgumentParser
import Gateway
import JSON

struct Events: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Look up events: what came, which rule, what was sent, what came back.",
        discussion: """
            Asks the gateway that runs, over its Unix socket; when none runs, reads its store. With an id, that event's \
            whole story.
            """
    )

    @OptionGroup var config: ConfigOption

    @Argument(help: "An event's id: show its whole story.")
    var id: String?

    @Option(help: "Only this source's events.")
    var source: String?

    @Option(help: "Only events that are matched, unmatched or failed.")
    var outcome: String?

    @Option(help: "Only events received since then: 2026-01-31T09:30:00Z.")
    var since: String?

    @Option(help: "Only events whose body, topic or key holds this text.")
    var text: String?

    @Option(help: "At most so many, the newest (1 to 1000).")
    var limit = 50

    @Flag(help: "Go on and show events as they come, each with its story so far.")
    var follow = false

    @Flag(help: "One JSON object an event, a line each.")
    var json = false

    @Option(help: "The admin API's Unix socket. Default: admin.sock beside the store.")
    var socket: String?

    func run() async throws {
        try await reportingFailure {
            let client = try AdminClient(config: config.path, socket: socket)
            do {
                if let id {
                    let story = try await client.get("/api/events/\(id)")
                    Terminal.write(json ? story.text : StoryText.story(story, payload: true))
                } else {
                    try await list(client)
                }
            } catch {
                try await client.close()
                throw error
            }
            try await client.close()
        }
    }

    private func list(_ client: AdminClient) async throws {
        let page = try await client.get("/api/events", filter + [("limit", String(limit))])
        let events = (page["events"]?.elements ?? []).reversed()
        for event in events { show(event) }
        guard follow else { return }
        guard client.isLive else { throw AdminClient.Failed("--follow needs a gateway that runs") }
        var place = events.last?["place"]?.number?.lexeme ?? "0"
        while true {
            let page = try await client.get("/api/events", filter + [("after", place), ("limit", "1000")])
            for event in page["events"]?.elements ?? [] {
                show(event)
                place = event["place"]?.number?.lexeme ?? place
            }
            try await ContinuousClock().sleep(for: .milliseconds(500))
        }
    }

    private func show(_ event: JSONValue) {
        Terminal.write(json ? event.text : StoryText.line(event: event))
    }

    private var filter: [(String, String)] {
        [("source", source), ("outcome", outcome), ("since", since), ("text", text)]
            .compactMap { name, value in value.map { (name, $0) } }
    }
}
