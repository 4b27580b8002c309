import Webhooks

extension SignatureScheme {
    /// Reads `signature:` of a source; nil when it has none. `signature: bearer` and `signature: basic` are short for
    /// the two schemes of the `Authorization` field.
    init?(source: ConfigSection, _ problems: inout [ConfigProblem]) {
        let short = ConfigReading.choice([("bearer", SignatureScheme.bearer), ("basic", .basic)])
        guard let value = source["signature"], case .scalar = value.node.content, !value.node.isNull else {
            guard let section = source.section(ifPresent: "signature", or: short.kind, &problems) else { return nil }
            self.init(section, &problems)
            return
        }
        source.know("signature", short.kind)
        self = value.read(short, &problems) ?? .bearer
    }

    private init(_ section: ConfigSection, _ problems: inout [ConfigProblem]) {
        let algorithm = section.choice("scheme", default: Algorithm.hmacSHA256, &problems)
        self.init(algorithm, in: section.signaturePlace(&problems))
        prefix = section.read("prefix", .text, default: "", &problems)
        separator = section.read("separator", .text, &problems)
        pair = section.text("pair", &problems)
        encoding = section.read("encoding", .choice, &problems) ?? encoding
        key = section.choice("key", default: .text, &problems)
        let templates = section.oneOrMore("signed", of: .nonEmptyText, &problems)
        if !templates.isEmpty { signed = templates }
        timestamp = section.timestampPlace(&problems)
        timestampUnit = section.choice("timestampUnit", default: .seconds, &problems)
        tolerance = section.duration("tolerance", &problems)
        window = section.choice("window", default: .both, &problems)
        idHeader = section.text("idHeader", &problems)
        bodyHashParameter = section.text("bodyHashParameter", &problems)
        if tolerance != nil, timestamp == nil {
            problems.append(section.problem("tolerance", "nothing says where the time stands; add 'timestampHeader'"))
        }
    }
}

extension ConfigSection {
    /// Exactly one of `header`, `query` and `field`.
    fileprivate func signaturePlace(_ problems: inout [ConfigProblem]) -> SignatureScheme.Place {
        let places = places(["header": { .header($0) }, "query": { .query($0) }, "field": { .body($0) }], &problems)
        if places.isEmpty, keysPresent(["header", "query", "field"]).isEmpty, !isTemplate {
            problems.append(problem("header", "missing; a signature stands in 'header', 'query' or 'field'"))
        }
        return places.first ?? .header("")
    }

    /// At most one of `timestampHeader`, `timestampQuery`, `timestampField` and `timestampPair`.
    fileprivate func timestampPlace(_ problems: inout [ConfigProblem]) -> SignatureScheme.Place? {
        places(
            [
                "timestampHeader": { .header($0) }, "timestampQuery": { .query($0) },
                "timestampField": { .body($0) }, "timestampPair": { .pair($0) },
            ],
            &problems
        ).first
    }

    private func places(
        _ kinds: KeyValuePairs<String, (String) -> SignatureScheme.Place>,
        _ problems: inout [ConfigProblem]
    ) -> [SignatureScheme.Place] {
        let found = keysPresent(kinds.map(\.key))
        if found.count > 1 {
            problems.append(problem(found[1], "there is '\(found[0])' already, and it stands in one place only"))
        }
        return kinds.compactMap { key, place in text(key, &problems).map(place) }
    }

    private func keysPresent(_ keys: [String]) -> [String] {
        keys.filter { self[$0] != nil }
    }
}
