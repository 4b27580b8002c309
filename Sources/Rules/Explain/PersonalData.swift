import JSON

/// Takes what tells a person out of what is shown, as far as it can be recognised: by the names of keys, by the look of
/// e-mail addresses and long numbers, and wherever the texts that stand under such keys come again.
struct PersonalData {
    /// Texts of the event that stood under a telling key, the longest first.
    private let tellingTexts: [String]

    /// `document` is what the shown values were made of.
    init(in document: JSONValue) {
        var texts: Set<String> = []
        Self.collect(document, key: nil, into: &texts)
        // Two letters are a country more often than a person.
        tellingTexts = texts.filter { $0.count > 2 }.sorted { ($1.count, $0) < ($0.count, $1) }
    }

    /// Keys whose values are hidden: those that hold one of these words.
    private static let words: Set<String> = [
        "name", "firstname", "lastname", "fullname", "username", "email", "mail", "phone", "mobile", "tel",
        "telephone", "msisdn", "address", "address1", "address2", "street", "street1", "street2", "city", "zip",
        "postal", "postcode", "birthday", "birth", "iban", "ip", "latitude", "longitude", "password", "secret",
        "token", "authorization", "cookie", "signature",
    ]

    private static func collect(_ value: JSONValue, key: String?, into texts: inout Set<String>) {
        for member in value.members ?? [] { collect(member.value, key: member.key, into: &texts) }
        for element in value.elements ?? [] { collect(element, key: key, into: &texts) }
        if isTelling(key), value.kind == .string || value.kind == .number, let text = value.asText {
            texts.insert(text)
        }
    }

    private static func isTelling(_ key: String?) -> Bool {
        key.map { !words.isDisjoint(with: words(of: $0)) } ?? false
    }

    /// The value with its telling parts hidden; `key` is the name it stands under.
    func masked(_ value: JSONValue, key: String? = nil) -> JSONValue {
        if let members = value.members {
            return .object(members.map { ($0.key, masked($0.value, key: $0.key)) })
        }
        if let elements = value.elements { return .array(elements.map { masked($0, key: key) }) }
        guard value.kind == .string || value.kind == .number, let text = value.asText else { return value }
        let shown = Self.isTelling(key) ? Self.hide(text) : masked(text)
        return shown == text ? value : .string(shown)
    }

    /// The text without the event's telling texts, and with e-mail addresses and numbers of seven digits and more cut
    /// to their ends.
    func masked(_ text: String) -> String {
        var shown = text
        for telling in tellingTexts { shown = shown.replacing(telling, with: Self.hide(telling)) }
        return Self.maskedRuns(shown)
    }

    // MARK: Words, runs, hiding

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

    private static func maskedRuns(_ text: String) -> String {
        var shown = ""
        var run = ""
        for character in text {
            if character.isLetter || character.isNumber || "@.+-_()".contains(character) {
                run.append(character)
            } else {
                shown += maskedRun(run)
                run = ""
                shown.append(character)
            }
        }
        return shown + maskedRun(run)
    }

    private static func maskedRun(_ run: String) -> String {
        if run.dropFirst().dropLast().contains("@") { return hide(run) }
        let digits = run.count(where: \.isNumber)
        // Amounts have a point, and dates tell nobody.
        guard digits >= 7, digits * 10 >= run.count * 7, !run.contains("."), !isDate(run) else { return run }
        return hide(run)
    }

    /// `2026-01-31`, also when a time follows.
    private static func isDate(_ run: String) -> Bool {
        let parts = run.split(separator: "-", omittingEmptySubsequences: false)
        return parts.count >= 3 && parts[0].count == 4 && parts[1].count == 2
            && parts[2].prefix(2).allSatisfy(\.isNumber)
    }

    private static func hide(_ text: String) -> String {
        let dots = "•••"
        return text.count < 8 ? dots : text.prefix(2) + dots + text.suffix(2)
    }
}
