public import JSON

/// What rules may name, and what they do without naming it: journeys, tables, time zones, queues …
public struct RuleVocabulary: Sendable {
    /// Names for journey ids.
    public var journeys: [String: String]
    public var tables: LookupTables
    public var timeZones: TimeZones
    /// The sources there are; nil when any name is taken.
    public var sources: Set<String>?
    public var queues: Set<String>?
    public var destinations: Set<String>?
    public var defaults: RuleDefaults
    public var limits: MappingLimits

    public init(
        journeys: [String: String] = [:],
        tables: LookupTables = LookupTables(),
        timeZones: TimeZones = TimeZones(),
        sources: Set<String>? = nil,
        queues: Set<String>? = nil,
        destinations: Set<String>? = nil,
        defaults: RuleDefaults = RuleDefaults(),
        limits: MappingLimits = MappingLimits()
    ) {
        self.journeys = journeys
        self.tables = tables
        self.timeZones = timeZones
        self.sources = sources
        self.queues = queues
        self.destinations = destinations
        self.defaults = defaults
        self.limits = limits
    }
}

/// The tables that `lookup` reads: name → key → value.
public struct LookupTables: Sendable {
    public var tables: [String: [String: JSONValue]]

    public init(_ tables: [String: [String: JSONValue]] = [:]) {
        self.tables = tables
    }
}

/// What one event may cost at most. What is beyond is a mapping failure.
public struct MappingLimits: Sendable, Equatable {
    /// Elements of `each:`.
    public var items: Int
    /// A trigger with its new profile, as JSON, in bytes.
    public var triggerBytes: Int

    public init(items: Int = 1_000, triggerBytes: Int = 256 * 1_024) {
        self.items = items
        self.triggerBytes = triggerBytes
    }
}
