import ArgumentParser
import Gateway
import Model

struct Verify: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Check the signature of a captured HTTP request: exit 0 when it is genuine, else 1 and why."
    )

    @Option(help: "Whose webhook it is, as `show presets` lists them.")
    var preset: String

    @Option(help: "The secret, as it would stand in the config.")
    var secret: String

    @Option(
        help: "The raw request: request line, headers, empty line, body. - for standard input.",
        completion: .file()
    )
    var request: String

    @Option(help: "The URL as the sender called it, for senders who sign it. Default: made of Host and the target.")
    var url: String?

    @Option(help: "When it arrived: 2026-01-31T09:30:00Z. Default: now.")
    var at: String?

    func run() async throws {
        try await reportingFailure {
            var moment = SystemClock.now()
            if let at {
                guard let time = Timestamp(rfc3339: at) else {
                    throw ValidationError("--at '\(at)': write a time such as 2026-01-31T09:30:00Z")
                }
                moment = time
            }
            let captured = try CapturedRequest(raw: InputFile.read(request))
            let verdict = try SignatureCheck.verify(captured, preset: preset, secret: secret, url: url, at: moment)
            Terminal.write(verdict.explanation)
            if !verdict.isGenuine { throw ExitCode.failure }
        }
    }
}
