import Testing

@testable import HTTPServer

@Suite struct `The byte sets` {
    private static let letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
    private static let digits = "0123456789"
    private static let subDelimiters = "!$&'()*+,;="
    private static let visible = String(decoding: (0x21...0x7E) as ClosedRange<UInt8>, as: UTF8.self)

    /// Each set as its standard lists it.
    private static let sets: [(ByteSet, String)] = [
        (.token, letters + digits + "!#$%&'*+-.^_`|~"),
        (.fieldValue, visible + " \t"),
        (.requestLine, visible + " "),
        (.path, letters + digits + "-._~" + subDelimiters + ":@/%" + "[]|^"),
        (.query, letters + digits + "-._~" + subDelimiters + ":@/%?" + "[]{}|\\^`"),
        (.host, letters + digits + "-._~" + subDelimiters + "%"),
        (.hexDigit, digits + "ABCDEFabcdef"),
        (.digit, digits),
    ]

    @Test(arguments: sets.indices)
    func `hold what the standards list`(index: Int) {
        let (set, members) = Self.sets[index]
        let expected = Set(members.utf8)
        for byte in UInt8.min...UInt8.max {
            let isMember = byte < 0x80 ? expected.contains(byte) : index == 1
            #expect(set.contains(byte) == isMember, "byte \(byte)")
        }
    }
}
