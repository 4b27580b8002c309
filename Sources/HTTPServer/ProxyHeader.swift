/// What a proxy says of a connection before the connection's own first byte: HAProxy's PROXY protocol, versions 1 and 2.
struct ProxyHeader: Equatable {
    /// The client's address; nil when the proxy speaks for itself (a health check), or of a family that is not IP.
    var address: IPAddress?
    /// How many bytes the header has.
    var length: Int

    /// What bytes come to.
    enum Reading: Equatable {
        case needsMore
        case complete(ProxyHeader)
        case malformed
    }

    /// Reads a header at the start of the bytes. Each result depends on the header's bytes alone.
    static func read(_ bytes: Span<UInt8>) -> Reading {
        guard bytes.count > 0 else { return .needsMore }
        return bytes[0] == signature[0] ? readBinary(bytes) : readText(bytes)
    }

    /// Version 2's first 12 bytes, made to look like no protocol there is.
    private static let signature: [UInt8] = [0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A]
    /// The longest line that version 1 can have.
    private static let longestLine = 107
    /// What version 2 may append to the addresses: there is no use for it here, and no reason for more.
    private static let longestBinary = 16 + 4_096

    /// `PROXY TCP4 192.0.2.1 198.51.100.1 56324 443` CR LF, or `PROXY UNKNOWN` and anything.
    private static func readText(_ bytes: Span<UInt8>) -> Reading {
        let start = Array("PROXY ".utf8)
        for index in 0..<min(start.count, bytes.count) where bytes[index] != start[index] { return .malformed }
        guard let end = bytes.extracting(..<min(bytes.count, longestLine)).firstIndex(of: .lineFeed) else {
            return bytes.count < longestLine ? .needsMore : .malformed
        }
        guard end >= start.count, bytes[end - 1] == .carriageReturn else { return .malformed }
        let words = String(bytes.extracting(..<(end - 1))).split(separator: " ", omittingEmptySubsequences: false)
        if words.count >= 2, words[1] == "UNKNOWN" { return .complete(ProxyHeader(length: end + 1)) }
        guard words.count == 6, words[1] == "TCP4" || words[1] == "TCP6",
            let source = IPAddress(words[2]), IPAddress(words[3]) != nil,
            words[2].utf8.contains(.colon) == (words[1] == "TCP6"),
            isPort(words[4]), isPort(words[5])
        else { return .malformed }
        return .complete(ProxyHeader(address: source, length: end + 1))
    }

    /// Digits only: `UInt16` would take a sign.
    private static func isPort(_ text: Substring) -> Bool {
        text.utf8.allSatisfy { (0x30...0x39).contains($0) } && UInt16(text) != nil
    }

    /// Signature, version and command, family, length of the rest, addresses, and what may be appended to them.
    private static func readBinary(_ bytes: Span<UInt8>) -> Reading {
        for index in 0..<min(signature.count, bytes.count) where bytes[index] != signature[index] { return .malformed }
        guard bytes.count >= 16 else { return .needsMore }
        let length = 16 + (Int(bytes[14]) << 8 | Int(bytes[15]))
        guard bytes[12] >> 4 == 2, length <= longestBinary else { return .malformed }
        guard bytes.count >= length else { return .needsMore }
        switch (bytes[12] & 0xF, bytes[13] >> 4) {
        case (0, _), (1, 0), (1, 3):
            return .complete(ProxyHeader(length: length))
        case (1, 1):
            guard length >= 16 + 12 else { return .malformed }
            return .complete(ProxyHeader(address: IPAddress(ipv4: bytes.bigEndian32(at: 16)), length: length))
        case (1, 2):
            guard length >= 16 + 36 else { return .malformed }
            let high = UInt64(bytes.bigEndian32(at: 16)) << 32 | UInt64(bytes.bigEndian32(at: 20))
            let low = UInt64(bytes.bigEndian32(at: 24)) << 32 | UInt64(bytes.bigEndian32(at: 28))
            return .complete(ProxyHeader(address: IPAddress(ipv6: high, low), length: length))
        default:
            return .malformed
        }
    }
}

extension Span<UInt8> {
    fileprivate func bigEndian32(at index: Int) -> UInt32 {
        UInt32(self[index]) << 24 | UInt32(self[index + 1]) << 16 | UInt32(self[index + 2]) << 8
            | UInt32(self[index + 3])
    }
}
