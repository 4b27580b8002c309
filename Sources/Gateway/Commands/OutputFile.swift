import Glibc

/// A file that a command writes.
public enum OutputFile {
    /// Why it was not written.
    public struct Failed: Error, CustomStringConvertible {
        public let description: String
    }

    /// Writes a text to a file, in place of what was there.
    public static func write(_ text: String, to path: String) throws(Failed) {
        try write(text, to: path, flags: O_TRUNC)
    }

    /// Writes a text to a file that must not be there yet.
    public static func create(_ text: String, at path: String) throws(Failed) {
        try write(text, to: path, flags: O_EXCL)
    }

    private static func write(_ text: String, to path: String, flags: Int32) throws(Failed) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | flags, 0o644)
        guard descriptor >= 0 else { throw failure(path) }
        defer { close(descriptor) }
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            guard count > 0 else { throw failure(path) }
            rest = rest.dropFirst(count)
        }
    }

    private static func failure(_ path: String) -> Failed {
        Failed(description: "\(path): \(String(cString: strerror(errno)))")
    }
}
