public import JSON

/// What a rule says of its deliveries beside what they trigger: how often, in which hours, how long, and what calls them off.
/// Frozen in each delivery when it is made.
public struct DeliveryPolicies: Sendable, Equatable {
    /// How long after its receipt, its release or its replay a delivery is of use; nil: for ever.
    public var expiresAfter: Duration?
    /// How often the rule may message one person; nil: as often as it likes.
    public var atMost: AtMost?
    /// When the person may be messaged; nil: at any hour.
    public var hours: OpenHours?
    /// The key by which an event calls the delivery off, within its rule; nil: none can.
    public var cancelKey: String?

    public init(
        expiresAfter: Duration? = nil,
        atMost: AtMost? = nil,
        hours: OpenHours? = nil,
        cancelKey: String? = nil
    ) {
        self.expiresAfter = expiresAfter
        self.atMost = atMost
        self.hours = hours
        self.cancelKey = cancelKey
    }
}

/// So many messages in so much time.
public struct AtMost: Sendable, Hashable {
    /// At least 1.
    public var times: Int
    public var per: Duration

    public init(times: Int, per: Duration) {
        self.times = times
        self.per = per
    }
}

/// Hours of a person's day.
public struct OpenHours: Sendable, Hashable {
    /// Minutes after midnight. Later than `to` means over midnight.
    public var from: Int
    /// Minutes after midnight, 1,440 being its end; itself not included.
    public var to: Int
    /// The name of the time zone whose day is meant: `Europe/Berlin`.
    public var timeZone: String

    public init(from: Int, to: Int, timeZone: String) {
        self.from = from
        self.to = to
        self.timeZone = timeZone
    }

    /// Whether a minute of the day, 0...1439, is one of them.
    public func contain(minute: Int) -> Bool {
        from <= to ? (from..<to).contains(minute) : minute >= from || minute < to
    }
}

// MARK: - The frozen form

extension DeliveryPolicies {
    /// One JSON object, as a delivery's row keeps it; nil when nothing is said.
    public var frozen: JSONValue? {
        var members: [(String, JSONValue)] = []
        if let expiresAfter { members.append(("expiresAfter", .integer(expiresAfter.milliseconds))) }
        if let atMost {
            members.append(("times", .integer(Int64(atMost.times))))
            members.append(("per", .integer(atMost.per.milliseconds)))
        }
        if let hours {
            members.append(("from", .integer(Int64(hours.from))))
            members.append(("to", .integer(Int64(hours.to))))
            members.append(("timeZone", .string(hours.timeZone)))
        }
        if let cancelKey { members.append(("cancelKey", .string(cancelKey))) }
        return members.isEmpty ? nil : .object(members)
    }

    /// Reads what `frozen` wrote.
    public init(frozen value: JSONValue) {
        func integer(_ name: String) -> Int64? { value[name]?.number?.int64Value }
        expiresAfter = integer("expiresAfter").map(Duration.milliseconds)
        if let times = integer("times"), let per = integer("per") {
            atMost = AtMost(times: Int(times), per: .milliseconds(per))
        }
        if let from = integer("from"), let to = integer("to"), let timeZone = value["timeZone"]?.stringValue {
            hours = OpenHours(from: Int(from), to: Int(to), timeZone: timeZone)
        }
        cancelKey = value["cancelKey"]?.stringValue
    }
}
