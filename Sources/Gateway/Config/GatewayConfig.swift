public import Delivery
public import EventStore
public import HTTPServer
public import Rules
public import Webhooks

/// A config that was read and checked as a whole: everything in it is legal, and all that it names is there.
public struct GatewayConfig: Sendable {
    /// Where webhooks arrive; at least one.
    public var listen: [ListenAddress]
    /// How long requests and attempts under way have to end after SIGTERM.
    public var drain: Duration
    /// How TLS is spoken where webhooks arrive; nil: not at all.
    public var tls: TLSConfiguration?
    public var limits: Limits
    /// Whose `Forwarded` and `X-Forwarded-*` fields are believed.
    public var trustedProxies: [AddressBlock]
    /// Whether they begin each connection with the PROXY protocol's header.
    public var proxyProtocol: Bool
    public var admin: AdminConfig
    public var store: StoreConfig
    public var retention: Retention
    /// At least one; the first is where rules deliver that name none.
    public var destinations: [DestinationConfig]
    /// In the order of the config; `default` is always among them.
    public var queues: [QueueSettings]
    /// In the order of the config. No two have the same path.
    public var sources: [Source]
    /// The rules, compiled, with their examples.
    public var rules: RuleSet
    /// What is probably not meant, in the order of the file.
    public var warnings: [ConfigProblem]
}

/// What becomes of the rules' examples when a config is loaded.
public enum ExampleRun: Sendable {
    /// One that fails is a mistake: the config is refused.
    case mustPass
    /// One that fails is a warning.
    case mayFail
    case skipped
}

extension GatewayConfig {
    /// Reads the config at `path`, and the files that it names relative to its folder.
    ///
    /// - Parameters:
    ///   - isDry: every destination is dry, whatever it says, so that no credentials are needed.
    ///   - examples: what becomes of the rules' examples.
    /// - Throws: every mistake that it holds, not just the first (but for mistakes of YAML's syntax, which end the reading).
    public static func load(
        _ path: String,
        environment: ConfigEnvironment = .process,
        isDry: Bool = false,
        examples: ExampleRun = .mustPass
    ) throws(ConfigProblems) -> GatewayConfig {
        func refusal(_ message: String) -> ConfigProblems {
            ConfigProblems([ConfigProblem(at: ConfigPosition(file: path), path: "", message)])
        }
        let bytes: [UInt8]
        do throws(ConfigEnvironment.FileError) {
            bytes = try environment.file(path)
        } catch {
            throw refusal("cannot read it: \(error.reason)")
        }
        guard let text = String(validating: bytes, as: UTF8.self) else { throw refusal("not UTF-8 text") }
        let document: ConfigNode?
        do throws(ConfigProblem) {
            document = try YAML.document(text, file: path)
        } catch {
            throw ConfigProblems([error])
        }
        guard let document else {
            throw refusal("empty; 'sprinklr', 'sources' and 'rules' are needed ('journey-gateway init' writes them)")
        }
        let context = ConfigContext(environment: environment, path: path, text: text)
        let value = ConfigValue(node: document, path: "", context: context)
        return try load(value, isDry: isDry, examples: examples)
    }

    private static func load(
        _ document: ConfigValue,
        isDry: Bool,
        examples: ExampleRun
    ) throws(ConfigProblems) -> GatewayConfig {
        var problems: [ConfigProblem] = []
        let root = ConfigSection(document, &problems)
        let draft = GatewayConfigDraft(root, isDry: isDry, &problems)
        root.refuseUnknownKeys(&problems)
        Unavailable.refuse(in: root, &problems)
        let checked = draft.checked(examples: examples, &problems)
        guard var config = checked, !problems.hasErrors else { throw ConfigProblems(problems) }
        config.warnings = problems.inOrder
        return config
    }
}
