import ArgumentParser
import Gateway
import JSON

struct Pause: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Stop sending for a destination, a queue or a rule. What comes meanwhile is kept.",
        discussion: """
            Without options, all destinations rest. A rule that rests has its new deliveries held, and those that wait.
            """
    )

    @OptionGroup var admin: AdminOptions
    @OptionGroup var scope: PauseScopeOptions

    func run() async throws {
        try await reportingFailure {
            try await admin.withClient { client in
                try await scope.ask(client, "pause")
                guard let rule = scope.rule else { return }
                try await BulkChange("hold", [("rule", rule)]).run(client, done: "of it held")
            }
        }
    }
}

struct Resume: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Go on sending for a destination, a queue or a rule.",
        discussion: """
            Also ends a pause that the gateway set itself, for a token or a configuration that was refused. What a rule's \
            pause has held stays held, beside what is held for other reasons, unless you say --release.
            """
    )

    @OptionGroup var admin: AdminOptions
    @OptionGroup var scope: PauseScopeOptions

    @Flag(help: "With --rule: release all that is held of it.")
    var release = false

    func validate() throws {
        if release, scope.rule == nil { throw ValidationError("--release goes with --rule.") }
    }

    func run() async throws {
        try await reportingFailure {
            try await admin.withClient { client in
                try await scope.ask(client, "resume")
                guard let rule = scope.rule else { return }
                if release {
                    try await BulkChange("release", [("rule", rule)]).run(client, done: "released")
                } else {
                    let query = [("rule", rule), ("state", "held"), ("limit", "1")]
                    let held = try await client.get("/api/deliveries", query)
                    if held["deliveries"]?.count != 0 {
                        Terminal.write("Deliveries of it are held: journey-gateway deliveries release --rule \(rule)")
                    }
                }
            }
        }
    }
}

/// What is paused or resumed.
struct PauseScopeOptions: ParsableArguments {
    @Option(help: "This destination. Default: all.")
    var destination: String?

    @Option(help: "This queue alone.")
    var queue: String?

    @Option(help: "This rule alone.")
    var rule: String?

    func validate() throws {
        if rule != nil, queue != nil || destination != nil {
            throw ValidationError("A rule, or a queue, and not both.")
        }
    }

    func ask(_ client: AdminClient, _ verb: String) async throws {
        let query = [("destination", destination), ("queue", queue), ("rule", rule)]
        let answer = try await client.post(
            "/api/" + verb,
            query.compactMap { name, value in value.map { (name, $0) } }
        )
        let destinations = (answer["destinations"]?.elements ?? []).compactMap(\.stringValue)
        let subject =
            rule.map { "rule \($0)" }
            ?? (queue.map { "queue \($0) of " } ?? "") + destinations.joined(separator: ", ")
        Terminal.write("\(subject) \(verb == "pause" ? "paused" : "resumed")")
    }
}
