import JSON
import Model
import Rules

extension Expectation {
    /// Reads `expect:`: a delivery, a list of them, `{ failure: TEXT }`, or `none`.
    init?(_ example: ConfigSection, _ problems: inout [ConfigProblem]) {
        let delivery = ConfigKind.section(.template { ExpectedDelivery($0, &$1) })
        let failure = ConfigKind.section(.template { $0.failure(&$1) })
        example.know("expect", .either(.choice(["none"]), .either(.either(delivery, failure), .list(delivery))))
        example.require("expect", &problems)
        guard let value = example["expect"] else { return nil }
        switch value.node.content {
        case .list:
            let elements = value.elements(&problems) ?? []
            self = .deliveries(elements.map { ExpectedDelivery(whole: $0, &problems) })
        case .mapping(let entries) where entries.contains { $0.key == "failure" }:
            let section = ConfigSection(value, &problems)
            self = .failure(section.failure(&problems))
            section.refuseUnknownKeys(&problems)
        case .mapping:
            self = .deliveries([ExpectedDelivery(whole: value, &problems)])
        case .scalar:
            guard value.read(ConfigReading.choice([("none", ())]), &problems) != nil else { return nil }
            self = .none
        }
    }
}

extension ConfigSection {
    /// `failure:`, a part of the failure's place or reason; any failure when it is empty.
    fileprivate func failure(_ problems: inout [ConfigProblem]) -> String {
        read("failure", .text, default: "", &problems)
    }
}

extension ExpectedDelivery {
    /// Reads a whole mapping, which knows no other keys.
    fileprivate init(whole value: ConfigValue, _ problems: inout [ConfigProblem]) {
        let section = ConfigSection(value, &problems)
        self.init(section, &problems)
        section.refuseUnknownKeys(&problems)
    }

    fileprivate init(_ section: ConfigSection, _ problems: inout [ConfigProblem]) {
        self.init()
        snType = section.text("snType", &problems)
        snID = section.text("snId", &problems)
        journey = section.text("journey", &problems)
        let params = section.named("contextParams", of: .text, &problems)
        contextParams = section["contextParams"] == nil ? nil : params.map { ContextParam($0.name, $0.value) }
        section.know("newProfile", .json)
        newProfile = section["newProfile"]?.json(&problems)
        queue = section.text("queue", &problems)
        destination = section.text("destination", &problems)
    }
}
