public import Model

/// Everything that says how a destination's API is called. The defaults of `init` are the documented API.
public struct SprinklrSettings: Sendable {
    /// The two generations of the API.
    public enum API: String, Sendable, CaseIterable {
        /// `trigger` for a known person, `triggerWithNewProfile` for a new one.
        case v1
        /// `triggerJourney`, which creates the person where there is none; `bulk-trigger` and `search`.
        case v2
    }

    public var baseURL: BaseURL
    public var api: API
    public var paths: Paths
    public var spelling = Spelling()
    /// The API key, which is also the OAuth client's id.
    public var key: String
    public var credentials: Credentials
    /// What stands before the token in `Authorization`.
    public var authorizationPrefix = "Bearer "
    /// Sent with every call, behind the documented ones.
    public var extraFields: [Field] = []
    /// From the call to the end of its answer.
    public var timeout = Duration.seconds(15)
    public var unknownWhen = UnknownWhen()
    /// `contextParams` of these names are sent as JSON booleans when they say `true` or `false`.
    public var booleanParams: Set<String> = ["IGNORE_DEDUP"]

    public init(baseURL: BaseURL, api: API = .v1, key: String, credentials: Credentials) {
        self.baseURL = baseURL
        self.api = api
        self.paths = Paths(api)
        self.key = key
        self.credentials = credentials
    }

    /// The path of each operation, from the base URL on. Each begins with a slash.
    public struct Paths: Sendable, Equatable {
        public var trigger: String
        public var newProfile: String
        public var bulk = "/api/v2/marketing-journey/bulk-trigger"
        public var search = "/api/v2/marketing-journey/search"
        public var token = "/oauth/token"
        public var authorize = "/oauth/authorize"

        public init(_ api: API) {
            switch api {
            case .v1:
                trigger = "/api/marketing-journey/trigger"
                newProfile = "/api/marketing-journey/triggerWithNewProfile"
            case .v2:
                trigger = "/api/v2/marketing-journey/triggerJourney"
                newProfile = "/api/v2/marketing-journey/triggerJourney"
            }
        }
    }

    /// How `trigger` of `v1` spells what the API's document spells in two ways: `snId` in its example, `snID` in its
    /// table, and likewise `journeyId` and `journeyID`. Everywhere else it is `journeyId`.
    public struct Spelling: Sendable, Equatable {
        public var snID = "snId"
        public var journeyID = "journeyId"

        public init() {}
    }

    public enum Credentials: Sendable {
        /// An access token that somebody else renews.
        case token(String)
        case oauth(OAuthClient)
    }

    /// Which answers to `trigger` say that the person is unknown.
    public struct UnknownWhen: Sendable {
        public var statuses: Set<Int> = [404]
        /// Asked with the kept part of the answer's body; nil: the status alone decides.
        public var body: (@Sendable (String) -> Bool)?

        public init(statuses: Set<Int> = [404], body: (@Sendable (String) -> Bool)? = nil) {
            self.statuses = statuses
            self.body = body
        }
    }
}
