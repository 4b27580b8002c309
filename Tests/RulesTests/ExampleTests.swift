import JSON
import Model
import Testing

@testable import Rules

@Suite struct `An example of a rule` {
    private static let body =
        #"{"phone": "15145550199", "total": "409.94", "note": null, "people": [{"id": "a"}, {"id": "b"}]}"#

    private func run(
        _ expect: Rules.Expectation,
        topic: String? = nil,
        before: [RuleDefinition] = [],
        change: (inout RuleDefinition) -> Void = { _ in }
    ) throws -> ExampleResult {
        let event = ExampleEvent(topic: topic, body: try json(Self.body))
        let definition = rule("tested") {
            $0.when = "topic == 'orders/create'"
            $0.trigger.contextParams = [
                ContextParamDefinition("total", "{{ body.total }}"), ContextParamDefinition("note", "{{ body.note }}"),
            ]
            $0.trigger.journey = "welcome"
            $0.examples = [
                RuleExample(name: "own", given: [event], expect: expect)
            ]
            change(&$0)
        }
        let journeys = ["welcome": "64ad5aaeda4f3f1b3fea3edb", "other": "64ad5aaeda4f3f1b3fea3edc"]
        let rules = try RuleSet(before + [definition], vocabulary: RuleVocabulary(journeys: journeys))
        return try #require(rules.runExamples().first { $0.rule == "tested" })
    }

    private static let right = ExpectedDelivery(
        snType: "SMS",
        snID: "15145550199",
        journey: "welcome",
        contextParams: [ContextParam("total", "409.94")],
        queue: "default",
        destination: "sprinklr"
    )

    @Test func `passes when the rule makes what it says`() throws {
        let result = try run(.deliveries([Self.right]))
        #expect(result.passed && result.differences == [])
        #expect(result.name == "own" && result.index == 0 && result.deliveries.count == 1)
        #expect(try run(.deliveries([ExpectedDelivery()])).passed)
        #expect(try run(.deliveries([ExpectedDelivery(journey: "64ad5aaeda4f3f1b3fea3edb")])).passed)
        #expect(try run(.none, topic: "orders/paid").passed)
        #expect(try run(.failure("trigger.snId")) { $0.trigger.snID = "{{ body.none }}" }.passed)
        #expect(try run(.failure("")) { $0.trigger.snID = "{{ body.none }}" }.passed)
    }

    @Test func `shows each field that differs`() throws {
        let wrong = ExpectedDelivery(
            snType: "EMAIL",
            snID: "15145550198",
            journey: "other",
            contextParams: [ContextParam("total", "409.9"), ContextParam("more", "x")],
            newProfile: ["id": "1"],
            queue: "high",
            destination: "eu"
        )
        #expect(
            try run(.deliveries([wrong])).differences.map(\.description) == [
                #"snType: expected "EMAIL", found "SMS""#, #"snId: expected "15145550198", found "15145550199""#,
                #"journey: expected "other", found "welcome""#,
                #"contextParams.total: expected "409.9", found "409.94""#,
                #"contextParams.more: expected "x", found nothing"#,
                #"newProfile: expected {"id":"1"}, found nothing"#, #"queue: expected "high", found "default""#,
                #"destination: expected "eu", found "sprinklr""#,
            ]
        )
        #expect(
            try run(.deliveries([ExpectedDelivery(contextParams: [])])).differences.map(\.description) == [
                #"contextParams.total: expected nothing, found "409.94""#
            ]
        )
    }

    @Test func `compares a new profile field by field`() throws {
        let expected: JSONValue = ["profiles": [["channelType": "SMS", "channelId": "1"], ["x": true]]]
        let result = try run(.deliveries([ExpectedDelivery(newProfile: expected)])) {
            $0.newProfile = NewProfileDefinition(profile: [
                .init("id", .template("{{ body.total }}")),
                .init(
                    "profiles",
                    .list([.object([.init("channelType", .template("SMS")), .init("channelId", .template("2"))])])
                ),
            ])
        }
        #expect(
            result.differences.map(\.description) == [
                #"newProfile.profiles[0].channelId: expected "1", found "2""#,
                #"newProfile.profiles[1]: expected {"x":true}, found nothing"#,
                #"newProfile.id: expected nothing, found "409.94""#,
            ]
        )
    }

    @Test func `counts deliveries, and shows failures`() throws {
        #expect(
            try run(.none).differences.map(\.description) == ["outcome: expected no delivery, found 1 delivery"]
        )
        #expect(
            try run(.failure("x")).differences.map(\.description)
                == ["outcome: expected a failure with 'x', found 1 delivery"]
        )
        #expect(
            try run(.deliveries([Self.right]), topic: "orders/paid").differences.map(\.description)
                == ["outcome: expected 1 delivery, found no delivery"]
        )
        let failed = try run(.deliveries([Self.right])) { $0.trigger.snID = "{{ body.none }}" }
        #expect(
            failed.differences.map(\.description) == [
                "outcome: expected nothing, found a failure at trigger.snId: it is empty: {{ body.none }} gives nothing",
                "outcome: expected 1 delivery, found no delivery",
            ]
        )
        #expect(failed.failures.count == 1)
    }

    @Test func `of a rule with each names one delivery an element`() throws {
        let result = try run(.deliveries([ExpectedDelivery(snID: "a"), ExpectedDelivery(snID: "c")])) {
            $0.each = "body.people"
            $0.trigger.snID = "{{ item.id }}"
        }
        #expect(result.differences.map(\.description) == [#"delivery 2: snId: expected "c", found "b""#])
    }

    @Test func `goes through all rules of its source`() throws {
        let stopping = rule("first") { $0.stop = true }
        let result = try run(.deliveries([Self.right]), before: [stopping])
        #expect(result.differences.map(\.description) == ["outcome: expected 1 delivery, found no delivery"])
    }

    @Test func `may give a batch, with headers, query and time`() throws {
        let given = ExampleEvent(
            headers: ["x-shop": "S"],
            query: ["lang": "fr"],
            body: ["phone": "1"],
            receivedAt: Timestamp(milliseconds: 0)
        )
        let definition = rule {
            $0.trigger.contextParams = [
                ContextParamDefinition("p", "{{ headers.\"x-shop\" }} {{ query.lang }} {{ receivedAt }} {{ source }}")
            ]
            let params = [ContextParam("p", "S fr 1970-01-01T00:00:00.000Z shop")]
            $0.examples = [
                RuleExample(
                    given: [given, given],
                    expect: .deliveries([
                        ExpectedDelivery(contextParams: params), ExpectedDelivery(contextParams: params),
                    ])
                )
            ]
        }
        #expect(try RuleSet([definition]).runExamples().map(\.differences) == [[]])
    }
}
