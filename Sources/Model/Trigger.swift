public import JSON

/// What a rule yields for one person: a call of the journey trigger API, ready to be sent.
public struct Trigger: Sendable, Equatable {
    /// Which kind of id `snID` is: `WHATSAPP_BUSINESS`, `SMS`, `EMAIL` …
    public var snType: String
    /// The person's id on that channel; never empty.
    public var snID: String
    public var journeyID: String
    /// In the order of the rule; strings, as the API wants.
    public var contextParams: [ContextParam]
    /// What is sent when Sprinklr does not know the person; nil when the rule has no `newProfile`.
    public var newProfile: NewProfile?

    public init(
        snType: String,
        snID: String,
        journeyID: String,
        contextParams: [ContextParam] = [],
        newProfile: NewProfile? = nil
    ) {
        self.snType = snType
        self.snID = snID
        self.journeyID = journeyID
        self.contextParams = contextParams
        self.newProfile = newProfile
    }
}

extension Trigger {
    /// Whether both ask the same journey for the same person.
    public func asksTheSame(as other: Trigger) -> Bool {
        snType == other.snType && snID == other.snID && journeyID == other.journeyID
    }
}

/// One entry of `contextParams`.
public struct ContextParam: Sendable, Hashable {
    public var name: String
    public var value: String

    public init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }
}

/// The profile that `triggerWithNewProfile` creates.
public struct NewProfile: Sendable, Equatable {
    public enum Mode: String, Sendable {
        /// `trigger` first; this call only when the answer says that the person is unknown.
        case ifMissing
        /// This call alone.
        case always
    }

    public var mode: Mode
    /// The API's `unifiedProfile` object, exactly as it is sent.
    public var unifiedProfile: JSONValue

    public init(mode: Mode, unifiedProfile: JSONValue) {
        self.mode = mode
        self.unifiedProfile = unifiedProfile
    }
}

// MARK: - The frozen form

extension Trigger {
    /// One JSON object, as a delivery's row keeps it.
    public func freeze() -> [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity(weight)
        text.append(contentsOf: #"{"snType":"#.utf8)
        snType.writeJSON(into: &text)
        text.append(contentsOf: #","snId":"#.utf8)
        snID.writeJSON(into: &text)
        text.append(contentsOf: #","journeyId":"#.utf8)
        journeyID.writeJSON(into: &text)
        text.append(contentsOf: #","contextParams":"#.utf8)
        JSONValue.write(strings: contextParams.lazy.map { ($0.name, $0.value) }, into: &text)
        if let newProfile {
            text.append(contentsOf: #","mode":"#.utf8)
            newProfile.mode.rawValue.writeJSON(into: &text)
            text.append(contentsOf: #","unifiedProfile":"#.utf8)
            newProfile.unifiedProfile.write(into: &text)
        }
        text.append(UInt8(ascii: "}"))
        return text
    }

    /// The frozen form, to be shown.
    public var frozen: JSONValue { (try? JSONValue.parse(freeze())) ?? .null }

    /// About how many bytes the frozen form takes, without making it.
    public var weight: Int {
        let params = contextParams.reduce(2) { $0 + $1.name.utf8.count + $1.value.utf8.count + 6 }
        let profile = newProfile.map { $0.mode.rawValue.utf8.count + $0.unifiedProfile.weight + 28 } ?? 0
        return snType.utf8.count + snID.utf8.count + journeyID.utf8.count + params + profile + 56
    }

    /// Reads what `freeze` wrote; nil for anything else.
    public init?(frozen value: JSONValue) {
        guard let snType = value["snType"]?.stringValue, let snID = value["snId"]?.stringValue,
            let journeyID = value["journeyId"]?.stringValue, let params = value["contextParams"]?.members
        else { return nil }
        let contextParams = params.compactMap { name, value in value.stringValue.map { ContextParam(name, $0) } }
        var newProfile: NewProfile?
        if let text = value["mode"]?.stringValue {
            guard let mode = NewProfile.Mode(rawValue: text), let profile = value["unifiedProfile"] else { return nil }
            newProfile = NewProfile(mode: mode, unifiedProfile: profile)
        }
        self.init(
            snType: snType,
            snID: snID,
            journeyID: journeyID,
            contextParams: contextParams,
            newProfile: newProfile
        )
    }
}
