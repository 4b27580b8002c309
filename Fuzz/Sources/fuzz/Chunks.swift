@testable import HTTPServer

/// The chunked coding alone: the same body, trailer and end, however the bytes are cut.
enum Chunks {
    static func check(_ bytes: [UInt8]) {
        var limits = Limits()
        limits.body = 1 << 10
        limits.header = 256
        limits.fieldCount = 4
        let whole = Outcome(bytes, pieces: [bytes.count], limits)
        let inPieces = Outcome(bytes, pieces: Pieces(of: bytes), limits)
        require(whole == inPieces, "one piece: \(whole), several: \(inPieces)")
        let bytewise = Outcome(bytes, pieces: repeatElement(1, count: bytes.count), limits)
        require(whole == bytewise, "one piece: \(whole), byte by byte: \(bytewise)")
        require(whole.body.count <= limits.body, "a body of \(whole.body.count) bytes")
    }

    @Sendable static func seeds() -> [[UInt8]] {
        [
            "0\r\n\r\n", "5\r\nhello\r\n0\r\n\r\n", "00a;x\r\n0123456789\r\n000\r\nA: b\r\nC: d\r\n\r\n",
            "1 ; a = b ; c=\"d\\\"e\"\r\nx\r\n0;z\r\n\r\n", "FFFFFFFFFFFFFFFF\r\n", "400\r\n",
        ].map { Array($0.utf8) }
    }

    private struct Outcome: Equatable {
        var body: [UInt8] = []
        var trailer: [String] = []
        var refusal: Refusal?
        /// Where the body ends.
        var end: Int?

        init(_ bytes: [UInt8], pieces: some Sequence<Int>, _ limits: Limits) {
            var decoder = ChunkedDecoder()
            var arrived = 0
            var taken = 0
            for size in pieces {
                arrived += size
                do {
                    let piece = bytes.span.extracting(taken..<arrived)
                    if try decoder.decode(piece, consumed: &taken, into: &body, limits: limits) {
                        end = taken
                        let trailer = decoder.trailer
                        self.trailer = trailer.fields.map { line in
                            "\(trailer.bytes[line.name.range]): \(trailer.bytes[line.value.range])"
                        }
                        return
                    }
                } catch {
                    // How much of a body was taken before the fault depends on the pieces, and nobody sees it.
                    body = []
                    refusal = error
                    return
                }
            }
        }
    }
}
