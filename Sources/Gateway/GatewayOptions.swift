import EventStore
import Glibc
public import HTTPServer

/// What the command line says of a gateway beside its config.
public struct GatewayOptions: Sendable {
    public var configPath: String
    public var environment: ConfigEnvironment
    /// In place of the config's listeners, when it names any.
    public var listen: [ListenAddress] = []
    /// In place of the config's.
    public var adminListen: ListenAddress?
    /// In place of the config's; a path.
    public var storePath: String?
    /// In place of `admin.sock` beside the store.
    public var socketPath: String?
    /// Whether the sandbox stands in the place of every destination.
    public var isDryRun = false
    public var examples = ExampleRun.mustPass
    /// Whether the config is reloaded when one of its files changes.
    public var watches = false
    /// Whether each event's way is shown on standard output.
    public var isFollowed = false
    /// How this program was called, for commands that are proposed.
    public var programName = "journey-gateway"

    public init(configPath: String, environment: ConfigEnvironment = .process) {
        self.configPath = configPath
        self.environment = environment
    }

    var follower: Journal.Follower? {
        guard isFollowed else { return nil }
        return Journal.Follower(draftCommand: "\(programName) init rule --config \(configPath) --from")
    }

    /// The config as it is in force with these options.
    func load() throws(ConfigProblems) -> LoadedConfig {
        let files = Lock<[String]>([])
        let environment = environment
        let recording = ConfigEnvironment(variable: environment.variable) { path throws(ConfigEnvironment.FileError) in
            files.withLock { $0.append(path) }
            return try environment.file(path)
        }
        var config = try GatewayConfig.load(configPath, environment: recording, isDry: isDryRun, examples: examples)
        if !listen.isEmpty { config.listen = listen }
        if let adminListen { config.admin.listen = adminListen }
        if let storePath { config.store = .sqlite(path: storePath) }
        return LoadedConfig(config: config, files: files.withLock { $0 })
    }
}

/// A config, and the files it was read from.
struct LoadedConfig: Sendable {
    var config: GatewayConfig
    var files: [String]
}

extension GatewayConfig {
    /// The admin API's Unix socket: `admin.sock` in the folder of the store, unless another is named.
    func socketPath(overridden path: String? = nil) -> String {
        path ?? storeFolder + "admin.sock"
    }

    var storePath: String {
        switch store {
        case .sqlite(let path): path
        }
    }

    /// Makes the folder of the store, where it is missing, and returns the store's path.
    func makeStoreFolder() -> String {
        var path = ""
        for part in storeFolder.split(separator: "/", omittingEmptySubsequences: false) {
            path += part + "/"
            // What cannot be made is told by the store, which then cannot be opened.
            mkdir(path, 0o750)
        }
        return storePath
    }

    /// With a slash at its end; `./` for the working directory.
    private var storeFolder: String {
        storePath.lastIndex(of: "/").map { String(storePath[...$0]) } ?? "./"
    }
}
