/// Tells whether one of some files is another than when the watcher was made. It compares what they hold, so editors
/// that save by renaming are seen, and a file that was merely touched is not.
struct FileWatcher {
    let paths: [String]
    private let environment: ConfigEnvironment
    private let contents: [[UInt8]?]

    init(_ paths: [String], in environment: ConfigEnvironment) {
        self.paths = paths
        self.environment = environment
        contents = paths.map { try? environment.file($0) }
    }

    func hasChanged() -> Bool {
        paths.map { try? environment.file($0) } != contents
    }
}
