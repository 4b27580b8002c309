import Glibc

/// What a config may refer to outside itself: environment variables and files. Both are parameters, so that reading a
/// config is a function of its arguments.
public struct ConfigEnvironment: Sendable {
    /// The value of an environment variable; nil when it is not set.
    public var variable: @Sendable (_ name: String) -> String?
    /// The bytes of a file, by its path from the working directory.
    public var file: @Sendable (_ path: String) throws(FileError) -> [UInt8]

    /// Why a file could not be read, in the system's words: `No such file or directory`.
    public struct FileError: Error, Equatable {
        public let reason: String

        public init(_ reason: String) {
            self.reason = reason
        }
    }

    public init(
        variable: @escaping @Sendable (_ name: String) -> String?,
        file: @escaping @Sendable (_ path: String) throws(FileError) -> [UInt8]
    ) {
        self.variable = variable
        self.file = file
    }

    /// The environment and the files of this process.
    public static let process = ConfigEnvironment(
        variable: { name in getenv(name).map { String(cString: $0) } },
        file: { path throws(FileError) in try contents(of: path) }
    )

    /// Files beyond this are no configs, secrets or payloads.
    private static let maximumFileSize = 64 << 20

    private static func contents(of path: String) throws(FileError) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileError(String(cString: strerror(errno))) }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = read(descriptor, &chunk, chunk.count)
            if count == 0 { return bytes }
            if count < 0 {
                if errno == EINTR { continue }
                throw FileError(String(cString: strerror(errno)))
            }
            bytes += chunk[..<count]
            guard bytes.count <= maximumFileSize else { throw FileError("larger than 64 MiB") }
        }
    }
}

/// What the readers of one config share.
struct ConfigContext: Sendable {
    var environment: ConfigEnvironment
    /// The folder of the config file, to which the files that it names are relative; empty for the working directory.
    var directory: String
    /// The lines of the config file, to find places inside its scalars.
    var lines: [Substring]

    init(environment: ConfigEnvironment, path: String = "", text: String = "") {
        self.environment = environment
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        directory = parts.count == 2 && parts[0].isEmpty ? "/" : parts.dropLast().joined(separator: "/")
        lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
    }

    /// The path of a file that the config names.
    func path(of name: String) -> String {
        name.hasPrefix("/") || directory.isEmpty ? name : normalized(directory + "/" + name)
    }
}

/// The path without `.`, and without each `..` that takes back a folder before it.
private func normalized(_ path: String) -> String {
    var parts: [Substring] = []
    for part in path.split(separator: "/") where part != "." {
        if part == "..", let last = parts.last, last != ".." {
            parts.removeLast()
        } else {
            parts.append(part)
        }
    }
    return (path.hasPrefix("/") ? "/" : "") + parts.joined(separator: "/")
}
