import JSON
public import Model

/// A first rule for events like one that is there: something to be changed, and that works.
public struct RuleSuggestion: Sendable {
    public var rule: RuleDefinition
    /// What was guessed, for who reads the draft; a sentence each.
    public var notes: [String]

    /// The rule as an entry of the config's `rules:`, indented by two, the notes above it as comments.
    public var yaml: String { YAMLText.entry(rule, comments: notes) }

    /// Drafts a rule: `when` on the event's topic, the phone number or else the e-mail address found as `snId`, and
    /// likely `contextParams`.
    ///
    /// - Parameter journey: A journey's name or id. Without one the draft names `your-journey`, which `check` reports.
    public static func draft(for event: Event, journey: String? = nil) -> RuleSuggestion {
        let finder = PersonFinder(body: event.body)
        let candidates = finder.candidates()
        let person = candidates.first { $0.channel == .phone } ?? candidates.first
        let draft = RuleDraft(event: event, leaves: finder.leaves, person: person)
        return draft.suggestion(journey: journey)
    }
}

private struct RuleDraft {
    let event: Event
    let leaves: [PersonFinder.Leaf]
    let person: PersonFinder.Candidate?

    func suggestion(journey: String?) -> RuleSuggestion {
        var notes = ["Drafted from event \(event.id). Change what does not fit, then run: journey-gateway test"]
        var trigger = TriggerDefinition(journey: journey ?? "your-journey", snType: "WHATSAPP_BUSINESS", snID: "")
        if journey == nil { notes.append("journey: a name from 'journeys:', or an id of 24 hexadecimal digits") }
        if let person {
            trigger.snType = person.channel == .phone ? "WHATSAPP_BUSINESS" : "EMAIL"
            trigger.snID = "{{ \(identity(person)) }}"
            if person.channel == .phone { notes.append("snType: WHATSAPP_BUSINESS or SMS") }
        } else {
            trigger.snID = "{{ body }}"
            notes.append("No phone number and no e-mail address was found: say where the person's id is, as snId")
        }
        trigger.contextParams = contextParams()
        var rule = RuleDefinition(name: name, sources: [event.source], trigger: trigger)
        rule.when = when
        rule.each = list?.text
        return RuleSuggestion(rule: rule, notes: notes)
    }

    /// The topic with whatever separates its words replaced: `orders/create` → `orders-create`.
    private var name: String {
        let words = (event.topic ?? event.source).lowercased()
            .split { !($0.isASCII && ($0.isLetter || $0.isNumber)) }
        return words.isEmpty ? "new-rule" : words.joined(separator: "-")
    }

    private var when: String? {
        let topic = event.topic.map {
            "topic == '" + $0.replacing("\\", with: "\\\\").replacing("'", with: "\\'") + "'"
        }
        let present = person.map { local($0.path) }
        let conditions = [topic, present].compactMap(\.self)
        return conditions.isEmpty ? nil : conditions.joined(separator: " && ")
    }

    // MARK: Lists

    /// The list that holds the person, when one does: then the rule is for each of its elements.
    private var list: FieldPath? {
        guard let person, let index = person.path.steps.firstIndex(of: .index(0)) else { return nil }
        return FieldPath(Array(person.path.steps[..<index]))
    }

    /// The way as the rule's expressions write it: from `item` on within the list.
    private func local(_ path: FieldPath) -> String {
        guard let list, path.steps.starts(with: list.steps), path.steps.count > list.steps.count else {
            return path.text
        }
        return FieldPath([.field("item")] + path.steps.dropFirst(list.steps.count + 1)).text
    }

    private func identity(_ person: PersonFinder.Candidate) -> String {
        let field = local(person.path)
        switch (person.channel, person.region) {
        case (.email, _): return "email(\(field))"
        case (.phone, _) where person.lacksPlus: return field
        case (.phone, let region?): return "msisdn(\(field), \(local(region)))"
        case (.phone, nil): return "msisdn(\(field))"
        }
    }

    // MARK: contextParams

    private static let paramLimit = 6
    /// Words of names that a message often uses, the most wanted first.
    private static let wanted = [
        ["first", "firstname", "fullname"], ["order", "number", "reference"], ["total", "amount", "price"],
        ["currency"], ["status"], ["title", "subject", "product"], ["url", "link"], ["name"], ["date"], ["text"],
        ["message"], ["city"],
    ]

    private func contextParams() -> [ContextParamDefinition] {
        var params: [ContextParamDefinition] = []
        for words in Self.wanted where params.count < Self.paramLimit {
            // Of several that fit the shortest way, then the shortest name.
            let fitting = leaves.filter { leaf in
                leaf.path != person?.path && isPlain(leaf)
                    && !PersonalData.words(of: leaf.name).isDisjoint(with: words)
            }
            guard
                let leaf = fitting.enumerated().min(by: { one, other in
                    (one.element.path.steps.count, one.element.name.count, one.offset)
                        < (other.element.path.steps.count, other.element.name.count, other.offset)
                })?.element
            else { continue }
            let name = camelCase(leaf.name)
            if !params.contains(where: { $0.name == name }) {
                params.append(
                    ContextParamDefinition(name, "{{ \(expression(leaf.path, isText: leaf.value.kind == .string)) }}")
                )
            }
        }
        return params
    }

    /// A short text, a number or a boolean, not an id's kin, and with at most one list on its way.
    private func isPlain(_ leaf: PersonFinder.Leaf) -> Bool {
        guard let text = leaf.value.asText, !text.isEmpty, text.count <= 200, leaf.path.steps.count <= 6 else {
            return false
        }
        let lists = leaf.path.steps.count { $0 == .index(0) }
        let words = PersonalData.words(of: leaf.name)
        return lists <= 1 && words.isDisjoint(with: ["id", "gid", "token", "ip", "phone", "weight", "set", "test"])
    }

    /// A field of a list's elements is all of them, joined; unless the rule is for each element.
    private func expression(_ path: FieldPath, isText: Bool) -> String {
        if let list, path.steps.starts(with: list.steps) { return local(path) }
        guard path.steps.contains(.index(0)) else { return path.text }
        let all = FieldPath(path.steps.map { $0 == .index(0) ? .each : $0 }).text
        return isText ? "join(', ', \(all))" : "join(', ', map(&to_string(@), \(all)))"
    }

    /// `order_number` → `orderNumber`.
    private func camelCase(_ name: String) -> String {
        let words = name.split { !($0.isLetter || $0.isNumber) }
        guard let first = words.first else { return name }
        let head =
            first.allSatisfy(\.isUppercase) ? first.lowercased() : first.prefix(1).lowercased() + first.dropFirst()
        return head + words.dropFirst().map { $0.prefix(1).uppercased() + $0.dropFirst().lowercased() }.joined()
    }
}
