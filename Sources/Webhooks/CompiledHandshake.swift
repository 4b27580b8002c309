import JMESPath
import JSON
import Model

/// A handshake whose expressions are read.
struct CompiledHandshake: Sendable {
    let handshake: Handshake
    private let condition: Expression?
    private let token: Expression?
    private let replyText: Expression?

    init(_ handshake: Handshake, mistakes: inout [SourceError.Mistake]) {
        func compiled(_ text: String?) -> Expression? {
            Expression.compiled(text, place: "preset", mistakes: &mistakes)
        }
        self.handshake = handshake
        condition = compiled(handshake.when)
        token = compiled(handshake.token)
        replyText =
            switch handshake.reply {
            case .fixed: nil
            case .text(let text), .authenticated(let text, _): compiled(text)
            }
    }

    var needsVerifyToken: Bool { token != nil }

    /// The answer when this is the handshake; nil when it is not. Throws when it names a wrong token.
    /// `document` is `{method, headers, query, body}`.
    func answer(to document: JSONValue, verifyToken: String?, secret: String?) throws(Refusal) -> Answer? {
        if let condition, (try? condition.evaluate(document))?.isTrueLike != true { return nil }
        if let token {
            let found = (try? token.evaluate(document))?.text ?? ""
            guard let verifyToken, isEqualInConstantTime(Array(found.utf8), Array(verifyToken.utf8)) else {
                throw .verifyTokenMismatch
            }
        }
        let text = replyText.flatMap { try? $0.evaluate(document) }?.text ?? ""
        switch handshake.reply {
        case .fixed(let fixed): return Answer(fixed)
        case .text: return Answer(200, text: text)
        case .authenticated(_, let member):
            guard let secret else { return nil }
            let code = AuthenticationKey(Array(secret.utf8), .sha256).code(of: Array(text.utf8))
            return Answer(200, json: .object([(member, .string("sha256=" + BinaryText.base64.encoded(code)))]))
        }
    }
}

extension Answer {
    init(_ fixed: FixedAnswer) {
        self.init(
            fixed.status,
            fields: fixed.contentType.map { [Field("Content-Type", $0)] } ?? [],
            body: Array(fixed.body.utf8)
        )
    }
}

extension Expression {
    /// Nil for nil, and for what cannot be read: that is noted.
    static func compiled(_ text: String?, place: String, mistakes: inout [SourceError.Mistake]) -> Expression? {
        guard let text else { return nil }
        do {
            return try Expression(text)
        } catch {
            mistakes.append(
                SourceError.Mistake(place: place, message: "\(error.description)\n\(error.caret(in: text))")
            )
            return nil
        }
    }
}
