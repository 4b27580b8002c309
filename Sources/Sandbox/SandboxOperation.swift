/// What a path of the API asks for.
public enum SandboxOperation: String, Sendable, CaseIterable {
    case trigger
    case newProfile
    case bulk
    case search
    case token
    case authorize

    /// The only method that it takes.
    var method: String { self == .authorize ? "GET" : "POST" }
}

/// A path of the API, taken apart: `[/{environment}]/api[/v1|/v2]/marketing-journey/{name}`, or
/// `[/{environment}]/oauth/{name}`.
struct SandboxPath: Equatable {
    let environment: String?
    let operation: SandboxOperation

    /// Nil for a path that the API does not have.
    init?(_ path: String) {
        var segments = path.split(separator: "/", omittingEmptySubsequences: false).map(String.init)[...]
        guard segments.popFirst() == "" else { return nil }
        if let first = segments.first, first != "api", first != "oauth" {
            guard !first.isEmpty else { return nil }
            environment = first
            segments.removeFirst()
        } else {
            environment = nil
        }
        switch Array(segments) {
        case ["oauth", "token"]: operation = .token
        case ["oauth", "authorize"]: operation = .authorize
        case ["api", "marketing-journey", "trigger"], ["api", "v1", "marketing-journey", "trigger"],
            ["api", "v2", "marketing-journey", "trigger"]:
            operation = .trigger
        case ["api", "marketing-journey", "triggerWithNewProfile"],
            ["api", "v1", "marketing-journey", "triggerWithNewProfile"],
            ["api", "v2", "marketing-journey", "triggerWithNewProfile"],
            ["api", "v2", "marketing-journey", "triggerJourney"]:
            operation = .newProfile
        case ["api", "v2", "marketing-journey", "bulk-trigger"]: operation = .bulk
        case ["api", "v2", "marketing-journey", "search"]: operation = .search
        default: return nil
        }
    }
}
