import Delivery
import EventStore
import HTTPServer
import Rules
import Webhooks

/// The config as it was read, before what it says in one place is held against what it says in another.
struct GatewayConfigDraft {
    let root: ConfigSection
    var listen: [ListenAddress]
    var drain: Duration
    var tls: TLSConfiguration?
    var limits: Limits
    var trustedProxies: [AddressBlock]
    var proxyProtocol: Bool
    var admin: AdminConfig
    var store: StoreConfig
    var retention: Retention
    var queues: [QueueSettings]
    var destinations: [DestinationConfig]
    var journeys: [(name: String, value: String)]
    var sources: [Entry<SourceSettings>]
    var tables: LookupTables
    var defaults: RuleDefaults
    var rules: [Entry<RuleReading>]

    /// What a section was read as.
    struct Entry<Value> {
        var value: Value
        var section: ConfigSection
        /// Whether its reading found no mistake. What holds defaults in place of mistakes is not judged any further.
        var isSound: Bool

        init(
            _ section: ConfigSection,
            _ problems: inout [ConfigProblem],
            _ read: (inout [ConfigProblem]) -> Value
        ) {
            let known = problems.count
            value = read(&problems)
            self.section = section
            isSound = problems.count == known
        }
    }

    init(_ root: ConfigSection, isDry: Bool, _ problems: inout [ConfigProblem]) {
        self.root = root
        let usualListen = "0.0.0.0:8080"
        root.know("listen", .oneOrMore(.text), default: usualListen)
        let listen = root.oneOrMore("listen", of: .listenAddress, &problems)
        self.listen = listen.isEmpty ? [root.read("listen", .listenAddress, default: usualListen, &problems)] : listen
        drain = root.duration("drain", default: .seconds(8), in: .seconds(1)...Duration.seconds(3_600), &problems)
        tls = root.section(ifPresent: "tls", &problems).map { TLSConfiguration($0, &problems) }
        limits = Limits(root.section("limits", &problems), &problems)
        trustedProxies = root.list("trustedProxies", of: .addressBlock, &problems)
        proxyProtocol = root.boolean("proxyProtocol", default: false, &problems)
        if proxyProtocol, root["trustedProxies"] == nil {
            problems.append(root.problem("proxyProtocol", "nothing says whom it is taken from; add 'trustedProxies'"))
        }
        admin = AdminConfig(root.section("admin", &problems), &problems)
        store = StoreConfig(root, &problems)
        retention = Retention(root.section("retention", &problems), &problems)
        root.know("encryption", .json)
        queues = Self.queues(root, &problems)
        destinations = Self.destinations(root, queues: queues, isDry: isDry, &problems)
        journeys = root.named("journeys", of: .nonEmptyText, &problems)
        sources = root.sections(namedIn: "sources", &problems).map { name, section in
            Entry(section, &problems) { SourceSettings(name: name, section, &$0) }
        }
        root.know("tables", .named(.json))
        tables = LookupTables(root["tables"]?.members(&problems) ?? [], &problems)
        let usual = destinations.first?.name ?? DestinationConfig.onlyName
        defaults = RuleDefaults(root.section("defaults", &problems), destination: usual, &problems)
        rules = root.sections(listedIn: "rules", &problems).map { section in
            Entry(section, &problems) { RuleReading(section, &$0) }
        }
        for key in ["sources", "rules"] { root.require(key, &problems) }
    }

    /// The queues of the config, and `default` in front when it names none of that name.
    private static func queues(_ root: ConfigSection, _ problems: inout [ConfigProblem]) -> [QueueSettings] {
        let queues = root.sections(namedIn: "queues", &problems).map {
            QueueSettings(name: $0.name, $0.section, &problems)
        }
        let usual = RuleDefaults().queue
        return queues.contains { $0.name == usual } ? queues : [QueueSettings(name: usual)] + queues
    }

    /// `sprinklr:` as the only one, or all of `destinations:`.
    private static func destinations(
        _ root: ConfigSection,
        queues: [QueueSettings],
        isDry: Bool,
        _ problems: inout [ConfigProblem]
    ) -> [DestinationConfig] {
        func destination(_ name: String, _ section: ConfigSection) -> DestinationConfig {
            DestinationConfig(name: name, section, queues: queues, isDry: isDry, &problems)
        }
        let only = root.section(ifPresent: "sprinklr", &problems).map { destination(DestinationConfig.onlyName, $0) }
        let named = root.sections(namedIn: "destinations", &problems).map { destination($0.name, $0.section) }
        if only == nil, root["destinations"] == nil { root.require("sprinklr", &problems) }
        if only != nil, root["destinations"] != nil {
            problems.append(root.problem("destinations", "a config has 'sprinklr' or 'destinations', and not both"))
        }
        return (only.map { [$0] } ?? []) + named
    }
}
