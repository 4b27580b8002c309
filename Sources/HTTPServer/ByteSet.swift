/// A set of bytes, as two bit masks for ASCII and one answer for all others: constants, so that asking costs a shift.
struct ByteSet: Sendable {
    /// Bit n: whether byte n belongs to the set.
    let low: UInt64
    /// Bit n: whether byte 64 + n does.
    let high: UInt64
    /// Whether all bytes from 0x80 do.
    var includesNonASCII = false

    @inline(__always)
    func contains(_ byte: UInt8) -> Bool {
        let shift = UInt64(byte & 63)
        if byte < 64 { return low &>> shift & 1 != 0 }
        if byte < 128 { return high &>> shift & 1 != 0 }
        return includesNonASCII
    }

    /// `tchar`, letters, digits and ``!#$%&'*+-.^_`|~``: methods, field names, extension names (RFC 9110 section 5.6.2).
    static let token = ByteSet(low: 0x03FF_6CFA_0000_0000, high: 0x57FF_FFFF_C7FF_FFFE)
    /// Visible ASCII, obs-text, space and tab: what a field value is made of (RFC 9110 section 5.5).
    static let fieldValue = ByteSet(low: 0xFFFF_FFFF_0000_0200, high: 0x7FFF_FFFF_FFFF_FFFF, includesNonASCII: true)
    /// Visible ASCII and space.
    static let requestLine = ByteSet(low: 0xFFFF_FFFF_0000_0000, high: 0x7FFF_FFFF_FFFF_FFFF)
    /// What a target's path is made of: RFC 3986's characters, and `[ ] | ^`, which browsers and Node leave as they are.
    static let path = ByteSet(low: 0x2FFF_FFF2_0000_0000, high: 0x57FF_FFFE_EFFF_FFFF)
    /// What a query is made of: RFC 3986's characters, and ``[ ] { } | \ ^ ` ``, for the same reason.
    static let query = ByteSet(low: 0xAFFF_FFF2_0000_0000, high: 0x7FFF_FFFF_FFFF_FFFF)
    /// `reg-name` (RFC 3986 section 3.2.2), without a check of its percent-encoding.
    static let host = ByteSet(low: 0x2BFF_7FF2_0000_0000, high: 0x47FF_FFFE_87FF_FFFE)
    static let hexDigit = ByteSet(low: 0x03FF_0000_0000_0000, high: 0x0000_007E_0000_007E)
    static let digit = ByteSet(low: 0x03FF_0000_0000_0000, high: 0x0000_0000_0000_0000)
}
