import EventStore

extension Retention {
    /// Reads `retention:`.
    init(_ section: ConfigSection, _ problems: inout [ConfigProblem]) {
        self.init()
        delivered = section.duration("delivered", default: delivered, &problems)
        unmatched = section.duration("unmatched", default: unmatched, &problems)
        deadLetters = section.duration("deadLetters", default: deadLetters, &problems)
    }
}
