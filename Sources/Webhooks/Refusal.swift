public import Model

/// Why a webhook was refused: one case for each thing its sender can mend.
public enum Refusal: Error, Sendable, Equatable {
    case methodNotAllowed(allowed: [String])
    /// The request's `Origin` (or that of its `Referer`) is not one of the source's.
    case originNotAllowed
    /// A handshake named another verify token than ours, or none.
    case verifyTokenMismatch
    /// Nothing is at `place` (`header X-Hub-Signature-256`) that could be verified.
    case signatureMissing(place: String, challenge: String)
    /// What is at `place` does not match, for whichever reason.
    case signatureMismatch(place: String, challenge: String)
    /// The signature is right, and the time it signs is more than the tolerance away from ours.
    case timestampOutsideWindow(seconds: Int64)
    /// `found` is the `Content-Type`, nil when there is none.
    case mediaTypeNotAccepted(found: String?, accepted: [BodyKind])
    case contentEncodingNotAccepted(found: String)
    /// The body is not what its type says; `reason` has the position where there is one.
    case undecodableBody(kind: String, reason: String)
    /// The body unpacks to more than the limit.
    case bodyTooLarge(limit: Int)
    /// More events, fields or parts than the limit.
    case tooMany(of: String, limit: Int)
    /// The source's own rate limit; a token is free after so many seconds.
    case rateLimited(retryAfterSeconds: Int)

    /// What the sender is told. Never the secret, nor the signature we expected.
    public var problem: Problem {
        switch self {
        case .methodNotAllowed(let allowed):
            Problem(
                405,
                "Method not allowed",
                "This source takes \(allowed.joined(separator: ", ")).",
                fields: [Field("Allow", allowed.joined(separator: ", "))]
            )
        case .originNotAllowed:
            Problem(403, "Origin not allowed", "Pages of this origin may not send to this source.")
        case .verifyTokenMismatch:
            Problem(403, "Verify token mismatch", "The verify token is not the one configured for this source.")
        case .signatureMissing(let place, let challenge):
            Problem(
                401,
                "Signature missing",
                "This source wants its requests verified by \(place).",
                fields: [Field("WWW-Authenticate", challenge)]
            )
        case .signatureMismatch(let place, let challenge):
            Problem(
                401,
                "Signature mismatch",
                "The \(place) does not match this request and this source's secret.",
                fields: [Field("WWW-Authenticate", challenge)]
            )
        case .timestampOutsideWindow(let seconds):
            Problem(
                401,
                "Timestamp outside the window",
                "The signed time must be within \(seconds) seconds of ours; check the sender's clock.",
                fields: [Field("WWW-Authenticate", "Signature")]
            )
        case .mediaTypeNotAccepted(let found, let accepted):
            Problem(
                415,
                "Media type not accepted",
                (found.map { "\(abbreviated($0)) is not taken here; " } ?? "A Content-Type is needed; ")
                    + "this source takes \(accepted.map(\.title).joined(separator: ", ")).",
                fields: [Field("Accept", accepted.flatMap(\.mediaTypes).joined(separator: ", "))]
            )
        case .contentEncodingNotAccepted(let found):
            Problem(
                415,
                "Content coding not accepted",
                "\(abbreviated(found)) is not taken; send gzip, deflate or none.",
                fields: [Field("Accept-Encoding", "gzip, deflate, identity")]
            )
        case .undecodableBody(let kind, let reason):
            Problem(400, "Undecodable body", "The body is not \(kind): \(reason).")
        case .bodyTooLarge(let limit):
            Problem(413, "Body too large", "Send at most \(limit) bytes, counted after decompression.")
        case .tooMany(let what, let limit):
            Problem(413, "Body too large", "Send at most \(limit) \(what) in one request.")
        case .rateLimited(let seconds):
            Problem(
                429,
                "Too many requests",
                "Try again in \(seconds) seconds.",
                fields: [Field("Retry-After", String(seconds))]
            )
        }
    }

    /// The reason under which the books count it: `refused(reason)`.
    public var account: String {
        switch self {
        case .methodNotAllowed: "method"
        case .originNotAllowed: "origin"
        case .verifyTokenMismatch: "verify-token"
        case .signatureMissing, .signatureMismatch: "signature"
        case .timestampOutsideWindow: "timestamp"
        case .mediaTypeNotAccepted, .contentEncodingNotAccepted: "media-type"
        case .undecodableBody: "body"
        case .bodyTooLarge, .tooMany: "size"
        case .rateLimited: "rate"
        }
    }

    /// What the sender wrote, short enough for a sentence of ours.
    private func abbreviated(_ text: String) -> String {
        text.unicodeScalars.count <= 80 ? text : String(String.UnicodeScalarView(text.unicodeScalars.prefix(80))) + "…"
    }
}

extension BodyKind {
    /// How a refusal names it.
    var title: String {
        switch self {
        case .json: "JSON"
        case .form: "URL-encoded forms"
        case .multipart: "multipart forms"
        case .text: "text"
        case .cloudevents: "CloudEvents"
        case .any: "anything"
        }
    }

    var mediaTypes: [String] {
        switch self {
        case .json: ["application/json"]
        case .form: ["application/x-www-form-urlencoded"]
        case .multipart: ["multipart/form-data"]
        case .text: ["text/plain"]
        case .cloudevents: ["application/cloudevents+json", "application/cloudevents-batch+json"]
        case .any: ["*/*"]
        }
    }
}
