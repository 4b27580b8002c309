import Glibc
import JSON

@testable import Webhooks

/// The suites of others as seeds, when their folder is there: `JOURNEY_GATEWAY_CONFORMANCE` names it.
enum Conformance {
    /// A file's lines, each one JSON object.
    static func lines(in folder: String) -> [JSONValue] {
        files(in: folder, ending: ".jsonl").flatMap { file in
            file.split(separator: UInt8(ascii: "\n")).compactMap { try? JSONValue.parse(Array($0)) }
        }
    }

    /// Whole files, one JSON document each, also of folders within.
    static func documents(in folder: String) -> [JSONValue] {
        files(in: folder, ending: ".json").compactMap { try? JSONValue.parse($0) }
    }

    /// What a member holds in base64, of each line.
    static func bytes(of member: String, in folder: String) -> [[UInt8]] {
        lines(in: folder).compactMap { bytes($0[member]) }
    }

    static func bytes(_ base64: JSONValue?) -> [UInt8]? {
        base64?.stringValue.flatMap { BinaryText.base64.decoded($0) }
    }

    private static func files(in folder: String, ending suffix: String) -> [[UInt8]] {
        guard let root = getenv("JOURNEY_GATEWAY_CONFORMANCE") else { return [] }
        return paths(in: String(cString: root) + "/" + folder).filter { $0.hasSuffix(suffix) }.map(contents)
    }

    private static func paths(in folder: String) -> [String] {
        guard let directory = opendir(folder) else { return [] }
        defer { closedir(directory) }
        var paths: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            guard !name.hasPrefix(".") else { continue }
            let path = folder + "/" + name
            paths += Int32(entry.pointee.d_type) == Int32(DT_DIR) ? self.paths(in: path) : [path]
        }
        return paths.sorted()
    }

    private static func contents(of path: String) -> [UInt8] {
        guard let file = fopen(path, "r") else { return [] }
        defer { fclose(file) }
        var contents: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while case let count = fread(&buffer, 1, buffer.count, file), count > 0 { contents += buffer[..<count] }
        return contents
    }
}
