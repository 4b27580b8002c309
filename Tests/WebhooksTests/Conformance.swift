import Glibc
import JSON
import Model
import Testing

@testable import Webhooks

/// The conformance data beside the repository, when it is there.
enum Conformance {
    /// `JOURNEY_GATEWAY_CONFORMANCE`, else `../shared/conformance` seen from the repository's root.
    static let folder: String? = {
        if let path = getenv("JOURNEY_GATEWAY_CONFORMANCE") { return String(cString: path) }
        let root = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
        let path = "/\(root)/../shared/conformance"
        return access(path, R_OK) == 0 ? path : nil
    }()

    static var isThere: Bool { folder != nil }

    /// The cases of a file, one JSON object a line.
    static func cases(_ path: String) throws -> [JSONValue] {
        let folder = try #require(folder)
        let file = try #require(fopen("\(folder)/\(path)", "rb"), "\(path) is there")
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while case let count = fread(&chunk, 1, chunk.count, file), count > 0 { bytes += chunk[..<count] }
        return try bytes.split(separator: UInt8(ascii: "\n")).map { try JSONValue.parse(Array($0)) }
    }
}

extension JSONValue {
    /// A string member, empty when there is none.
    func text(_ name: String) -> String { self[name]?.stringValue ?? "" }

    /// The bytes of a member in base64.
    func bytes(_ name: String) -> [UInt8] { BinaryText.decodedSecret(text(name)) ?? [] }

    /// The request headers of a case: `[[name, value]]`.
    var headerFields: [Field] {
        (self["headers"]?.elements ?? []).map { Field($0[0]?.stringValue ?? "", $0[1]?.stringValue ?? "") }
    }
}
