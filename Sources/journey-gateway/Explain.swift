import ArgumentParser
import Gateway
import JSON
import Model
import Rules

struct Explain: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show what the rules make of a payload: each rule, each expression with its value, the request.",
        discussion: """
            The payload is a file (- for standard input): a body, or a whole HTTP request with its headers. Or name an \
            event of the past by --event.
            """
    )

    @OptionGroup var config: ConfigOption

    @Argument(help: "The payload's file; - for standard input.", completion: .file())
    var file: String?

    @Option(help: "An event's id, in place of a file.")
    var event: String?

    @Option(help: "The source that the payload came to; needed when the config has several and the file is a body.")
    var source: String?

    @Option(help: "The event's topic, where a header would say it.")
    var topic: String?

    @Option(help: "A header, 'Name: value'. May be repeated.")
    var header: [String] = []

    @Flag(help: "As JSON.")
    var json = false

    @Flag(help: "Mask personal data.")
    var mask = false

    @Option(help: "The admin API's Unix socket, for --event. Default: admin.sock beside the store.")
    var socket: String?

    func validate() throws {
        if (file == nil) == (event == nil) { throw ValidationError("Give a file, or --event.") }
    }

    func run() async throws {
        try await reportingFailure {
            let explainer = Explainer(try GatewayConfig.load(config.path, isDry: true, examples: .skipped))
            for explanation in try await explanations(explainer) {
                Terminal.write(
                    json ? explanation.json(masking: mask).text : explanation.text(masking: mask)
                )
            }
        }
    }

    private func explanations(_ explainer: Explainer) async throws -> [Explanation] {
        if let event {
            let client = try AdminClient(config: config.path, socket: socket)
            let story = try await client.get("/api/events/\(event)")
            try await client.close()
            return [try explainer.explain(story: story)]
        }
        let bytes = try InputFile.read(file ?? "-")
        var request = CapturedRequest.isRaw(bytes) ? try CapturedRequest(raw: bytes) : CapturedRequest(body: bytes)
        for line in header {
            guard let colon = line.firstIndex(of: ":") else {
                throw ValidationError("--header '\(line)': write 'Name: value'")
            }
            let value = line[line.index(after: colon)...].drop { $0 == " " }
            request.fields.append(Field(String(line[..<colon]), String(value)))
        }
        return try explainer.explain(request, source: source, topic: topic, receivedAt: SystemClock.now())
    }
}
