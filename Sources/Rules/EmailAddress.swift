/// An e-mail address as people leave it in forms: one mailbox, no comment, no quoted local part.
struct EmailAddress: Sendable, Equatable {
    /// Without white space around it, in lower case.
    let text: String

    /// Nil when the syntax is wrong: RFC 5321's lengths, a dot-atom before the `@`, a domain of two labels or more
    /// behind it. Letters beyond ASCII are taken in both (RFC 6531).
    init?(_ written: String) {
        let scalars = written.unicodeScalars
        guard let first = scalars.firstIndex(where: { !Self.isSpace($0) }),
            let last = scalars.lastIndex(where: { !Self.isSpace($0) })
        else { return nil }
        let address = scalars[first...last]
        guard let at = address.firstIndex(of: "@") else { return nil }
        let (local, domain) = (address[..<at], address[address.index(after: at)...])
        let localLength = written.utf8.distance(from: first, to: at)
        let domainLength = written.utf8.distance(from: domain.startIndex, to: address.endIndex)
        guard localLength <= 64, localLength + 1 + domainLength <= 254, Self.isDotAtom(local), Self.isDomain(domain)
        else { return nil }
        text = String(address).lowercased()
    }

    private typealias Scalars = Substring.UnicodeScalarView

    private static func isDotAtom(_ text: Scalars) -> Bool {
        var isAtomEmpty = true
        for scalar in text {
            if scalar == "." {
                if isAtomEmpty { return false }
                isAtomEmpty = true
            } else {
                guard isAtomText(scalar) else { return false }
                isAtomEmpty = false
            }
        }
        return !isAtomEmpty
    }

    /// Two labels or more, each of 1 to 63 bytes that neither begins nor ends with a hyphen; the last is no number.
    private static func isDomain(_ text: Scalars) -> Bool {
        var (labels, length, isNumber) = (0, 0, true)
        var previous: Unicode.Scalar = "."
        for scalar in text {
            if scalar == "." {
                guard (1...63).contains(length), previous != "-" else { return false }
                labels += 1
                (length, isNumber) = (0, true)
            } else {
                guard isLetterOrDigit(scalar) || scalar == "-" && length > 0 else { return false }
                length += UTF8.width(scalar)
                isNumber = isNumber && ("0"..."9").contains(scalar)
            }
            previous = scalar
        }
        return labels >= 1 && (1...63).contains(length) && previous != "-" && !isNumber
    }

    private static func isSpace(_ scalar: Unicode.Scalar) -> Bool {
        scalar.isASCII ? scalar == " " || ("\t"..."\r").contains(scalar) : scalar.properties.isWhitespace
    }

    private static func isAtomText(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "!", "#", "$", "%", "&", "'", "*", "+", "-", "/", "=", "?", "^", "_", "`", "{", "|", "}", "~": true
        default: isLetterOrDigit(scalar)
        }
    }

    private static func isLetterOrDigit(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "a"..."z", "A"..."Z", "0"..."9": true
        case _ where scalar.isASCII: false
        default: scalar.properties.isAlphabetic || scalar.properties.generalCategory == .nonspacingMark
        }
    }
}
