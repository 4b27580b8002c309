import HTTPTypes

@testable import HTTPServer

/// The codec: whatever arrives, and however it is cut, it comes to the same requests and the same refusal.
enum Requests {
    static func check(_ bytes: [UInt8]) {
        for limits in [Limits(), tight] {
            let whole = Reading(bytes, pieces: [bytes.count], limits)
            let inPieces = Reading(bytes, pieces: Pieces(of: bytes), limits)
            require(whole == inPieces, "one piece: \(whole), several: \(inPieces)")
            let bytewise = Reading(bytes, pieces: repeatElement(1, count: bytes.count), limits)
            require(whole == bytewise, "one piece: \(whole), byte by byte: \(bytewise)")
        }
    }

    /// So that inputs of some hundred bytes reach every limit.
    private static var tight: Limits {
        var limits = Limits()
        limits.body = 64
        limits.header = 256
        limits.field = 64
        limits.fieldCount = 6
        limits.target = 48
        limits.method = 8
        return limits
    }

    @Sendable static func seeds() -> [[UInt8]] {
        let own = [
            "POST /hook?a=1 HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\n{}GET / HTTP/1.1\r\nHost: h\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3;a=\"b\"\r\nabc\r\n0\r\nX: y\r\n\r\n",
            "POST http://h:80/p HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\nx",
            "OPTIONS * HTTP/1.1\r\nHost: [::1]:8080\r\nConnection: close, te\r\n\r\n",
            "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
            "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        ]
        return own.map { Array($0.utf8) } + Conformance.bytes(of: "request", in: "http")
    }
}

/// What bytes come to, fed to a decoder as a connection does: what was not consumed is given again.
private struct Reading: Equatable {
    var requests: [String] = []
    var refusal: Refusal?

    init(_ bytes: [UInt8], pieces: some Sequence<Int>, _ limits: Limits) {
        var decoder = RequestDecoder(limits: limits)
        var kept: [UInt8] = []
        var position = 0
        for size in pieces where size > 0 {
            kept += bytes[position..<(position + size)]
            position += size
            var offset = 0
            do {
                while offset < kept.count {
                    var consumed = 0
                    let message = try decoder.decode(kept.span.extracting(offset...), consumed: &consumed)
                    require(consumed <= kept.count - offset, "more is consumed than there is")
                    require(decoder.bodyCount <= limits.body, "a body of \(decoder.bodyCount) bytes is held")
                    offset += consumed
                    guard let message else { break }
                    requests.append(Self.describe(message))
                }
            } catch {
                refusal = error
                return
            }
            kept.removeFirst(offset)
        }
    }

    private static func describe(_ message: RequestDecoder.Message) -> String {
        let request = Request(message, from: ConnectionInfo(listener: 0))
        let fields = request.rawFields.map { "\($0.name): \($0.value)" }.joined(separator: "|")
        require(request.fields.count == request.rawFields.count, "a field is lost on the way to HTTPFields")
        return """
            \(request.method) \(request.target) \(request.version) \(request.url) [\(fields)] \
            \(request.body) [\(request.trailerFields)] \(message.head.isPersistent)
            """
    }
}

/// Sizes of the pieces into which bytes are cut; they depend on the bytes alone, so that a finding can be replayed.
struct Pieces: Sequence, IteratorProtocol {
    private var left: Int
    private var state: UInt64 = 0xcbf2_9ce4_8422_2325

    init(of bytes: [UInt8]) {
        left = bytes.count
        for byte in bytes { state = (state ^ UInt64(byte)) &* 0x100_0000_01b3 }
    }

    mutating func next() -> Int? {
        guard left > 0 else { return nil }
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        let size = Swift.min(left, 1 + Int(state >> 33) % 16)
        left -= size
        return size
    }
}
