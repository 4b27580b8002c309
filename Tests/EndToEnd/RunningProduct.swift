import Foundation
import JSON

/// The product with its sandbox, as two processes on free ports.
final class RunningProduct {
    let folder: TemporaryFolder
    private(set) var sandbox: Program
    private(set) var gateway: Program
    private(set) var sandboxAddress: String
    /// `127.0.0.1:port` of the webhooks' listener.
    private(set) var address = ""
    private(set) var adminAddress = ""
    private let sandboxOptions: [String]
    private let gatewayOptions: [String]
    private let config: @Sendable (_ sandbox: String) -> String

    /// - Parameters:
    ///   - config: The config's text, for a sandbox at this address.
    ///   - storePath: Nil keeps events in the folder.
    ///   - links: What the folder has of the project's own, by name.
    init(
        sandbox options: [String] = ["--per-second", "1000000", "--per-hour", "1000000"],
        gateway gatewayOptions: [String] = [],
        storePath: String? = nil,
        links: [String: URL] = [:],
        config: @escaping @Sendable (_ sandbox: String) -> String
    ) throws {
        folder = try TemporaryFolder()
        for (name, target) in links {
            try FileManager.default.createSymbolicLink(
                at: folder.url.appendingPathComponent(name),
                withDestinationURL: target
            )
        }
        sandboxOptions = options
        self.gatewayOptions = gatewayOptions + (storePath.map { ["--store", $0] } ?? [])
        self.config = config
        (sandbox, sandboxAddress) = try Self.startSandbox(at: "127.0.0.1:0", options, in: folder)
        try folder.write(config(sandboxAddress), to: "gateway.yaml")
        gateway = try Self.startGateway(in: folder, self.gatewayOptions)
        try awaitListening()
    }

    // MARK: Processes

    func startGateway() throws {
        try launchGateway()
        try awaitListening()
    }

    /// Starts the gateway and waits for nothing.
    func launchGateway() throws {
        gateway = try Self.startGateway(in: folder, gatewayOptions)
    }

    /// Starts the sandbox again where it was before.
    func startSandbox() throws {
        (sandbox, _) = try Self.startSandbox(at: sandboxAddress, sandboxOptions, in: folder)
    }

    private static func startSandbox(
        at address: String,
        _ options: [String],
        in folder: TemporaryFolder
    ) throws -> (Program, String) {
        let program = try Program(["sandbox", "--listen", address] + options, in: folder, name: "sandbox")
        let address = try EndToEndTests.eventually("the sandbox") { () -> String? in
            if !program.process.isRunning { throw GaveUpWaiting(description: program.errorText) }
            return program.outputText.split(separator: "\n").first { $0.hasPrefix("sandbox: http://") }
                .map { String($0.dropFirst("sandbox: http://".count)) }
        }
        return (program, address)
    }

    private static func startGateway(in folder: TemporaryFolder, _ options: [String]) throws -> Program {
        try Program(
            ["serve", "--config", "gateway.yaml", "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0"] + options,
            in: folder,
            name: "gateway"
        )
    }

    private func awaitListening() throws {
        let addresses = try eventually("the gateway") { () -> [String]? in
            if !gateway.process.isRunning { throw GaveUpWaiting(description: gateway.errorText) }
            let lines = logLines().filter { $0["message"]?.stringValue == "listening" }
            let addresses = lines.compactMap { $0["address"]?.stringValue }.filter { $0.hasPrefix("127.0.0.1:") }
            return addresses.count == 2 ? addresses : nil
        }
        address = addresses[0]
        adminAddress = addresses[1]
    }

    func logLines() -> [JSONValue] {
        gateway.errorText.split(separator: "\n").compactMap { try? JSONValue.parse(String($0)) }
    }

    // MARK: What the sandbox saw

    /// The calls that the sandbox took, oldest first.
    func calls() throws -> [JSONValue] {
        let response = try HTTPConnection(sandboxAddress).get("/sandbox/calls")
        return response.body.split(separator: "\n").compactMap { try? JSONValue.parse(String($0)) }
    }

    /// Waits until the sandbox has taken `count` calls with a 2xx.
    func awaitAccepted(_ count: Int, seconds: Double = 60) throws -> [JSONValue] {
        try self.eventually("\(count) accepted calls", seconds: seconds) {
            let accepted = try self.calls().filter { (200..<300).contains(Int($0["status"]?.number?.doubleValue ?? 0)) }
            return accepted.count >= count ? accepted : nil
        }
    }

    /// `eventually`, and when it gives up, with what the gateway says of itself.
    func eventually<Value>(_ what: String, seconds: Double = 60, _ answer: () throws -> Value?) throws -> Value {
        do {
            return try EndToEndTests.eventually(what, seconds: seconds, answer)
        } catch let error as GaveUpWaiting {
            let status = try? HTTPConnection(adminAddress).get("/metrics").body
            throw GaveUpWaiting(
                description: "\(error)\n\(status ?? "no metrics")\n\(gateway.errorText.suffix(4_000))"
            )
        }
    }

    /// Runs a command of the product against this gateway.
    func command(_ arguments: String...) throws -> (status: Int32?, output: String, errors: String) {
        try Program.run(arguments, in: folder)
    }
}
