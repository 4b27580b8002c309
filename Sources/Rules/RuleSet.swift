public import JMESPath
public import Model

/// All rules of a config, compiled once: nothing is parsed while an event waits. A value without state, so that any
/// number of threads may map with it at once.
public struct RuleSet: Sendable {
    /// What looks wrong and is not.
    public let warnings: [RuleProblem]
    /// The functions that expressions may call.
    public let functions: FunctionTable

    let rules: [Rule]
    let vocabulary: RuleVocabulary
    private let bySource: [String: SourceRules]

    /// The rules that events of one source are asked for.
    private struct SourceRules: Sendable {
        /// In the order written.
        let rules: [Rule]
        let index: RuleIndex
        /// Those whose deliveries the source's events may call off.
        let cancelled: [Rule]
    }

    /// Compiles and checks.
    ///
    /// - Throws: All problems at once, warnings too, when at least one is an error.
    public init(_ definitions: [RuleDefinition], vocabulary: RuleVocabulary = RuleVocabulary()) throws(RuleProblems) {
        var compiler = RuleCompiler(vocabulary: vocabulary)
        let rules = compiler.compile(definitions)
        let problems = compiler.problems
        guard !problems.contains(where: { $0.severity == .error }) else { throw RuleProblems(problems) }
        self.rules = rules
        self.vocabulary = vocabulary
        functions = compiler.functions
        warnings = problems
        let sources = Set(rules.flatMap { $0.definition.sources + [$0.cancelling?.source].compactMap(\.self) })
        bySource = Dictionary(
            uniqueKeysWithValues: sources.map { source in
                let own = rules.filter { $0.definition.sources.contains(source) }
                let cancelled = rules.filter { $0.cancelling?.source == source }
                return (source, SourceRules(rules: own, index: RuleIndex(own), cancelled: cancelled))
            }
        )
    }

    /// A journey that a rule names without asking the event.
    public struct JourneyUse: Sendable, Equatable {
        public let rule: String
        public let journeyID: String
    }

    /// The journeys that are triggered at a destination, as far as the rules name them.
    public func journeys(of destination: String) -> [JourneyUse] {
        rules.filter { $0.settings.destination == destination }.compactMap { rule in
            rule.trigger.journeyID.map { JourneyUse(rule: rule.name, journeyID: $0) }
        }
    }

    /// What the rules make of an event. All rules of its source that match apply, in the order written, up to the
    /// first that says `stop`. A rule that fails does not keep others from applying. What the event calls off is asked
    /// of all rules, whatever their own source.
    public func map(_ event: Event) -> Mapping {
        var mapping = Mapping()
        guard let source = bySource[event.source] else { return mapping }
        var scope = Scope(document: event.document)
        for rule in source.cancelled {
            do throws(MappingError) {
                if let cancellation = try rule.cancellation(by: event, &scope) {
                    mapping.cancellations.append(cancellation)
                }
            } catch {
                mapping.failures.append(error.failure)
            }
        }
        for number in source.index.candidates(for: scope.document) {
            let matched = source.rules[number].apply(to: event, &scope, into: &mapping)
            if matched, source.rules[number].definition.stop { break }
        }
        return mapping
    }

    /// The rules as they were written.
    public var definitions: [RuleDefinition] { rules.map(\.definition) }

    /// The rules of a source in the order written.
    func rules(of source: String) -> [Rule] { bySource[source]?.rules ?? [] }
}
