import JSON

/// Finds the rules of one source that may match an event, without asking the others.
struct RuleIndex: Sendable {
    /// The rules with a guard over one field, by the constants they compare it with.
    private struct Lookup: Sendable {
        let path: [String]
        var rules: [String: [Int]]
    }

    /// Rules without a guard.
    private var always: [Int] = []
    private var lookups: [Lookup] = []

    /// Positions in `rules` count as the rules' numbers.
    init(_ rules: [Rule]) {
        for (number, rule) in rules.enumerated() {
            guard let condition = rule.condition else {
                always.append(number)
                continue
            }
            let place =
                lookups.firstIndex { $0.path == condition.path }
                ?? {
                    lookups.append(Lookup(path: condition.path, rules: [:]))
                    return lookups.count - 1
                }()
            for constant in Set(condition.constants) { lookups[place].rules[constant, default: []].append(number) }
        }
    }

    /// The numbers of the rules to ask, in the order written.
    func candidates(for document: JSONValue) -> [Int] {
        var candidates = always
        var lists = always.isEmpty ? 0 : 1
        for lookup in lookups {
            guard let text = Guard.text(at: lookup.path, in: document), let found = lookup.rules[text] else { continue }
            candidates += found
            lists += 1
        }
        return lists > 1 ? candidates.sorted() : candidates
    }
}
