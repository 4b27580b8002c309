import ArgumentParser
import Gateway
import JSON

struct Suppress: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Keep the list of people who must not be messaged.",
        discussion: """
            A person on it is not messaged from then on: their new deliveries end suppressed, and so do those that wait, \
            when their turn comes. A call that is under way is not called back.
            """,
        subcommands: [Add.self, Remove.self, List.self]
    )

    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Put people on the list.")
        @OptionGroup var people: PeopleOptions
        func run() async throws { try await people.ask("POST", done: "suppressed", else: "was suppressed already") }
    }

    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Take people off the list. What ended suppressed stays so; replay it if it is to go."
        )
        @OptionGroup var people: PeopleOptions
        func run() async throws {
            try await people.ask("DELETE", done: "not suppressed any more", else: "was not on it")
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show the list.")
        @OptionGroup var admin: AdminOptions

        func run() async throws {
            try await reportingFailure {
                try await admin.withClient { client in
                    let list = try await client.get("/api/suppressions")["suppressions"]?.elements ?? []
                    for person in list {
                        let columns = ["since", "snType", "snId"].map { person[$0]?.stringValue ?? "any channel" }
                        Terminal.write(columns.joined(separator: "  "))
                    }
                }
            }
        }
    }
}

/// The people that a command is about.
struct PeopleOptions: ParsableArguments {
    @OptionGroup var admin: AdminOptions

    @Argument(help: "Their ids, as rules give them in snId.")
    var people: [String]

    @Option(help: "On this channel alone: WHATSAPP_BUSINESS, SMS, EMAIL … Default: on any.")
    var type: String?

    func ask(_ method: String, done: String, else known: String) async throws {
        try await reportingFailure {
            try await admin.withClient { client in
                for person in people {
                    let query = [("snId", person)] + (type.map { [("snType", $0)] } ?? [])
                    let answer = try await client.send(method, "/api/suppressions", query)
                    Terminal.write("\(person) \(answer["changed"]?.boolValue == true ? done : known)")
                }
            }
        }
    }
}
