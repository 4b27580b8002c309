import JSON
import Model

/// What expressions see of a request, beside its body.
enum RequestDocument {
    /// Fields that hold credentials in every request that has them.
    static let credentialFields = ["authorization", "proxy-authorization", "cookie"]

    /// An object: lower-case name → value, several of one name joined by `, ` (RFC 9110 section 5.3), in the order of
    /// their first appearance. `hidden` names are lower case.
    static func headers(of webhook: Webhook, hiding hidden: [String] = []) -> JSONValue {
        var members: [(String, String)] = []
        members.reserveCapacity(webhook.fields.count)
        for field in webhook.fields {
            let name = field.name.lowercased()
            if hidden.contains(name) { continue }
            // The server takes so few fields that looking at each is cheaper than hashing their names.
            if let index = members.firstIndex(where: { $0.0 == name }) {
                members[index].1 += ", " + trimmed(field.value)
            } else {
                members.append((name, trimmed(field.value)))
            }
        }
        var text: [UInt8] = []
        text.reserveCapacity(members.reduce(2) { $0 + $1.0.utf8.count + $1.1.utf8.count + 6 })
        JSONValue.write(strings: members, into: &text)
        // As a document, which is looked up and stored without being made anew.
        return (try? JSONValue.parse(text)) ?? .object([])
    }

    /// An object: parameter → text, or a list of texts when it came more than once.
    static func query(of webhook: Webhook, hiding hidden: [String] = []) -> JSONValue {
        guard !webhook.query.isEmpty, var form = try? FormFields(urlEncoded: Array(webhook.query.utf8), limit: .max)
        else { return .object([]) }
        form.fields.removeAll { hidden.contains($0.name) }
        return form.object(nesting: false)
    }

    /// The value of a query parameter; nil when it is not there, or there more than once.
    static func queryParameter(_ name: String, of webhook: Webhook) -> String? {
        guard !webhook.query.isEmpty, let form = try? FormFields(urlEncoded: Array(webhook.query.utf8), limit: .max)
        else { return nil }
        let values = form.fields.filter { $0.name == name }
        guard values.count == 1, case .text(let text) = values[0].value else { return nil }
        return text
    }
}
