import JSON
import Model
import Testing

@testable import Rules

@Suite struct `Rules are checked before they run, and` {
    private func only(
        _ rules: [RuleDefinition],
        _ vocabulary: RuleVocabulary = RuleVocabulary(),
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws -> RuleProblem {
        let found = problems(rules, vocabulary)
        try #require(found.count == 1, "\(found)", sourceLocation: sourceLocation)
        return found[0]
    }

    @Test(
        arguments: [
            ("{{ msisnd(body.phone) }}", 3, "there is no function msisnd(); did you mean msisdn()?"),
            ("+{{ msisdn() }}", 4, "msisdn() takes 1 to 2 arguments, 0 given; expected msisdn(value, region?)"),
            ("{{ body. }}", nil, nil), ("{{ body.phone", 0, "'{{' is not closed by '}}'"),
            ("{{ length(`1`) }}", 10, "length(): argument 1 (subject) is a number; expected string, array or object"),
            ("{{ lower(body.a == body.b) }}", 9, "lower(): argument 1 (subject) is always boolean; expected string"),
            ("{{ join(', ', lower(body.a)) }}", nil, nil),
            (
                "{{ phone(body.phone, 'Canada') }}", 21,
                "phone(): argument 2 (region): 'Canada' is no region; expected two letters such as 'CA'"
            ),
            (
                "{{ regex_match(body.a, '(') }}", 23,
                "regex_match(): argument 2 (pattern): '(' is no regular expression: missing ): ("
            ),
            ("{{ format_date(body.a, 'YYYY') }}", nil, nil),
            ("{{ format_date(body.a, 'yyyy', 'Europe/Berlinn') }}", nil, nil),
            ("{{ add_duration(body.a, '3 days') }}", nil, nil),
            (
                "{{ lookup('languges', body.a) }}", 10,
                "lookup(): argument 1 (table): there is no table 'languges'; did you mean 'languages'?"
            ),
            ("{{ $phone }}", 3, "there is no variable $phone; did you mean '$phones'?"),
            ("{{ customer.phone }}", 3, "an event has no field 'customer'; did you mean 'body.customer'?"),
            ("{{ boddy.phone }}", 3, "an event has no field 'boddy'; did you mean 'body'?"),
            ("{{ item.phone }}", 3, "'item' is there only in a rule with each:"),
            ("  ", nil, "it must not be empty"),
        ] as [(String, Int?, String?)]
    )
    func `a faulty expression is shown where it stands`(snID: String, offset: Int?, message: String?) throws {
        let vocabulary = RuleVocabulary(tables: LookupTables(["languages": [:]]))
        let found = problems(
            [
                rule {
                    $0.lets = [NamedExpression("phones", "body.phones")]
                    $0.trigger.snID = snID
                }
            ],
            vocabulary
        ).filter { $0.severity == .error }
        #expect(found.map(\.place) == ["trigger.snId"])
        if let offset { #expect(found.first?.offset == offset) }
        if let message { #expect(found.first?.message == message) }
    }

    @Test(
        arguments: [
            ("body.total > '100'", 13, "'>' orders numbers, and this is a string; `1` is a number"),
            (
                "`1` <= lower(body.a)", 7,
                "'<=' orders numbers, and this is always string; to_number() makes one of text"
            ),
            ("body.total + 'x'", 13, "'+' computes with numbers, and this is a string; `1` is a number"),
            (
                "-(body.a == body.b)", 2,
                "a sign stands before numbers, and this is always boolean; to_number() makes one of text"
            ),
            ("sort_by(body.a, body.b)", 16, "sort_by(): argument 2 (key) is a value; expected &expression"),
            (
                "length(&body.a)", 7,
                "length(): argument 1 (subject) is an &expression; expected string, array or object"
            ),
        ]
    )
    func `a type that can never fit is an error`(when: String, offset: Int, message: String) throws {
        let found = try only([rule { $0.when = when }])
        #expect(found.severity == .error && found.place == "when")
        #expect(found.offset == offset && found.message == message)
    }

    @Test(
        arguments: [
            ("'orders/create'", "it holds for every event"), ("`false`", "it holds for no event"),
            ("topic == 'a' && body.x && topic == 'b'", "it holds for no event: topic cannot be 'a' and 'b'"),
            ("body.k == 'a' && contains(['b', 'c'], body.k)", "it holds for no event: body.k cannot be 'a' and 'b'"),
        ]
    )
    func `a condition that no event decides is pointed out`(when: String, message: String) throws {
        let found = try only([rule { $0.when = when }])
        #expect(found.severity == .warning && found.place == "when" && found.message == message)
    }

    @Test func `a named expression that nothing uses is pointed out`() throws {
        let definition = rule {
            $0.lets = [
                NamedExpression("a", "body.a"), NamedExpression("b", "$a"), NamedExpression("c", "body.c"),
            ]
            $0.trigger.snID = "{{ $b }}"
        }
        let found = try only([definition])
        #expect(found.severity == .warning && found.place == "lets.c" && found.message == "nothing uses $c")
        let shared = RuleDefaults(lets: [NamedExpression("d", "body.d")])
        #expect(problems([rule()], RuleVocabulary(defaults: shared)) == [])
    }

    @Test func `all faults are found at once, in the order of the rules`() {
        let faulty = rule("b") {
            $0.sources = ["shopp"]
            $0.when = "body."
            $0.each = "body.x["
            $0.lets = [NamedExpression("1", "body"), NamedExpression("a", "$b")]
            $0.trigger = TriggerDefinition(
                journey: "welcom",
                snType: "",
                snID: "{{ nope() }}",
                contextParams: [
                    ContextParamDefinition("x", "{{ }}"), ContextParamDefinition("y", "1"),
                    ContextParamDefinition("y", "2"),
                    ContextParamDefinition("", "3"),
                ]
            )
            $0.queue = "hihg"
            $0.destination = "us"
            $0.delay = .seconds(10)
            $0.expiresAfter = .seconds(10)
            $0.key = "body.k ]"
        }
        let vocabulary = RuleVocabulary(
            journeys: ["welcome": "64ad5aaeda4f3f1b3fea3edb"],
            sources: ["shop"],
            queues: ["high"],
            destinations: ["eu"]
        )
        let found = problems([rule("a") { $0.when = "(" }, faulty, faulty], vocabulary)
        let places = found.filter { $0.severity == .error && $0.rule == "b" }.map(\.place)
        #expect(
            Set(places) == [
                "source", "when", "each", "lets.1", "lets.a", "trigger.journey", "trigger.snType", "trigger.snId",
                "trigger.contextParams", "trigger.contextParams.x", "trigger.contextParams.y", "queue", "destination",
                "expiresAfter", "key", "name",
            ]
        )
        #expect(found.first?.rule == "a")
        #expect(found.contains { $0.message == "'welcom' is no journey; did you mean 'welcome'?" })
        #expect(found.contains { $0.message == "there is no source 'shopp'; did you mean 'shop'?" })
        #expect(found.contains { $0.message == "there is no queue 'hihg'; did you mean 'high'?" })
        #expect(found.contains { $0.message == "another rule has this name" })
    }

    @Test func `what is said of when and how often is checked`() {
        let found = problems([
            rule {
                $0.delay = .seconds(3_600)
                $0.cancelWhen = CancellationDefinition(source: "shop", when: "topic == ", key: "body.token")
                $0.deliverBetween = DeliveryHours(from: "8:00", to: "24:01", timezone: "lookup('zones', body.c)")
                $0.atMost = Frequency(times: 0, per: .zero)
            }
        ])
        let places = found.map(\.place)
        #expect(
            Set(places) == [
                "cancelWhen.when", "key", "deliverBetween.from", "deliverBetween.to", "deliverBetween.timezone",
                "atMost.times", "atMost.per",
            ]
        )
    }

    @Test func `a field that no example has is pointed out`() throws {
        let bodies = [
            #"{"customer": {"phone": "1"}, "items": [{"title": "Cap"}, {"name": "Mug"}]}"#,
            #"{"customer": {"phone": null}}"#, #"{"customer": {}, "order-id": 1}"#,
        ]
        func found(_ change: (inout RuleDefinition) -> Void) throws -> [String] {
            let examples = try bodies.map { body in
                RuleExample(given: [ExampleEvent(body: try json(body))], expect: .none)
            }
            return problems([
                rule {
                    $0.examples = examples
                    $0.trigger.snID = "{{ body.customer.phone }}"
                    change(&$0)
                }
            ]).map { "\($0.severity) \($0.place) \($0.offset ?? -1): \($0.message)" }
        }
        #expect(try found { $0.when = "body.customer.phone && body.items[].title && body.items[?name].title" } == [])
        #expect(
            try found { $0.when = "topic == 'a' && body.costumer.phone" } == [
                "warning when 21: `body.costumer` is never present in this source's 3 examples; "
                    + "did you mean `body.customer`?"
            ]
        )
        #expect(
            try found {
                $0.trigger.contextParams = [ContextParamDefinition("t", "x {{ join(', ', body.items[].titel) }}")]
            }
                == [
                    "warning trigger.contextParams.t 29: `body.items[].titel` is never present in this source's "
                        + "3 examples; did you mean `body.items[].title`?"
                ]
        )
        #expect(
            try found {
                $0.each = "body.items"
                $0.trigger.snID = "{{ item.titles }}"
            } == [
                "warning trigger.snId 8: `body.items[].titles` is never present in this source's 3 examples; "
                    + "did you mean `body.items[].title`?"
            ]
        )
        #expect(
            try found {
                $0.lets = [NamedExpression("c", "body.customer")]; $0.when = "$c.phon"
            } == [
                "warning when 3: `body.customer.phon` is never present in this source's 3 examples; "
                    + "did you mean `body.customer.phone`?"
            ]
        )
        #expect(
            try found { $0.when = #"body."order_id""# } == [
                "warning when 5: `body.order_id` is never present in this source's 3 examples; "
                    + "did you mean `body.\"order-id\"`?"
            ]
        )
        #expect(try found { $0.when = "sort_by(body.items, &titl)[0].title" }.count == 1)
        #expect(try found { $0.when = "map(&$.body.x, body.items)" }.count == 1)
        // Examples of other topics say nothing.
        let other = rule("other") {
            $0.when = "topic == 'checkouts/create' && body.cart"
            $0.trigger.snID = "{{ body.cart }}"
        }
        let own = rule("own") {
            $0.when = "topic == 'orders/create'"
            $0.trigger.snID = "{{ body.phone }}"
            $0.examples = [RuleExample(given: [ExampleEvent(body: ["phone": "1"])], expect: .none)]
        }
        #expect(problems([own, other]) == [])
    }

    @Test func `rules behind a stop are found`() throws {
        func warned(_ first: String?, _ second: String?) -> Bool {
            problems([
                rule("first") {
                    $0.when = first
                    $0.stop = true
                },
                rule("second") { $0.when = second },
            ]).contains(
                RuleProblem(
                    .warning,
                    rule: "second",
                    place: "when",
                    "it is never reached: rule first matches first, and says stop"
                )
            )
        }
        #expect(warned(nil, "body.x"))
        #expect(warned(nil, nil))
        #expect(warned("body.x", "body.x"))
        #expect(warned("topic == 'a'", "topic == 'a' && body.x"))
        #expect(warned("topic == 'a' || topic == 'b'", "topic == 'b'"))
        #expect(warned("contains(['a', 'b'], topic)", "body.x && topic == 'b'"))
        #expect(!warned("topic == 'a'", "topic == 'b'"))
        #expect(!warned("topic == 'a' && body.x", "topic == 'a'"))
        #expect(!warned("body.x", nil))
        #expect(!warned("topic == 'a'", "topic == 'a' || topic == 'b'"))
    }

    @Test func `stops of one source leave other sources alone`() {
        let found = problems([
            rule("first") { $0.stop = true },
            rule("second") { $0.sources = ["shop", "form"] },
        ])
        #expect(found == [])
    }

    @Test func `one key spelt in several ways is pointed out, within one journey`() throws {
        func rules(_ keys: [String], journey: String = "64ad5aaeda4f3f1b3fea3eda") -> [RuleDefinition] {
            keys.enumerated().map { index, key in
                rule("r\(index)\(journey.suffix(1))") {
                    $0.trigger.journey = journey
                    $0.trigger.contextParams = [ContextParamDefinition(key, "{{ body.n }}")]
                }
            }
        }
        #expect(
            try only(rules(["orderNumber", "order_number", "orderNumber"]))
                == RuleProblem(
                    .warning,
                    rule: "r1a",
                    place: "trigger.contextParams.order_number",
                    "the key is spelt 'orderNumber' in rule r0a, for the same journey"
                )
        )
        #expect(problems(rules(["orderNumber"]) + rules(["order_number"], journey: "64ad5aaeda4f3f1b3fea3edb")) == [])
    }

    @Test func `journeys that no rule starts are pointed out`() throws {
        let vocabulary = RuleVocabulary(journeys: [
            "used": "64ad5aaeda4f3f1b3fea3edb", "byID": "64ad5aaeda4f3f1b3fea3eda",
            "unused": "64ad5aaeda4f3f1b3fea3edc",
        ])
        let rules = [rule("a"), rule("b") { $0.trigger.journey = "used" }]
        #expect(
            try only(rules, vocabulary)
                == RuleProblem(.warning, rule: nil, place: "journeys.unused", "no rule starts this journey")
        )
        let dynamic = rule("c") { $0.trigger.journey = "{{ body.journey }}" }
        #expect(problems(rules + [dynamic], vocabulary) == [])
        // Which journey a faulty rule starts is not known before it is mended.
        let misspelt = rule("d") { $0.trigger.journey = "unusd" }
        let faulty = rule("e") {
            $0.trigger.journey = "unused"
            $0.trigger.snID = "{{ ( }}"
        }
        for rule in [misspelt, faulty] {
            #expect(problems(rules + [rule], vocabulary).map(\.severity) == [.error])
        }
    }

    @Test(arguments: [
        ("sms", "{{ body.p }}", "trigger.snType", "types are written in capitals; did you mean 'SMS'?"),
        (
            "Whatsapp_Busines", "{{ body.p }}", "trigger.snType",
            "types are written in capitals; did you mean 'WHATSAPP_BUSINESS'?"
        ),
        ("SMS", "15145550199", "trigger.snId", "it is the same person for every event"),
        (
            "SMS", "{{ phone(body.p) }}", "trigger.snId",
            "phone() writes a plus, and ids of SMS have none; did you mean msisdn()?"
        ),
    ])
    func `what is likely wrong with a channel is pointed out`(type: String, id: String, place: String, message: String)
        throws
    {
        let found = try only([
            rule {
                $0.trigger.snType = type
                $0.trigger.snID = id
            }
        ])
        #expect(found == RuleProblem(.warning, rule: "order", place: place, message))
    }

    @Test func `problems read as sentences`() {
        let problem = RuleProblem(.error, rule: "order", place: "trigger.snId", offset: 3, "there is no function x()")
        #expect(problem.description == "error: rule order, trigger.snId, offset 3: there is no function x()")
        #expect(RuleProblem(.warning, rule: nil, place: "journeys.a", "b").description == "warning: journeys.a: b")
    }
}
