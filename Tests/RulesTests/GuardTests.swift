import JMESPath
import JSON
import Model
import SeededRandom
import Testing

@testable import Rules

@Suite struct `A guard` {
    @Test(
        arguments: [
            ("topic == 'a'", ["topic"], ["a"]), ("'a' == topic", ["topic"], ["a"]),
            ("topic == `\"a\"`", ["topic"], ["a"]),
            ("body.kind == 'a' && topic == 'b'", ["topic"], ["b"]),
            ("body.x && body.kind == 'a'", ["body", "kind"], ["a"]),
            ("topic == 'a' || topic == 'b' || 'c' == topic", ["topic"], ["a", "b", "c"]),
            ("contains(['a', 'b'], topic) && body.x", ["topic"], ["a", "b"]),
            ("contains(`[\"a\"]`, body.kind)", ["body", "kind"], ["a"]),
            ("(topic == 'a') && (body.x && body.y)", ["topic"], ["a"]),
            ("headers.\"x-kind\" == 'a'", ["headers", "x-kind"], ["a"]), ("$.topic == 'a'", ["topic"], ["a"]),
        ] as [(String, [String], [String])]
    )
    func `is found in a condition`(when: String, path: [String], constants: [String]) throws {
        let found = try #require(Guard.all(of: Expression(when).root).first)
        #expect(found.path == path && found.constants == constants)
    }

    @Test(arguments: [
        "topic", "topic != 'a'", "topic == 'a' || body.x", "topic == 'a' || body.kind == 'a'", "topic == body.x",
        "!(topic == 'a')", "item.kind == 'a'", "topic == `1`", "contains(topic, 'a')", "contains(['a', body.x], topic)",
        "body.items[0] == 'a'", "body.items[].kind == 'a'", "lower(topic) == 'a'", "topic == 'a' | !@",
        "topic == 'a' ? body.x : body.y", "'a' == 'a'",
    ])
    func `is not found where a condition may hold without it`(when: String) throws {
        #expect(try Guard.all(of: Expression(when).root).isEmpty)
    }

    @Test func `lets an event through that holds for all of a rule's`() throws {
        let rules = try RuleSet([rule { $0.when = "length(body.list) > `0` && body.kind == 'k' && topic == 't'" }])
        for (topic, kind) in [("t", "x"), ("u", "k"), ("u", "x")] {
            // Not even the failure of what stands before.
            let mapping = rules.map(try event(topic: topic, #"{"phone": "1", "list": 7, "kind": "\#(kind)"}"#))
            #expect(mapping.deliveries.isEmpty && mapping.failures.isEmpty)
        }
        #expect(rules.map(try event(topic: "t", #"{"list": 7, "kind": "k"}"#)).failures.count == 1)
    }

    /// What an event costs grows with the rules that are asked, and with the fields that any rule compares.
    @Test(arguments: ["topic == 't%'", "topic == 't' && body.sku == 's%'", "body.list[0] && 'k%' == body.kind"])
    func `leaves one of a thousand rules to be asked`(when: String) throws {
        let definitions = (0..<1_000).map { number in
            rule("r\(number)") { $0.when = when.replacing("%", with: String(number)) }
        }
        let index = RuleIndex(try RuleSet(definitions).rules)
        let body = #"{"phone": "1", "sku": "s700", "kind": "k700", "list": [1]}"#
        for topic in ["t", "t700"] {
            let found = index.candidates(for: try event(topic: topic, body).document)
            #expect(found == (when == "topic == 't%'" && topic == "t" ? [] : [700]))
        }
    }

    /// Rules with and without guards in any order, asked by the index and one after the other.
    @Test(arguments: 1...20 as ClosedRange<UInt64>)
    func `changes nothing but the time`(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let conditions = [
            "topic == 't0'", "topic == 't1' && body.a", "body.kind == 'k0'", "body.a && body.kind == 'k1'",
            "contains(['t0', 't2'], topic)", "topic == 't1' || topic == 't2'", "body.a", "topic != 't0'",
            "body.kind == 'k0' && topic == 't0'", "headers.h == 'x'",
        ]
        let definitions = (0..<30).map { number in
            rule("r\(number)") {
                $0.when = Bool.random(using: &random) ? conditions.randomElement(using: &random) : nil
                $0.stop = Int.random(in: 0..<8, using: &random) == 0
            }
        }
        let rules = try RuleSet(definitions)
        for _ in 0..<100 {
            let kind = ["\"k0\"", "\"k1\"", "null", "7"].randomElement(using: &random) ?? "null"
            let topic = ["t0", "t1", "t2", nil].randomElement(using: &random) ?? nil
            let given = try event(
                topic: topic,
                headers: Bool.random(using: &random) ? ["h": "x"] : [:],
                #"{"phone": "1", "kind": \#(kind)\#(Bool.random(using: &random) ? #", "a": 1"# : "")}"#
            )
            var expected: [String] = []
            for definition in definitions {
                let holds = try definition.when.map { try Expression($0).evaluate(given.document).isTruthy } ?? true
                if holds { expected.append(definition.name) }
                if holds, definition.stop { break }
            }
            #expect(rules.map(given).deliveries.map(\.rule) == expected)
            #expect(rules.explain(given).rules.filter { $0.verdict == .matched }.map(\.rule) == expected)
        }
    }
}
