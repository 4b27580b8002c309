/// One key that a section knows: kept as the readers ask for it, so that unknown keys can be refused, and the schema
/// for editors be drawn, from what is really read.
struct ConfigKey {
    var name: String
    var kind: ConfigKind
    var isRequired: Bool
    /// The default as the config would write it.
    var defaultText: String?
}

/// What a key may hold.
indirect enum ConfigKind {
    case text
    case integer(ClosedRange<Int>)
    case boolean
    case duration
    case size
    case share
    case choice([String])
    /// Any YAML, read as JSON.
    case json
    case section(ConfigSection)
    case list(ConfigKind)
    /// A value, or a list of them.
    case oneOrMore(ConfigKind)
    /// A mapping whose keys are names of the user's own.
    case named(ConfigKind)
    case either(ConfigKind, ConfigKind)
}
