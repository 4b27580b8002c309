import JSON

/// A trigger call's body, read as the API's document has it.
struct TriggerBody {
    /// The ids of the people whom the call is for.
    let people: [String]
    let journeyID: String

    /// - Throws: `BodyFault`, naming the field as the API's 400 does.
    init(_ operation: SandboxOperation, _ body: JSONValue) throws(BodyFault) {
        guard body.kind == .object else { throw BodyFault("the body must be a JSON object") }
        switch operation {
        case .trigger:
            _ = try Self.text(body, "snType")
            people = [try Self.text(body, oneOf: "snId", "snID")]
            journeyID = try Self.text(body, oneOf: "journeyId", "journeyID")
            try Self.checkParams(body["contextParams"], "contextParams")
        case .bulk:
            journeyID = try Self.text(body, "journeyId")
            try Self.checkParams(body["globalContextParams"], "globalContextParams")
            guard let profiles = body["journeyProfiles"]?.elements, (1...20).contains(profiles.count) else {
                throw BodyFault("journeyProfiles: 1 to 20 profiles are needed")
            }
            var people: [String] = []
            for profile in profiles { people += try Self.profileIDs(profile) }
            self.people = people
        case .newProfile, .search, .token, .authorize:
            journeyID = try Self.text(body, "journeyId")
            people = try Self.profileIDs(body)
        }
    }

    /// The ids of `unifiedProfile`, beside which `contextParams` may stand.
    private static func profileIDs(_ body: JSONValue) throws(BodyFault) -> [String] {
        try checkParams(body["contextParams"], "contextParams")
        guard let profile = body["unifiedProfile"], profile.kind == .object else {
            throw BodyFault("unifiedProfile: an object is needed")
        }
        if let contact = profile["contact"], contact.kind != .object {
            throw BodyFault("unifiedProfile.contact: must be an object")
        }
        for name in ["createdTime", "modifiedTime"] {
            if let time = profile[name], time.number?.int64Value == nil {
                throw BodyFault("unifiedProfile.\(name): must be an integer")
            }
        }
        guard let channels = profile["profiles"]?.elements, !channels.isEmpty else {
            throw BodyFault("unifiedProfile.profiles: at least one is needed")
        }
        var ids: [String] = []
        for channel in channels {
            let type = try text(channel, "channelType")
            guard type == type.uppercased() else { throw BodyFault("channelType: '\(type)' is not known") }
            ids.append(try text(channel, "channelId"))
        }
        return ids
    }

    private static func checkParams(_ params: JSONValue?, _ name: String) throws(BodyFault) {
        guard let params else { return }
        guard let members = params.members else { throw BodyFault("\(name): must be an object") }
        for (key, value) in members where value.kind != .string && !(key == "IGNORE_DEDUP" && value.kind == .boolean) {
            throw BodyFault("\(name).\(key): must be a string")
        }
    }

    private static func text(_ body: JSONValue, _ name: String) throws(BodyFault) -> String {
        guard let value = body[name] else { throw BodyFault("\(name): is required") }
        guard let text = value.stringValue, !text.isEmpty else { throw BodyFault("\(name): must be a text") }
        return text
    }

    /// The document spells some names in two ways. Either will do, but not both.
    private static func text(_ body: JSONValue, oneOf one: String, _ other: String) throws(BodyFault) -> String {
        guard body[other] != nil else { return try text(body, one) }
        guard body[one] == nil else { throw BodyFault("\(one): is there as \(other) too") }
        return try text(body, other)
    }
}

/// What is wrong with a body, in the words of the answer.
struct BodyFault: Error, Equatable {
    let message: String

    init(_ message: String) {
        self.message = message
    }
}
