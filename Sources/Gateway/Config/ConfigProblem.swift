/// One mistake in the config, or one thing in it that is probably not meant: where it stands, what was found, and
/// what was expected.
public struct ConfigProblem: Error, Hashable, Sendable {
    public enum Severity: String, Sendable {
        /// The config cannot be used.
        case error
        /// It can, and somebody should look at this.
        case warning
    }

    public var severity: Severity
    public var position: ConfigPosition
    /// Where in the config's vocabulary: `sprinklr.quota.perHour`, `rules[0].trigger.snId`; empty for the whole file.
    public var path: String
    /// What was found and what was expected, in one sentence without a full stop. Never a secret.
    public var message: String

    public init(_ severity: Severity = .error, at position: ConfigPosition, path: String, _ message: String) {
        self.severity = severity
        self.position = position
        self.path = path
        self.message = message
    }
}

/// A place in a file. Columns count Unicode scalars, as editors and libyaml do; both numbers begin at 1.
public struct ConfigPosition: Hashable, Sendable {
    /// As it was opened: relative to the working directory, or absolute.
    public var file: String
    public var line: Int
    public var column: Int

    public init(file: String, line: Int = 1, column: Int = 1) {
        self.file = file
        self.line = line
        self.column = column
    }
}

extension ConfigProblem: CustomStringConvertible {
    /// One line, in the form that editors and CI systems link to the file:
    /// `gateway.yaml:31:14: sprinklr.quota.perHuor: unknown key; did you mean 'perHour'?`
    public var description: String {
        let place = "\(position.file):\(position.line):\(position.column): "
        return place + (severity == .warning ? "warning: " : "") + (path.isEmpty ? "" : path + ": ") + message
    }
}

/// All mistakes of one config: why it was refused.
public struct ConfigProblems: Error, Sendable {
    /// Errors and warnings, in the order of the file. At least one is an error.
    public let all: [ConfigProblem]

    init(_ problems: [ConfigProblem]) {
        all = problems.inOrder
    }
}

extension ConfigProblems: CustomStringConvertible {
    /// A problem a line.
    public var description: String { all.map(\.description).joined(separator: "\n") }
}

extension [ConfigProblem] {
    /// Sorted by file, line and column, each problem once. Files keep the order in which they were met.
    var inOrder: [ConfigProblem] {
        var files: [String] = []
        for problem in self where !files.contains(problem.position.file) { files.append(problem.position.file) }
        let sorted = enumerated().sorted { one, other in
            let (a, b) = (one.element.position, other.element.position)
            let (fileA, fileB) = (files.firstIndex(of: a.file) ?? 0, files.firstIndex(of: b.file) ?? 0)
            return (fileA, a.line, a.column, one.offset) < (fileB, b.line, b.column, other.offset)
        }
        var seen: Set<ConfigProblem> = []
        return sorted.map(\.element).filter { seen.insert($0).inserted }
    }

    var hasErrors: Bool { contains { $0.severity == .error } }
}
