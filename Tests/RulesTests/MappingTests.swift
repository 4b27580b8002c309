import JSON
import Model
import SeededRandom
import Testing

@testable import Rules

@Suite struct `Rules map an event` {
    private func params(_ value: String, _ body: String, required: Bool = false) throws -> Mapping {
        let rules = try RuleSet([
            rule { $0.trigger.contextParams = [ContextParamDefinition("p", value, isRequired: required)] }
        ])
        return rules.map(try event(body))
    }

    @Test(arguments: [
        ("{{ body.v }}", #""text""#, "text"), ("{{ body.v }}", "19.90", "19.90"), ("{{ body.v }}", "1e2", "1e2"),
        ("{{ body.v }}", "820982911946154508123", "820982911946154508123"), ("{{ body.v }}", "-0.0", "-0.0"),
        ("{{ body.v }}", "true", "true"), ("{{ body.v }}", "false", "false"), ("{{ body.v }}", "\"\"", ""),
        ("{{ body.v }}", "[1, \"a\", {\"b\": 2.50}]", "[1,\"a\",{\"b\":2.50}]"), ("{{ body.v }}", "{}", "{}"),
        ("{{ body.v }} EUR", "19.90", "19.90 EUR"), ("{{ body.v }} EUR", "null", " EUR"),
        ("a{{ body.v }}b{{ body.none }}c", "true", "atruebc"), ("plain", "1", "plain"), ("", "1", ""),
        ("{{body.v}}{{body.v}}", "1.0", "1.01.0"), ("{{ '{{' }}", "1", "{{"), (" {{ body.v }}", "1", " 1"),
        ("{{ {a: {b: body.v}} }}", "1", #"{"a":{"b":1}}"#), ("}} {{ body.v }} {", "1", "}} 1 {"),
    ])
    func `with values as the API wants them`(template: String, value: String, expected: String) throws {
        let mapping = try params(template, #"{"phone": "1", "v": \#(value)}"#)
        #expect(mapping.deliveries.first?.trigger.contextParams == [ContextParam("p", expected)])
    }

    @Test(arguments: [#"{"phone": "1"}"#, #"{"phone": "1", "v": null}"#])
    func `without the keys of what is absent`(body: String) throws {
        let mapping = try params("{{ body.v }}", body)
        #expect(mapping.deliveries.first?.trigger.contextParams == [])
        let failed = try params("{{ body.v }}", body, required: true)
        #expect(failed.deliveries.isEmpty)
        #expect(
            failed.failures == [
                MappingFailure(
                    rule: "order",
                    item: 0,
                    place: "trigger.contextParams.p",
                    reason: "it is required, and {{ body.v }} gives nothing"
                )
            ]
        )
        #expect(failed.outcome == .failed)
    }

    @Test func `keeping any number's digits`() throws {
        var random = SplitMix64(seed: 7)
        for _ in 0..<500 {
            let digits = (1...Int.random(in: 1...30, using: &random)).map { _ in Int.random(in: 0...9, using: &random) }
            let fraction = (0..<Int.random(in: 0...8, using: &random)).map { _ in Int.random(in: 0...9, using: &random)
            }
            let whole = "1" + digits.map(String.init).joined()
            let lexeme = fraction.isEmpty ? whole : whole + "." + fraction.map(String.init).joined()
            #expect(
                try params("{{ body.v }}", #"{"phone": "1", "v": \#(lexeme)}"#).deliveries[0].trigger.contextParams
                    == [ContextParam("p", lexeme)]
            )
        }
    }

    @Test(arguments: [#"{}"#, #"{"phone": null}"#, #"{"phone": ""}"#, #"{"phone": "  "}"#, #"{"phone": " \n"}"#])
    func `and fail without a person`(body: String) throws {
        let mapping = try RuleSet([rule()]).map(event(body))
        #expect(mapping.deliveries.isEmpty)
        #expect(mapping.failures.map(\.place) == ["trigger.snId"])
        #expect(mapping.failures.first?.reason.hasPrefix("it is empty: {{ body.phone }} gives") == true)
    }

    @Test func `to deliveries with all that the rule says of them`() throws {
        let definition = rule {
            $0.trigger.snID = "{{ body.phone }}"
            $0.queue = "high"
            $0.destination = "eu"
            $0.delay = .seconds(60)
            $0.expiresAfter = .seconds(3_600)
            $0.onUnknownOutcome = .hold
        }
        let mapping = try RuleSet([definition]).map(event(#"{"phone": 971501800350}"#))
        #expect(
            mapping.deliveries == [
                DeliveryDraft(
                    rule: "order",
                    item: 0,
                    destination: "eu",
                    queue: "high",
                    trigger: Trigger(snType: "SMS", snID: "971501800350", journeyID: "64ad5aaeda4f3f1b3fea3eda"),
                    delay: .seconds(60),
                    expiresAt: Timestamp(milliseconds: 1_769_855_400_123),
                    onUnknownOutcome: .hold,
                    policies: DeliveryPolicies(expiresAfter: .seconds(3_600))
                )
            ]
        )
        #expect(mapping.outcome == .matched)
    }

    @Test func `with the defaults of the config`() throws {
        let defaults = RuleDefaults(
            queue: "q",
            destination: "d",
            delay: .seconds(1),
            expiresAfter: .seconds(2),
            onUnknownOutcome: .hold,
            lets: [NamedExpression("p", "body.phone")]
        )
        let rules = try RuleSet(
            [rule { $0.trigger.snID = "{{ $p }}" }],
            vocabulary: RuleVocabulary(defaults: defaults)
        )
        let delivery = try #require(rules.map(event(#"{"phone": "1"}"#)).deliveries.first)
        #expect(delivery.queue == "q" && delivery.destination == "d" && delivery.delay == .seconds(1))
        #expect(delivery.expiresAt == Timestamp(milliseconds: 1_769_851_802_123))
        #expect(delivery.onUnknownOutcome == .hold && delivery.trigger.snID == "1")
    }

    @Test(arguments: [
        ("true", true), ("false", false), ("null", false), ("\"\"", false), ("[]", false), ("{}", false), ("0", true),
        ("\"a\"", true), ("[0]", true), ("{\"a\": null}", true),
    ])
    func `when the condition is true as JMESPath has it`(value: String, matches: Bool) throws {
        let rules = try RuleSet([rule { $0.when = "body.v" }])
        let mapping = rules.map(try event(#"{"phone": "1", "v": \#(value)}"#))
        #expect(mapping.outcome == (matches ? .matched : .unmatched))
    }

    @Test func `of their own source alone`() throws {
        let rules = try RuleSet([rule { $0.sources = ["shop", "form"] }])
        #expect(rules.map(try event(source: "form", #"{"phone": "1"}"#)).outcome == .matched)
        #expect(rules.map(try event(source: "other", #"{"phone": "1"}"#)).outcome == .unmatched)
    }

    @Test func `all that match, in the order written, up to one that says stop`() throws {
        let rules = try RuleSet([
            rule("a") { $0.when = "body.a" }, rule("b") { $0.when = "topic == 'orders/create'" },
            rule("c") {
                $0.when = "body.c"
                $0.stop = true
            }, rule("d") { $0.when = "contains(['orders/create', 'x'], topic)" },
        ])
        func names(_ body: String) throws -> [String] { rules.map(try event(body)).deliveries.map(\.rule) }
        #expect(try names(#"{"phone": "1", "a": 1}"#) == ["a", "b", "d"])
        #expect(try names(#"{"phone": "1", "a": 1, "c": 1}"#) == ["a", "b", "c"])
        #expect(try names(#"{"phone": "1"}"#) == ["b", "d"])
    }

    @Test func `stopping at a rule that matched and failed, and not at one that could not say`() throws {
        let stopping = rule("stops") {
            $0.when = "body.kind == 'a'"
            $0.trigger.snID = "{{ body.none }}"
            $0.stop = true
        }
        let unclear = rule("unclear") {
            $0.when = "lower(body.none) == 'x'"
            $0.stop = true
        }
        let rules = try RuleSet([unclear, stopping, rule("last")])
        let stopped = rules.map(try event(#"{"phone": "1", "kind": "a"}"#))
        #expect(stopped.deliveries.isEmpty)
        #expect(stopped.failures.map(\.rule) == ["unclear", "stops"])
        #expect(stopped.failures.map(\.place) == ["when", "trigger.snId"])
        #expect(rules.map(try event(#"{"phone": "1", "kind": "b"}"#)).deliveries.map(\.rule) == ["last"])
    }

    @Test func `element by element with each`() throws {
        let rules = try RuleSet([
            rule {
                $0.each = "body.people"
                $0.when = "item.ok"
                $0.trigger.snID = "{{ item.phone }}"
                $0.trigger.contextParams = [ContextParamDefinition("shop", "{{ body.shop }}")]
            }
        ])
        let mapping = rules.map(
            try event(
                #"{"shop": "S", "people": [{"ok": 1, "phone": "1"}, {"phone": "2"}, {"ok": 1}, {"ok": 1, "phone": "4"}]}"#
            )
        )
        #expect(mapping.deliveries.map(\.item) == [0, 3])
        #expect(mapping.deliveries.map(\.trigger.snID) == ["1", "4"])
        #expect(
            mapping.deliveries.map(\.trigger.contextParams) == [
                [ContextParam("shop", "S")], [ContextParam("shop", "S")],
            ]
        )
        #expect(mapping.failures.map(\.item) == [2])
        #expect(rules.map(try event(#"{"people": []}"#)).outcome == .unmatched)
        #expect(rules.map(try event(#"{}"#)).outcome == .unmatched)
        let failed = rules.map(try event(#"{"people": {"phone": "1"}}"#))
        #expect(failed.failures.map(\.reason) == ["found an object, expected an array"])
        #expect(failed.failures.map(\.place) == ["each"])
    }

    @Test func `within limits`() throws {
        let limits = MappingLimits(items: 3, triggerBytes: 200)
        let rules = try RuleSet(
            [
                rule {
                    $0.each = "body.people"
                    $0.trigger.snID = "{{ item }}"
                }
            ],
            vocabulary: RuleVocabulary(limits: limits)
        )
        #expect(rules.map(try event(#"{"people": ["1", "2", "3"]}"#)).deliveries.count == 3)
        let many = rules.map(try event(#"{"people": ["1", "2", "3", "4"]}"#))
        #expect(many.failures.map(\.reason) == ["found 4 elements, expected at most 3"])
        let long = rules.map(try event(#"{"people": ["\#(String(repeating: "1", count: 300))"]}"#))
        #expect(long.failures.map(\.reason) == ["it is larger than 200 bytes"])
    }

    @Test func `by lets, which are evaluated when they are needed`() throws {
        let rules = try RuleSet([
            rule {
                $0.lets = [
                    NamedExpression("country", "default(body.country, 'CA')"),
                    NamedExpression("id", "msisdn(body.phone, $country)"), NamedExpression("never", "lower(body.none)"),
                ]
                $0.when = "$country == 'CA'"
                $0.trigger.snID = "{{ $id }}"
            }
        ])
        #expect(rules.map(try event(#"{"phone": "(514) 555-0199"}"#)).deliveries.map(\.trigger.snID) == ["15145550199"])
        #expect(rules.map(try event(#"{"phone": "x", "country": "DE"}"#)).outcome == .unmatched)
        let failed = rules.map(try event(#"{"phone": "12"}"#))
        #expect(failed.failures.map(\.place) == ["lets.id"])
        #expect(
            failed.failures.map(\.reason)
                == ["'12' is too short for region CA, in msisdn(body.phone, $country) at offset 7"]
        )
    }

    @Test func `to journeys by name, by id, or looked up`() throws {
        let vocabulary = RuleVocabulary(
            journeys: ["welcome": "64ad5aaeda4f3f1b3fea3edb"],
            tables: LookupTables(["journeys": ["CA": "welcome", "DE": "64ad5aaeda4f3f1b3fea3edc", "FR": "nowhere"]])
        )
        let rules = try RuleSet(
            [rule { $0.trigger.journey = "{{ lookup('journeys', body.country) }}" }],
            vocabulary: vocabulary
        )
        func map(_ country: String) throws -> Mapping {
            rules.map(try event(#"{"phone": "1", "country": "\#(country)"}"#))
        }
        #expect(try map("CA").deliveries.map(\.trigger.journeyID) == ["64ad5aaeda4f3f1b3fea3edb"])
        #expect(try map("DE").deliveries.map(\.trigger.journeyID) == ["64ad5aaeda4f3f1b3fea3edc"])
        #expect(
            try map("FR").failures.map(\.reason) == [
                "'nowhere' is no journey; expected a name of 'journeys' or an id of 24 hexadecimal digits"
            ]
        )
        #expect(try map("US").failures.map(\.place) == ["trigger.journey"])
    }
}
