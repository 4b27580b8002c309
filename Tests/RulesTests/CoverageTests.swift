import JSON
import Model
import Testing

@testable import Rules

@Suite struct `The coverage of examples` {
    private func coverage(
        of bodies: [String],
        topics: [String] = [],
        change: (inout RuleDefinition) -> Void
    ) throws -> Coverage {
        let examples = try bodies.enumerated().map { number, body in
            let topic = number < topics.count ? topics[number] : nil
            return RuleExample(given: [ExampleEvent(topic: topic, body: try json(body))], expect: .none)
        }
        let definition = rule {
            $0.examples = examples
            change(&$0)
        }
        return try RuleSet([definition]).coverage()
    }

    private func gaps(_ coverage: Coverage) -> [String] {
        coverage.gaps.map { "\($0.rule) \($0.place ?? "-"): \($0.message)" }
    }

    @Test func `names rules that no example makes match`() throws {
        let found = try coverage(of: []) { $0.when = "body.a || body.b" }
        #expect(gaps(found) == ["order -: no example makes it match", "order when: it holds in every example"])
        #expect(found.rules.covered == 0 && found.rules.all == 1)
        #expect(found.branches.covered == 0 && found.branches.all == 3)
    }

    @Test func `names a condition that always holds, and parts that are never reached`() throws {
        let found = try coverage(of: [#"{"phone": "1", "a": 1}"#]) {
            $0.when = "body.phone && (body.a || body.b)"
            $0.trigger.contextParams = [
                ContextParamDefinition("x", "{{ body.a ? body.phone : body.c || body.d }}"),
                ContextParamDefinition("y", "{{ body.items[?price].title }}"),
            ]
        }
        #expect(
            gaps(found) == [
                "order when: it holds in every example", "order when: `body.b` is never reached in `body.a || body.b`",
                "order trigger.contextParams.x: `body.c || body.d` is never reached in "
                    + "`body.a ? body.phone : body.c || body.d`",
                "order trigger.contextParams.y: `price` is never reached in `body.items[?price].title`",
                "order trigger.contextParams.y: `title` is never reached in `body.items[?price].title`",
            ]
        )
        #expect(found.branches.covered == 3 && found.branches.all == 9)
    }

    @Test func `is whole when some example takes each way`() throws {
        let found = try coverage(
            of: [#"{"phone": "1", "a": 1}"#, #"{"phone": "1"}"#, #"{"phone": "1"}"#],
            topics: ["t", "t", "u"]
        ) {
            $0.when = "topic == 't'"
            $0.trigger.snID = "{{ body.a || body.phone }}"
        }
        #expect(gaps(found) == [])
        #expect(found.branches.covered == found.branches.all)
    }

    @Test func `sees no example behind a rule that stops`() throws {
        let example = RuleExample(given: [ExampleEvent(body: ["phone": "1"])], expect: .none)
        let first = rule("first") {
            $0.stop = true
            $0.examples = [example]
        }
        let second = rule("second") { $0.examples = [example] }
        #expect(try gaps(RuleSet([first, second]).coverage()) == ["second -: no example makes it match"])
    }
}
