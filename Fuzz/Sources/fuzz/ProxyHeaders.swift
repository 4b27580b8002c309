@testable import HTTPServer

/// The PROXY protocol: what is read depends on the header's bytes alone, and every part of a header wants more.
enum ProxyHeaders {
    static func check(_ bytes: [UInt8]) {
        let reading = ProxyHeader.read(bytes.span)
        guard case .complete(let header) = reading else {
            let more = ProxyHeader.read((bytes + [0]).span)
            require(reading == .needsMore || more == .malformed, "a byte mends what was malformed: \(more)")
            return
        }
        require(1...bytes.count ~= header.length, "a header of \(header.length) bytes in \(bytes.count)")
        for length in 0..<header.length {
            let part = ProxyHeader.read(bytes.span.extracting(..<length))
            require(part == .needsMore, "\(length) bytes of \(header.length) are \(part)")
        }
        let alone = ProxyHeader.read(bytes.span.extracting(..<header.length))
        require(alone == reading, "\(alone) alone, \(reading) with more behind it")
    }

    @Sendable static func seeds() -> [[UInt8]] {
        let signature: [UInt8] = [0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A]
        let texts = [
            "PROXY TCP4 192.0.2.1 198.51.100.1 56324 443\r\nGET", "PROXY TCP6 2001:db8::1 ::1 1 65535\r\n",
            "PROXY UNKNOWN\r\n", "PROXY UNKNOWN ffff:f...f:ffff 65535 65535\r\n",
        ]
        return texts.map { Array($0.utf8) } + [
            signature + [0x20, 0, 0, 0], signature + [0x21, 0x11, 0, 12] + Array(1...12),
            signature + [0x21, 0x21, 0, 40] + Array(1...40),
            signature + [0x21, 0x31, 0, 216] + Array(repeating: 0, count: 216),
        ]
    }
}
