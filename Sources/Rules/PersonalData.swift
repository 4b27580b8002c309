import JSON

/// Takes what tells a person out of texts that are shown, as far as it can be recognised: by the names of keys, and by
/// the look of e-mail addresses and long numbers.
enum PersonalData {
    /// Keys whose values are hidden whole: those that hold one of these words.
    private static let words: Set<String> = [
        "name", "firstname", "lastname", "fullname", "username", "email", "mail", "phone", "mobile", "tel",
        "telephone", "msisdn", "address", "address1", "address2", "street", "street1", "street2", "city", "zip",
        "postal", "postcode", "birthday", "birth", "iban", "ip", "latitude", "longitude", "password", "secret",
        "token", "authorization", "cookie", "signature",
    ]
    private static let hidden = "•••"

    /// The value with its telling parts hidden; `key` is the name it stands under.
    static func masked(_ value: JSONValue, key: String? = nil) -> JSONValue {
        if let members = value.members {
            return .object(members.map { ($0.key, masked($0.value, key: $0.key)) })
        }
        if let elements = value.elements { return .array(elements.map { masked($0, key: key) }) }
        let isTelling = key.map { !words.isDisjoint(with: Self.words(of: $0)) } ?? false
        switch value.kind {
        case .string: return .string(isTelling ? hide(value.stringValue ?? "") : masked(value.stringValue ?? ""))
        case .number:
            let text = value.number?.lexeme ?? ""
            let shown = isTelling ? hide(text) : masked(text)
            return shown == text ? value : .string(shown)
        case .null, .boolean, .array, .object: return value
        }
    }

    /// The text with e-mail addresses, and numbers of seven digits and more, cut to their ends.
    static func masked(_ text: String) -> String {
        var shown = ""
        var run = ""
        for character in text {
            if isPart(character) {
                run.append(character)
            } else {
                shown += maskedRun(run)
                run = ""
                shown.append(character)
            }
        }
        return shown + maskedRun(run)
    }

    /// `first_name`, `firstName` and `First-Name` are `first` and `name`.
    static func words(of key: String) -> Set<String> {
        var words: Set<String> = []
        var word = ""
        for character in key {
            if !character.isLetter, !character.isNumber {
                words.insert(word)
                word = ""
                continue
            }
            if character.isUppercase, word.last?.isLowercase == true {
                words.insert(word)
                word = ""
            }
            word += character.lowercased()
        }
        words.insert(word)
        words.remove("")
        return words
    }

    /// What addresses and numbers are made of.
    private static func isPart(_ character: Character) -> Bool {
        character.isLetter || character.isNumber || "@.+-_()".contains(character)
    }

    private static func maskedRun(_ run: String) -> String {
        if run.dropFirst().dropLast().contains("@") { return hide(run) }
        // A date and a time have separators between few digits, and tell nobody.
        let digits = run.count { $0.isNumber }
        guard digits >= 7, digits * 10 >= run.count * 7, !run.contains(".") else { return run }
        return Timestampish.isDate(run) ? run : hide(run)
    }

    private static func hide(_ text: String) -> String {
        text.isEmpty ? text : text.count < 8 ? hidden : text.prefix(2) + hidden + text.suffix(2)
    }

    private enum Timestampish {
        /// `2026-01-31`
        static func isDate(_ run: String) -> Bool {
            let parts = run.split(separator: "-", omittingEmptySubsequences: false)
            return parts.count == 3 && parts[0].count == 4 && parts[1].count == 2
                && parts[2].prefix(2).allSatisfy(\.isNumber)
        }
    }
}
