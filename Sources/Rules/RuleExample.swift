public import JSON
public import Model

/// An entry of a rule's `examples:`: what arrives, and what the rule must make of it.
public struct RuleExample: Sendable, Equatable {
    /// What the example is called where its result is shown; the file's name, say.
    public var name: String
    /// One payload may hold a batch; its events are mapped one after the other.
    public var given: [ExampleEvent]
    public var expect: Expectation

    public init(name: String = "", given: [ExampleEvent], expect: Expectation) {
        self.name = name
        self.given = given
        self.expect = expect
    }
}

/// The event of an example, already loaded and decoded.
public struct ExampleEvent: Sendable, Equatable {
    /// Nil takes the first source of the rule.
    public var source: String?
    /// Nil takes the first topic that the rule's `when` asks for: a payload file alone does not say its topic.
    public var topic: String?
    public var headers: JSONValue
    public var query: JSONValue
    public var body: JSONValue
    public var receivedAt: Timestamp

    /// The receipt of an example that names none: 2026-01-31T09:30:00.000Z.
    public static let usualReceipt = Timestamp(milliseconds: 1_769_851_800_000)

    public init(
        source: String? = nil,
        topic: String? = nil,
        headers: JSONValue = .object([]),
        query: JSONValue = .object([]),
        body: JSONValue,
        receivedAt: Timestamp = Self.usualReceipt
    ) {
        self.source = source
        self.topic = topic
        self.headers = headers
        self.query = query
        self.body = body
        self.receivedAt = receivedAt
    }
}

/// What an example says that its rule makes.
public enum Expectation: Sendable, Equatable {
    /// These deliveries, in this order, and no others.
    case deliveries([ExpectedDelivery])
    /// No delivery and no failure.
    case none
    /// A mapping failure whose place or reason holds this text; empty text fits any.
    case failure(String)
}

/// What an example says of one delivery. What is nil is not compared; what is named is compared whole, so
/// `contextParams` and `newProfile` name every key that is sent.
public struct ExpectedDelivery: Sendable, Equatable {
    public var snType: String?
    public var snID: String?
    /// A journey's name or id.
    public var journey: String?
    /// In any order.
    public var contextParams: [ContextParam]?
    /// The `unifiedProfile` as it is sent.
    public var newProfile: JSONValue?
    public var queue: String?
    public var destination: String?

    public init(
        snType: String? = nil,
        snID: String? = nil,
        journey: String? = nil,
        contextParams: [ContextParam]? = nil,
        newProfile: JSONValue? = nil,
        queue: String? = nil,
        destination: String? = nil
    ) {
        self.snType = snType
        self.snID = snID
        self.journey = journey
        self.contextParams = contextParams
        self.newProfile = newProfile
        self.queue = queue
        self.destination = destination
    }
}
