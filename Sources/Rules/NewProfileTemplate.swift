import JSON
import Model

/// A compiled `newProfile:`.
struct NewProfileTemplate: Sendable {
    let mode: NewProfile.Mode
    let profile: [Member]

    struct Member: Sendable {
        let name: String
        let isRequired: Bool
        let node: Node
    }

    /// A place of the profile and how it is filled.
    indirect enum Node: Sendable {
        case template(Template, ProfileSchema)
        case constant(JSONValue)
        case object([Member])
        case list([Node])
    }

    func fill(_ scope: inout Scope, rule: Rule, item: Int) throws(MappingError) -> NewProfile {
        let filler = Filler(rule: rule, item: item)
        let members = try filler.members(profile, "newProfile", &scope)
        return NewProfile(mode: mode, unifiedProfile: .object(members))
    }

    /// Null, absent and empty leave a key out, at every depth; but a required one must be there.
    private struct Filler {
        let rule: Rule
        let item: Int

        func members(
            _ members: [Member],
            _ place: String,
            _ scope: inout Scope
        ) throws(MappingError) -> [(String, JSONValue)] {
            var filled: [(String, JSONValue)] = []
            for member in members {
                let place = place + "." + member.name
                let value = try value(member.node, place, &scope)
                if !value.isNullOrEmpty {
                    filled.append((member.name, value))
                } else if member.isRequired {
                    throw rule.failure(item, place, "it is required, and empty")
                }
            }
            return filled
        }

        private func value(_ node: Node, _ place: String, _ scope: inout Scope) throws(MappingError) -> JSONValue {
            switch node {
            case .constant(let value):
                return value
            case .object(let members):
                return .object(try self.members(members, place, &scope))
            case .list(let nodes):
                var elements: [JSONValue] = []
                for (index, node) in nodes.enumerated() {
                    let value = try value(node, "\(place)[\(index)]", &scope)
                    if !value.isNullOrEmpty { elements.append(value) }
                }
                return .array(elements)
            case .template(let template, let schema):
                let value: JSONValue
                do {
                    value = try template.value(in: &scope)
                } catch {
                    throw rule.failure(item, place, error)
                }
                if value.isNullOrEmpty { return .null }
                do {
                    return try schema.fit(value)
                } catch {
                    throw rule.failure(item, place, error.message)
                }
            }
        }
    }
}

extension ProfileSchema {
    struct Misfit: Error {
        var message: String
    }

    /// A value in the form that the API wants; `value` is neither null nor empty.
    func fit(_ value: JSONValue) throws(Misfit) -> JSONValue {
        switch self {
        case .any, .object, .list: return value
        case .text: return value.asText.map(JSONValue.string) ?? .null
        case .boolean:
            switch value.asText {
            case "true": return true
            case "false": return false
            default: throw misfit(value, "true or false")
            }
        case .integer:
            guard let integer = value.number?.int64Value ?? value.stringValue.flatMap({ Int64($0) }) else {
                throw misfit(value, "an integer")
            }
            return .integer(integer)
        case .time:
            guard let moment = Timestamp(value) else {
                throw misfit(value, "RFC 3339 text, or an integer of milliseconds")
            }
            return .integer(moment.milliseconds)
        }
    }

    private func misfit(_ value: JSONValue, _ expected: String) -> Misfit {
        Misfit(message: "found \(value.excerpt), expected \(expected)")
    }
}

extension Timestamp {
    /// Reads RFC 3339 text, or an integer (also as text) since 1970: of seconds when it is below 100,000,000,000,
    /// else of milliseconds. Ten digits are seconds, thirteen are milliseconds.
    init?(_ value: JSONValue) {
        if let text = value.stringValue, let moment = Timestamp(rfc3339: text) {
            self = moment
            return
        }
        guard let integer = value.number?.int64Value ?? value.stringValue.flatMap({ Int64($0) }),
            integer != .min
        else { return nil }
        self.init(milliseconds: abs(integer) < 100_000_000_000 ? integer * 1_000 : integer)
    }
}

extension JSONValue {
    /// The value as JSON, cut to what a message can hold.
    var excerpt: String {
        let text = String(decoding: serialized(), as: UTF8.self)
        return text.count <= 60 ? text : text.prefix(60) + "…"
    }
}
