import ArgumentParser
import Gateway

struct Authorize: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Let the gateway call Sprinklr on your behalf: the first OAuth authorization, or the next.",
        discussion: """
            Open the address that it prints in a browser, sign in and allow it. The browser then comes back to the \
            redirectURI of the config; paste that address here. The gateway that runs goes on with the new token; \
            when none runs, the next one begins with it.
            """
    )

    @OptionGroup var config: ConfigOption

    @Option(help: "Which of the config's destinations. Default: the only one.")
    var destination: String?

    @Option(help: "The admin API's Unix socket. Default: admin.sock beside the store.")
    var socket: String?

    func run() async throws {
        try await reportingFailure {
            let authorizing = try await Authorizing(config: config.path, socket: socket, destination: destination)
            let page = authorizing.page
            Terminal.write("Open this address in a browser, sign in to Sprinklr, and allow it:\n\n  \(page.url)\n")
            Terminal.write("The browser comes back to \(page.redirectURI)?code=…; paste that address here:")
            guard let line = readLine() else { throw AdminClient.Failed("there is nothing to read: not authorized") }
            let code = try page.code(in: line.trimmingBlanks())
            let reason = try await authorizing.authorize(code)
            try await authorizing.close()
            if let reason { throw AdminClient.Failed("not authorized: \(reason)") }
            Terminal.write("Authorized. The token is renewed by itself from now on.")
        }
    }
}

extension String {
    fileprivate func trimmingBlanks() -> String {
        let blanks: Set<Character> = [" ", "\t", "\r"]
        let rest = drop { blanks.contains($0) }
        return String(
            rest.prefix(upTo: rest.lastIndex { !blanks.contains($0) }.map(rest.index(after:)) ?? rest.startIndex)
        )
    }
}
