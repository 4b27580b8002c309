import JMESPath
import JSON
import Model

/// Definitions → rules. Notes every problem and goes on, so that one run reports all of them.
struct RuleCompiler {
    let vocabulary: RuleVocabulary
    let functions: FunctionTable
    let journeys: Journeys
    private(set) var problems: [RuleProblem] = []
    /// The rule that is being compiled.
    private var rule = ""
    /// Its `lets`, as far as they are compiled.
    private var bindings: [Binding] = []

    init(vocabulary: RuleVocabulary) {
        self.vocabulary = vocabulary
        functions = FieldFunctions.table(tables: vocabulary.tables, timeZones: vocabulary.timeZones)
        journeys = Journeys(vocabulary.journeys)
    }

    mutating func compile(_ definitions: [RuleDefinition]) -> [Rule] {
        let rules = definitions.compactMap { compile($0) }
        let areAll = rules.count == definitions.count
        problems += RuleChecks(rules: rules, areAll: areAll, vocabulary: vocabulary).problems()
        let order = Dictionary(
            definitions.enumerated().map { ($0.element.name, $0.offset) },
            uniquingKeysWith: { first, _ in first }
        )
        // Stable: problems of one rule stay in the order in which they were found.
        problems = problems.enumerated().sorted { one, other in
            let places = [one, other].map { $0.element.rule.flatMap { order[$0] } ?? definitions.count }
            return (places[0], one.offset) < (places[1], other.offset)
        }.map(\.element)
        var seen: Set<String> = []
        for definition in definitions where !seen.insert(definition.name).inserted {
            problems.append(RuleProblem(.error, rule: definition.name, place: "name", "another rule has this name"))
        }
        return rules
    }

    /// Nil when the rule lacks a part without which it is none.
    private mutating func compile(_ definition: RuleDefinition) -> Rule? {
        rule = definition.name
        bindings = []
        let defaults = vocabulary.defaults
        if definition.name.isBlank { note("name", "a rule needs a name") }
        check(definition.sources, of: vocabulary.sources, "source", "source")
        if definition.sources.isEmpty { note("source", "a rule needs a source") }
        compile(lets: defaults.lets + definition.lets)
        let when = definition.when.flatMap { expression($0, "when") }
        let each = definition.each.flatMap { expression($0, "each") }
        let trigger = compile(definition.trigger)
        let newProfile = definition.newProfile.map { compile($0) }
        check(definition.queue.map { [$0] } ?? [], of: vocabulary.queues, "queue", "queue")
        check(definition.destination.map { [$0] } ?? [], of: vocabulary.destinations, "destination", "destination")
        checkTimes(definition)
        let cancelling = definition.cancelWhen.flatMap { compile($0, definition) }
        let policies = policies(definition)
        guard let trigger else { return nil }
        return Rule(
            definition: definition,
            guards: when.map { Guard.all(of: $0.expression.root) } ?? [],
            bindings: bindings,
            when: when,
            each: each,
            trigger: trigger,
            newProfile: newProfile,
            policies: policies,
            cancelling: cancelling,
            settings: Rule.DeliverySettings(
                queue: definition.queue ?? defaults.queue,
                destination: definition.destination ?? defaults.destination,
                delay: definition.delay ?? defaults.delay,
                expiresAfter: definition.expiresAfter ?? defaults.expiresAfter,
                onUnknownOutcome: definition.onUnknownOutcome ?? defaults.onUnknownOutcome
            ),
            limits: vocabulary.limits
        )
    }

    // MARK: Parts of a rule

    private mutating func compile(lets: [NamedExpression]) {
        for named in lets {
            let place = "lets." + named.name
            if FieldPath.identifier(named.name) != named.name {
                note(place, "a name is letters, digits and _, and begins with no digit")
            } else if let compiled = expression(named.expression, place) {
                // A later one of the same name hides the earlier from what follows.
                bindings.append(Binding(name: named.name, expression: compiled))
            }
        }
    }

    private mutating func compile(_ definition: TriggerDefinition) -> TriggerTemplate? {
        let journey = template(definition.journey, "trigger.journey")
        let snType = template(definition.snType, "trigger.snType")
        let snID = template(definition.snID, "trigger.snId")
        if let name = journey?.constant, journeys.id(of: name) == nil {
            note("trigger.journey", "'\(name)' is no journey\(journeys.hint(name))")
        }
        for (template, place) in [(snType, "trigger.snType"), (snID, "trigger.snId")] {
            if template?.constant?.isBlank == true { note(place, "it must not be empty") }
        }
        var params: [TriggerTemplate.Param] = []
        for param in definition.contextParams {
            let place = "trigger.contextParams." + param.name
            if param.name.isEmpty { note("trigger.contextParams", "a key must not be empty") }
            if params.contains(where: { $0.name == param.name }) { note(place, "the key is there twice") }
            if let value = template(param.value, place) {
                params.append(.init(name: param.name, value: value, isRequired: param.isRequired))
            }
        }
        guard let journey, let snType, let snID else { return nil }
        return TriggerTemplate(
            journey: journey,
            snType: snType,
            snID: snID,
            contextParams: params,
            journeys: journeys
        )
    }

