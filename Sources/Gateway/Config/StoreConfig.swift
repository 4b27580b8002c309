/// `store:`: where events and deliveries are kept.
public enum StoreConfig: Sendable, Equatable {
    /// A database file, by its path from the working directory.
    case sqlite(path: String)

    /// Beside the config, where nothing else is said.
    static let usual = "sqlite:data/events.db"

    /// Reads `sqlite:///absolute/path`, `sqlite:relative/path` or `postgres://…`. Relative paths begin at the config.
    init(_ section: ConfigSection, _ problems: inout [ConfigProblem]) {
        let text = section.text("store", default: Self.usual, &problems)
        let context = section.value.context
        for scheme in ["postgres://", "postgresql://"] where text.hasPrefix(scheme) {
            problems.append(section.problem("store", Unavailable.postgreSQL))
        }
        if text.hasPrefix("sqlite:///") {
            self = .sqlite(path: String(text.dropFirst("sqlite://".count)))
        } else if text.hasPrefix("sqlite:"), !text.hasPrefix("sqlite:/"), text.count > "sqlite:".count {
            self = .sqlite(path: context.path(of: String(text.dropFirst("sqlite:".count))))
        } else {
            self = .sqlite(path: "")
            if !text.hasPrefix("postgres") {
                let found = section["store"]?.node.summary ?? text
                problems.append(
                    section.problem(
                        "store",
                        "found \(found), expected sqlite:///absolute/path, sqlite:relative/path or postgres://…"
                    )
                )
            }
        }
    }
}
