import ArgumentParser
import Gateway
import HTTPServer

struct RunSandbox: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sandbox",
        abstract: "Run a stand-in of Sprinklr's journey trigger API.",
        discussion: """
            It checks calls as the API's document says, enforces the quota with the API's own refusals, shows its calls \
            (GET /sandbox/calls), can be told to fail (POST /sandbox/faults) and to revoke its tokens (DELETE /sandbox/tokens).
            """
    )

    @Option(help: "Listen here; port 0 takes any free one.")
    var listen = "127.0.0.1:8090"

    @Option(help: "Calls allowed in any second.")
    var perSecond = 10

    @Option(help: "Calls allowed in any hour.")
    var perHour = 1_000

    @Option(help: "The length of the hour: 60s, 1m …")
    var hour = "1h"

    @Option(help: "How long an access token lives that it gives.")
    var tokenLifetime = "30d"

    @Option(help: "The id of a journey that exists; all others are unknown. May be repeated. Default: any exists.")
    var journey: [String] = []

    @Option(
        help: "Ids of people who are unknown until a profile is made for them; * stands for any text. May be repeated."
    )
    var unknown: [String] = []

    func run() async throws {
        try await reportingFailure {
            let sandbox = try StandaloneSandbox(
                perSecond: perSecond,
                perHour: perHour,
                hour: hour,
                tokenLifetime: tokenLifetime,
                unknownPeople: unknown,
                journeys: journey
            )
            try await sandbox.run(listen: try ListenAddress(listen))
        }
    }
}
