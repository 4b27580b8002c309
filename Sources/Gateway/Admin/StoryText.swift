public import JSON

/// Renders for a terminal what the admin API answers.
public enum StoryText {
    /// One line of a list of events: time, id, source, topic, outcome.
    public static func line(event: JSONValue) -> String {
        let columns = [
            event.text("receivedAt"), event.text("id"), event.text("source"),
            event.text("topic").isEmpty ? "-" : event.text("topic"), outcome(of: event),
        ]
        return columns.joined(separator: "  ")
    }

    /// An event's whole story: what came, what the rules made of it, what was sent and what came back.
    /// - Parameter payload: Whether the body is shown, indented, below the first line.
    public static func story(_ story: JSONValue, payload: Bool) -> String {
        var lines = [line(event: story)]
        if payload, let body = story["body"] {
            lines += String(decoding: body.serialized(), as: UTF8.self).split(separator: "\n").map { "    " + $0 }
        }
        for failure in story["failures"]?.elements ?? [] { lines.append(line(failure: failure)) }
        for delivery in story["deliveries"]?.elements ?? [] {
            lines.append(line(delivery: delivery))
            for attempt in delivery["attempts"]?.elements ?? [] { lines.append(line(attempt: attempt)) }
        }
        return lines.joined(separator: "\n")
    }

    /// One delivery of a list, with its attempts where they are shown.
    public static func delivery(_ delivery: JSONValue) -> String {
        let times = "    due \(delivery.text("due"))  event \(delivery.text("event"))  queue \(delivery.text("queue"))"
        let attempts = (delivery["attempts"]?.elements ?? []).map { line(attempt: $0) }
        return ([line(delivery: delivery), times] + attempts).joined(separator: "\n")
    }

    static func line(failure: JSONValue) -> String {
        "  ! rule \(failure.text("rule")), \(failure.text("place")): \(failure.text("reason"))"
    }

    static func line(delivery: JSONValue) -> String {
        let trigger = delivery["trigger"] ?? .null
        var line =
            "  → rule \(delivery.text("rule")): \(trigger.text("snType")) \(trigger.text("snId")), "
            + "journey \(trigger.text("journeyId")), delivery \(delivery.text("id")) \(delivery.text("state"))"
        if let retryAt = delivery["retryAt"]?.stringValue { line += " until \(retryAt)" }
        if let params = trigger["contextParams"], params.count > 0 {
            line += "\n    contextParams " + String(decoding: params.serialized(), as: UTF8.self)
        }
        return line
    }

    static func line(attempt: JSONValue) -> String {
        var line = "    \(attempt.text("number")). \(attempt.text("started"))  \(attempt.text("call"))"
        let outcome = attempt["outcome"]?.stringValue ?? "under way"
        line += "  " + (attempt["status"]?.isNull == false ? attempt.text("status") + " " : "") + outcome
        let detail = attempt.text("detail")
        if !detail.isEmpty && outcome != "accepted" { line += "  " + detail.prefix(200).replacing("\n", with: " ") }
        return line
    }

    private static func outcome(of event: JSONValue) -> String {
        let count = event["deliveryCount"]?.number?.int64Value ?? 0
        let deliveries = count == 1 ? "1 delivery" : "\(count) deliveries"
        return "\(event.text("outcome")), \(deliveries)"
    }
}

extension JSONValue {
    /// The text of a member, or of its number; empty when it is absent or null.
    func text(_ key: String) -> String {
        guard let value = self[key] else { return "" }
        return value.stringValue ?? value.number?.lexeme ?? ""
    }
}
