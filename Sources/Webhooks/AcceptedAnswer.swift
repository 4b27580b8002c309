public import Model

/// How an accepted webhook is answered once its events are on disk.
public struct AcceptedAnswer: Sendable, Equatable {
    enum Form: Sendable, Equatable {
        /// `202` and the list of the events; a dropped event stands in it by the id it would have had.
        case list
        case fixed(FixedAnswer)
        case redirect(String)
        /// A small page for the person who sent the form.
        case thanks
    }

    var form: Form
    /// Fields that the answer carries whatever its form: CORS, `Vary`, `Cache-Control`.
    var fields: [Field] = []
    /// The ids that dropped events are shown under, so that a robot sees no difference.
    var dropped: [EventID] = []

    /// The answer to a request of which this became, in the order of its events.
    public func answer(for appended: [Appended]) -> Answer {
        var answer =
            switch form {
            case .list:
                Answer(202, fields: [Field("Content-Type", "application/json")], body: list(of: appended))
            case .fixed(let fixed):
                Answer(
                    fixed.status,
                    fields: fixed.contentType.map { [Field("Content-Type", $0)] } ?? [],
                    body: Array(fixed.body.utf8)
                )
            case .redirect(let location): Answer(303, fields: [Field("Location", location)])
            case .thanks:
                Answer(
                    202,
                    fields: [Field("Content-Type", "text/html; charset=utf-8")],
                    body: Array(Self.page.utf8)
                )
            }
        answer.fields += fields
        return answer
    }

    /// `{"events":[{"id":…,"deliveries":n,"duplicate":true}],"duplicate":true}`: `duplicate` stands on each event that
    /// was known already, and at the top when all of them were.
    private func list(of appended: [Appended]) -> [UInt8] {
        var text = Array(#"{"events":["#.utf8)
        var isEveryDuplicate = !appended.isEmpty && dropped.isEmpty
        for event in appended {
            switch event {
            case .accepted(let id, let deliveries, _):
                isEveryDuplicate = false
                Self.write(id, deliveries: deliveries.count, into: &text)
            case .duplicate(let id, let deliveries):
                Self.write(id, deliveries: deliveries, isDuplicate: true, into: &text)
            }
        }
        for id in dropped { Self.write(id, deliveries: 0, into: &text) }
        text.append(contentsOf: (isEveryDuplicate ? #"],"duplicate":true}"# : "]}").utf8)
        return text
    }

    private static func write(
        _ id: EventID,
        deliveries: Int,
        isDuplicate: Bool = false,
        into text: inout [UInt8]
    ) {
        if text.last != UInt8(ascii: "[") { text.append(UInt8(ascii: ",")) }
        text.append(contentsOf: #"{"id":"\#(id)","deliveries":\#(deliveries)"#.utf8)
        text.append(contentsOf: (isDuplicate ? #","duplicate":true}"# : "}").utf8)
    }

    static let page = """
        <!doctype html>
        <html lang="en">
        <head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Thank you</title></head>
        <body style="font-family: system-ui, sans-serif; max-width: 32rem; margin: 4rem auto; padding: 0 1rem">
        <h1>Thank you</h1><p>We have received what you sent.</p>
        </body>
        </html>

        """
}
