import ArgumentParser
import Gateway
import Glibc

/// Which deliveries a command is about.
struct DeliveryFilterOptions: ParsableArguments {
    @Option(help: "Only deliveries of this queue.")
    var queue: String?

    @Option(help: "Only deliveries of this rule.")
    var rule: String?

    @Option(help: "Only deliveries for this destination.")
    var destination: String?

    @Option(help: "Only deliveries in this state: ready, retrying, parked, held, dead …")
    var state: String?

    @Option(help: "Only deliveries of this source's events.")
    var source: String?

    @Option(help: "Only deliveries of this event.")
    var event: String?

    @Option(help: "Only deliveries for this person: their snId, on any channel.")
    var person: String?

    @Option(help: "Only deliveries of events received since then: 2026-01-31T09:30:00Z.")
    var since: String?

    @Option(help: "Only deliveries of events received before then.")
    var until: String?

    var query: [(String, String)] {
        [
            ("queue", queue), ("rule", rule), ("destination", destination), ("state", state), ("source", source),
            ("event", event), ("snId", person), ("since", since), ("until", until),
        ].compactMap { name, value in value.map { (name, $0) } }
    }
}

/// Where the admin API is.
struct AdminOptions: ParsableArguments {
    @OptionGroup var config: ConfigOption

    @Option(help: "The admin API's Unix socket. Default: admin.sock beside the store.")
    var socket: String?

    /// Does something with the admin API of the gateway that runs, or of its store when none does.
    func withClient<Value>(_ work: (AdminClient) async throws -> Value) async throws -> Value {
        try await Self.withClient(config: config, socket: socket, work)
    }

    static func withClient<Value>(
        config: ConfigOption,
        socket: String?,
        _ work: (AdminClient) async throws -> Value
    ) async throws -> Value {
        let client = try AdminClient(config: config.path, socket: socket)
        let result: Value
        do {
            result = try await work(client)
        } catch {
            try await client.close()
            throw error
        }
        try await client.close()
        return result
    }
}

extension BulkChange {
    /// Runs to the end, with a bar on a terminal, and says what was done.
    func run(_ client: AdminClient, done: String) async throws {
        let isShown = isatty(STDERR_FILENO) == 1
        let progress = try await run(client) { progress in
            if isShown { draw("\r" + progress.bar) }
        }
        if isShown { draw("\n") }
        let underWay =
            progress.underWay == 0 ? "" : "; \(progress.underWay) are being attempted, and follow if that fails"
        Terminal.write("\(progress.changed) \(progress.changed == 1 ? "delivery" : "deliveries") \(done)\(underWay)")
    }

    private func draw(_ text: String) {
        let bytes = Array(text.utf8)
        _ = bytes.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }
}
