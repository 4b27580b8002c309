/// Text that must not be seen: a key, a token, a password. It never prints itself, whatever prints it.
public struct Secret: Hashable, Sendable {
    /// The text itself, for the one place that uses it.
    public let reveal: String

    public init(_ text: String) {
        reveal = text
    }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String { "(secret)" }
    public var debugDescription: String { "(secret)" }
    /// `dump` and string interpolation of what holds a secret go through the mirror.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
