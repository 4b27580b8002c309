public import JSON
public import Model

/// A rule as it is written: an entry of the config's `rules:`, with expressions and templates still as text.
/// `RuleSet` compiles and checks it.
public struct RuleDefinition: Sendable, Equatable {
    /// Names the rule in problems, traces and deliveries; unique in the config.
    public var name: String
    /// The names of the sources whose events it is asked about; at least one.
    public var sources: [String]
    /// An expression; the rule matches when its result is true as JMESPath has it (not null, not false, not empty).
    /// Nil matches every event.
    public var when: String?
    /// An expression that gives a list: the rule is asked for each element, as `item`. Null is the empty list.
    public var each: String?
    /// Whether later rules are not asked once this one has matched.
    public var stop: Bool
    /// Expressions by name, for `$name` in all others of the rule; each sees those before it.
    public var lets: [NamedExpression]
    public var trigger: TriggerDefinition
    public var newProfile: NewProfileDefinition?
    /// Nil takes the default queue.
    public var queue: String?
    /// Nil takes the default destination.
    public var destination: String?
    /// How long after the event's receipt a delivery becomes due.
    public var delay: Duration?
    /// How long after the event's receipt a delivery is of no more use; nil: it never expires.
    public var expiresAfter: Duration?
    /// Nil takes the default policy.
    public var onUnknownOutcome: UnknownOutcomePolicy?
    /// An expression: what a cancelling event must share with the event, for `cancelWhen`.
    public var key: String?
    public var cancelWhen: CancellationDefinition?
    public var deliverBetween: DeliveryHours?
    public var atMost: Frequency?
    public var examples: [RuleExample]

    public init(name: String, sources: [String], trigger: TriggerDefinition) {
        self.name = name
        self.sources = sources
        self.trigger = trigger
        stop = false
        lets = []
        examples = []
    }
}

/// An expression that others may use by its name.
public struct NamedExpression: Sendable, Equatable {
    /// Without the dollar sign.
    public var name: String
    public var expression: String

    public init(_ name: String, _ expression: String) {
        self.name = name
        self.expression = expression
    }
}

/// `trigger:`, each value a template.
public struct TriggerDefinition: Sendable, Equatable {
    /// The name of a journey, or its id of 24 hexadecimal digits.
    public var journey: String
    public var snType: String
    public var snID: String
    /// In the order written.
    public var contextParams: [ContextParamDefinition]

    public init(journey: String, snType: String, snID: String, contextParams: [ContextParamDefinition] = []) {
        self.journey = journey
        self.snType = snType
        self.snID = snID
        self.contextParams = contextParams
    }
}

/// One entry of `contextParams:`.
public struct ContextParamDefinition: Sendable, Equatable {
    public var name: String
    /// A template.
    public var value: String
    /// Whether the rule fails when the value is null or absent, in place of leaving the key out.
    public var isRequired: Bool

    public init(_ name: String, _ value: String, isRequired: Bool = false) {
        self.name = name
        self.value = value
        self.isRequired = isRequired
    }
}

/// `newProfile:`.
public struct NewProfileDefinition: Sendable, Equatable {
    public var mode: NewProfile.Mode
    /// All that stands beside `mode`: the API's `unifiedProfile` (`id`, `contact`, `profiles` …), in the order written.
    public var profile: [TemplateTree.Member]

    public init(mode: NewProfile.Mode = .ifMissing, profile: [TemplateTree.Member]) {
        self.mode = mode
        self.profile = profile
    }
}

/// A piece of configuration whose leaves are templates.
public indirect enum TemplateTree: Sendable, Equatable {
    case template(String)
    /// A number, a boolean or null, written without quotes.
    case constant(JSONValue)
    case list([TemplateTree])
    case object([Member])

    public struct Member: Sendable, Equatable {
        public var name: String
        public var value: TemplateTree

        public init(_ name: String, _ value: TemplateTree) {
            self.name = name
            self.value = value
        }
    }

    /// Every string of a JSON value becomes a template.
    public init(_ value: JSONValue) {
        if let text = value.stringValue {
            self = .template(text)
        } else if let elements = value.elements {
            self = .list(elements.map(TemplateTree.init))
        } else if let members = value.members {
            self = .object(members.map { Member($0.key, TemplateTree($0.value)) })
        } else {
            self = .constant(value)
        }
    }
}

/// `cancelWhen:`: which event calls off a delivery that still waits.
public struct CancellationDefinition: Sendable, Equatable {
    public var source: String
    /// An expression over the cancelling event.
    public var when: String
    /// An expression over the cancelling event; its result must equal that of the rule's `key`.
    public var key: String

    public init(source: String, when: String, key: String) {
        self.source = source
        self.when = when
        self.key = key
    }
}

/// `deliverBetween:`: the hours of a person's day in which they may be messaged.
public struct DeliveryHours: Sendable, Equatable {
    /// `HH:mm`. Later than `to` means over midnight.
    public var from: String
    /// `HH:mm`, or `24:00`.
    public var to: String
    /// An expression that gives the name of a time zone.
    public var timezone: String

    public init(from: String, to: String, timezone: String) {
        self.from = from
        self.to = to
        self.timezone = timezone
    }
}

/// `atMost:`: how often a rule may message one person.
public struct Frequency: Sendable, Equatable {
    /// At least 1.
    public var times: Int
    public var per: Duration

    public init(times: Int, per: Duration) {
        self.times = times
        self.per = per
    }
}

/// What rules have in common unless they say otherwise: the config's `defaults:`.
public struct RuleDefaults: Sendable, Equatable {
    public var queue: String
    public var destination: String
    public var delay: Duration
    public var expiresAfter: Duration?
    public var onUnknownOutcome: UnknownOutcomePolicy
    /// Come before a rule's own `lets`.
    public var lets: [NamedExpression]

    public init(
        queue: String = "default",
        destination: String = "sprinklr",
        delay: Duration = .zero,
        expiresAfter: Duration? = nil,
        onUnknownOutcome: UnknownOutcomePolicy = .retry,
        lets: [NamedExpression] = []
    ) {
        self.queue = queue
        self.destination = destination
        self.delay = delay
        self.expiresAfter = expiresAfter
        self.onUnknownOutcome = onUnknownOutcome
        self.lets = lets
    }
}
