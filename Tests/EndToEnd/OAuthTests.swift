import Foundation
import Glibc
import JSON
import Testing

/// OAuth with the built binary, against the sandbox's token endpoint.
@Suite struct `OAuth` {
    private static func config(_ sandbox: String, refreshToken: String? = nil) -> String {
        let token = refreshToken.map { ", refreshToken: \($0)" } ?? ""
        return Plain.config(sandbox).replacingOccurrences(
            of: "token: demo",
            with: "oauth: { clientSecret: secret, redirectURI: \"https://gateway.example.com/callback\"\(token) }"
        )
    }

    private func post(_ numbers: Range<Int>, to product: RunningProduct) throws {
        for number in numbers {
            _ = try HTTPConnection(product.address).post(Plain.path, Plain.event(person: "p\(number)", number: number))
        }
    }

    private func tokenCalls(_ product: RunningProduct) throws -> Int {
        try product.calls().count { $0["kind"] == "token" }
    }

    /// Waits until nothing is sent, and says why.
    private func awaitPause(_ product: RunningProduct) throws -> String {
        try product.eventually("the pause") {
            let status = try JSONValue.parse(try product.command("show", "status").output)
            return status["destinations"]?[0]?["paused"]?.stringValue
        }
    }

    /// Goes the browser's way: the address that the sandbox sends it back to.
    private func browse(_ url: String) throws -> String {
        let address = url.dropFirst("http://".count).prefix { $0 != "/" }
        let path = url.dropFirst("http://".count + address.count)
        let answer = try HTTPConnection(String(address)).get(String(path))
        let line = answer.head.split(separator: "\r\n").first { $0.lowercased().hasPrefix("location: ") }
        return String(try #require(line).dropFirst("location: ".count))
    }

    /// `authorize` as a person at a terminal goes through it.
    private func authorize(_ product: RunningProduct) throws -> (status: Int32?, output: String, errors: String) {
        let terminal = product.folder.url.appendingPathComponent("terminal-\(UUID().uuidString)")
        try #require(mkfifo(terminal.path, 0o600) == 0)
        let program = try Program(
            ["-c", "exec \"$0\" authorize < \"$1\"", BuiltBinary.path, terminal.path],
            executable: "/bin/bash",
            in: product.folder,
            name: "authorize"
        )
        // Opened for both, so that it opens at once and the program's reading waits for what is typed.
        let keyboard = try FileHandle(forUpdating: terminal)
        let url = try eventually("the address to open") { () -> String? in
            if !program.process.isRunning { throw GaveUpWaiting(description: program.errorText) }
            return program.outputText.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
                .first { $0.hasPrefix("http://") && $0.contains("response_type=code") }
        }
        try keyboard.write(contentsOf: Data((try browse(url) + "\n").utf8))
        let status = program.waitForExit()
        return (status, program.outputText, program.errorText)
    }

    @Test func `begins with the configured refresh token, and goes on with the stored one after a restart`() throws {
        let product = try RunningProduct(config: { Self.config($0, refreshToken: "first") })
        try post(0..<3, to: product)
        _ = try product.awaitAccepted(1 + 3)
        #expect(try tokenCalls(product) == 1)
        product.gateway.signal(SIGTERM)
        #expect(product.gateway.waitForExit() == 0)
        try product.startGateway()
        try post(3..<5, to: product)
        _ = try product.awaitAccepted(1 + 5)
        // The sandbox takes a foreign refresh token once: only the stored pair can have worked.
        #expect(try tokenCalls(product) == 1)
    }

    @Test func `renews an expired token once, however many calls wait for it`() throws {
        let product = try RunningProduct(
            sandbox: ["--per-second", "1000", "--per-hour", "100000", "--token-lifetime", "2s"],
            config: { Self.config($0, refreshToken: "first") }
        )
        var posted = 0
        _ = try product.eventually("three tokens") { () -> Bool? in
            try post(posted..<posted + 10, to: product)
            posted += 10
            return try tokenCalls(product) >= 3 ? true : nil
        }
        _ = try product.eventually("all deliveries") { () -> Bool? in
            let accepted = try product.calls().filter { $0["status"]?.number?.int64Value == 204 }
            let numbers = accepted.compactMap { $0["body"]?["contextParams"]?["number"]?.stringValue }
            return Set(numbers).count == posted ? true : nil
        }
        let statuses = try product.calls().filter { $0["kind"] == "token" }.map { $0["status"]?.number?.int64Value }
        #expect(statuses.allSatisfy { $0 == 200 })
        #expect(!product.gateway.errorText.contains("destination paused"))
    }

    @Test func `pauses when its tokens are revoked, says why, and goes on once a person has authorized it`() throws {
        let product = try RunningProduct(config: { Self.config($0, refreshToken: "first") })
        try post(0..<1, to: product)
        _ = try product.awaitAccepted(1 + 1)
        _ = try HTTPConnection(product.sandboxAddress).send(
            "DELETE /sandbox/tokens HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n"
        )
        try post(1..<4, to: product)
        let reason = try awaitPause(product)
        #expect(reason.hasPrefix("authorize again (journey-gateway authorize): the renewal was refused: 400"))
        let metrics = try HTTPConnection(product.adminAddress).get("/metrics").body
        #expect(
            metrics.contains(#"journey_gateway_destination_paused{destination="sprinklr",reason="authorization"} 1"#)
        )
        let authorized = try authorize(product)
        #expect(authorized.status == 0, "\(authorized)")
        #expect(authorized.output.hasSuffix("Authorized. The token is renewed by itself from now on.\n"))
        _ = try product.eventually("what had waited") {
            try product.calls().count { $0["status"]?.number?.int64Value == 204 } == 4 ? true : nil
        }
        // The first pair, the renewal that was refused, and the authorization.
        #expect(try tokenCalls(product) == 3)
    }

    @Test func `is authorized for the first time while no gateway runs`() throws {
        let product = try RunningProduct(config: { Self.config($0) })
        #expect(try awaitPause(product).contains("nobody has authorized the gateway yet"))
        try post(0..<1, to: product)
        product.gateway.signal(SIGTERM)
        #expect(product.gateway.waitForExit() == 0)
        let authorized = try authorize(product)
        #expect(authorized.status == 0, "\(authorized)")
        try product.startGateway()
        _ = try product.eventually("the delivery") {
            try product.calls().contains { $0["status"]?.number?.int64Value == 204 } ? true : nil
        }
    }

    @Test func `pauses after a renewal whose answer was lost, and is not renewed again by a restart`() throws {
        let product = try RunningProduct(config: { Self.config($0, refreshToken: "first") })
        try post(0..<1, to: product)
        _ = try product.awaitAccepted(1 + 1)
        let faults = #"[{"kind":"trigger","status":401},{"kind":"token","fail":"drop","takesEffect":true}]"#
        _ = try HTTPConnection(product.sandboxAddress).post("/sandbox/faults", faults)
        try post(1..<2, to: product)
        let reason = "authorize again (journey-gateway authorize): the answer to a renewal was lost"
        #expect(try awaitPause(product).hasPrefix(reason))
        product.gateway.signal(SIGKILL)
        product.gateway.waitForExit()
        try product.startGateway()
        #expect(try awaitPause(product).hasPrefix(reason))
        #expect(try tokenCalls(product) == 2)
    }

    @Test func `has to be authorized again after a crash within a renewal`() throws {
        let product = try RunningProduct(config: { Self.config($0, refreshToken: "first") })
        try post(0..<1, to: product)
        _ = try product.awaitAccepted(1 + 1)
        let faults = #"[{"kind":"trigger","status":401},{"kind":"token","latency":60000}]"#
        _ = try HTTPConnection(product.sandboxAddress).post("/sandbox/faults", faults)
        try post(1..<2, to: product)
        _ = try product.eventually("the renewal") { try tokenCalls(product) == 2 ? true : nil }
        product.gateway.signal(SIGKILL)
        product.gateway.waitForExit()
        try product.startGateway()
        #expect(try awaitPause(product).contains("the gateway ended while the token was being renewed"))
        #expect(try authorize(product).status == 0)
        _ = try product.eventually("the delivery") {
            try product.calls().count { $0["status"]?.number?.int64Value == 204 } == 2 ? true : nil
        }
    }

    @Test func `is not authorized by a code that has gone bad`() throws {
        let product = try RunningProduct(config: { Self.config($0) })
        let command = "echo https://gateway.example.com/callback?code=old | \"$0\" authorize"
        let refused = try Program.run(["-c", command, BuiltBinary.path], executable: "/bin/bash", in: product.folder)
        #expect(refused.status == 1)
        #expect(refused.errors.hasPrefix("not authorized: 400 "), "\(refused)")
        let command2 = "echo 'https://gateway.example.com/callback?code=x&state=other' | \"$0\" authorize"
        let other = try Program.run(["-c", command2, BuiltBinary.path], executable: "/bin/bash", in: product.folder)
        #expect(other.errors == "this address belongs to another authorization; begin anew\n")
    }
}
