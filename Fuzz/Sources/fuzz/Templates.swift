import JMESPath
import JSON
import Model

@testable import Rules

/// Templates of a rule, with all functions of the field: they are cut into pieces that make up the text; what compiles
/// maps an event, or says why not.
enum Templates {
    static func check(_ bytes: [UInt8]) {
        guard let text = String(validating: bytes, as: UTF8.self) else { return }
        do {
            checkPieces(of: try TemplateText(text), in: text)
        } catch {
            require(0...bytes.count ~= error.offset, "an error at \(error.offset)")
        }
        var rule = RuleDefinition(
            name: "r",
            sources: ["s"],
            trigger: TriggerDefinition(
                journey: "64ad5aaeda4f3f1b3fea3eda",
                snType: "SMS",
                snID: "1",
                contextParams: [ContextParamDefinition("p", text)]
            )
        )
        rule.newProfile = NewProfileDefinition(profile: [TemplateTree.Member("firstName", .template(text))])
        guard let rules = try? RuleSet([rule]) else { return }
        let mapping = rules.map(event)
        require(mapping.deliveries.count + mapping.failures.count == 1, "\(text) gives \(mapping)")
        for delivery in mapping.deliveries {
            require((try? JSONValue.parse(delivery.trigger.frozen.serialized())) != nil, "\(text) gives no JSON")
        }
    }

    private static func checkPieces(of template: TemplateText, in text: String) {
        let bytes = Array(text.utf8)
        for case .expression(let expression, let offset) in template.pieces {
            require(bytes[offset...].starts(with: expression.utf8), "\(expression) is not at \(offset) of \(text)")
        }
    }

    private static let event = Event(
        id: EventID(high: 0x0190_A5E4_7C00_7ABC, low: 0x8DEF_0123_4567_89AB),
        source: "s",
        topic: "t",
        receivedAt: Timestamp(milliseconds: 1_769_851_800_123),
        headers: [:],
        query: [:],
        body: [
            "phone": "(514) 555-0199", "email": " Ana@Example.com ", "total": 409.94,
            "when": "2026-01-31T09:30:00-05:00",
            "html": "<p>Hi &amp; <b>bye</b></p>", "items": [["name": "Cap"], ["name": "Mug"]], "no": .null,
        ],
        key: nil
    )

    @Sendable static func seeds() -> [[UInt8]] {
        let own = [
            "Hello {{ body.email }}!", "{{ msisdn(body.phone, 'CA') }}", "{{ {a: {b: body.total}} }}", "{{ '}}' }}{{",
            "{{ format_date(body.when, 'EEEE d MMMM yyyy HH:mm:ss.SSS zzz', 'America/Toronto') }}", "{{ `\"}}\"` }}",
            "{{ join(', ', body.items[*].name) }}", "{{ regex_capture(body.when, '([0-9]+)-(.*)') }}", "}} {{ no }}",
            "{{ html_to_text(body.html) }}",
        ]
        let functions = FieldFunctions.table(tables: LookupTables(), timeZones: TimeZones()).functions
        let examples = functions.flatMap { $0.examples.map { "{{ \($0.expression) }}" } }
        return (own + examples).map { Array($0.utf8) }
    }
}
