import CZlib
import JSON
import Model
import Testing

@testable import Webhooks

@Suite struct `Compressed bodies` {
    private static let json = Array(#"{"name":"Ana","note":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"}"#.utf8)

    /// `windowBits` as zlib has them: 31 gzip, 15 zlib, -15 bare.
    static func compressed(_ bytes: [UInt8], windowBits: Int32) -> [UInt8] {
        var stream = z_stream()
        deflateInit2_(
            &stream,
            Z_BEST_COMPRESSION,
            Z_DEFLATED,
            windowBits,
            8,
            Z_DEFAULT_STRATEGY,
            ZLIB_VERSION,
            Int32(MemoryLayout<z_stream>.size)
        )
        defer { deflateEnd(&stream) }
        var input = bytes
        var output = [UInt8](repeating: 0, count: bytes.count + 1_000)
        let room = output.count
        let written = input.withUnsafeMutableBufferPointer { input in
            output.withUnsafeMutableBufferPointer { output in
                stream.next_in = input.baseAddress
                stream.avail_in = UInt32(input.count)
                stream.next_out = output.baseAddress
                stream.avail_out = UInt32(room)
                deflate(&stream, Z_FINISH)
                return room - Int(stream.avail_out)
            }
        }
        return Array(output.prefix(written))
    }

    private func receive(_ bytes: [UInt8], coding: String, limit: Int = 4 << 20) throws -> Reception {
        let source = try Source(SourceSettings(name: "s", limits: BodyLimits(decompressed: limit)))
        return source.receive(
            Sample.request(fields: [("Content-Type", "application/json"), ("Content-Encoding", coding)], bytes: bytes)
        )
    }

    @Test(arguments: [("gzip", 31), ("X-GZIP", 31), ("deflate", 15), ("deflate", -15), ("identity", 0), ("", 0)])
    func `are unpacked`(coding: String, windowBits: Int32) throws {
        let body = windowBits == 0 ? Self.json : Self.compressed(Self.json, windowBits: windowBits)
        guard case .decoded(let events, _, _) = try receive(body, coding: coding) else {
            Issue.record("\(try receive(body, coding: coding))")
            return
        }
        #expect(events.first?.body["name"] == "Ana")
    }

    @Test func `may consist of several gzip members`() throws {
        let body =
            Self.compressed(Array(Self.json.prefix(10)), windowBits: 31)
            + Self.compressed(Array(Self.json.dropFirst(10)), windowBits: 31)
        guard case .decoded = try receive(body, coding: "gzip") else {
            Issue.record("the second member is missing")
            return
        }
    }

    @Test(arguments: [("br", 415), ("gzip, gzip", 415), ("gzip", 400)])
    func `are refused in codings that we have not, or when they are broken`(coding: String, status: Int) throws {
        guard case .refused(let refusal) = try receive(Self.json, coding: coding) else {
            Issue.record("it was taken")
            return
        }
        #expect(refusal.status == status)
    }

    @Test(arguments: 1..<40)
    func `are refused when they are cut off anywhere`(missing: Int) throws {
        let body = Self.compressed(Self.json, windowBits: 31)
        guard case .refused(.undecodableBody) = try receive(Array(body.dropLast(missing)), coding: "gzip") else {
            Issue.record("it was taken")
            return
        }
    }

    @Test func `that are bombs are refused as too large, before they are whole`() throws {
        let bomb = Self.compressed([UInt8](repeating: 0x20, count: 8 << 20), windowBits: 31)
        #expect(bomb.count < 10_000)
        guard case .refused(let refusal) = try receive(bomb, coding: "gzip", limit: 1 << 20) else {
            Issue.record("it was taken")
            return
        }
        #expect(refusal == .bodyTooLarge(limit: 1 << 20) && refusal.status == 413 && refusal.account == "size")
    }

    @Test func `are as large as the limit allows, to the byte`() throws {
        let body = Self.compressed(Self.json, windowBits: 31)
        guard case .decoded = try receive(body, coding: "gzip", limit: Self.json.count) else {
            Issue.record("the limit itself is allowed")
            return
        }
        guard case .refused = try receive(body, coding: "gzip", limit: Self.json.count - 1) else {
            Issue.record("one byte more is too much")
            return
        }
    }
}
