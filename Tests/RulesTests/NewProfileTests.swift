import JSON
import Model
import Testing

@testable import Rules

@Suite struct `A new profile` {
    private func profile(_ profile: String, _ body: String = "{}") throws -> Mapping {
        let members = try #require(try json(profile).members).map {
            TemplateTree.Member($0.key, TemplateTree($0.value))
        }
        return try RuleSet([
            rule {
                $0.trigger.snID = "1"
                $0.newProfile = NewProfileDefinition(profile: members)
            }
        ]).map(event(body))
    }

    private func sent(_ text: String, _ body: String = "{}") throws -> JSONValue? {
        try profile(text, body).deliveries.first?.trigger.newProfile?.unifiedProfile
    }

    private static let channel = #""profiles": [{"channelType": "SMS", "channelId": "1"}]"#

    @Test func `is the API's unifiedProfile, filled in`() throws {
        let text = #"""
            {"id": "{{ body.id }}", "contact": {"firstName": "{{ body.first }}", "address": {"city": "{{ body.city }}"}},
             "demographics": {"age": "{{ body.age }}"},
             "profiles": [{"channelType": "SMS", "channelId": "{{ body.phone }}", "followers": "{{ body.count }}",
                           "verified": "{{ body.ok }}", "unSubscribed": false}],
             "profileWorkflow": "{{ body.workflow }}", "createdTime": "{{ receivedAt }}"}
            """#
        let body = #"""
            {"id": 820982911946154508, "first": "Ana", "city": "Porto", "age": 30, "phone": 351912345678, "count": 12,
             "ok": true, "workflow": {"profileLists": ["a"]}}
            """#
        #expect(
            try sent(text, body)
                == json(
                    #"""
                    {"id": "820982911946154508", "contact": {"firstName": "Ana", "address": {"city": "Porto"}},
                     "demographics": {"age": "30"},
                     "profiles": [{"channelType": "SMS", "channelId": "351912345678", "followers": 12, "verified": true,
                                   "unSubscribed": false}],
                     "profileWorkflow": {"profileLists": ["a"]}, "createdTime": 1769851800123}
                    """#
                )
        )
    }

    @Test func `leaves out what is null, absent or empty, at every depth`() throws {
        let text = #"""
            {"id": "{{ body.none }}", "contact": {"firstName": "{{ body.empty }}", "address": {"city": "{{ body.none }}"}},
             "demographics": {}, \#(Self.channel), "modifiedTime": "{{ body.empty }}", "createdTime": null}
            """#
        #expect(
            try sent(text, #"{"empty": ""}"#) == json(#"{"profiles": [{"channelType": "SMS", "channelId": "1"}]}"#)
        )
    }

    @Test(arguments: ["channelType", "channelId"])
    func `cannot be without its channel`(key: String) throws {
        let values = ["channelType": "SMS", "channelId": "1"].map {
            #""\#($0)": "\#($0 == key ? "{{ body.none }}" : $1)""#
        }
        let mapping = try profile(
            #"{"profiles": [{"name": "x"}, {\#(values.joined(separator: ", "))}]}"#.replacing(
                #"{"name": "x"}, "#,
                with: ""
            )
        )
        #expect(mapping.failures.map(\.place) == ["newProfile.profiles[0].\(key)"])
        #expect(mapping.failures.map(\.reason) == ["it is required, and empty"])
    }

    @Test(arguments: [
        (#""2026-01-31T09:30:00Z""#, "1769851800000"), (#""2026-01-31T10:30:00.5+01:00""#, "1769851800500"),
        ("1599816142000", "1599816142000"), ("1655650673", "1655650673000"), (#""1655650673""#, "1655650673000"),
        (#""1599816142000""#, "1599816142000"), ("99999999999", "99999999999000"), ("100000000000", "100000000000"),
        ("0", "0"),
    ])
    func `has its moments in milliseconds, ten digits being seconds`(given: String, expected: String) throws {
        let found = try sent(#"{"createdTime": "{{ body.t }}", \#(Self.channel)}"#, #"{"t": \#(given)}"#)
        #expect(found?["createdTime"]?.number?.lexeme == expected)
    }

    @Test(arguments: [#""yesterday""#, "1.5", #""2026-01-31""#, "[1]", "true"])
    func `has no other moments`(given: String) throws {
        let mapping = try profile(#"{"createdTime": "{{ body.t }}", \#(Self.channel)}"#, #"{"t": \#(given)}"#)
        #expect(mapping.failures.map(\.place) == ["newProfile.createdTime"])
        #expect(
            mapping.failures.first?.reason.hasSuffix("expected RFC 3339 text, or an integer of milliseconds") == true
        )
    }

    @Test func `is sent first with mode always`() throws {
        let members = [
            TemplateTree.Member(
                "profiles",
                .list([.object([.init("channelType", .template("SMS")), .init("channelId", .template("1"))])])
            )
        ]
        let mapping = try RuleSet([
            rule {
                $0.trigger.snID = "1"
                $0.newProfile = NewProfileDefinition(mode: .always, profile: members)
            }
        ]).map(event())
        #expect(mapping.deliveries.first?.trigger.newProfile?.mode == .always)
    }

    @Test(
        arguments: [
            (#"{"profile": []}"#, "newProfile.profile", "'profile' is no field of the API; did you mean 'profiles'?"),
            (
                #"{"contact": {"fristName": "x"}, "profiles": []}"#, "newProfile.contact.fristName",
                "'fristName' is no field of the API; did you mean 'firstName'?"
            ),
            (#"{"profiles": [{"channelType": "SMS"}]}"#, "newProfile.profiles[0]", "'channelId' is required"),
            (#"{"profiles": {"channelType": "SMS"}}"#, "newProfile.profiles", "expected a list"),
            (#"{"contact": "Ana", "profiles": []}"#, "newProfile.contact", "expected fields with names"),
            (#"{"id": ["a"], "profiles": []}"#, "newProfile.id", "expected one value"),
            (
                #"{"createdTime": true, "profiles": []}"#, "newProfile.createdTime",
                "found true, expected RFC 3339 text, or an integer of milliseconds"
            ),
            (#"{"id": "{{ body", "profiles": []}"#, "newProfile.id", "'{{' is not closed by '}}'"),
        ] as [(String, String, String)]
    )
    func `that cannot be right is refused`(profile: String, place: String, message: String) throws {
        let members = try #require(try json(profile).members).map {
            TemplateTree.Member($0.key, TemplateTree($0.value))
        }
        let found = problems([rule { $0.newProfile = NewProfileDefinition(profile: members) }])
            .filter { $0.severity == .error }
        #expect(found == [RuleProblem(.error, rule: "order", place: place, offset: found.first?.offset, message)])
    }

    @Test func `with a key twice is refused`() {
        let members = [
            TemplateTree.Member("id", .template("a")), .init("id", .template("b")), .init("profiles", .list([])),
        ]
        let found = problems([rule { $0.newProfile = NewProfileDefinition(profile: members) }])
        #expect(found == [RuleProblem(.error, rule: "order", place: "newProfile.id", "the key is there twice")])
    }

    @Test func `may have fields that the API's pages do not list`() throws {
        let found = problems([
            rule {
                $0.newProfile = NewProfileDefinition(profile: [
                    .init("zodiac", .template("{{ body.sign }}")),
                    .init("profiles", .list([])),
                ])
            }
        ])
        #expect(found.map(\.severity) == [.warning])
        #expect(found.map(\.place) == ["newProfile.zodiac"])
    }
}
