public import JSON
import Model
import Sprinklr

/// Where a person's browser begins an authorization, and where it comes back to.
public struct AuthorizationPage: Sendable {
    /// What the browser brings back, so that a code is known to belong to this authorization.
    public let state: String
    public let url: String
    public let redirectURI: String

    /// Nil without OAuth.
    init?(_ settings: SprinklrSettings) {
        guard case .oauth(let client) = settings.credentials else { return nil }
        state = String(UInt64.random(in: .min ... .max), radix: 36)
        url = settings.authorizeURL(for: client, state: state)
        redirectURI = client.redirectURI
    }
}

extension AuthorizationPage {
    var json: JSONValue {
        .object([("url", .string(url)), ("redirectURI", .string(redirectURI)), ("state", .string(state))])
    }

    /// Reads what `json` wrote; nil for anything else.
    public init?(_ json: JSONValue) {
        guard let url = json["url"]?.stringValue, let redirectURI = json["redirectURI"]?.stringValue,
            let state = json["state"]?.stringValue
        else { return nil }
        self.url = url
        self.redirectURI = redirectURI
        self.state = state
    }

    /// The code in what a person gives: the address that the browser came back to, or the code alone.
    public func code(in text: String) throws(NotACode) -> String {
        guard let query = text.split(separator: "?", maxSplits: 1).dropFirst().first else {
            guard !text.isEmpty, !text.contains(where: \.isWhitespace) else {
                throw NotACode("paste the whole address that the browser came back to, or the code in it")
            }
            return text
        }
        let parameters = AdminQuery.parse(String(query.prefix { $0 != "#" }))
        if let error = parameters["error"] { throw NotACode("the authorization was refused: \(error)") }
        if let given = parameters["state"], given != "null", given != state {
            throw NotACode("this address belongs to another authorization; begin anew")
        }
        guard let code = parameters["code"], !code.isEmpty else { throw NotACode("there is no code in this address") }
        return code
    }
}

/// Why a text is not what an authorization brings back.
public struct NotACode: Error, CustomStringConvertible {
    public let description: String

    init(_ description: String) {
        self.description = description
    }
}

extension CallResult {
    /// Status and detail, for a person.
    var reason: String {
        let words = [status.map { "\($0)" }, detail.isEmpty ? outcome.name : detail]
        return words.compactMap { $0 }.joined(separator: " ")
    }
}
