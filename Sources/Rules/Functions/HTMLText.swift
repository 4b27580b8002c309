/// The text of a piece of HTML, for channels that have no markup.
///
/// Tags and comments go, with all that `script`, `style` and `head` hold; blocks and `br` begin a line, cells of a
/// table are set apart by a space, entities are decoded, runs of white space become one space, and empty lines go.
/// This reads what people write, and is not HTML's parser: it is linear, and refuses nothing.
struct HTMLText {
    private var lines: [String] = []
    private var line = ""
    private var pendingSpace = false

    static func text(of html: String) -> String {
        var reader = HTMLText()
        reader.read(Substring(html).unicodeScalars)
        reader.endLine()
        return reader.lines.joined(separator: "\n")
    }

    private mutating func read(_ html: Substring.UnicodeScalarView) {
        var rest = html
        while let next = rest.first {
            if next == "<", let tag = Tag(&rest) {
                apply(tag, &rest)
            } else if next == "&" {
                write(Entity.take(&rest))
            } else {
                rest.removeFirst()
                if next.properties.isWhitespace, next != "\u{A0}" { pendingSpace = true } else { write(next) }
            }
        }
    }

    private mutating func apply(_ tag: Tag, _ rest: inout Substring.UnicodeScalarView) {
        if Self.hidden.contains(tag.name), !tag.isClosing {
            Tag.skip(to: tag.name, in: &rest)
        } else if Self.blocks.contains(tag.name) {
            endLine()
        } else if Self.cells.contains(tag.name) {
            pendingSpace = true
        }
    }

    private mutating func write(_ scalar: Unicode.Scalar) {
        if pendingSpace, !line.isEmpty { line.append(" ") }
        pendingSpace = false
        line.unicodeScalars.append(scalar == "\u{A0}" ? " " : scalar)
    }

    private mutating func endLine() {
        if line.unicodeScalars.contains(where: { $0 != " " }) { lines.append(line) }
        line = ""
        pendingSpace = false
    }

    private static let hidden: Set<String> = ["script", "style", "head", "template"]
    private static let cells: Set<String> = ["td", "th"]
    private static let blocks: Set<String> = [
        "address", "article", "aside", "blockquote", "br", "caption", "dd", "div", "dl", "dt", "figure", "footer",
        "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main", "nav", "ol", "p", "pre", "section",
        "table", "tr", "ul",
    ]
}

/// One tag or comment; a comment's name is empty.
private struct Tag {
    var name = ""
    var isClosing = false

    /// Takes a tag off the front; nil, and takes nothing, when `<` is only a character: `a < b`.
    init?(_ rest: inout Substring.UnicodeScalarView) {
        var ahead = rest.dropFirst()
        if ahead.starts(with: "!--".unicodeScalars) {
            Self.skip(past: "-->", in: &ahead)
            rest = ahead
            return
        }
        if ahead.first == "/" {
            isClosing = true
            ahead.removeFirst()
        }
        guard let first = ahead.first, Self.isLetter(first) || first == "!" || first == "?" else { return nil }
        let name = ahead.prefix { Self.isLetter($0) || ("0"..."9").contains($0) }
        self.name = String(name).lowercased()
        ahead = ahead.dropFirst(name.count)
        var quote: Unicode.Scalar?
        while let next = ahead.popFirst() {
            if let open = quote {
                if next == open { quote = nil }
            } else if next == "\"" || next == "'" {
                quote = next
            } else if next == ">" {
                break
            }
        }
        rest = ahead
    }

    private static func isLetter(_ scalar: Unicode.Scalar) -> Bool {
        ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar)
    }

    static func skip(past end: String, in rest: inout Substring.UnicodeScalarView) {
        while !rest.isEmpty, !rest.starts(with: end.unicodeScalars) { rest.removeFirst() }
        rest = rest.dropFirst(end.unicodeScalars.count)
    }

    /// Moves to behind the closing tag of this name, or to the end.
    static func skip(to name: String, in rest: inout Substring.UnicodeScalarView) {
        while let next = rest.first {
            if next == "<", rest.dropFirst().first == "/", let tag = Tag(&rest) {
                if tag.name == name { return }
            } else {
                rest.removeFirst()
            }
        }
    }
}

/// Character references of HTML: all numeric ones, those of Latin 1, and some that texts use.
private enum Entity {
    /// Takes one reference off the front; a lone ampersand stays what it is.
    static func take(_ rest: inout Substring.UnicodeScalarView) -> Unicode.Scalar {
        let body = rest.dropFirst().prefix(10).prefix { $0 != ";" && $0 != "&" && !$0.properties.isWhitespace }
        if rest.dropFirst(body.count + 1).first == ";", let scalar = scalar(String(body)) {
            rest = rest.dropFirst(body.count + 2)
            return scalar
        }
        rest.removeFirst()
        return "&"
    }

    private static func scalar(_ name: String) -> Unicode.Scalar? {
        guard name.hasPrefix("#") else { return named[name] }
        let digits = name.dropFirst()
        let isHexadecimal = digits.first == "x" || digits.first == "X"
        guard let number = UInt32(isHexadecimal ? digits.dropFirst() : digits, radix: isHexadecimal ? 16 : 10) else {
            return nil
        }
        // What is no character is shown as such, as browsers do.
        return number == 0 ? "\u{FFFD}" : Unicode.Scalar(number) ?? "\u{FFFD}"
    }

    private static let named: [String: Unicode.Scalar] = {
        var named: [String: Unicode.Scalar] = [
            "amp": "&", "lt": "<", "gt": ">", "quot": "\"", "apos": "'", "euro": "€", "hellip": "…", "ndash": "–",
            "mdash": "—", "lsquo": "‘", "rsquo": "’", "sbquo": "‚", "ldquo": "“", "rdquo": "”", "bdquo": "„",
            "bull": "•", "trade": "™", "rarr": "→", "larr": "←", "oelig": "œ", "OElig": "Œ", "scaron": "š",
            "Scaron": "Š", "Yuml": "Ÿ", "lsaquo": "‹", "rsaquo": "›", "thinsp": "\u{2009}", "zwnj": "\u{200C}",
            "minus": "−", "infin": "∞", "ne": "≠", "le": "≤", "ge": "≥", "hearts": "♥", "check": "✓", "star": "☆",
        ]
        for (index, name) in latin1.split(separator: " ").enumerated() {
            named[String(name)] = Unicode.Scalar(0xA0 + UInt32(index))
        }
        return named
    }()

    /// The names of U+00A0 to U+00FF in their order.
    private static let latin1 = """
        nbsp iexcl cent pound curren yen brvbar sect uml copy ordf laquo not shy reg macr deg plusmn sup2 sup3 acute \
        micro para middot cedil sup1 ordm raquo frac14 frac12 frac34 iquest Agrave Aacute Acirc Atilde Auml Aring \
        AElig Ccedil Egrave Eacute Ecirc Euml Igrave Iacute Icirc Iuml ETH Ntilde Ograve Oacute Ocirc Otilde Ouml \
        times Oslash Ugrave Uacute Ucirc Uuml Yacute THORN szlig agrave aacute acirc atilde auml aring aelig ccedil \
        egrave eacute ecirc euml igrave iacute icirc iuml eth ntilde ograve oacute ocirc otilde ouml divide oslash \
        ugrave uacute ucirc uuml yacute thorn yuml
        """
}
