public import JSON
import Model

extension Explanation {
    /// For people: one line a fact, parts indented below what they belong to. `masking` hides personal data.
    public func text(masking: Bool = false) -> String {
        var writer = ExplanationText(personalData: masking ? PersonalData(in: document) : nil)
        writer.write(self)
        return writer.lines.joined(separator: "\n") + "\n"
    }

    /// For programs; the same tree. `masking` hides personal data.
    public func json(masking: Bool = false) -> JSONValue {
        let value = JSONValue.object([
            ("event", .string(event.description)), ("source", .string(source)),
            ("topic", topic.map(JSONValue.string) ?? .null), ("outcome", .string(mapping.outcome.rawValue)),
            ("deliveries", .integer(Int64(mapping.deliveries.count))), ("rules", .array(rules.map(\.json))),
            ("cancellations", .array(mapping.cancellations.map(\.json))),
        ])
        return masking ? PersonalData(in: document).masked(value) : value
    }
}

extension RuleExplanation {
    fileprivate var json: JSONValue {
        .object(
            [("rule", .string(rule)), ("verdict", .string(verdict.rawValue))]
                + [("reason", reason.map(JSONValue.string)), ("each", each?.json)].present
                + [("items", .array(items.map(\.json)))]
        )
    }
}

extension ItemExplanation {
    fileprivate var json: JSONValue {
        .object(
            [("item", .integer(Int64(item))), ("matched", .bool(matched))]
                + [
                    ("element", element), ("when", when?.json),
                    ("lets", lets.isEmpty ? .none : .some(.object(lets.map { ($0.name, $0.trace.json) }))),
                    ("templates", templates.isEmpty ? .none : .some(.array(templates.map(\.json)))),
                    (
                        "failure",
                        failure.map { .object([("place", .string($0.place)), ("reason", .string($0.reason))]) }
                    ),
                    ("delivery", delivery?.json),
                ].present
        )
    }
}

extension TemplateTrace {
    fileprivate var json: JSONValue {
        .object([
            ("place", .string(place)), ("text", .string(text)), ("expressions", .array(expressions.map(\.json))),
        ])
    }
}

extension ExpressionTrace {
    fileprivate var json: JSONValue {
        .object(
            [("expression", .string(text))]
                + [
                    values.count == 1
                        ? ("value", values.first) : ("values", values.isEmpty ? .none : .some(.array(values))),
                    ("error", error.map(JSONValue.string)),
                    ("parts", parts.isEmpty ? .none : .some(.array(parts.map(\.json)))),
                ].present
        )
    }
}

extension Cancellation {
    fileprivate var json: JSONValue {
        .object([
            ("rule", .string(rule)), ("key", .string(key)), ("remembered", .string(remembered.configText)),
        ])
    }
}

extension DeliveryPolicies {
    /// What is to be said of them, each as a part of a sentence.
    fileprivate var sentences: [String] {
        var sentences: [String] = []
        if let atMost { sentences.append("at most \(atMost.times) to a person in \(atMost.per.configText)") }
        if let hours { sentences.append("between \(hours.text)") }
        if let cancelKey { sentences.append("called off by key \(cancelKey)") }
        return sentences
    }
}

extension OpenHours {
    /// `08:00 and 21:00, Europe/Berlin`
    fileprivate var text: String { "\(Self.clock(from)) and \(Self.clock(to)), \(timeZone)" }

    private static func clock(_ minutes: Int) -> String {
        let parts = [minutes / 60, minutes % 60].map { ($0 < 10 ? "0" : "") + String($0) }
        return parts.joined(separator: ":")
    }
}

extension DeliveryDraft {
    fileprivate var json: JSONValue {
        .object(
            [("queue", .string(queue)), ("destination", .string(destination))]
                + [
                    ("delay", delay == .zero ? .none : .some(.string(delay.configText))),
                    ("expiresAt", expiresAt.map { .string($0.description) }),
                    (
                        "atMost",
                        policies.atMost.map {
                            .object([("times", .integer(Int64($0.times))), ("per", .string($0.per.configText))])
                        }
                    ),
                    ("deliverBetween", policies.hours.map { .string($0.text) }),
                    ("cancelKey", policies.cancelKey.map(JSONValue.string)),
                ].present
                + [("calls", .array(calls.map { .object([("call", .string($0.call)), ("body", $0.body)]) }))]
        )
    }

    /// The calls that may be made for it, as the API's document has them.
    var calls: [(call: String, body: JSONValue)] {
        let params = JSONValue.object(trigger.contextParams.map { ($0.name, .string($0.value)) })
        let trigger = JSONValue.object([
            ("snType", .string(self.trigger.snType)), ("snId", .string(self.trigger.snID)),
            ("journeyId", .string(self.trigger.journeyID)), ("contextParams", params),
        ])
        guard let newProfile = self.trigger.newProfile else { return [("trigger", trigger)] }
        let create = JSONValue.object([
            ("journeyId", .string(self.trigger.journeyID)), ("contextParams", params),
            ("unifiedProfile", newProfile.unifiedProfile),
        ])
        return newProfile.mode == .always
            ? [("triggerWithNewProfile", create)] : [("trigger", trigger), ("triggerWithNewProfile", create)]
    }
}

