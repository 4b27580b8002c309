import Foundation
import JSON
import Testing

/// What an operator sees of a running gateway.
@Suite struct `A running gateway` {
    @Test func `shows its inside on the admin port to whoever has the token, and its health to all`() throws {
        let product = try RunningProduct(config: Plain.config)
        func get(_ path: String, _ headers: String...) throws -> HTTPConnection.Response {
            try HTTPConnection(product.adminAddress).get(path, headers: headers)
        }
        #expect(try get("/api/status", "Authorization: Bearer secret").status == 200)
        // RFC 9110 section 11.1: the scheme's name is case-insensitive.
        #expect(try get("/api/status", "Authorization: bearer secret").status == 200)
        for header in ["Authorization: Bearer Secret", "Authorization: Basic secret", "Authorization: secret", "X: y"] {
            #expect(try get("/api/status", header).status == 401, "\(header)")
        }
        #expect(try get("/healthz").body == "ok\n")
        #expect(try JSONValue.parse(try get("/readyz").body) == ["ready": true])
    }

    @Test func `proposes a command that drafts a rule for an event that none matched`() throws {
        let product = try RunningProduct(gateway: ["--follow"]) { sandbox in
            Plain.config(sandbox).replacingOccurrences(
                of: "source: plain\n",
                with: "source: plain\n    when: body.go\n"
            )
        }
        _ = try HTTPConnection(product.address).post(Plain.path, #"{"number":1,"phone":"+351 912 345 678"}"#)
        let command = try product.eventually("a proposed command") {
            product.gateway.outputText.split(separator: "draft one: ").dropFirst().first?.split(separator: "\n").first
        }
        let draft = try Program.run(["-c", String(command)], executable: "/bin/bash", in: product.folder)
        #expect(draft.status == 0 && draft.output.contains(#"snId: "{{ msisdn(body.phone) }}""#), "\(draft)")
    }

    @Test func `ends when the terminal that it was started on is closed`() throws {
        let folder = try TemporaryFolder()
        try folder.write(Plain.config("127.0.0.1:1"), to: "gateway.yaml")
        let terminal = """
            import os, pty, sys
            child, terminal = pty.fork()
            if child == 0: os.execv(sys.argv[1], sys.argv[1:])
            seen = b""
            while b"webhooks: " not in seen: seen += os.read(terminal, 4096)
            os.close(terminal)
            print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
            """
        let serve = [BuiltBinary.path, "serve", "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0"]
        let ended = try Program.run(
            ["60", "python3", "-c", terminal] + serve,
            executable: "/usr/bin/timeout",
            in: folder
        )
        #expect(ended.output == "0\n", "\(ended)")
    }
}
