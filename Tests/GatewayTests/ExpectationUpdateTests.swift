import Foundation
import Rules
import Testing

@testable import Gateway

@Suite struct `Expectations are rewritten` {
    private static let head = """
        sprinklr: { dryRun: true }
        sources:
          form: { path: /form }
        rules:
          - name: one
            source: form
            when: body.id
            trigger:
              journey: 64ad5aaeda4f3f1b3fea3edb
              snType: SMS
              snId: "{{ body.id }}"
              contextParams: { name: "{{ body.name }}" }
            each: body.people

        """

    /// Writes a config with these lines at its end, updates it, and returns its end.
    private func updated(_ rest: String, head: String = Self.head) throws -> (text: String, obstacles: [String]) {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("journey-gateway-\(UUID()).yaml")
        defer { try? FileManager.default.removeItem(at: file) }
        try (head + rest).write(to: file, atomically: true, encoding: .utf8)
        let config = try GatewayConfig.load(file.path, isDry: true, examples: .skipped)
        let update = try ExpectationUpdate(configPath: file.path, report: ExampleReport(config.rules))
        try update.write()
        let text = try String(contentsOf: file, encoding: .utf8)
        #expect(text.hasPrefix(head))
        let again = try GatewayConfig.load(file.path, isDry: true, examples: .skipped)
        if update.obstacles.isEmpty { #expect(ExampleReport(again.rules).failureCount == 0) }
        return (String(text.dropFirst(head.count)), update.obstacles)
    }

    private static let single = head.replacingOccurrences(of: "    each: body.people\n", with: "")

    @Test func `where they stand, with all around them as it was`() throws {
        let (text, obstacles) = try updated(
            """
                examples:
                  # the first
                  - given: { id: "7", name: "yes" }
                    expect:   # wrong
                      snId: "8"
                      contextParams: {}

                  # the second
                  - expect: none
                    given: { id: a b, name: "O'Hara: 1" }   # kept
            # the end

            """,
            head: Self.single
        )
        #expect(obstacles == [])
        #expect(
            text == """
                    examples:
                      # the first
                      - given: { id: "7", name: "yes" }
                        expect:
                          snId: "7"
                          contextParams:
                            name: "yes"

                      # the second
                      - expect:
                          snType: SMS
                          snId: a b
                          contextParams:
                            name: "O'Hara: 1"
                        given: { id: a b, name: "O'Hara: 1" }   # kept
                # the end

                """
        )
    }

    @Test func `as a list, as none and as a failure`() throws {
        let (text, _) = try updated(
            """
                examples:
                  - given: { id: 1, people: [1, 2] }
                    expect:
                    - snId: "2"
                  - given: { id: "", people: [1] }
                    expect: { snId: "1" }

            """
        )
        #expect(text.contains("        expect:\n          - snId: \"1\"\n          - snId: \"1\"\n"))
        #expect(text.contains("        expect: none\n"))
        let failing = Self.single.replacingOccurrences(of: "when: body.id", with: "when: body.name")
        let (failure, _) = try updated(
            "    examples:\n      - given: { name: x }\n        expect: none\n",
            head: failing
        )
        #expect(failure.contains("expect: { failure: trigger.snId }"))
    }

    @Test func `but not within braces, which is said`() throws {
        let rest = "    examples: [{ given: { id: \"7\" }, expect: none }]\n"
        let (text, obstacles) = try updated(rest, head: Self.single)
        #expect(text == rest)
        #expect(obstacles.count == 1 && obstacles[0].hasPrefix("rule one, example 1: it is written in braces"))
    }
}
