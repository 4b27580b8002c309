/// What the sandbox checks and allows. The defaults are the documented API's, with any credentials accepted.
public struct SandboxSettings: Sendable {
    /// The two ways in which the API's gateways say that the quota is used up.
    public enum QuotaStyle: String, Sendable, CaseIterable {
        /// 403, `X-Mashery-Error-Code` and `<h1>Developer Over Qps</h1>`.
        case mashery
        /// 429, `X-RateLimit-*` and `RATE_LIMIT_EXCEEDED`.
        case rateLimit
    }

    /// Calls in any second.
    public var perSecond = 10
    /// Calls in any hour.
    public var perHour = 1_000
    /// The length of the hour: shorter for trials.
    public var hour = Duration.seconds(3_600)
    public var quotaStyle = QuotaStyle.mashery
    /// How long every answer is held back.
    public var latency = Duration.zero
    /// The first segment of the path, as `prod2`; nil: any, or none.
    public var environment: String?
    /// The one API key that is active; nil: any that is not empty.
    public var key: String?
    /// The one access token that is valid besides those that the sandbox gives; nil: any that is not empty.
    public var token: String?
    /// The OAuth client's secret; nil: any that is not empty.
    public var clientSecret: String?
    /// The refresh token that is valid at first; nil: any, once.
    public var refreshToken: String?
    /// How long an access token lives that the sandbox gives.
    public var tokenLifetime = Duration.seconds(2_592_000)
    /// The ids (`snId`) of people who are unknown until a profile is made for them; `*` stands for any text.
    public var unknownPeople: [String] = []
    /// The journeys that exist; nil: any.
    public var journeys: [String]?
    /// How many calls are kept to be looked at; the oldest go first.
    public var recordedCalls = 100_000
    /// How many bytes of bodies are kept with them.
    public var recordedBytes = 64 * 1_024 * 1_024
    /// Draws which calls a fault with a `rate` hits.
    public var seed: UInt64 = 1

    public init() {}
}
