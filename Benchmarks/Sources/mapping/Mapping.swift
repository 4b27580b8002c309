import CAllocations
import Glibc
import JMESPath
import JSON
import Model
import Rules

/// Measures JSON and rules in CPU time, and prints a line for each case: its name, microseconds and allocations a turn.
///
/// `mapping FOLDER MILLISECONDS [NAME]`, with the folder that `benchmark_rules.py` has filled: documents, and the expressions
/// that it gives to jmespath.py too. With a name, only the cases that begin with it are measured, for a profiler.
@main enum Mapping {
    static func main() throws {
        let folder = CommandLine.arguments[1]
        let budget = (Double(CommandLine.arguments[2]) ?? 100) / 1_000
        for name in ["1k", "3k", "100k"] {
            measureJSON(named: name, contents(of: "\(folder)/order-\(name).json"), budget)
        }
        let order = contents(of: "\(folder)/order-3k.json")
        let expressions =
            try JSONValue.parse(contents(of: "\(folder)/expressions.json"))
            .elements?.compactMap(\.stringValue) ?? []
        try measureExpressions(expressions, order, budget)
        try measureRules(expressions, order, budget)
    }

    private static func measureJSON(named name: String, _ bytes: [UInt8], _ budget: Double) {
        measure("json \(name) JSON", budget) { _ = try? JSONValue.parse(bytes) }
        measure("json \(name) JSONSerialization", budget) { Foundations.parse(bytes) }
        SIMD.measure("json \(name) simdjson", bytes, budget)
    }

    private static func measureExpressions(_ texts: [String], _ order: [UInt8], _ budget: Double) throws {
        let expressions = try texts.map { try Expression($0) }
        let document: JSONValue = ["body": try JSONValue.parse(order)]
        measure("expressions 40", budget) {
            var evaluation = Evaluation(of: document)
            for expression in expressions { _ = try? evaluation.value(of: expression) }
        }
        var evaluation = Evaluation(of: document)
        // What each costs by itself is for a profiler, and not for the table.
        for expression in expressions where !wanted.isEmpty {
            measure("each \(expression.text)", budget / 4) { _ = try? evaluation.value(of: expression) }
        }
    }

    private static func measureRules(_ texts: [String], _ order: [UInt8], _ budget: Double) throws {
        let five = try RuleSet(
            (0..<5).map { number in
                rule("rule-\(number)", when: nil, Array(texts[(number * 8)..<(number * 8 + 8)]))
            }
        )
        measure("parse and 5 rules of 8 templates", budget) { map(order, by: five) }
        let body = try JSONValue.parse(order)
        let event = event(body)
        measure("5 rules of 8 templates", budget) { _ = five.map(event) }
        for count in [10, 1_000] {
            let others = (1..<count).map { rule("rule-\($0)", when: "topic == 'topic/\($0)'", Array(texts[..<8])) }
            let one = rule("order", when: "topic == 'orders/create'", Array(texts[..<8]))
            let rules = try RuleSet(others + [one])
            measure("1 of \(count) rules matches, by topic", budget) { _ = rules.map(event) }
            let unmatched = try RuleSet(others)
            measure("none of \(count) rules matches", budget) { _ = unmatched.map(event) }
            let currencies = ["CAD"] + (1..<count).map { "C\($0)" }
            let alike = try RuleSet(
                currencies.map { currency in
                    let when = "topic == 'orders/create' && body.currency == '\(currency)'"
                    return rule("rule-\(currency)", when: when, Array(texts[..<8]))
                }
            )
            measure("1 of \(count) rules matches, all of one topic", budget) { _ = alike.map(event) }
        }
    }

    private static func map(_ bytes: [UInt8], by rules: RuleSet) {
        guard let body = try? JSONValue.parse(bytes) else { stop("the order is no JSON") }
        let mapping = rules.map(event(body))
        guard mapping.deliveries.count == 5 else { stop("\(mapping.failures)") }
    }

    private static func event(_ body: JSONValue) -> Event {
        Event(
            id: EventID(high: 0x0190_A5E4_7C00_7ABC, low: 0x8DEF_0123_4567_89AB),
            source: "shop",
            topic: "orders/create",
            receivedAt: Timestamp(milliseconds: 1_769_851_800_123),
            headers: [:],
            query: [:],
            body: body,
            key: nil
        )
    }

    private static func rule(_ name: String, when: String?, _ expressions: [String]) -> RuleDefinition {
        var rule = RuleDefinition(
            name: name,
            sources: ["shop"],
            trigger: TriggerDefinition(
                journey: "64ad5aaeda4f3f1b3fea3eda",
                snType: "SMS",
                snID: "14165550199",
                contextParams: expressions.enumerated().map { ContextParamDefinition("p\($0)", "{{ \($1) }}") }
            )
        )
        rule.when = when
        return rule
    }

    private static func contents(of path: String) -> [UInt8] {
        guard let file = fopen(path, "r") else { stop("cannot read \(path)") }
        defer { fclose(file) }
        var contents: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while case let count = fread(&buffer, 1, buffer.count, file), count > 0 { contents += buffer[..<count] }
        return contents
    }
}

/// The beginning of the names of the cases that are wanted.
let wanted = CommandLine.arguments.count > 3 ? CommandLine.arguments[3] : ""

/// Calls `body` for about `budget` seconds of CPU time, after half as long that does not count.
func measure(_ name: String, _ budget: Double, _ body: () -> Void) {
    guard name.hasPrefix(wanted) else { return }
    var turns = 1
    let warm = processorSeconds() + budget / 2
    while processorSeconds() < warm { body() }
    while true {
        let (start, allocations) = (processorSeconds(), allocation_count())
        for _ in 0..<turns { body() }
        let seconds = processorSeconds() - start
        let allocated = allocation_count() - allocations
        if seconds >= budget {
            let perTurn = seconds / Double(turns) * 1e6
            print("\(name)\t\(perTurn)\t\(Double(allocated) / Double(turns))")
            return
        }
        turns = Swift.max(turns * 2, Int(Double(turns) * budget / Swift.max(seconds, 1e-6) * 1.1))
    }
}

private func processorSeconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

/// Ends the program: figures of something other than what is to be measured would be worse than none.
func stop(_ reason: String) -> Never {
    fatalError(reason)
}
