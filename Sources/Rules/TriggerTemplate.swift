import JMESPath
import JSON
import Model

/// A compiled `trigger:`.
struct TriggerTemplate: Sendable {
    struct Param: Sendable {
        let name: String
        let value: Template
        let isRequired: Bool
        /// That of `value`, when it is nothing else; at hand without going there.
        let expression: RuleExpression?

        init(name: String, value: Template, isRequired: Bool) {
            self.name = name
            self.value = value
            self.isRequired = isRequired
            expression = value.soleExpression
        }

        var place: String { "trigger.contextParams." + name }
    }

    let journey: Template
    let snType: Template
    let snID: Template
    let contextParams: [Param]
    let journeys: Journeys
    /// The journey's id, when the rule names it without asking the event.
    let journeyID: String?

    init(journey: Template, snType: Template, snID: Template, contextParams: [Param], journeys: Journeys) {
        self.journey = journey
        self.snType = snType
        self.snID = snID
        self.contextParams = contextParams
        self.journeys = journeys
        journeyID = journey.constant.flatMap(journeys.id)
    }

    /// The trigger, with the rule's new profile.
    func fill(_ scope: inout Scope, rule: Rule, item: Int) throws(MappingError) -> Trigger {
        let snType = try required(self.snType, "trigger.snType", &scope, rule, item)
        let snID = try required(self.snID, "trigger.snId", &scope, rule, item)
        let journeyID = if let journeyID { journeyID } else { try filledJourneyID(&scope, rule, item) }
        var params: [ContextParam] = []
        params.reserveCapacity(contextParams.count)
        // By index: what a loop holds in a variable, it copies and counts.
        for number in contextParams.indices {
            let value: String?
            do {
                if let expression = contextParams[number].expression {
                    value = try scope.text(of: expression)
                } else {
                    value = try contextParams[number].value.text(in: &scope)
                }
            } catch {
                throw rule.failure(item, contextParams[number].place, error)
            }
            if let value {
                params.append(ContextParam(contextParams[number].name, value))
            } else if contextParams[number].isRequired {
                let reason = "it is required, and \(contextParams[number].value.text) gives nothing"
                throw rule.failure(item, contextParams[number].place, reason)
            }
        }
        return Trigger(
            snType: snType,
            snID: snID,
            journeyID: journeyID,
            contextParams: params,
            newProfile: try rule.newProfile?.fill(&scope, rule: rule, item: item)
        )
    }

    private func filledJourneyID(_ scope: inout Scope, _ rule: Rule, _ item: Int) throws(MappingError) -> String {
        let journey = try required(journey, "trigger.journey", &scope, rule, item)
        if let id = journeys.id(of: journey) { return id }
        throw rule.failure(item, "trigger.journey", "'\(journey)' is no journey\(journeys.hint(journey))")
    }

    /// The text of a template that must give one that is not blank.
    private func required(
        _ template: Template,
        _ place: String,
        _ scope: inout Scope,
        _ rule: Rule,
        _ item: Int
    ) throws(MappingError) -> String {
        // What is constant was looked at when it was compiled.
        if let constant = template.constant { return constant }
        let text: String?
        do {
            text = try template.text(in: &scope)
        } catch {
            throw rule.failure(item, place, error)
        }
        guard let text, !text.isBlank else {
            throw rule.failure(
                item,
                place,
                "it is empty: \(template.text) gives \(text == nil ? "nothing" : "no text")"
            )
        }
        return text
    }
}

/// The names of journeys.
struct Journeys: Sendable {
    private let ids: [String: String]

    init(_ ids: [String: String]) {
        self.ids = ids
    }

    /// The id of a name; an id is its own. Nil when it is neither.
    func id(of text: String) -> String? {
        ids[text] ?? (Self.isID(text) ? text : nil)
    }

    func hint(_ name: String) -> String {
        nearestName(to: name, among: ids.keys).map { "; did you mean '\($0)'?" }
            ?? "; expected a name of 'journeys' or an id of 24 hexadecimal digits"
    }

    /// The name for an id, the first in the alphabet.
    func name(of id: String) -> String? {
        ids.filter { $0.value == id }.keys.min()
    }

    static func isID(_ text: String) -> Bool {
        text.utf8.count == 24
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"),
                    UInt8(ascii: "A")...UInt8(ascii: "F"):
                    true
                default: false
                }
            }
    }
}