extension [(String, JSONValue?)] {
    /// Those that have a value.
    fileprivate var present: [(String, JSONValue)] {
        compactMap { name, value in value.map { (name, $0) } }
    }
}

/// Writes an explanation as indented lines.
private struct ExplanationText {
    let personalData: PersonalData?
    private(set) var lines: [String] = []
    /// Longest value shown in a line, in characters.
    private static let width = 200

    init(personalData: PersonalData?) {
        self.personalData = personalData
    }

    mutating func write(_ explanation: Explanation) {
        let topic = explanation.topic.map { ", topic \($0)" } ?? ""
        let outcome = explanation.mapping.outcome.rawValue
        let deliveries = explanation.mapping.deliveries.count
        add(0, "event \(explanation.event) of \(explanation.source)\(topic): \(outcome), deliveries: \(deliveries)")
        if explanation.rules.isEmpty { add(0, "no rule has this source") }
        for rule in explanation.rules { write(rule) }
        for cancellation in explanation.mapping.cancellations {
            add(0, "")
            let memory =
                cancellation.remembered == .zero ? "" : ", also what comes within \(cancellation.remembered.configText)"
            add(0, "calls off deliveries of rule \(cancellation.rule) with key \(cancellation.key)\(memory)")
        }
    }

    private mutating func write(_ rule: RuleExplanation) {
        add(0, "")
        let verdict = rule.verdict == .notAsked ? "not asked" : rule.verdict.rawValue
        add(0, "rule \(rule.rule): \(verdict)\(rule.reason.map { ": " + $0 } ?? "")")
        if let each = rule.each { write(each, 1, label: "each ") }
        for item in rule.items {
            if let element = item.element { add(1, "item \(item.item): \(shown(element))") }
            write(item, item.element == nil ? 1 : 2)
        }
    }

    private mutating func write(_ item: ItemExplanation, _ depth: Int) {
        for (name, trace) in item.lets { write(trace, depth, label: "$\(name) = ") }
        if let when = item.when { write(when, depth, label: "when ") }
        for template in item.templates {
            add(depth, "\(template.place): \(template.text)")
            for expression in template.expressions { write(expression, depth + 1) }
        }
        if let failure = item.failure { add(depth, "failure at \(failure.place): \(failure.reason)") }
        guard let delivery = item.delivery else { return }
        let expiry = delivery.expiresAt.map { ", expires at \($0)" } ?? ""
        let delay = delivery.delay == .zero ? "" : ", after \(delivery.delay.configText)"
        add(depth, "delivery to \(delivery.destination), queue \(delivery.queue)\(delay)\(expiry)")
        for sentence in delivery.policies.sentences { add(depth + 1, sentence) }
        for (number, call) in delivery.calls.enumerated() {
            let condition = number == 0 ? "" : " if the person is unknown"
            add(depth + 1, "\(call.call)\(condition) \(whole(call.body))")
        }
    }

    private mutating func write(_ trace: ExpressionTrace, _ depth: Int, label: String = "") {
        let value: String
        switch trace.values.count {
        case _ where trace.error != nil: value = "error: " + (trace.error ?? "")
        case 0: value = "not evaluated"
        case 1: value = shown(trace.values[0], key: key(trace))
        default: value = trace.values.prefix(5).map { shown($0, key: key(trace)) }.joined(separator: ", ")
        }
        add(depth, "\(label)\(trace.text): \(value)\(trace.values.count > 5 ? ", …" : "")", isMasked: true)
        for part in trace.parts { write(part, depth + 1) }
    }

    /// The name of the field that an expression ends with.
    private func key(_ trace: ExpressionTrace) -> String? {
        trace.text.split(separator: ".").last.map(String.init)
    }

    private func shown(_ value: JSONValue, key: String? = nil) -> String {
        let text = String(decoding: (personalData?.masked(value, key: key) ?? value).serialized(), as: UTF8.self)
        return text.count <= Self.width ? text : text.prefix(Self.width) + "…"
    }

    private func whole(_ value: JSONValue) -> String {
        String(decoding: (personalData?.masked(value) ?? value).serialized(), as: UTF8.self)
    }

    /// A line; what it holds of personal data is hidden unless that has been done.
    private mutating func add(_ depth: Int, _ text: String, isMasked: Bool = false) {
        let text = isMasked ? text : personalData?.masked(text) ?? text
        lines.append(String(repeating: "  ", count: depth) + text)
    }
}
