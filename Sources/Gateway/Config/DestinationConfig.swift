public import Delivery
import Model
import Rules
public import Sprinklr

/// One entry of `destinations:`, or `sprinklr:` as the only one: a Sprinklr environment, and how it is called.
public struct DestinationConfig: Sendable {
    /// `sprinklr` when the config has `sprinklr:`.
    public var name: String { delivery.name }
    /// How its API is called. With `delivery.isDryRun` the sandbox stands in its place: its base URL is to be put here,
    /// and what the config leaves out of the credentials is a placeholder.
    public var sprinklr: SprinklrSettings
    /// What is sent when. Every destination serves all the config's queues.
    public var delivery: DestinationSettings
    /// What OAuth begins with, unless the store has a newer one. Nil with `token:`, or before the first authorization.
    public var refreshToken: Secret?

    /// The name that `sprinklr:` has among the destinations.
    static let onlyName = "sprinklr"

    /// What its calls are made with.
    var credentials: Credentials {
        switch sprinklr.credentials {
        case .token(let token): .token(token)
        case .oauth(let client):
            .oauth(client, refreshToken: refreshToken, fingerprint: delivery.tokenFingerprint)
        }
    }

    /// - Parameter isDry: the destination is dry, whatever it says, and needs no credentials.
    init(
        name: String,
        _ section: ConfigSection,
        queues: [QueueSettings],
        isDry: Bool,
        _ problems: inout [ConfigProblem]
    ) {
        sprinklr = SprinklrSettings(
            baseURL: section.read("baseURL", .baseURL, default: "https://api2.sprinklr.com", &problems),
            api: section.choice("api", default: .v1, &problems),
            key: "",
            credentials: .token("")
        )
        let isDryRun = section.boolean("dryRun", default: false, &problems) || isDry
        let account = Account(section, isDry: isDryRun, &problems)
        sprinklr.key = account.key
        sprinklr.credentials = account.credentials
        refreshToken = account.refreshToken
        delivery = DestinationSettings(
            name: name,
            quota: Quota(section.section("quota", &problems), &problems),
            retry: RetryPolicy(section.section("retry", &problems), &problems),
            breaker: BreakerSettings(section.section("breaker", &problems), &problems),
            timeout: section.duration(
                "timeout",
                default: sprinklr.timeout,
                in: .milliseconds(100)...Duration.seconds(300),
                &problems
            ),
            queues: queues,
            isDryRun: isDryRun,
            canRenewToken: account.isOAuth,
            credentialsFingerprint: account.fingerprint(baseURL: sprinklr.baseURL),
            tokenFingerprint: account.tokenFingerprint(baseURL: sprinklr.baseURL)
        )
        sprinklr.timeout = delivery.timeout
        let bulk = section.integer("bulk", default: 20, in: 1...1_000, &problems)
        delivery.bulk = sprinklr.api == .v2 ? bulk : 1
        sprinklr.unknownWhen = SprinklrSettings.UnknownWhen(section.section("unknownWhen", &problems), &problems)
        sprinklr.paths = SprinklrSettings.Paths(sprinklr.api, section.section("paths", &problems), &problems)
        sprinklr.spelling = SprinklrSettings.Spelling(section.section("spelling", &problems), &problems)
        sprinklr.authorizationPrefix = section.read("authorizationPrefix", .text, default: "Bearer ", &problems)
        sprinklr.extraFields = section.named("headers", of: .text, &problems).map { Field($0.name, $0.value) }
    }
}

/// `key:` with `token:` or `oauth:`.
private struct Account {
    var key: String
    var credentials: SprinklrSettings.Credentials
    var refreshToken: Secret?

    /// What the sandbox is sent by a dry destination without credentials; it takes any.
    private static let placeholder = "dry-run"

    init(_ section: ConfigSection, isDry: Bool, _ problems: inout [ConfigProblem]) {
        // A dry destination calls nobody: what is wrong with its credentials, a missing variable above all, is no
        // mistake then.
        var noted: [ConfigProblem] = []
        let key = section.secret("key", &noted)
        let token = section.secret("token", &noted)
        let oauth = section.section(ifPresent: "oauth", &noted).map { OAuth($0, &noted) }
        if section["key"] == nil { noted.append(section.problem("key", "missing")) }
        switch (token, oauth) {
        case (nil, nil) where section["token"] == nil:
            noted.append(section.problem("token", "missing; a destination has 'token' or 'oauth'"))
        case (_?, _?):
            noted.append(section.problem("oauth", "a destination has 'token' or 'oauth', and not both"))
        default:
            break
        }
        if !isDry { problems += noted }
        self.key = key?.reveal ?? Self.placeholder
        // Tokens that the sandbox gives must not take the place of real ones.
        let oauthInUse = isDry ? nil : oauth
        credentials = oauthInUse.map { .oauth($0.client) } ?? .token(token?.reveal ?? Self.placeholder)
        refreshToken = oauthInUse?.refreshToken
    }

    var isOAuth: Bool {
        if case .oauth = credentials { true } else { false }
    }

    /// Changes whenever stored tokens are not what would be obtained now: those of another key, or since another
    /// refresh token is configured. A new client secret changes nothing in them.
    func tokenFingerprint(baseURL: BaseURL) -> String {
        Fingerprint.of([baseURL.description, key, refreshToken?.reveal ?? ""])
    }

