import COpenSSL

/// A text that changes when any of its parts does, and from which none can be had back.
enum Fingerprint {
    /// SHA-256 over the parts, each ended by a zero byte, in hexadecimal digits.
    static func of(_ parts: [String]) -> String {
        let bytes = parts.reduce(into: [UInt8]()) { $0 += Array($1.utf8) + [0] }
        var digest = [UInt8](repeating: 0, count: Int(SHA256_DIGEST_LENGTH))
        SHA256(bytes, bytes.count, &digest)
        return digest.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
