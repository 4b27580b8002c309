import JSON
import Model
import Rules

/// An entry of `rules:` as it was read.
struct RuleReading {
    /// Without its examples.
    var definition: RuleDefinition
    var examples: [ExampleReading]

    init(_ section: ConfigSection, _ problems: inout [ConfigProblem]) {
        definition = RuleDefinition(section, &problems)
        examples = section.sections(listedIn: "examples", &problems).enumerated().compactMap { index, example in
            ExampleReading(example, number: index + 1, &problems)
        }
    }
}

extension RuleDefinition {
    /// Reads all but the examples.
    fileprivate init(_ section: ConfigSection, _ problems: inout [ConfigProblem]) {
        let name = section.requiredText("name", &problems)
        let sources = section.oneOrMore("source", of: .nonEmptyText, &problems)
        section.require("source", &problems)
        let trigger = TriggerDefinition(section.section("trigger", &problems), &problems)
        section.require("trigger", &problems)
        self.init(name: name, sources: sources, trigger: trigger)
        when = section.text("when", &problems)
        each = section.text("each", &problems)
        stop = section.boolean("stop", default: false, &problems)
        lets = section.lets(&problems)
        newProfile = section.section(ifPresent: "newProfile", &problems).map { NewProfileDefinition($0, &problems) }
        queue = section.text("queue", &problems)
        destination = section.text("destination", &problems)
        delay = section.duration("delay", &problems)
        expiresAfter = section.duration("expiresAfter", &problems)
        onUnknownOutcome = section.read("onUnknownOutcome", .choice, &problems)
        key = section.text("key", &problems)
        cancelWhen = section.section(ifPresent: "cancelWhen", &problems).map { CancellationDefinition($0, &problems) }
        deliverBetween = section.section(ifPresent: "deliverBetween", &problems).map { DeliveryHours($0, &problems) }
        atMost = section.section(ifPresent: "atMost", &problems).map { Frequency($0, &problems) }
        if let delay, let expiresAfter, expiresAfter <= delay {
            problems.append(
                section.problem(
                    "expiresAfter",
                    "\(expiresAfter.configText) is over before delay, \(delay.configText), ends"
                )
            )
        }
    }
}

extension RuleDefaults {
    /// Reads `defaults:`.
    init(_ section: ConfigSection, destination: String, _ problems: inout [ConfigProblem]) {
        self.init()
        queue = section.text("queue", default: queue, &problems)
        self.destination = section.text("destination", default: destination, &problems)
        delay = section.duration("delay", in: .zero...Duration.seconds(3_650 * 86_400), &problems) ?? delay
        expiresAfter = section.duration("expiresAfter", &problems)
        onUnknownOutcome = section.choice("onUnknownOutcome", default: onUnknownOutcome, &problems)
        lets = section.lets(&problems)
    }
}

extension ConfigSection {
    fileprivate func lets(_ problems: inout [ConfigProblem]) -> [NamedExpression] {
        named("lets", of: .nonEmptyText, &problems).map { NamedExpression($0.name, $0.value) }
    }
}

extension TriggerDefinition {
    fileprivate init(_ section: ConfigSection, _ problems: inout [ConfigProblem]) {
        let isThere = section.value.isMapping
        var noted: [ConfigProblem] = []
        self.init(
            journey: section.requiredText("journey", &noted),
            snType: section.requiredText("snType", &noted),
            snID: section.requiredText("snId", &noted),
            contextParams: section.contextParams(&noted)
        )
        // Without `trigger:`, that alone is what is missing.
        if isThere { problems += noted }
    }
}

extension ConfigSection {
    /// Each is a template, or `{ value: TEMPLATE, required: true }`.
    fileprivate func contextParams(_ problems: inout [ConfigProblem]) -> [ContextParamDefinition] {
        let longForm = ConfigSection.template(contextParam)
        know("contextParams", .named(.either(.text, .section(longForm))))
        guard let members = self["contextParams"]?.members(&problems) else { return [] }
        return members.compactMap { name, value in
            guard value.isMapping else {
                return value.read(.text, &problems).map { ContextParamDefinition(name, $0) }
            }
            let section = ConfigSection(value, &problems)
            let (text, isRequired) = contextParam(section, &problems)
            section.refuseUnknownKeys(&problems)
            return ContextParamDefinition(name, text, isRequired: isRequired)
        }
    }

    private func contextParam(
        _ section: ConfigSection,
        _ problems: inout [ConfigProblem]
    ) -> (value: String, isRequired: Bool) {
        (section.requiredText("value", &problems), section.boolean("required", default: false, &problems))
    }
}

extension NewProfileDefinition {
    /// All keys beside `mode` are the API's own; what is said of them is the rules' to check.
    fileprivate init(_ section: ConfigSection, _ problems: inout [ConfigProblem]) {
        let modes: [NewProfile.Mode] = [.ifMissing, .always]
        let mode = section.read("mode", .choice(modes.map { ($0.rawValue, $0) }), default: "ifMissing", &problems)
        for key in ["id", "contact", "demographics", "profiles", "profileWorkflow", "createdTime", "modifiedTime"] {
            section.know(key, .json)
        }
        section.open()
        let members = (section.value.members(&problems) ?? []).filter { $0.key != "mode" }
        self.init(
            mode: mode,
            profile: members.map { name, value in TemplateTree.Member(name, TemplateTree(value.json(&problems))) }
        )
    }
}

extension CancellationDefinition {
    fileprivate init(_ section: ConfigSection, _ problems: inout [ConfigProblem]) {
        self.init(
            source: section.requiredText("source", &problems),
            when: section.requiredText("when", &problems),
            key: section.requiredText("key", &problems)
        )
    }
}

extension DeliveryHours {
    fileprivate init(_ section: ConfigSection, _ problems: inout [ConfigProblem]) {
        self.init(
            from: section.requiredText("from", &problems),
            to: section.requiredText("to", &problems),
            timezone: section.requiredText("timezone", &problems)
        )
    }
}

extension Frequency {
    fileprivate init(_ section: ConfigSection, _ problems: inout [ConfigProblem]) {
        let per = section.duration("per", &problems)
        section.require("per", &problems)
        self.init(times: section.integer("times", default: 1, in: 1...1_000_000, &problems), per: per ?? .zero)
    }
}