    // MARK: Expressions and templates

    /// Nil, with the problem noted, when the text is no expression.
    private mutating func expression(_ text: String, _ place: String, offset: Int = 0) -> RuleExpression? {
        let compiled: Expression
        do {
            compiled = try Expression(text, functions: functions)
        } catch {
            note(place, offset: offset + error.offset, error.ruleMessage)
            return nil
        }
        for fault in ExpressionCheck(vocabulary: vocabulary).faults(of: compiled) {
            note(place, offset: offset + fault.offset, fault.message)
        }
        var needs: Set<Int> = []
        for name in compiled.root.freeVariables.sorted() {
            if let index = bindings.lastIndex(where: { $0.name == name }) {
                needs.formUnion(bindings[index].expression.needs)
                needs.insert(index)
            } else {
                let hint = nearestNameHint(to: "$" + name, among: bindings.map { "$" + $0.name })
                let use = compiled.root.offset(ofVariable: name)
                note(place, offset: offset + use, "there is no variable $\(name)\(hint)")
            }
        }
        return RuleExpression(expression: compiled, needs: needs.sorted())
    }

    /// Nil, with the problem noted, when the text is no template.
    private mutating func template(_ text: String, _ place: String) -> Template? {
        let parsed: TemplateText
        do {
            parsed = try TemplateText(text)
        } catch {
            note(place, offset: error.offset, error.message)
            return nil
        }
        var pieces: [Template.Piece] = []
        for piece in parsed.pieces {
            switch piece {
            case .text(let literal): pieces.append(.text(literal))
            case .expression(let source, let offset):
                guard let compiled = expression(source, place, offset: offset) else { continue }
                pieces.append(.expression(compiled, offset: offset))
            }
        }
        return pieces.count == parsed.pieces.count ? Template(text: text, pieces: pieces) : nil
    }

    // MARK: Noting

    private mutating func note(_ place: String, offset: Int? = nil, _ message: String) {
        problems.append(RuleProblem(.error, rule: rule, place: place, offset: offset, message))
    }

    private mutating func warn(_ place: String, _ message: String) {
        problems.append(RuleProblem(.warning, rule: rule, place: place, message))
    }

    private mutating func check(_ names: [String], of known: Set<String>?, _ place: String, _ noun: String) {
        guard let known else { return }
        for name in names where !known.contains(name) {
            note(place, "there is no \(noun) '\(name)'\(nearestNameHint(to: name, among: known))")
        }
    }
}

// MARK: - New profiles

extension RuleCompiler {
    private mutating func compile(_ definition: NewProfileDefinition) -> NewProfileTemplate {
        let members = compile(definition.profile, .unifiedProfile, "newProfile")
        if !definition.profile.contains(where: { $0.name == "profiles" }) {
            warn("newProfile", "it has no 'profiles', so that Sprinklr is told no channel to reach the person by")
        }
        return NewProfileTemplate(mode: definition.mode, profile: members)
    }

    private mutating func compile(
        _ members: [TemplateTree.Member],
        _ schema: ProfileSchema,
        _ place: String
    ) -> [NewProfileTemplate.Member] {
        var compiled: [NewProfileTemplate.Member] = []
        for member in members {
            let place = place + "." + member.name
            let field = schema.field(member.name)
            if field == nil, !schema.fieldNames.isEmpty {
                let nearest = nearestName(to: member.name, among: schema.fieldNames)
                if let nearest {
                    note(place, "'\(member.name)' is no field of the API; did you mean '\(nearest)'?")
                } else {
                    warn(place, "'\(member.name)' is no field that the API's pages list; it is sent as it is")
                }
            }
            if compiled.contains(where: { $0.name == member.name }) { note(place, "the key is there twice") }
            if let node = node(member.value, field?.schema ?? .any, place) {
                compiled.append(.init(name: member.name, isRequired: field?.isRequired ?? false, node: node))
            }
        }
        if case .object(let fields) = schema {
            for field in fields where field.isRequired && !members.contains(where: { $0.name == field.name }) {
                note(place, "'\(field.name)' is required")
            }
        }
        return compiled
    }

