import Glibc
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

    static func read(_ path: String) throws -> [UInt8] {
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

/// The bytes that base64 text stands for.
func base64Decoded(_ text: String) -> [UInt8] {
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    var bytes: [UInt8] = []
    var (bits, count) = (0, 0)
    for byte in text.utf8 {
        guard let value = alphabet.firstIndex(of: byte) else { continue }
        (bits, count) = (bits << 6 | value, count + 6)
        if count >= 8 {
            count -= 8
            bytes.append(UInt8(truncatingIfNeeded: bits >> count))
        }
    }
    return bytes
}
