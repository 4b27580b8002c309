/// How a sender proves who it is: the vocabulary of `signature:` in the config, in which the presets are written too.
/// It says where the signature stands, how it is spelt, what it covers and how old it may be.
public struct SignatureScheme: Sendable, Equatable {
    public enum Algorithm: String, Sendable, CaseIterable {
        case hmacSHA1 = "hmac-sha1"
        case hmacSHA256 = "hmac-sha256"
        case hmacSHA512 = "hmac-sha512"
        /// A bare hash; `signed` has to say where `{secret}` goes. For senders that know no better.
        case sha256
        case ed25519
        /// ECDSA over a hash of SHA-256, the signature in DER.
        case ecdsaSHA256 = "ecdsa-sha256"
        /// RSASSA-PKCS1-v1_5 over a hash of SHA-256.
        case rsaSHA256 = "rsa-sha256"
        /// No signature: the secret itself, or its `encoding`.
        case token
        /// RFC 7617: the secret is `user:password`.
        case basic
    }

    /// Where something stands in a request.
    public enum Place: Sendable, Equatable {
        case header(String)
        /// A parameter of the URL's query.
        case query(String)
        /// A JMESPath expression over the decoded body.
        case body(String)
        /// The value of this key in the list of `key=value` that the signature itself stands in.
        case pair(String)
    }

    public enum KeyForm: String, Sendable, CaseIterable {
        /// The secret's UTF-8 bytes.
        case text
        case hex
        case base64
        /// Base64, after `whsec_` if that is there (Standard Webhooks).
        case whsec
        /// A public key in base64 after `whpk_` (Standard Webhooks).
        case whpk
        /// A public key or certificate in PEM.
        case pem
        /// A public key as base64 of its DER, without PEM's frame.
        case der
    }

    public enum TimeUnit: String, Sendable, CaseIterable {
        case seconds = "s"
        case milliseconds = "ms"
        case rfc3339
    }

    /// On which side of our clock a signed time may be too far away.
    public enum Window: String, Sendable, CaseIterable {
        case both
        /// A time in the future passes, as in the sender's own library.
        case past
    }

    public var algorithm: Algorithm
    public var place: Place
    /// What stands before the signature, `sha256=`; a signature without it is none.
    public var prefix: String
    /// What divides several signatures in one field; any of them may match.
    public var separator: String?
    /// The key whose values are the signatures, when the field is a list of `key=value`: Stripe's `v1`.
    public var pair: String?
    /// How signature bytes are spelt. Nil, for `token` alone: as they are.
    public var encoding: BinaryText?
    public var key: KeyForm
    /// What is signed, as templates; any may be the right one. See `SignedTemplate` for the names they may hold.
    public var signed: [String]
    public var timestamp: Place?
    public var timestampUnit: TimeUnit
    /// How far the signed time may be from ours, to the second inclusive. Nil: any time is good.
    public var tolerance: Duration?
    public var window: Window
    /// The field that holds `{id}`.
    public var idHeader: String?
    /// The query parameter with the hexadecimal SHA-256 of a body that `{form}` cannot cover (Twilio's JSON).
    public var bodyHashParameter: String?

    public init(
        _ algorithm: Algorithm,
        in place: Place,
        prefix: String = "",
        separator: String? = nil,
        pair: String? = nil,
        encoding: BinaryText? = nil,
        key: KeyForm = .text,
        signed: [String] = ["{body}"],
        timestamp: Place? = nil,
        timestampUnit: TimeUnit = .seconds,
        tolerance: Duration? = nil,
        window: Window = .both,
        idHeader: String? = nil,
        bodyHashParameter: String? = nil
    ) {
        self.algorithm = algorithm
        self.place = place
        self.prefix = prefix
        self.separator = separator
        self.pair = pair
        self.encoding = encoding ?? Self.usualEncoding(of: algorithm)
        self.key = key
        self.signed = signed
        self.timestamp = timestamp
        self.timestampUnit = timestampUnit
        self.tolerance = tolerance
        self.window = window
        self.idHeader = idHeader
        self.bodyHashParameter = bodyHashParameter
    }

    /// Hexadecimal for what is signed; a token stands there as it is, and Basic credentials in base64 (RFC 7617).
    private static func usualEncoding(of algorithm: Algorithm) -> BinaryText? {
        switch algorithm {
        case .token: nil
        case .basic: .base64
        default: .hex
        }
    }
}

extension SignatureScheme {
    /// Basic credentials stand after `Basic`, said or not.
    var usedPrefix: String { algorithm == .basic && prefix.isEmpty ? "Basic " : prefix }

    /// `Authorization: Bearer <secret>` (RFC 6750 section 2.1).
    public static let bearer = SignatureScheme(.token, in: .header("Authorization"), prefix: "Bearer ")

    /// `Authorization: Basic …`, the secret being `user:password` (RFC 7617).
    public static let basic = SignatureScheme(.basic, in: .header("Authorization"), prefix: "Basic ")

    /// The secret as a parameter of the URL, for senders that can sign nothing. URLs end up in logs of proxies.
    public static func urlSecret(_ parameter: String = "token") -> SignatureScheme {
        SignatureScheme(.token, in: .query(parameter))
    }
}

extension SignatureScheme.Place {
    /// The header's name in lower case, when it is one.
    var header: String? { if case .header(let name) = self { name.lowercased() } else { nil } }

    var queryParameter: String? { if case .query(let name) = self { name } else { nil } }

    /// How a refusal names it.
    var title: String {
        switch self {
        case .header(let name): "header \(name)"
        case .query(let name): "query parameter \(name)"
        case .body(let expression): "body field \(expression)"
        case .pair(let name): "\(name)= within the signature"
        }
    }
}
