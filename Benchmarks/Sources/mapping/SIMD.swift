import CSIMDJSON

/// simdjson's DOM, with the room behind the document that it asks for, so that it copies nothing.
enum SIMD {
    static func measure(_ name: String, _ bytes: [UInt8], _ budget: Double) {
        let padded = (bytes + [UInt8](repeating: 0, count: 128)).map { CChar(bitPattern: $0) }
        mapping.measure(name, budget) {
            guard csimdjson_parse(padded, bytes.count, padded.count) == 0 else { stop("the order is no JSON") }
        }
    }
}
