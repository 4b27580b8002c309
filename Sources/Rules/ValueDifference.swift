public import JSON

/// One place at which two JSON values are not the same.
public struct ValueDifference: Sendable, Equatable {
    /// `contextParams.total`, `newProfile.profiles[0].channelId`
    public var place: String
    /// Nil for nothing.
    public var old: JSONValue?
    public var new: JSONValue?

    /// Field by field; whatever is no object or list on both sides is compared whole.
    public static func between(_ old: JSONValue?, _ new: JSONValue?, at place: String) -> [ValueDifference] {
        if old == new { return [] }
        if let before = old?.members, let after = new?.members {
            let keys = before.map(\.key) + after.map(\.key).filter { old?[$0] == nil }
            return keys.flatMap { between(old?[$0], new?[$0], at: place.isEmpty ? $0 : "\(place).\($0)") }
        }
        if let before = old?.elements, let after = new?.elements {
            return (0..<max(before.count, after.count)).flatMap { index in
                between(before.dropFirst(index).first, after.dropFirst(index).first, at: "\(place)[\(index)]")
            }
        }
        return [ValueDifference(place: place, old: old, new: new)]
    }
}
