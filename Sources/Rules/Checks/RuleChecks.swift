import JMESPath
import JSON
import Model

/// What looks wrong when all rules are seen together.
struct RuleChecks {
    let rules: [Rule]
    /// Whether these are all that were written, and none is too faulty to be one.
    let areAll: Bool
    let vocabulary: RuleVocabulary

    func problems() -> [RuleProblem] {
        let examples = ExampleDocuments(rules)
        return rules.flatMap {
            FieldCheck(rule: $0, examples: examples).problems() + channelProblems($0) + conditionProblems($0)
        }
            + unreachable() + spellings() + (areAll ? unusedJourneys() : [])
    }

    // MARK: A rule's own

    private func channelProblems(_ rule: Rule) -> [RuleProblem] {
        var problems: [RuleProblem] = []
        if let type = rule.trigger.snType.constant, type != type.uppercased() {
            let hint = nearestNameHint(to: type.uppercased(), among: Self.channels)
            problems.append(
                RuleProblem(.warning, rule: rule.name, place: "trigger.snType", "types are written in capitals\(hint)")
            )
        }
        if rule.trigger.snID.constant != nil {
            problems.append(
                RuleProblem(
                    .warning,
                    rule: rule.name,
                    place: "trigger.snId",
                    "it is the same person for every event"
                )
            )
        }
        if let type = rule.trigger.snType.constant, ["WHATSAPP_BUSINESS", "SMS"].contains(type),
            rule.trigger.snID.soleExpression?.expression.root.kind == .call(function: "phone")
        {
            problems.append(
                RuleProblem(
                    .warning,
                    rule: rule.name,
                    place: "trigger.snId",
                    "phone() writes a plus, and ids of \(type) have none; did you mean msisdn()?"
                )
            )
        }
        return problems
    }

    /// A `when` that does not depend on the event, and `lets` that nothing uses.
    private func conditionProblems(_ rule: Rule) -> [RuleProblem] {
        func warning(_ place: String, _ message: String) -> RuleProblem {
            RuleProblem(.warning, rule: rule.name, place: place, message)
        }
        var problems: [RuleProblem] = []
        if case .literal(let value)? = rule.when?.expression.root.kind {
            problems.append(warning("when", value.isTruthy ? "it holds for every event" : "it holds for no event"))
        }
        for (number, condition) in rule.guards.enumerated() {
            let excluding = rule.guards[..<number].first { earlier in
                earlier.path == condition.path && Set(earlier.constants).isDisjoint(with: condition.constants)
            }
            guard let excluding else { continue }
            let field = FieldPath(fields: condition.path).text
            let (one, other) = (excluding.constants[0], condition.constants[0])
            problems.append(warning("when", "it holds for no event: \(field) cannot be '\(one)' and '\(other)'"))
        }
        // These may use them too.
        guard rule.definition.key == nil, rule.definition.deliverBetween == nil else { return problems }
        let used = Set(rule.expressions.flatMap(\.expression.needs))
        let shared = vocabulary.defaults.lets.count
        for (number, binding) in rule.bindings.enumerated().dropFirst(shared) where !used.contains(number) {
            problems.append(warning("lets." + binding.name, "nothing uses $\(binding.name)"))
        }
        return problems
    }

    /// The types that are certain, and likely ones: for hints alone.
    static let channels = [
        "WHATSAPP_BUSINESS", "SMS", "EMAIL", "SPRINKLR_LIVE_CHAT", "TWITTER", "FACEBOOK", "INSTAGRAM", "LINKEDIN",
        "YOUTUBE", "VIBER", "LINE", "WECHAT", "TELEGRAM", "KAKAO_TALK", "APPLE_BUSINESS_CHAT", "GOOGLE_BUSINESS",
        "SLACK", "TIKTOK", "VK", "REDDIT", "THREADS",
    ]

    // MARK: Rules behind a stop

    private func unreachable() -> [RuleProblem] {
        rules.enumerated().compactMap { number, rule in
            let earlier = rules[..<number].filter { $0.definition.stop }
            let stoppers = rule.definition.sources.map { source in
                earlier.first { $0.definition.sources.contains(source) && $0.isAlwaysMatched(where: rule) }
            }
            guard let stopper = stoppers.first.flatMap(\.self), stoppers.allSatisfy({ $0 != nil }) else { return nil }
            return RuleProblem(
                .warning,
                rule: rule.name,
                place: "when",
                "it is never reached: rule \(stopper.name) matches first, and says stop"
            )
        }
    }

    // MARK: Keys of one journey

    /// One key spelt in several ways: the journey reads only one of them.
    private func spellings() -> [RuleProblem] {
        struct Use {
            let rule: String
            let journey: String
            let key: String
        }
        let uses = rules.flatMap { rule in
            rule.trigger.contextParams.map { param in
                let journey = rule.trigger.journey.constant ?? ""
                return Use(rule: rule.name, journey: rule.trigger.journeys.id(of: journey) ?? journey, key: param.name)
            }
        }
        let groups = Dictionary(grouping: uses) { use in
            use.journey + "\u{0}" + use.key.lowercased().filter { $0.isLetter || $0.isNumber }
        }
        return groups.values.flatMap { uses -> [RuleProblem] in
            let counts = Dictionary(grouping: uses, by: \.key).mapValues(\.count)
            // The most frequent spelling is taken for the right one; of equals the first.
            guard counts.count > 1,
                let usual = uses.max(by: { counts[$0.key, default: 0] < counts[$1.key, default: 0] })
            else { return [] }
            return uses.filter { $0.key != usual.key }.map { use in
                RuleProblem(
                    .warning,
                    rule: use.rule,
                    place: "trigger.contextParams." + use.key,
                    "the key is spelt '\(usual.key)' in rule \(usual.rule), for the same journey"
                )
            }
        }
        .sorted { ($0.rule ?? "", $0.place) < ($1.rule ?? "", $1.place) }
    }

    // MARK: Journeys

    private func unusedJourneys() -> [RuleProblem] {
        // A journey that is looked up may be any, and so may be one that is misspelt.
        let used = rules.map(\.trigger.journey.constant)
        guard rules.allSatisfy({ $0.trigger.journeyID != nil }) else {
            return []
        }
        return vocabulary.journeys.keys.sorted().filter { name in
            !used.contains(name) && !used.contains(vocabulary.journeys[name])
        }
        .map { RuleProblem(.warning, rule: nil, place: "journeys." + $0, "no rule starts this journey") }
    }
}

extension Rule {
    /// Whether this rule, as far as can be seen, matches every event that the other one matches.
    fileprivate func isAlwaysMatched(where other: Rule) -> Bool {
        guard each == nil else { return false }
        guard let when else { return true }
        if when.needs.isEmpty, let otherWhen = other.when, otherWhen.needs.isEmpty, when.text == otherWhen.text {
            return true
        }
        guard let condition = guards.first, Guard.isWhole(when.expression.root) else { return false }
        return other.guards.contains { narrower in
            condition.path == narrower.path && narrower.constants.allSatisfy(condition.constants.contains)
        }
    }
}
