import Delivery
import Model
import Rules
import Webhooks

extension GatewayConfigDraft {
    /// The config with its sources and rules compiled; nil when one of them is not legal. What is said in one place is
    /// held against the others.
    func checked(examples: ExampleRun, _ problems: inout [ConfigProblem]) -> GatewayConfig? {
        checkPaths(&problems)
        let sources = compiledSources(&problems)
        let rules = compiledRules(sources ?? [], &problems)
        // An example of a config with mistakes fails because of them, which would say nothing new.
        if examples != .skipped, !problems.hasErrors, let rules {
            note(rules.runExamples(), examples == .mustPass ? .error : .warning, &problems)
        }
        warnOfIdleSources(&problems)
        warnOfStrangeJourneys(&problems)
        guard let sources, let rules else { return nil }
        return GatewayConfig(
            listen: listen,
            drain: drain,
            tls: tls,
            limits: limits,
            trustedProxies: trustedProxies,
            proxyProtocol: proxyProtocol,
            admin: admin,
            store: store,
            retention: retention,
            destinations: destinations,
            queues: queues,
            sources: sources,
            rules: rules,
            warnings: []
        )
    }

    /// One path leads to one source.
    private func checkPaths(_ problems: inout [ConfigProblem]) {
        var owners: [String: String] = [:]
        for source in sources where !source.value.path.isEmpty {
            let path = source.value.path
            if let owner = owners[path] {
                problems.append(source.section.problem("path", "\(path) is the path of source '\(owner)' already"))
            } else {
                owners[path] = source.value.name
            }
        }
    }

    private func compiledSources(_ problems: inout [ConfigProblem]) -> [Source]? {
        var compiled: [Source] = []
        for source in sources where source.isSound {
            do throws(SourceError) {
                compiled.append(try Source(source.value))
            } catch {
                for mistake in error.mistakes {
                    problems.append(source.section.value.problem(mistake.message, at: mistake.place))
                }
            }
        }
        return compiled.count == sources.count ? compiled : nil
    }

    private func compiledRules(_ sources: [Source], _ problems: inout [ConfigProblem]) -> RuleSet? {
        let vocabulary = RuleVocabulary(
            journeys: Dictionary(journeys.map { ($0.name, $0.value) }) { first, _ in first },
            tables: tables,
            timeZones: .system,
            sources: Set(self.sources.map(\.value.name)),
            queues: Set(queues.map(\.name)),
            destinations: Set(destinations.map(\.name)),
            defaults: defaults
        )
        do throws(RuleProblems) {
            let definitions = rules.filter(\.isSound).map { definition($0, sources, &problems) }
            let set = try RuleSet(definitions, vocabulary: vocabulary)
            problems += set.warnings.map(located)
            return set
        } catch {
            problems += error.problems.map(located)
            return nil
        }
    }

    /// A rule with its examples, decoded by their sources.
    private func definition(
        _ rule: Entry<RuleReading>,
        _ sources: [Source],
        _ problems: inout [ConfigProblem]
    ) -> RuleDefinition {
        var definition = rule.value.definition
        for (index, reading) in rule.value.examples.enumerated() {
            guard let source = reading.source(among: sources, of: definition) else { continue }
            do throws(Refusal) {
                definition.examples.append(try reading.example(decodedBy: source))
            } catch {
                let message = "source '\(source.settings.name)' would not take it: \(error.problem.detail)"
                problems.append(rule.section.value.problem(message, at: "examples[\(index)].given"))
            }
        }
        return definition
    }

    /// What is not as the examples say, where the examples stand in the file.
    private func note(
        _ results: [ExampleResult],
        _ severity: ConfigProblem.Severity,
        _ problems: inout [ConfigProblem]
    ) {
        for result in results {
            guard let rule = rules.first(where: { $0.value.definition.name == result.rule }) else { continue }
            for difference in result.differences {
                let message = "\(result.name): \(difference)"
                let place = "examples[\(result.index)].expect"
                problems.append(rule.section.value.problem(message, at: place, severity: severity))
            }
        }
    }

    /// A problem of a rule, where the rule stands in the file.
    private func located(_ problem: RuleProblem) -> ConfigProblem {
        let rule = rules.first { $0.value.definition.name == problem.rule }
        let severity: ConfigProblem.Severity = problem.severity == .error ? .error : .warning
        return (rule?.section ?? root).value.problem(
            problem.message,
            at: problem.place,
            offset: problem.offset,
            severity: severity
        )
    }

    private func warnOfIdleSources(_ problems: inout [ConfigProblem]) {
        let used = Set(rules.flatMap(\.value.definition.sources))
        for source in sources where source.isSound {
            let settings = source.value
            if !used.contains(settings.name), rules.allSatisfy(\.isSound) {
                problems.append(source.warning("no rule is about this source; its events are kept unmatched"))
            }
            if settings.secrets.isEmpty, settings.signature == nil, settings.origins.isEmpty {
                problems.append(
                    source.warning(
                        "anybody can send here; add a 'secret' with a 'preset' or 'signature', or 'origins' for a form"
                    )
                )
            }
        }
    }

    /// Every id in the API's documents is 24 hexadecimal digits.
    private func warnOfStrangeJourneys(_ problems: inout [ConfigProblem]) {
        for (name, id) in journeys {
            let isUsual = id.utf8.count == 24 && id.allSatisfy { $0.isASCII && $0.isHexDigit }
            if !isUsual, let value = root["journeys"]?.value(at: name) {
                problems.append(
                    value.problem("found \(value.node.summary), expected 24 hexadecimal digits", severity: .warning)
                )
            }
        }
    }
}

extension GatewayConfigDraft.Entry {
    fileprivate func warning(_ message: String) -> ConfigProblem {
        section.value.problem(message, severity: .warning)
    }
}

extension ConfigValue {
    /// A problem at a place below this value, and there at an offset (in UTF-8 bytes) of the text.
    fileprivate func problem(
        _ message: String,
        at place: String,
        offset: Int? = nil,
        severity: ConfigProblem.Severity = .error
    ) -> ConfigProblem {
        var value = value(at: place)
        var problem = value.problem(message, severity: severity)
        problem.path = path.isEmpty ? place : place.isEmpty ? path : "\(path).\(place)"
        guard let offset else { return problem }
        // `{ value: TEMPLATE, required: true }` is one place.
        if value.isMapping { value = value.value(at: "value") }
        if case .scalar(let scalar) = value.node.content {
            let scalars = String(decoding: scalar.text.utf8.prefix(offset), as: UTF8.self).unicodeScalars.count
            problem.position = value.problem(message, atOffset: scalars).position
        }
        return problem
    }
}
