import COpenSSL
import Glibc

/// A certificate authority's signed word that a certificate is not revoked: an OCSP response in DER (RFC 6960).
struct RevocationStatus: Sendable {
    let bytes: [UInt8]
    /// When the authority has a newer one (`nextUpdate`), in seconds since 1970; nil when it does not say.
    private let end: time_t?

    /// Reads a file. A client may end its handshake over a status that it cannot read, so what is none is refused here.
    init(_ path: String) throws(TLSError) {
        bytes = try readFile(path)
        let response = bytes.withUnsafeBufferPointer { bytes in
            var start = bytes.baseAddress
            return d2i_OCSP_RESPONSE(nil, &start, bytes.count)
        }
        guard let response else { throw .last(path) }
        defer { OCSP_RESPONSE_free(response) }
        guard OCSP_response_status(response) == OCSP_RESPONSE_STATUS_SUCCESSFUL else {
            throw TLSError(file: path, reason: "the certificate authority answered with an error")
        }
        guard let content = OCSP_response_get1_basic(response) else { throw .last(path) }
        defer { OCSP_BASICRESP_free(content) }
        end = (0..<OCSP_resp_count(content)).compactMap { nextUpdate(of: OCSP_resp_get0(content, $0)) }.min()
    }

    /// RFC 6960 section 4.2.2.1: it is out of date from `nextUpdate` on.
    func isValid(at now: time_t) -> Bool { end.map { now < $0 } ?? true }
}

private func nextUpdate(of word: OpaquePointer?) -> time_t? {
    var end: UnsafeMutablePointer<ASN1_GENERALIZEDTIME>?
    OCSP_single_get0_status(word, nil, nil, nil, &end)
    var parts = tm()
    guard let end, ASN1_TIME_to_tm(end, &parts) == 1 else { return nil }
    return timegm(&parts)
}

private func readFile(_ path: String) throws(TLSError) -> [UInt8] {
    guard let file = fopen(path, "r") else { throw TLSError(file: path, reason: String(cString: strerror(errno))) }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 16_384)
    while case let count = fread(&buffer, 1, buffer.count, file), count > 0 { bytes += buffer[..<count] }
    return bytes
}
