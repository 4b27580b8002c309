public import HTTPServer

/// `admin:`: the operators' listener.
public struct AdminConfig: Sendable, Equatable {
    public var listen: ListenAddress
    /// The bearer token of the API and the console; nil: only the health paths are served.
    public var token: Secret?
    /// Whether `/metrics` is served without the token.
    public var metricsAreOpen: Bool

    /// Who may read `/metrics`.
    private enum Metrics: String, CaseIterable {
        case open
        case token
    }

    init(_ section: ConfigSection, _ problems: inout [ConfigProblem]) {
        listen = section.read("listen", .listenAddress, default: "127.0.0.1:9090", &problems)
        token = section.secret("token", &problems)
        metricsAreOpen = section.choice("metrics", default: Metrics.token, &problems) == .open
    }
}
