import Glibc
import JMESPath
import JSON

/// The conformance data beside the repository, when it is there.
enum Conformance {
    /// `JOURNEY_GATEWAY_CONFORMANCE`, else `../shared/conformance` seen from the repository's root.
    static let folder: String? = {
        if let path = getenv("JOURNEY_GATEWAY_CONFORMANCE") { return String(cString: path) }
        let root = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
        let path = "/\(root)/../shared/conformance"
        return access(path, R_OK) == 0 ? path : nil
    }()

    /// One expression of a suite, the document it is given, and what it must yield.
    struct Case {
        enum Expectation {
            case value(JSONValue)
            case error(String)
            /// Any value, and no error.
            case success
        }

        let id: String
        let expression: String
        let given: JSONValue
        let expectation: Expectation
    }

    /// All cases of the files in `jmespath/<suite>`.
    static func cases(of suite: String) throws -> [Case] {
        try files(in: "jmespath/\(suite)").flatMap { path in
            let groups = try JSONValue.parse(try read(path)).elements ?? []
            return groups.flatMap { group in
                (group["cases"]?.elements ?? []).map { test in
                    let expectation: Case.Expectation =
                        if let error = test["error"]?.stringValue {
                            .error(error)
                        } else if let result = test["result"] {
                            .value(result)
                        } else {
                            .success
                        }
                    return Case(
                        id: test["id"]?.stringValue ?? "",
                        expression: test["expression"]?.stringValue ?? "",
                        given: group["given"] ?? .null,
                        expectation: expectation
                    )
                }
            }
        }
    }

    private static func files(in path: String) throws -> [String] {
        guard let folder, let directory = opendir("\(folder)/\(path)") else { throw Missing(path: path) }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name.hasSuffix(".json") { names.append("\(path)/\(name)") }
        }
        return names.sorted()
    }

    private static func read(_ path: String) throws -> [UInt8] {
        guard let folder, let file = fopen("\(folder)/\(path)", "rb") else { throw Missing(path: path) }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while case let count = fread(&chunk, 1, chunk.count, file), count > 0 { bytes += chunk[..<count] }
        return bytes
    }

    struct Missing: Error {
        let path: String
    }
}
