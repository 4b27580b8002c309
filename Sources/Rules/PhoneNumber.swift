import CPhoneNumber

/// A phone number that is given out somewhere, by the rules of libphonenumber's metadata.
struct PhoneNumber: Sendable, Equatable {
    /// With plus: `+15145550199`.
    let e164: String

    /// Without plus, which is how Sprinklr wants the ids of WhatsApp and SMS.
    var digits: String { String(e164.dropFirst()) }

    /// Why a text is no phone number, for the rule's author.
    struct Fault: Error, Equatable {
        var message: String
        /// Whether it lies in the region, not in the number.
        var isOfRegion = false
    }

    /// Reads a number as people write it. `region` (two letters, ISO 3166-1) says how to read one without a plus.
    init(_ text: String, region: String?) throws(Fault) {
        let region = region?.uppercased() ?? ""
        var text = text
        let (verdict, e164) = text.withUTF8 { text in
            var region = region
            return region.withUTF8 { Self.ask(text, region: $0) }
        }
        switch verdict {
        case CPhoneNumberValid: self.e164 = e164
        case CPhoneNumberUnknownRegion:
            throw Fault(message: "'\(region)' is no region; expected two letters such as 'CA'", isOfRegion: true)
        case CPhoneNumberNeedsRegion:
            throw Fault(message: "'\(text)' has no country code; it needs a leading + or a region")
        case CPhoneNumberNotANumber: throw Fault(message: "'\(text)' is not a phone number")
        case CPhoneNumberUnknownCountryCode: throw Fault(message: "'\(text)' has a country code that does not exist")
        case CPhoneNumberTooShort: throw Fault(message: "'\(text)' is too short\(Self.suffix(region))")
        case CPhoneNumberTooLong: throw Fault(message: "'\(text)' is too long\(Self.suffix(region))")
        case CPhoneNumberNotInUse: throw Fault(message: "'\(text)' is not a number in use\(Self.suffix(region))")
        default: throw Fault(message: "'\(text)' could not be read")
        }
    }

    /// Two letters; nil for numbers of no one country.
    var region: String? {
        var text = e164
        return text.withUTF8 { text in
            text.withMemoryRebound(to: CChar.self) { text in
                withUnsafeTemporaryAllocation(of: CChar.self, capacity: 3) { region in
                    guard let start = text.baseAddress, let to = region.baseAddress else { return nil }
                    cphonenumber_region(start, text.count, to)
                    return to[0] == 0 ? nil : String(cString: to)
                }
            }
        }
    }

    private static func suffix(_ region: String) -> String { region.isEmpty ? "" : " for region \(region)" }

    private static func ask(
        _ text: UnsafeBufferPointer<UInt8>,
        region: UnsafeBufferPointer<UInt8>
    ) -> (CPhoneNumberVerdict, String) {
        let capacity = Int(CPHONENUMBER_CAPACITY)
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: capacity) { written in
            text.withMemoryRebound(to: CChar.self) { text in
                region.withMemoryRebound(to: CChar.self) { region in
                    guard let textStart = text.baseAddress, let to = written.baseAddress else {
                        return (CPhoneNumberNotANumber, "")
                    }
                    // An empty region may have no address; any will do for no bytes.
                    let verdict = cphonenumber_e164(
                        textStart,
                        text.count,
                        region.baseAddress ?? textStart,
                        region.count,
                        to,
                        capacity
                    )
                    return (verdict, verdict == CPhoneNumberValid ? String(cString: to) : "")
                }
            }
        }
    }
}

extension PhoneNumber {
    /// Whether national numbers of this region, two letters in either case, can be read.
    static func isRegion(_ region: String) -> Bool {
        // Any national number tells: an unknown region is found out before the digits are looked at.
        do {
            _ = try PhoneNumber("0", region: region.isEmpty ? "ZZ" : region)
            return true
        } catch {
            return !error.isOfRegion
        }
    }
}
