import JSON

/// Finds the rules of one source that may match an event, without asking the others.
struct RuleIndex: Sendable {
    /// The rules with a guard over one field, by the constants they compare it with.
    private struct Lookup: Sendable {
        let keys: JSONKeys
        var rules: [String: [Int]] = [:]
    }

    /// A field that is compared with a constant.
    private struct Comparison: Hashable {
        let path: [String]
        let constant: String
    }

    /// Rules without a guard.
    private var always: [Int] = []
    private var lookups: [Lookup] = []

    /// Positions in `rules` count as the rules' numbers.
    ///
    /// Of a rule's guards the one is taken that fewest rules share: where all are about one topic, another field tells
    /// them apart.
    init(_ rules: [Rule]) {
        var uses: [Comparison: Int] = [:]
        for condition in rules.flatMap(\.guards) {
            for comparison in Self.comparisons(of: condition) { uses[comparison, default: 0] += 1 }
        }
        func crowd(_ condition: Guard) -> Int {
            Self.comparisons(of: condition).reduce(0) { $0 + uses[$1, default: 0] }
        }
        var places: [[String]: Int] = [:]
        for (number, rule) in rules.enumerated() {
            guard let condition = rule.guards.min(by: { crowd($0) < crowd($1) }) else {
                always.append(number)
                continue
            }
            let place = places[condition.path] ?? lookups.count
            if place == lookups.count {
                places[condition.path] = place
                lookups.append(Lookup(keys: JSONKeys(condition.path)))
            }
            for comparison in Self.comparisons(of: condition) {
                lookups[place].rules[comparison.constant, default: []].append(number)
            }
        }
    }

    private static func comparisons(of condition: Guard) -> Set<Comparison> {
        Set(condition.constants.map { Comparison(path: condition.path, constant: $0) })
    }

    /// The numbers of the rules to ask, in the order written.
    func candidates(for document: JSONValue) -> [Int] {
        var candidates = always
        var lists = always.isEmpty ? 0 : 1
        for lookup in lookups {
            guard let text = document.text(at: lookup.keys), let found = lookup.rules[text] else { continue }
            candidates += found
            lists += 1
        }
        return lists > 1 ? candidates.sorted() : candidates
    }
}
