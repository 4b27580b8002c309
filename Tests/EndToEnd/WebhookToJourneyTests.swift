import Foundation
import JSON
import Testing

/// The built binary over real sockets: what a user who follows the README sees.
@Suite struct `A webhook starts a journey` {
    /// The config of `make run`, delivering to a sandbox of its own in place of the built-in one.
    private static func demoConfig(sandbox: String) throws -> String {
        let config = try String(
            contentsOf: BuiltBinary.packageRoot.appendingPathComponent("Config/gateway.yaml"),
            encoding: .utf8
        )
        return
            config
            .replacingOccurrences(of: "https://api2.sprinklr.com", with: "http://" + sandbox)
            .replacingOccurrences(of: "dryRun: true ", with: "key: demo\n  token: demo ")
            .replacingOccurrences(of: "sqlite:../Data/events.db", with: "sqlite:events.db")
    }

    /// The curl lines that `make run` prints, for a gateway at this address.
    private func tryLines(_ address: String) throws -> [String] {
        let folder = try TemporaryFolder()
        let script = BuiltBinary.packageRoot.appendingPathComponent("Scripts/try-lines").path
        let printed = try Program.run([script], executable: "/bin/bash", in: folder).output
        return printed.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
            .filter { $0.hasPrefix("curl ") }
            .map { $0.replacingOccurrences(of: "127.0.0.1:8080", with: address) }
    }

