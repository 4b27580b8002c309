import Testing

@testable import Rules

@Suite struct `A phone number` {
    @Test(
        arguments: [
            ("+1 514-555-0199", nil, "+15145550199"), ("(514) 555-0199", "CA", "+15145550199"),
            ("0033 6 12 24 19 64", "FR", "+33612241964"), ("06 12 24 19 64", "fr", "+33612241964"),
            ("+351 912 345 678", nil, "+351912345678"), ("912 345 678", "PT", "+351912345678"),
            ("971501800350", "AE", "+971501800350"), ("tel:+44-20-7946-0958", nil, "+442079460958"),
            ("＋４９１５１２３４５６７８９", nil, "+4915123456789"), ("+39 06 698 12345", nil, "+390669812345"),
            ("1-800-FLOWERS", "US", "+18003569377"), ("+1 514 555 0199", "DE", "+15145550199"),
        ] as [(String, String?, String)]
    )
    func `is read as people write it`(text: String, region: String?, expected: String) throws {
        let number = try PhoneNumber(text, region: region)
        #expect(number.e164 == expected)
        #expect("+" + number.digits == expected)
    }

    @Test(
        arguments: [
            ("514 555 0199", nil, "'514 555 0199' has no country code; it needs a leading + or a region"),
            ("514 555 0199", "XX", "'XX' is no region; expected two letters such as 'CA'"),
            ("514 555 0199", "Canada", "'CANADA' is no region; expected two letters such as 'CA'"),
            ("12", "CA", "'12' is too short for region CA"),
            ("+1 514 555", nil, "'+1 514 555' is too short"),
            ("514 555 0199 12345", "CA", "'514 555 0199 12345' is too long for region CA"),
            ("+999 12345678", nil, "'+999 12345678' has a country code that does not exist"),
            ("hello", "CA", "'hello' is not a phone number"),
            ("", "CA", "'' is not a phone number"),
            ("111 111 1111", "CA", "'111 111 1111' is not a number in use for region CA"),
        ] as [(String, String?, String)]
    )
    func `that is none has a reason`(text: String, region: String?, reason: String) {
        let fault = #expect(throws: PhoneNumber.Fault.self) { try PhoneNumber(text, region: region) }
        #expect(fault?.message == reason)
    }

    @Test func `knows its region`() throws {
        #expect(try PhoneNumber("+351912345678", region: nil).region == "PT")
        #expect(try PhoneNumber("+80012345678", region: nil).region == nil)
    }

    @Test func `survives any text`() {
        for text in [String(repeating: "9", count: 10_000), "+\u{0}1", "\u{FFFD}", "+", "++1", "🙂"] {
            #expect(throws: PhoneNumber.Fault.self) { try PhoneNumber(text, region: "US") }
        }
    }
}
