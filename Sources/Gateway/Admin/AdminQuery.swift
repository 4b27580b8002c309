import Webhooks

/// The parameters of an admin request's query: form-encoded, as browsers and curl send them.
enum AdminQuery {
    static func parse(_ query: String) -> [String: String] {
        var parameters: [String: String] = [:]
        for pair in query.utf8.split(separator: UInt8(ascii: "&")) {
            let parts = pair.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            parameters[decoded(parts[0])] = parts.count == 2 ? decoded(parts[1]) : ""
        }
        return parameters
    }

    private static func decoded(_ text: Substring.UTF8View) -> String {
        String(decoding: PercentCoding.decoded(Array(text)[...], plusIsSpace: true), as: UTF8.self)
    }
}
