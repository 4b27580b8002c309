import JMESPath
import JSON

extension FieldFunctions {
    private static let text = Parameter("text", [.string, .number, .null])

    static let ofEncodings: [Function] = [
        Function(
            "sha256",
            [text],
            returns: [.string, .null],
            "The SHA-256 of the text's UTF-8, as 64 lower-case hexadecimal digits.",
            examples: [
                .init("sha256('abc')", "\"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\"")
            ]
        ) { (arguments, _) throws(JMESPathError) in
            guard let text = arguments.text(0) else { return .null }
            guard let digest = Encodings.sha256(text) else { throw arguments.fault(0, "OpenSSL refused to digest it") }
            return .string(digest)
        },
        Function(
            "base64_encode",
            [text],
            returns: [.string, .null],
            "The text's UTF-8 in base64, with padding.",
            examples: [.init("base64_encode('Grüße')", "\"R3LDvMOfZQ==\"")]
        ) { (arguments, _) throws(JMESPathError) in
            arguments.text(0).map { .string(Encodings.base64($0)) } ?? .null
        },
        Function(
            "base64_decode",
            [text],
            returns: [.string, .null],
            "The text whose UTF-8 this base64 is; of either alphabet, with padding or without.",
            examples: [.init("base64_decode('R3LDvMOfZQ')", "\"Grüße\"")]
        ) { (arguments, _) throws(JMESPathError) in
            guard let text = arguments.text(0) else { return .null }
            guard let bytes = Encodings.bytes(base64: text) else {
                throw arguments.fault(0, "\(arguments[0].excerpt) is not base64")
            }
            guard let decoded = String(validating: bytes, as: UTF8.self) else {
                throw arguments.fault(0, "\(arguments[0].excerpt) is base64, but not of a text")
            }
            return .string(decoded)
        },
        Function(
            "url_encode",
            [text],
            returns: [.string, .null],
            "The text for a part of a URL: all but letters, digits and `-._~` becomes `%` and two digits.",
            examples: [.init("url_encode('caps & mugs')", "\"caps%20%26%20mugs\"")]
        ) { (arguments, _) throws(JMESPathError) in
            arguments.text(0).map { .string(Encodings.percentEncoded($0)) } ?? .null
        },
        Function(
            "url_decode",
            [text],
            returns: [.string, .null],
            "The text without its percent signs; a plus stays a plus.",
            examples: [.init("url_decode('caps%20%26%20mugs')", "\"caps & mugs\"")]
        ) { (arguments, _) throws(JMESPathError) in
            guard let text = arguments.text(0) else { return .null }
            guard let decoded = Encodings.percentDecoded(text) else {
                throw arguments.fault(0, "\(arguments[0].excerpt) is not percent-encoded text")
            }
            return .string(decoded)
        },
    ]
}
