import EventStore
import Model
import Rules
import Webhooks

/// Which source listens at which path.
struct Routes: Sendable {
    /// The name under which requests are accounted that no source wanted.
    static let nobody = "-"

    private let byPath: [String: Route]

    init(_ routes: [Route]) {
        byPath = Dictionary(routes.map { ($0.path, $0) }) { first, _ in first }
    }

    subscript(path: String) -> Route? { byPath[path] }
}

/// One source with the rules for its events.
final class Route: Sendable {
    let source: Source
    let rules: RuleSet
    private let limiter: Lock<RateLimiter>?

    var name: String { source.settings.name }
    var path: String { source.settings.path }

    init(source: Source, rules: RuleSet) {
        self.source = source
        self.rules = rules
        limiter = source.settings.rateLimit.map { Lock(RateLimiter($0)) }
    }

    /// Takes a token of the source's rate limit; nil when there was one, or there is no limit.
    func secondsUntilAllowed(_ address: String, at now: Timestamp) -> Int? {
        limiter?.withLock { $0.take(from: address, at: now) }
    }
}