    @Test func `by each of the three lines that make run prints`() throws {
        let root = BuiltBinary.packageRoot.appendingPathComponent("Config")
        let product = try RunningProduct(
            links: ["Config": root, "examples": root.appendingPathComponent("examples")],
            config: { (try? Self.demoConfig(sandbox: $0)) ?? "" }
        )
        let lines = try tryLines(product.address)
        #expect(lines.count == 3)
        for (index, line) in lines.enumerated() {
            let answer = try Program.run(["-c", line], executable: "/bin/bash", in: product.folder)
            let statusLine = answer.output.split(separator: "\r\n").first ?? ""
            #expect(statusLine == "HTTP/1.1 202 Accepted" || statusLine == "HTTP/1.1 200 OK", "\(line): \(answer)")
            _ = try product.awaitAccepted(index + 1)
        }
        let bodies = try product.awaitAccepted(3).compactMap { $0["body"] }
        #expect(bodies[0]["snType"] == "EMAIL")
        #expect(bodies[0]["snId"] == "ana.lima@example.com")
        #expect(bodies[0]["journeyId"] == "64ad5aaeda4f3f1b3fea3edc")
        #expect(bodies[0]["contextParams"] == ["name": "Ana Lima", "subject": "wholesale"])
        #expect(bodies[1]["snType"] == "WHATSAPP_BUSINESS")
        #expect(bodies[1]["snId"] == "15145550199")
        #expect(bodies[1]["journeyId"] == "64ad5aaeda4f3f1b3fea3eda")
        #expect(
            bodies[1]["contextParams"] == [
                "orderNumber": "1001", "total": "409.94 CAD", "items": "Cap, Mug", "firstName": "Camille",
            ]
        )
        #expect(bodies[2]["snType"] == "WHATSAPP_BUSINESS")
        #expect(bodies[2]["snId"] == "351912345678")
        #expect(bodies[2]["journeyId"] == "64ad5aaeda4f3f1b3fea3edb")
        #expect(
            bodies[2]["contextParams"] == ["text": "Hello! Do you deliver to Porto? 🙂", "name": "Ana Lima"]
        )
    }

    @Test func `and its story tells what came, which rule, what was sent and what came back`() throws {
        let product = try RunningProduct(config: Plain.config)
        let answer = try HTTPConnection(product.address).post(Plain.path, Plain.event(person: "p1", number: 1))
        #expect(answer.status == 202)
        let id = try #require(try JSONValue.parse(answer.body)["events"]?[0]?["id"]?.stringValue)
        _ = try product.awaitAccepted(1)
        let story = try product.eventually("the story's end") { () -> String? in
            let story = try product.command("events", id, "--config", "gateway.yaml").output
            return story.contains("delivered") ? story : nil
        }
        for part in [
            id, #""person":"p1""#, "rule plain", "SMS p1", "64ad5aaeda4f3f1b3fea3eda", "trigger", "204 accepted",
        ] {
            #expect(story.contains(part), "\(part) is missing in:\n\(story)")
        }
        let list = try product.command("events", "--config", "gateway.yaml").output
        #expect(list.contains(id) && list.contains("matched, 1 delivery"))
    }

    @Test func `once, when its sender repeats it`() throws {
        let product = try RunningProduct(config: Plain.config)
        let connection = try HTTPConnection(product.address)
        let first = try connection.post(Plain.path, Plain.event(person: "p1", number: 1))
        let again = try connection.post(Plain.path, Plain.event(person: "p1", number: 1))
        _ = try connection.post(Plain.path, Plain.event(person: "p1", number: 2))
        #expect(first.status == 202 && again.status == 202)
        #expect(try JSONValue.parse(again.body)["duplicate"] == true)
        let numbers = try product.awaitAccepted(2).compactMap { $0["body"]?["contextParams"]?["number"]?.stringValue }
        #expect(numbers == ["1", "2"])
    }

    @Test func `through triggerWithNewProfile when Sprinklr does not know the person`() throws {
        let product = try RunningProduct(
            sandbox: ["--per-second", "1000", "--per-hour", "100000", "--unknown", "new-*"],
            config: Plain.config
        )
        _ = try HTTPConnection(product.address).post(Plain.path, Plain.event(person: "new-1", number: 1))
        let accepted = try product.awaitAccepted(1)
        #expect(accepted[0]["body"]?["unifiedProfile"]?["profiles"]?[0]?["channelId"] == "new-1")
        #expect(try product.calls().map { $0["status"]?.number?.lexeme } == ["404", "200"])
    }

    @Test func `and the books balance in the metrics`() throws {
        let product = try RunningProduct(config: Plain.config)
        let connection = try HTTPConnection(product.address)
        _ = try connection.post(Plain.path, Plain.event(person: "p1", number: 1))
        _ = try connection.post(Plain.path, "{")
        _ = try connection.post("/nowhere", "{}")
        _ = try product.awaitAccepted(1)
        let metrics = try HTTPConnection(product.adminAddress).get("/metrics")
        #expect(metrics.status == 200)
        for line in [
            #"journey_gateway_requests_total{source="plain",outcome="decoded"} 1"#,
            #"journey_gateway_requests_total{source="plain",outcome="refused-body"} 1"#,
            #"journey_gateway_requests_total{source="-",outcome="refused-path"} 1"#,
            #"journey_gateway_events_total{source="plain",outcome="matched"} 1"#,
            "journey_gateway_books_imbalances 0",
        ] {
            #expect(metrics.body.contains(line), "\(line) is missing in:\n\(metrics.body)")
        }
    }
}

/// A config with one source and one rule, and events for it.
enum Plain {
    static let path = "/hooks/plain"

    static let config: @Sendable (String) -> String = { sandbox in
        """
        listen: 127.0.0.1:0
        admin: { listen: "127.0.0.1:0", token: secret, metrics: open }
        store: sqlite:events.db
        sprinklr:
          baseURL: http://\(sandbox)
          key: demo
          token: demo
          quota: { perSecond: 100000, perHour: 10000000 }
          retry: { firstDelay: 50ms, maxDelay: 500ms, maxAttempts: 100 }
          breaker: { probe: 200ms }
        sources:
          plain: { path: \(path), eventId: "body.number" }
        rules:
          - name: plain
            source: plain
            trigger:
              journey: 64ad5aaeda4f3f1b3fea3eda
              snType: SMS
              snId: "{{ body.person }}"
              contextParams: { number: "{{ body.number }}" }
            newProfile:
              profiles: [{ channelType: SMS, channelId: "{{ body.person }}" }]

        """
    }

    static func event(person: String, number: Int) -> String {
        #"{"person":"\#(person)","number":\#(number)}"#
    }
}
