import Foundation
import Glibc
import JSON
import Testing

/// Where webhooks arrive, as the built product opens it.
@Suite struct `The door` {
    @Test func `shows new certificates as soon as they are there, and keeps the old while they do not fit`() throws {
        let door = try Door("tls: { certificate: tls.crt, key: tls.key }") { folder in
            try folder.makeCertificate("first")
            try folder.makeCertificate("second")
            try folder.copy("first.crt", to: "tls.crt")
            try folder.copy("first.key", to: "tls.key")
        }
        #expect(try door.post(trusting: "first.crt") == "202")
        #expect(try door.post(trusting: "second.crt") == "000")
        try door.folder.copy("second.crt", to: "tls.crt")
        try door.awaitLog("certificates refused, those in use stay")
        #expect(try door.post(trusting: "first.crt") == "202")
        try door.folder.copy("second.key", to: "tls.key")
        try door.awaitLog("certificates reread")
        #expect(try door.post(trusting: "second.crt") == "202")
    }

    @Test func `uses the certificates of a new config`() throws {
        let door = try Door("tls: { certificate: first.crt, key: first.key }") { folder in
            try folder.makeCertificate("first")
            try folder.makeCertificate("second")
        }
        try door.configure("tls: { certificate: second.crt, key: second.key }")
        door.program.signal(SIGHUP)
        try door.awaitLog("config reloaded")
        #expect(try door.post(trusting: "second.crt") == "202")
        try door.configure("tls: { certificate: second.crt, key: first.key }")
        door.program.signal(SIGHUP)
        try door.awaitLog("config refused, the one in force stays")
        #expect(try door.post(trusting: "second.crt") == "202")
    }

    @Test func `serves on when there are no more descriptors`() throws {
        let door = try Door("")
        let process = door.program.process.processIdentifier
        let limit = try FileManager.default.contentsOfDirectory(atPath: "/proc/\(process)/fd").count + 8
        let arguments = ["--pid", "\(process)", "--nofile=\(limit):\(limit)"]
        #expect(try Program.run(arguments, executable: "/usr/bin/prlimit", in: door.folder).status == 0)
        let crowd = try (0..<50).map { _ in try HTTPConnection(door.address) }
        #expect(try HTTPConnection(door.address).post("/any", "{}").status == 202)
        withExtendedLifetime(crowd) {}
    }

    @Test func `serves on when the system lacks memory for connections`() throws {
        // On each of its threads, every other connection cannot be taken at once.
        // Detached (-D), so that it is the gateway that is ended with the test, and strace with it.
        let inject = ["-e", "trace=accept4", "-e", "inject=accept4:error=ENOMEM:when=1+2"]
        let door = try Door("", startedBy: ["/usr/bin/strace", "-D", "-f", "-o", "calls"] + inject)
        for _ in 0..<10 { #expect(try HTTPConnection(door.address).post("/any", "{}").status == 202) }
        let calls = try String(contentsOf: door.folder.url.appendingPathComponent("calls"), encoding: .utf8)
        #expect(calls.contains("ENOMEM"))
    }

    @Test func `takes over a socket that was opened for it`() throws {
        // What systemd does for a socket unit.
        let launcher = """
            import os, socket, sys
            listener = socket.socket()
            listener.bind(("127.0.0.1", 0))
            listener.listen()
            os.dup2(listener.fileno(), 3)
            os.set_inheritable(3, True)
            os.environ["LISTEN_FDS"] = "1"
            os.environ["LISTEN_PID"] = str(os.getpid())
            os.execv(sys.argv[1], sys.argv[1:])
            """
        let door = try Door("", listen: "fd:3", startedBy: ["/usr/bin/python3", "-c", launcher])
        #expect(try HTTPConnection(door.address).post("/any", "{}").status == 202)
        let refused = try Program.run(["serve", "--config", "gateway.yaml"], in: door.folder)
        #expect(refused.status == 1)
        #expect(refused.errors.contains("no socket was passed on as fd:3"))
    }
}

/// A running gateway with one source that takes whatever comes, and delivers nothing.
private final class Door {
    let folder: TemporaryFolder
    let program: Program
    private(set) var address = ""
    private let listen: String

    init(
        _ settings: String,
        listen: String = "127.0.0.1:0",
        startedBy launcher: [String] = [],
        arranging: (TemporaryFolder) throws -> Void = { _ in }
    ) throws {
        folder = try TemporaryFolder()
        self.listen = listen
        try arranging(folder)
        try folder.write(Self.config(listen, settings), to: "gateway.yaml")
        let command = launcher + [BuiltBinary.path, "serve", "--config", "gateway.yaml"]
        program = try Program(Array(command.dropFirst()), executable: command[0], in: folder, name: "gateway")
        address = try eventually("the door") {
            if !program.process.isRunning { throw GaveUpWaiting(description: program.errorText) }
            return logLines().first { $0["purpose"]?.stringValue == "webhooks" }?["address"]?.stringValue
        }
    }

    /// Puts other settings into the config.
    func configure(_ settings: String) throws {
        try folder.write(Self.config(listen, settings), to: "gateway.yaml")
    }

    private static func config(_ listen: String, _ settings: String) -> String {
        """
        listen: \(listen)
        admin: { listen: "127.0.0.1:0" }
        store: sqlite:events.db
        \(settings)
        sprinklr: { baseURL: "http://127.0.0.1:1", dryRun: true }
        sources: { any: { path: /any, accept: [any] } }
        rules: []

        """
    }

    func awaitLog(_ message: String) throws {
        _ = try eventually(message) { logLines().first { $0["message"]?.stringValue == message } }
    }

    /// Posts by curl, over TLS, and gives the answer's status; 000 when the server is not trusted.
    func post(trusting certificate: String) throws -> String {
        let port = address.split(separator: ":").last ?? ""
        let arguments = ["-s", "-o", "/dev/null", "-w", "%{http_code}", "--cacert", certificate, "-d", "x"]
        let url = "https://localhost:\(port)/any"
        return try Program.run(arguments + [url], executable: "/usr/bin/curl", in: folder).output
    }

    private func logLines() -> [JSONValue] {
        program.errorText.split(separator: "\n").compactMap { try? JSONValue.parse(String($0)) }
    }
}

extension TemporaryFolder {
    /// A certificate for this machine, signed by itself.
    fileprivate func makeCertificate(_ name: String) throws {
        let arguments = [
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
            "-subj", "/CN=\(name)", "-addext", "subjectAltName=DNS:localhost",
            "-keyout", "\(name).key", "-out", "\(name).crt",
        ]
        let made = try Program.run(arguments, executable: "/usr/bin/openssl", in: self)
        #expect(made.status == 0, "\(made.errors)")
    }

    /// Puts a copy in another file's place, at once.
    fileprivate func copy(_ name: String, to other: String) throws {
        let bytes = try Data(contentsOf: url.appendingPathComponent(name))
        try bytes.write(to: url.appendingPathComponent(other), options: .atomic)
    }
}
