import JSON
import Testing

@testable import Gateway

@Suite struct `The schema of the config` {
    private let paths = ConfigSection.template { section, problems in
        _ = GatewayConfigDraft(section, isDry: false, &problems)
        return section
    }.allPaths()

    @Test func `has a sentence about every key`() {
        #expect(paths.filter { ConfigDescriptions.sentence(at: $0) == nil } == [])
    }

    @Test func `has no sentence about a key that there is not`() {
        #expect(ConfigDescriptions.sentences.keys.filter { !paths.contains($0) }.sorted() == [])
    }

    @Test func `says of a key what its reader takes`() throws {
        let perHour = try #require(member("sprinklr", "quota", "perHour"))
        #expect(perHour["default"] == 1_000)
        #expect(perHour["anyOf"]?[0]?["minimum"] == 1)
        #expect(perHour["description"] == "Calls in any hour.")
        #expect(member("sprinklr", "api")?["anyOf"]?[0]?["enum"] == ["v1", "v2"])
        #expect(member("drain")?["$ref"] == "#/$defs/duration")
    }

    @Test func `requires what the config cannot do without`() {
        #expect(GatewayConfig.schema["required"] == ["sources", "rules"])
        #expect(GatewayConfig.schema["additionalProperties"] == false)
        let rule = member("rules")?["items"]
        #expect(rule?["required"] == ["name", "source", "trigger"])
        #expect(rule?["properties"]?["newProfile"]?["additionalProperties"] == true)
    }

    /// What the schema says of the key at the end of this way.
    private func member(_ keys: String...) -> JSONValue? {
        keys.reduce(Optional(GatewayConfig.schema)) { $0?["properties"]?[$1] }
    }
}
