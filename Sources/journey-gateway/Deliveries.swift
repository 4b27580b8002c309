import ArgumentParser
import Gateway
import JSON

struct Deliveries: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List deliveries, and hold, release, cancel or move them.",
        discussion: """
            By id, or all that a filter finds. Asks the gateway that runs, over its Unix socket; when none runs, changes \
            its store. One that is being attempted is finished first: what was delivered stays delivered.
            """,
        subcommands: [List.self, Hold.self, Release.self, Cancel.self, Move.self],
        defaultSubcommand: List.self
    )

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show deliveries, the newest last.")

        @OptionGroup var admin: AdminOptions
        @OptionGroup var filter: DeliveryFilterOptions

        @Argument(help: "A delivery's id: show it with its attempts.")
        var id: Int64?

        @Option(help: "At most so many, the newest (1 to 1000).")
        var limit = 50

        @Flag(help: "One JSON object a delivery, a line each.")
        var json = false

        func run() async throws {
            try await reportingFailure {
                try await admin.withClient { client in
                    if let id {
                        show(try await client.get("/api/deliveries/\(id)"))
                    } else {
                        let page = try await client.get("/api/deliveries", filter.query + [("limit", String(limit))])
                        for delivery in (page["deliveries"]?.elements ?? []).reversed() { show(delivery) }
                    }
                }
            }
        }

        private func show(_ delivery: JSONValue) {
            Terminal.write(json ? delivery.text : StoryText.delivery(delivery))
        }
    }

    struct Hold: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Keep deliveries from being sent until they are released."
        )
        @OptionGroup var change: DeliveryChangeOptions
        func run() async throws { try await change.run("hold", done: "held") }
    }

    struct Release: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Let held deliveries go on, at the end of their queue; what they may wait counts anew."
        )
        @OptionGroup var change: DeliveryChangeOptions
        func run() async throws { try await change.run("release", done: "released") }
    }

    struct Cancel: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Call deliveries off for good.")
        @OptionGroup var change: DeliveryChangeOptions
        func run() async throws { try await change.run("cancel", done: "cancelled") }
    }

    struct Move: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Give deliveries to another queue or destination.")
        @OptionGroup var change: DeliveryChangeOptions

        @Option(help: "The queue they go to.")
        var toQueue: String?

        @Option(help: "The destination they go to.")
        var toDestination: String?

        func validate() throws {
            if toQueue == nil, toDestination == nil { throw ValidationError("Say --to-queue or --to-destination.") }
        }

        func run() async throws {
            let places = [("toQueue", toQueue), ("toDestination", toDestination)]
            try await change.run("move", places.compactMap { name, value in value.map { (name, $0) } }, done: "moved")
        }
    }
}

/// Deliveries by id, or all that a filter finds.
struct DeliveryChangeOptions: ParsableArguments {
    @OptionGroup var admin: AdminOptions
    @OptionGroup var filter: DeliveryFilterOptions

    @Argument(help: "Ids of deliveries; or say which by the options, or --all.")
    var ids: [Int64] = []

    @Flag(help: "All deliveries that can be changed so.")
    var all = false

    func validate() throws {
        if !ids.isEmpty, all || !filter.query.isEmpty { throw ValidationError("Ids, or a filter, and not both.") }
        if ids.isEmpty, filter.query.isEmpty, !all {
            throw ValidationError("Say which deliveries: by id, by a filter, or --all.")
        }
    }

    func run(_ verb: String, _ more: [(String, String)] = [], done: String) async throws {
        try await reportingFailure {
            try await admin.withClient { client in
                try await BulkChange(verb, query + more).run(client, done: done)
            }
        }
    }

    private var query: [(String, String)] {
        if !ids.isEmpty { return [("id", ids.map(String.init).joined(separator: ","))] }
        return filter.query + (all ? [("all", "true")] : [])
    }
}
