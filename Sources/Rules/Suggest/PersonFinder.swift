import JSON

/// Looks through a payload for the person it is about: a phone number or an e-mail address, by the names of fields and
/// by what stands in them.
struct PersonFinder {
    enum Channel {
        case phone
        case email
    }

    struct Candidate {
        let path: FieldPath
        let channel: Channel
        /// A field with the two letters of a country, for numbers without one.
        let region: FieldPath?
        /// Whether the number is written with digits alone, country code first, so that only a plus is missing.
        let lacksPlus: Bool
        fileprivate let score: Int
    }

    /// A value of the payload that is no list and no object.
    struct Leaf {
        let path: FieldPath
        let value: JSONValue

        /// The last name on the way.
        var name: String {
            for case .field(let name) in path.steps.reversed() { return name }
            return ""
        }
    }

    /// Leaves in the order of the payload, `leafLimit` of them at most, none deeper than `depthLimit`. Of a list only
    /// the first element is looked at.
    let leaves: [Leaf]

    private static let leafLimit = 2_000
    private static let depthLimit = 10

    init(body: JSONValue) {
        var leaves: [Leaf] = []
        Self.collect(body, FieldPath(fields: ["body"]), into: &leaves)
        self.leaves = leaves
    }

    private static func collect(_ value: JSONValue, _ path: FieldPath, into leaves: inout [Leaf]) {
        guard leaves.count < leafLimit, path.steps.count <= depthLimit else { return }
        if let members = value.members {
            for member in members { collect(member.value, path.appending(.field(member.key)), into: &leaves) }
        } else if value.kind == .array {
            if let first = value[0] { collect(first, path.appending(.index(0)), into: &leaves) }
        } else {
            leaves.append(Leaf(path: path, value: value))
        }
    }

    /// The most likely person first; of equals the one that comes first in the payload.
    func candidates() -> [Candidate] {
        let regions = leaves.filter { Self.isRegion($0) }
        let found = leaves.compactMap { phone($0, regions) ?? email($0) }
        return found.enumerated().sorted { ($1.element.score, $0.offset) < ($0.element.score, $1.offset) }
            .map(\.element)
    }

    // MARK: Kinds

    private static let phoneWords: Set<String> = [
        "phone", "mobile", "tel", "telephone", "msisdn", "whatsapp", "cell", "cellphone", "handy", "phonenumber", "wa",
        "from", "sms", "telefon", "telefone", "telefono",
    ]
    private static let emailWords: Set<String> = ["email", "mail", "emailaddress"]
    /// Whose number it is not: the business's own, or an id.
    private static let strangerWords: Set<String> = [
        "store", "shop", "vendor", "merchant", "support", "display", "metadata", "seller", "staff", "agent", "token",
        "to", "company", "ip", "timestamp", "created", "updated", "reply",
    ]

    private func phone(_ leaf: Leaf, _ regions: [Leaf]) -> Candidate? {
        guard let text = leaf.value.asText, leaf.value.kind == .string || leaf.value.kind == .number,
            !PersonalData.words(of: leaf.name).isDisjoint(with: Self.phoneWords),
            (7...25).contains(text.count), text.count(where: \.isNumber) >= 7
        else { return nil }
        let region = nearest(regions, to: leaf)
        if Self.isNumber(text, nil) {
            return Candidate(
                path: leaf.path,
                channel: .phone,
                region: region?.path,
                lacksPlus: false,
                score: score(leaf) + 20
            )
        }
        if let region, Self.isNumber(text, region.value.stringValue) {
            return Candidate(
                path: leaf.path,
                channel: .phone,
                region: region.path,
                lacksPlus: false,
                score: score(leaf) + 20
            )
        }
        guard text.allSatisfy({ $0.isASCII && $0.isNumber }), Self.isNumber("+" + text, nil) else { return nil }
        return Candidate(path: leaf.path, channel: .phone, region: nil, lacksPlus: true, score: score(leaf) + 15)
    }

    private func email(_ leaf: Leaf) -> Candidate? {
        guard let text = leaf.value.stringValue, EmailAddress(text) != nil else { return nil }
        let isNamed = !PersonalData.words(of: leaf.name).isDisjoint(with: Self.emailWords)
        return Candidate(
            path: leaf.path,
            channel: .email,
            region: nil,
            lacksPlus: false,
            score: score(leaf) + (isNamed ? 10 : 0)
        )
    }

    /// Near the top is likelier than deep, the buyer likelier than whoever receives, and nobody of the business.
    private func score(_ leaf: Leaf) -> Int {
        let words = leaf.path.steps.reduce(into: Set<String>()) { words, step in
            if case .field(let name) = step { words.formUnion(PersonalData.words(of: name)) }
        }
        var score = -leaf.path.steps.count
        if !words.isDisjoint(with: Self.strangerWords) { score -= 30 }
        if !words.isDisjoint(with: ["customer", "contact", "buyer", "billing", "user", "subscriber"]) { score += 2 }
        if !words.isDisjoint(with: ["shipping", "recipient", "default"]) { score -= 1 }
        return score
    }

    // MARK: Regions

    private static func isRegion(_ leaf: Leaf) -> Bool {
        let words = PersonalData.words(of: leaf.name)
        guard words.contains("country") || leaf.name.lowercased().hasPrefix("country"),
            let text = leaf.value.stringValue, text.utf8.count == 2
        else { return false }
        return PhoneNumber.isRegion(text)
    }

    /// The country whose way has most in common with that of the number, then the shortest way.
    private func nearest(_ regions: [Leaf], to leaf: Leaf) -> Leaf? {
        func common(_ region: Leaf) -> Int {
            zip(region.path.steps, leaf.path.steps).prefix { $0 == $1 }.count
        }
        return regions.enumerated().max { one, other in
            (common(one.element), -one.element.path.steps.count, -one.offset)
                < (common(other.element), -other.element.path.steps.count, -other.offset)
        }?.element
    }

    private static func isNumber(_ text: String, _ region: String?) -> Bool {
        do {
            _ = try PhoneNumber(text, region: region)
            return true
        } catch {
            return false
        }
    }
}
