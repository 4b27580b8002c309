import Foundation
import JSON
import Testing

/// The rules change, and what they owe for events of the past is sent.
@Suite struct `Replaying under changed rules` {
    private let since = ["--since", "2020-01-01T00:00:00Z", "--config", "new.yaml"]

    /// The plain rule by another name, and a second one for some of the events.
    private func changed(_ sandbox: String) -> String {
        Plain.config(sandbox).replacingOccurrences(of: "- name: plain", with: "- name: renamed") + """
              - name: second
                source: plain
                when: body.number > `1`
                trigger: { journey: 64ad5aaeda4f3f1b3fea3edb, snType: EMAIL, snId: "{{ body.person }}" }

            """
    }

    @Test func `shows what differs, sends what is missing, and nothing twice unless forced to`() throws {
        let product = try RunningProduct(config: Plain.config)
        for number in 1...3 {
            _ = try HTTPConnection(product.address).post(Plain.path, Plain.event(person: "p\(number)", number: number))
        }
        _ = try product.awaitAccepted(3)
        try product.folder.write(changed(product.sandboxAddress), to: "new.yaml")
        func replay(_ flag: String) throws -> (status: Int32?, output: String, errors: String) {
            try Program.run(["replay", flag] + since, in: product.folder)
        }
        let shown = try replay("--dry-run")
        #expect(
            shown.errors
                == "3 events: 2 deliveries new, 0 gone, 3 changed, 0 the same, 0 mapping failures; 2 are missing\n"
        )
        #expect(shown.output.contains("  + new: rule second: EMAIL p2, journey 64ad5aaeda4f3f1b3fea3edb\n"), "\(shown)")
        #expect(shown.output.contains("      rule: \"plain\" → \"renamed\"\n"))

        let sent = try replay("--only-missing")
        #expect(sent.status == 0 && sent.errors.hasSuffix("2 deliveries made\n"), "\(sent)")
        let accepted = try product.awaitAccepted(5)
        #expect(Set(accepted.suffix(2).compactMap { $0["body"]?["snId"]?.stringValue }) == ["p2", "p3"])
        #expect(accepted.suffix(2).allSatisfy { $0["body"]?["snType"] == "EMAIL" })

        let again = try replay("--only-missing")
        #expect(again.errors.contains("0 are missing\n") && again.errors.hasSuffix("0 deliveries made\n"), "\(again)")
        #expect(try replay("--force").errors.hasSuffix("5 deliveries made\n"))
        #expect(try product.awaitAccepted(10).count == 10)

        product.gateway.signal(SIGTERM)
        #expect(product.gateway.waitForExit() == 0)
        let alone = try replay("--only-missing")
        #expect(alone.status == 0 && alone.errors.hasSuffix("0 deliveries made\n"), "\(alone)")
    }

    @Test func `refuses a queue that the gateway which runs does not have`() throws {
        let product = try RunningProduct(config: Plain.config)
        _ = try HTTPConnection(product.address).post(Plain.path, Plain.event(person: "p", number: 7))
        _ = try product.awaitAccepted(1)
        let config = changed(product.sandboxAddress) + "    queue: other\nqueues: { other: {} }\n"
        try product.folder.write(config, to: "new.yaml")
        let refused = try Program.run(["replay", "--only-missing"] + since, in: product.folder)
        #expect(refused.status == 1 && refused.errors.contains("There is no queue 'other'"), "\(refused)")
        #expect(try product.calls().count == 1)
    }
}
