/// What is wrong with a source's settings: all of it, not just the first.
public struct SourceError: Error, Sendable, Equatable, CustomStringConvertible {
    public struct Mistake: Sendable, Equatable {
        /// The key within the source's entry: `preset`, `secret`, `signature.signed`, `eventId`.
        public var place: String
        /// What was found and what was expected, for whoever writes the config. Never a secret.
        public var message: String

        public init(place: String, message: String) {
            self.place = place
            self.message = message
        }
    }

    /// The name of the source.
    public var source: String
    /// At least one.
    public var mistakes: [Mistake]

    public init(source: String, mistakes: [Mistake]) {
        self.source = source
        self.mistakes = mistakes
    }

    public var description: String {
        mistakes.map { "sources.\(source).\($0.place): \($0.message)" }.joined(separator: "\n")
    }
}
