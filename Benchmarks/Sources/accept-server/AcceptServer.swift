import Glibc
import HTTPServer

/// The product's HTTP server alone: every request is answered `202`. Prints its address and serves until it is killed.
///
/// `accept-server LOOPS [CERTIFICATE KEY]`
@main enum AcceptServer {
    static func main() throws {
        let arguments = CommandLine.arguments
        var configuration = ServerConfiguration(listeners: [try ListenAddress("127.0.0.1:0")]) { "" }
        configuration.loops = arguments.count > 1 ? Int(arguments[1]) ?? 1 : 1
        if arguments.count > 3 {
            configuration.tls = TLSConfiguration(certificates: [.init(chain: arguments[2], key: arguments[3])])
        }
        let server = HTTPServer(configuration) { _, responder in responder.respond(Response(202)) }
        for address in try server.start() { print(address) }
        fflush(nil)
        while true { pause() }
    }
}
