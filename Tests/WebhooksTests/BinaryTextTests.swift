import Testing

@testable import Webhooks

@Suite struct `Bytes as text` {
    @Test(arguments: BinaryText.allCases)
    func `come back as they were, at every length`(form: BinaryText) {
        for count in 0..<70 {
            let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 * 37 + count) }
            #expect(form.decoded(form.encoded(bytes)) == bytes)
        }
    }

    @Test func `are spelt as RFC 4648 has it`() {
        #expect(BinaryText.base64.encoded(Array("foob".utf8)) == "Zm9vYg==")
        #expect(BinaryText.base64.encoded([0xFB, 0xFF]) == "+/8=")
        #expect(BinaryText.base64url.encoded([0xFB, 0xFF]) == "-_8")
        #expect(BinaryText.base64url.decoded("-_8=") == [0xFB, 0xFF])
        #expect(BinaryText.hex.decoded("0aFF") == [0x0A, 0xFF])
    }

    @Test(arguments: [
        (BinaryText.base64, "Zm9vYg"), (.base64, "Zm9vYg="), (.base64, "Zm9vYh=="), (.base64, "Zm9v Yg=="),
        (.base64, "-_8="),
        (.base64, "="), (.base64, "===="), (.base64, "A"), (.base64, "Zg==Zg=="), (.base64url, "+/8"), (.hex, "0"),
        (.hex, "0g"),
        (.hex, "0x00"), (.hex, "١٢"),
    ])
    func `have one spelling only`(form: BinaryText, text: String) {
        #expect(form.decoded(text) == nil)
    }
}
