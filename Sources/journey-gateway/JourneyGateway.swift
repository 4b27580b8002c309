import ArgumentParser
import Glibc

/// Receives webhooks, maps them by rules, and triggers Sprinklr journeys.
@main
struct JourneyGateway: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "journey-gateway",
        abstract: "Receives webhooks, maps them by rules, and triggers Sprinklr journeys.",
        subcommands: [
            Serve.self, RunSandbox.self, Check.self, RunTests.self, Explain.self, Eval.self, Events.self, Init.self,
            Verify.self, Deliveries.self, Replay.self, Pause.self, Resume.self, Suppress.self, Show.self,
            Authorize.self,
        ]
    )
}

/// Where the config is: the option of every command that reads it.
struct ConfigOption: ParsableArguments {
    @Option(
        name: .customLong("config"),
        help: "The config file. Default: $JOURNEY_GATEWAY_CONFIG, else gateway.yaml.",
        completion: .file(extensions: ["yaml", "yml"])
    )
    var given: String?

    var path: String {
        given ?? getenv("JOURNEY_GATEWAY_CONFIG").map { String(cString: $0) } ?? "gateway.yaml"
    }
}

/// Writes a line to standard error.
func complain(_ text: String) {
    let line = Array((text + "\n").utf8)
    _ = line.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
}

extension ParsableArguments {
    /// Runs a command's work; a failure is said on standard error, without the usage, and ends with exit 1.
    func reportingFailure<Value>(_ work: () async throws -> Value) async throws -> Value {
        do {
            return try await work()
        } catch let code as ExitCode {
            throw code
        } catch {
            complain("\(error)")
            throw ExitCode.failure
        }
    }
}
