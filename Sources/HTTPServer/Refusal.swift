/// Why a request was refused before any handler saw it. After each of them the connection is closed: what follows on it
/// could be read in more than one way.
enum Refusal: Error, Equatable, CaseIterable {
    case malformedRequestLine
    case malformedMethod
    case malformedTarget
    case malformedVersion
    case malformedField
    case foldedField
    case missingHost
    case repeatedHost
    case malformedHost
    case malformedContentLength
    case repeatedContentLength
    case lengthAndCoding
    case codingInHTTP10
    case malformedTransferEncoding
    case chunkedNotLast
    case malformedChunk
    case chunkExtensionsTooLong
    case incomplete
    case plainTextOnTLS
    case headerTimeout
    case bodyTimeout
    case bodyTooLarge
    case targetTooLong
    case unknownExpectation
    case headerTooLarge
    case tooManyFields
    case methodTooLong
    case unknownTransferEncoding
    case connectUnsupported
    case unsupportedVersion
    case overloaded

    var status: Int {
        switch self {
        case .malformedRequestLine, .malformedMethod, .malformedTarget, .malformedVersion, .malformedField,
            .foldedField, .missingHost, .repeatedHost, .malformedHost, .malformedContentLength,
            .repeatedContentLength, .lengthAndCoding, .codingInHTTP10, .malformedTransferEncoding,
            .chunkedNotLast, .malformedChunk, .chunkExtensionsTooLong, .incomplete, .plainTextOnTLS:
            400
        case .headerTimeout, .bodyTimeout: 408
        case .bodyTooLarge: 413
        case .targetTooLong: 414
        case .unknownExpectation: 417
        case .headerTooLarge, .tooManyFields: 431
        case .methodTooLong, .unknownTransferEncoding, .connectUnsupported: 501
        case .overloaded: 503
        case .unsupportedVersion: 505
        }
    }

    /// What the sender can mend.
    func detail(_ limits: Limits) -> String {
        switch self {
        case .malformedRequestLine: "The request line is: method, space, target, space, HTTP/1.1, CR LF."
        case .malformedMethod: "The method is a token of letters, digits and !#$%&'*+-.^_`|~ (RFC 9110, 9.1)."
        case .malformedTarget: "The target is an encoded path, an http or https URL, or * with OPTIONS (RFC 9112, 3.2)."
        case .malformedVersion: "The version is HTTP/1.1 or HTTP/1.0, in capitals (RFC 9112, 2.3)."
        case .malformedField: "A field line is: name, colon, value, CR LF, without control characters (RFC 9112, 5)."
        case .foldedField: "A field line that begins with white space is not accepted (RFC 9112, 5.2)."
        case .missingHost: "An HTTP/1.1 request has a Host field (RFC 9112, 3.2)."
        case .repeatedHost: "A request has one Host field only (RFC 9112, 3.2)."
        case .malformedHost: "Host is a name or address, and a port if there is one (RFC 9110, 7.2)."
        case .malformedContentLength: "Content-Length is a number in decimal digits (RFC 9110, 8.6)."
        case .repeatedContentLength: "A request has one Content-Length only (RFC 9112, 6.3)."
        case .lengthAndCoding: "A request has Content-Length or Transfer-Encoding, not both (RFC 9112, 6.3)."
        case .codingInHTTP10: "HTTP/1.0 has no Transfer-Encoding (RFC 9112, 6.1)."
        case .malformedTransferEncoding: "Transfer-Encoding is a list of codings; this one is none (RFC 9112, 7)."
        case .chunkedNotLast: "The last transfer coding is chunked (RFC 9112, 6.3)."
        case .malformedChunk: "A chunk is: size in hexadecimal digits, CR LF, data, CR LF (RFC 9112, 7.1)."
        case .chunkExtensionsTooLong: "Chunk extensions have at most \(limits.header) bytes together."
        case .incomplete: "The connection's sending side was closed before the request was complete."
        case .plainTextOnTLS: "This port speaks TLS: use https."
        case .headerTimeout: "The header section did not arrive in time."
        case .bodyTimeout: "The body did not arrive in time."
        case .bodyTooLarge: "A body has at most \(limits.body) bytes."
        case .targetTooLong: "A target has at most \(limits.target) bytes."
        case .unknownExpectation: "The one expectation known is 100-continue."
        case .headerTooLarge: "A field line has at most \(limits.field) bytes, all together at most \(limits.header)."
        case .tooManyFields: "A request has at most \(limits.fieldCount) field lines."
        case .methodTooLong: "No method known here has more than \(limits.method) bytes."
        case .unknownTransferEncoding: "The one transfer coding known is chunked."
        case .connectUnsupported: "This server opens no tunnels."
        case .unsupportedVersion: "This server speaks HTTP/1.1 and HTTP/1.0."
        case .overloaded: "Too much is being received at once; try again."
        }
    }

    /// The status' meaning, the same for all reasons that have it.
    var title: String {
        switch status {
        case 408: "Request timeout"
        case 413: "Body too large"
        case 414: "Target too long"
        case 417: "Expectation failed"
        case 431: "Header too large"
        case 501: "Not implemented"
        case 503: "Overloaded"
        case 505: "Version not supported"
        default: "Bad request"
        }
    }

    /// The word for this reason, as an observer is told.
    var reason: String { String(describing: self) }
}
