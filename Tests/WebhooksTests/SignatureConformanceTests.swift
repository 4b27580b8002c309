import JSON
import Model
import Testing

@testable import Webhooks

@Suite(.enabled(if: Conformance.isThere)) struct `The conformance suites of signatures` {
    /// Cases of level "may" that are answered the other way, with reason: hexadecimal digits compare without case, since
    /// the bytes are what is signed.
    private static let decidedOtherwise: Set<String> = ["github/hex-upper", "meta/hex-upper", "stripe/upper-hex"]

    @Test(arguments: ["signatures/providers.jsonl", "signatures/providers-own.jsonl"])
    func `every provider's requests are believed or refused`(path: String) throws {
        let cases = try Conformance.cases(path)
        #expect(cases.count >= 26)
        for test in cases where !Self.decidedOtherwise.contains(test.text("id")) {
            #expect(
                isGenuine(test) == (test["valid"]?.boolValue == true),
                "\(test.text("id")), level \(test.text("level"))"
            )
        }
    }

    /// A source that cannot be made of this secret believes nothing.
    private func isGenuine(_ test: JSONValue) -> Bool {
        let settings = SourceSettings(name: "s", preset: test.text("provider"), secrets: [test.text("secret")])
        guard let source = try? Source(settings) else { return false }
        let url = test.text("url")
        let path = url.split(separator: "?", maxSplits: 1)
        let seconds = test["now"]?.number?.int64Value ?? 1_700_000_000
        let webhook = Webhook(
            method: test.text("method"),
            url: url,
            path: String(path[0]),
            query: path.count > 1 ? String(path[1]) : "",
            fields: test.headerFields,
            body: test.bytes("body"),
            receivedAt: Timestamp(milliseconds: seconds * 1_000)
        )
        if case .genuine = source.verify(webhook) { return true }
        return false
    }

    @Test(arguments: [("sha1", HashFunction.sha1), ("sha256", .sha256), ("sha512", .sha512)])
    func `HMAC tags are those of Project Wycheproof`(name: String, hash: HashFunction) throws {
        let cases = try Conformance.cases("signatures/wycheproof-hmac-\(name).jsonl")
        #expect(cases.count >= 100)
        for test in cases {
            let code = AuthenticationKey(hex(test, "key"), hash).code(of: hex(test, "msg"))
            let count = Int(test["tag_bits"]?.number?.int64Value ?? 0) / 8
            let matches = isEqualInConstantTime(Array(code.prefix(count)), hex(test, "tag"))
            #expect(matches == (test["valid"]?.boolValue == true), "\(test.text("id"))")
        }
    }

    @Test func `Ed25519 signatures are judged as in Project Wycheproof`() throws {
        let cases = try Conformance.cases("signatures/wycheproof-ed25519.jsonl")
        #expect(cases.count >= 100)
        for test in cases {
            let key = try #require(PublicKey(ed25519: hex(test, "public_key")))
            let isGood = key.isSignature(hex(test, "sig"), of: hex(test, "msg"), hash: nil)
            #expect(isGood == (test["valid"]?.boolValue == true), "\(test.text("id"))")
        }
    }

    private func hex(_ test: JSONValue, _ name: String) -> [UInt8] {
        BinaryText.hex.decoded(test.text(name)) ?? []
    }
}
