import JSON
import Model
import Testing

@testable import Rules

@Suite struct `Compiled rules` {
    /// The thread sanitizer looks on when the suite is run under it.
    @Test func `serve any number of threads at once`() async throws {
        let rules = try RuleSet([
            rule {
                $0.lets = [NamedExpression("id", "msisdn(body.phone, 'CA')")]
                $0.when = "topic == 'orders/create' && regex_match(body.name, '^#[0-9]+$')"
                $0.trigger.snID = "{{ $id }}"
                $0.trigger.contextParams = [
                    ContextParamDefinition("name", "{{ regex_replace(body.name, '#', '') }}"),
                    ContextParamDefinition("day", "{{ format_date(receivedAt, 'd MMM', '+01:00') }}"),
                    ContextParamDefinition("sum", "{{ sha256(body.name) }}"),
                ]
            }
        ])
        let given = try event(##"{"phone": "(514) 555-0199", "name": "#1001"}"##)
        let expected = rules.map(given).deliveries
        #expect(expected.map(\.trigger.snID) == ["15145550199"])
        await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<8 {
                group.addTask { (0..<200).allSatisfy { _ in rules.map(given).deliveries == expected } }
            }
            for await isSame in group { #expect(isSame) }
        }
    }
}