    private mutating func node(
        _ tree: TemplateTree,
        _ schema: ProfileSchema,
        _ place: String
    ) -> NewProfileTemplate.Node? {
        switch (tree, schema) {
        case (.object(let members), .object), (.object(let members), .any):
            return .object(compile(members, schema, place))
        case (.list(let trees), .list(let element)):
            return .list(nodes(trees, element, place))
        case (.list(let trees), .any):
            return .list(nodes(trees, .any, place))
        case (.template(let text), .text), (.template(let text), .boolean), (.template(let text), .integer),
            (.template(let text), .time), (.template(let text), .any):
            return template(text, place).map { .template($0, schema) }
        case (.constant(let value), .text), (.constant(let value), .boolean), (.constant(let value), .integer),
            (.constant(let value), .time), (.constant(let value), .any):
            if value.isNullOrEmpty { return .constant(.null) }
            do {
                return .constant(try schema.fit(value))
            } catch {
                note(place, error.message)
                return nil
            }
        case (_, .object): note(place, "expected fields with names")
        case (_, .list): note(place, "expected a list")
        default: note(place, "expected one value")
        }
        return nil
    }

    private mutating func nodes(
        _ trees: [TemplateTree],
        _ schema: ProfileSchema,
        _ place: String
    ) -> [NewProfileTemplate.Node] {
        trees.enumerated().compactMap { index, tree in node(tree, schema, "\(place)[\(index)]") }
    }
}

// MARK: - When and how often

extension RuleCompiler {
    private mutating func checkTimes(_ definition: RuleDefinition) {
        if let delay = definition.delay, delay < .zero { note("delay", "it must not be negative") }
        guard let expiresAfter = definition.expiresAfter else { return }
        if expiresAfter <= .zero {
            note("expiresAfter", "it must be more than zero")
        } else if let delay = definition.delay, delay >= expiresAfter {
            note(
                "expiresAfter",
                "a delivery would expire before its delay is over; both count from the event's receipt"
            )
        }
    }

    private mutating func policies(_ definition: RuleDefinition) -> PolicyTemplate {
        let key = definition.key.flatMap { expression($0, "key") }
        if let atMost = definition.atMost {
            if atMost.times < 1 { note("atMost.times", "found \(atMost.times), expected 1 or more") }
            if atMost.per <= .zero { note("atMost.per", "it must be more than zero") }
        }
        return PolicyTemplate(
            key: definition.cancelWhen == nil ? nil : key,
            hours: definition.deliverBetween.flatMap { compile($0) },
            atMost: definition.atMost.map { AtMost(times: $0.times, per: $0.per) },
            timeZones: vocabulary.timeZones
        )
    }

    private mutating func compile(_ definition: CancellationDefinition, _ rule: RuleDefinition) -> CancellingEvent? {
        check([definition.source], of: vocabulary.sources, "cancelWhen.source", "source")
        let own = bindings
        // The cancelling event is another one: the rule's lets are not about it.
        bindings = []
        let when = expression(definition.when, "cancelWhen.when")
        let key = expression(definition.key, "cancelWhen.key")
        bindings = own
        if rule.key == nil { note("key", "cancelWhen needs a key to compare its own with") }
        if (rule.delay ?? vocabulary.defaults.delay) == .zero {
            warn("cancelWhen", "without a delay there is hardly time for another event to cancel this one")
        }
        guard let when, let key else { return nil }
        return CancellingEvent(source: definition.source, when: when, key: key)
    }

    private mutating func compile(_ hours: DeliveryHours) -> PolicyTemplate.Hours? {
        let from = Self.minutes(hours.from)
        let to = Self.minutes(hours.to)
        for (minutes, place, text) in [(from, "deliverBetween.from", hours.from), (to, "deliverBetween.to", hours.to)]
        where minutes == nil {
            note(place, "found '\(text)', expected a time of day such as \"08:30\"")
        }
        if from != nil, from == to { note("deliverBetween", "from and to are the same time") }
        let timeZone = expression(hours.timezone, "deliverBetween.timezone")
        guard let from, let to, let timeZone else { return nil }
        return PolicyTemplate.Hours(from: from, to: to, timeZone: timeZone)
    }

    /// Minutes after midnight of `HH:mm`, `24:00` included.
    private static func minutes(_ text: String) -> Int? {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, parts.allSatisfy({ $0.count == 2 && $0.allSatisfy { $0.isASCII && $0.isNumber } }),
            let hours = Int(parts[0]), let minutes = Int(parts[1]), minutes < 60, hours * 60 + minutes <= 1_440
        else { return nil }
        return hours * 60 + minutes
    }
}

extension SyntaxNode {
    /// Where a variable is first used, in UTF-8 bytes.
    fileprivate func offset(ofVariable name: String) -> Int {
        var offsets: [Int] = []
        forEachNode { if $0.kind == .variable(name) { offsets.append($0.range.lowerBound) } }
        return offsets.min() ?? 0
    }
}

extension JMESPathError {
    /// The error for a rule's author, without its place.
    var ruleMessage: String {
        guard let expected else { return message }
        return kind == .unknownFunction ? "\(message); did you mean \(expected)?" : "\(message); expected \(expected)"
    }
}
