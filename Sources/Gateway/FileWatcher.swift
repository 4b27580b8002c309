import Glibc

/// Tells whether one of some files was written, replaced or taken away since the watcher was made: by modification
/// time, size and inode, so that editors which save by renaming are seen too.
struct FileWatcher {
    private struct Mark: Equatable {
        var seconds: Int
        var nanoseconds: Int
        var size: Int64
        var inode: UInt64
    }

    private let paths: [String]
    private let marks: [Mark?]

    init(paths: [String]) {
        self.paths = paths
        marks = paths.map(Self.mark)
    }

    func hasChanged() -> Bool {
        paths.map(Self.mark) != marks
    }

    private static func mark(of path: String) -> Mark? {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        return Mark(
            seconds: status.st_mtim.tv_sec,
            nanoseconds: status.st_mtim.tv_nsec,
            size: Int64(status.st_size),
            inode: UInt64(status.st_ino)
        )
    }
}
