import CZlib

/// The CRC-32 of zlib, which PayPal signs in place of the body.
func checksum(_ bytes: [UInt8]) -> UInt32 {
    UInt32(truncatingIfNeeded: crc32(0, bytes, UInt32(bytes.count)))
}

/// What a compressed body turned out to be.
enum Inflation: Equatable {
    case whole([UInt8])
    /// It unpacks to more than the limit; nothing beyond it was unpacked.
    case tooLarge
    case malformed(String)
}

/// The content codings of RFC 9110 section 8.4.1 that senders use.
enum ContentCoding: Equatable {
    /// RFC 1952; several members one after the other are one body (section 2.2).
    case gzip
    /// RFC 1950. Some senders leave its frame off and mean RFC 1951; that is read too.
    case deflate

    init?(_ name: String) {
        switch name.lowercased() {
        case "gzip", "x-gzip": self = .gzip
        case "deflate": self = .deflate
        default: return nil
        }
    }

    func inflate(_ bytes: [UInt8], limit: Int) -> Inflation {
        switch self {
        case .gzip: return Self.inflate(bytes, windowBits: 15 + 16, isSeveral: true, limit: limit)
        case .deflate:
            let framed = Self.inflate(bytes, windowBits: 15, isSeveral: false, limit: limit)
            guard case .malformed = framed else { return framed }
            let bare = Self.inflate(bytes, windowBits: -15, isSeveral: false, limit: limit)
            if case .malformed = bare { return framed }
            return bare
        }
    }

    private static func inflate(_ bytes: [UInt8], windowBits: Int32, isSeveral: Bool, limit: Int) -> Inflation {
        var stream = z_stream()
        guard journey_inflateInit2(&stream, windowBits) == Z_OK else { return .malformed("zlib has no memory") }
        defer { inflateEnd(&stream) }
        var output: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 16 << 10)
        var input = bytes
        return input.withUnsafeMutableBufferPointer { input in
            stream.next_in = input.baseAddress
            stream.avail_in = UInt32(input.count)
            while true {
                let (status, produced) = chunk.withUnsafeMutableBufferPointer { chunk in
                    stream.next_out = chunk.baseAddress
                    stream.avail_out = UInt32(chunk.count)
                    let status = CZlib.inflate(&stream, Z_NO_FLUSH)
                    return (status, chunk.count - Int(stream.avail_out))
                }
                guard output.count + produced <= limit else { return .tooLarge }
                output += chunk[..<produced]
                switch status {
                case Z_OK: continue
                case Z_STREAM_END where stream.avail_in == 0: return .whole(output)
                case Z_STREAM_END where isSeveral:
                    guard inflateReset(&stream) == Z_OK else { return .malformed("zlib") }
                case Z_STREAM_END: return .malformed("\(stream.avail_in) bytes follow its end")
                case Z_BUF_ERROR: return .malformed("it ends too early")
                default:
                    let reason = stream.msg.map { String(cString: $0) } ?? "zlib's error \(status)"
                    return .malformed("\(reason) at byte \(stream.total_in)")
                }
            }
        }
    }
}