    /// Changes whenever the base URL or the credentials do, and gives neither away.
    func fingerprint(baseURL: BaseURL) -> String {
        var parts = [baseURL.description, key]
        switch credentials {
        case .token(let token): parts += ["token", token]
        case .oauth(let client):
            parts += ["oauth", client.clientSecret, client.redirectURI, refreshToken?.reveal ?? ""]
        }
        return Fingerprint.of(parts)
    }
}

/// `oauth:`.
private struct OAuth {
    var client: OAuthClient
    var refreshToken: Secret?

    init(_ section: ConfigSection, _ problems: inout [ConfigProblem]) {
        let clientSecret = section.secret("clientSecret", &problems)
        section.require("clientSecret", &problems)
        refreshToken = section.secret("refreshToken", &problems)
        let redirectURI = section.requiredText("redirectURI", &problems)
        client = OAuthClient(clientSecret: clientSecret?.reveal ?? "", redirectURI: redirectURI)
    }
}

extension Quota {
    /// Reads `quota:`.
    fileprivate init(_ section: ConfigSection, _ problems: inout [ConfigProblem]) {
        self.init()
        perSecond = section.integer("perSecond", default: perSecond, in: 1...1_000_000, &problems)
        perHour = section.integer("perHour", default: perHour, in: 1...1_000_000_000, &problems)
        reserve = section.share("reserve", default: reserve, &problems)
        hour = section.duration("hour", default: hour, in: .seconds(1)...Duration.seconds(3_600), &problems)
        if reserve == 1 {
            problems.append(section.problem("reserve", "found 100%, which leaves nothing to normal queues"))
        }
    }
}

extension RetryPolicy {
    /// Reads `retry:`.
    fileprivate init(_ section: ConfigSection, _ problems: inout [ConfigProblem]) {
        self.init()
        maxAttempts = section.integer("maxAttempts", default: maxAttempts, in: 1...1_000, &problems)
        firstDelay = section.duration("firstDelay", default: firstDelay, &problems)
        maxDelay = section.duration("maxDelay", default: maxDelay, &problems)
        if firstDelay > maxDelay {
            problems.append(
                section.problem(
                    "firstDelay",
                    "\(firstDelay.configText) is longer than maxDelay, \(maxDelay.configText)"
                )
            )
        }
    }
}

extension BreakerSettings {
    /// Reads `breaker:`.
    fileprivate init(_ section: ConfigSection, _ problems: inout [ConfigProblem]) {
        self.init()
        failures = section.integer("failures", default: failures, in: 1...1_000_000, &problems)
        window = section.duration("window", default: window, in: .seconds(1)...Duration.seconds(3_600), &problems)
        probe = section.duration("probe", default: probe, in: .milliseconds(100)...Duration.seconds(3_600), &problems)
    }
}

extension QueueSettings {
    /// Reads an entry of `queues:`.
    init(name: String, _ section: ConfigSection, _ problems: inout [ConfigProblem]) {
        self.init(name: name)
        priority = section.choice("priority", default: priority, &problems)
        weight = section.integer("weight", default: weight, in: 1...1_000, &problems)
    }
}

extension SprinklrSettings.UnknownWhen {
    /// Reads `unknownWhen:`.
    fileprivate init(_ section: ConfigSection, _ problems: inout [ConfigProblem]) {
        let statuses = section.oneOrMore("status", of: .integer(in: 200...599), &problems)
        let body = section.read("body", .pattern, &problems)
        self.init(statuses: statuses.isEmpty ? [404] : Set(statuses), body: body.map { $0.occurs(in:) })
    }
}

extension SprinklrSettings.Paths {
    /// Reads `paths:`; the defaults are those of the API's generation.
    fileprivate init(_ api: SprinklrSettings.API, _ section: ConfigSection, _ problems: inout [ConfigProblem]) {
        self.init(api)
        trigger = section.read("trigger", .path, default: trigger, &problems)
        newProfile = section.read("newProfile", .path, default: newProfile, &problems)
        bulk = section.read("bulk", .path, default: bulk, &problems)
        search = section.read("search", .path, default: search, &problems)
        token = section.read("token", .path, default: token, &problems)
        authorize = section.read("authorize", .path, default: authorize, &problems)
    }
}

extension SprinklrSettings.Spelling {
    /// Reads `spelling:`.
    fileprivate init(_ section: ConfigSection, _ problems: inout [ConfigProblem]) {
        self.init()
        snID = section.text("snId", default: snID, &problems)
        journeyID = section.text("journeyId", default: journeyID, &problems)
    }
}

extension ConfigReading where Value == BaseURL {
    static var baseURL: Self {
        ConfigReading(kind: .text, expected: "a URL such as https://api2.sprinklr.com") {
            try? BaseURL($0)
        } remedy: { text in
            do throws(BaseURLError) {
                _ = try BaseURL(text)
                return ""
            } catch {
                return ": \(error)"
            }
        }
    }
}

extension ConfigReading where Value == Pattern {
    /// A regular expression of RE2.
    static var pattern: Self {
        ConfigReading(kind: .text, expected: "a regular expression") {
            try? Pattern($0)
        } remedy: { text in
            do throws(Pattern.Fault) {
                _ = try Pattern(text)
                return ""
            } catch {
                return ": \(error.message)"
            }
        }
    }
}

extension ConfigReading where Value == String {
    /// The path of a URL.
    static var path: Self {
        ConfigReading(kind: .text, expected: "a path that begins with / and holds neither blanks, ? nor #") { text in
            let isPath = text.hasPrefix("/") && text.utf8.allSatisfy { (0x21...0x7E).contains($0) }
            return isPath && !text.contains("?") && !text.contains("#") ? text : nil
        }
    }
}
