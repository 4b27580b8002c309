/// How a server speaks TLS: 1.2 and 1.3, forward secrecy and authenticated encryption only, `http/1.1` and
/// `http/1.0` by ALPN.
public struct TLSConfiguration: Sendable, Equatable {
    /// Certificates by host name (SNI): the first that names the host a client asks for is shown, else the first of all.
    public var certificates: [Certificate]
    /// Whether clients show certificates.
    public var clients: Clients = .anyone

    /// A certificate's files, in PEM.
    public struct Certificate: Sendable, Equatable {
        /// The server's certificate, and behind it those that sign it, without the root.
        public var chain: String
        public var key: String
        /// The certificate authority's signed word that the certificate is not revoked (an OCSP response in DER), sent
        /// along with it until it is out of date; nil to send none.
        public var revocationStatus: String?

        public init(chain: String, key: String, revocationStatus: String? = nil) {
            self.chain = chain
            self.key = key
            self.revocationStatus = revocationStatus
        }
    }

    public enum Clients: Sendable, Equatable {
        /// No certificate is asked for.
        case anyone
        /// One is asked for; if it comes, it must be signed by an authority in this PEM file.
        case mayShowCertificate(authorities: String)
        /// A handshake without one fails.
        case mustShowCertificate(authorities: String)
    }

    public init(certificates: [Certificate]) {
        self.certificates = certificates
    }

    /// Whether a server can use the files as they are now.
    /// - Throws: What the first that cannot be used lacks.
    public func check() throws(TLSError) {
        _ = try TLSContext(self)
    }

    /// All files that it names.
    public var files: [String] {
        let authorities: [String] =
            switch clients {
            case .anyone: []
            case .mayShowCertificate(let file), .mustShowCertificate(let file): [file]
            }
        return certificates.flatMap { [$0.chain, $0.key] + ($0.revocationStatus.map { [$0] } ?? []) } + authorities
    }
}

/// Why certificates cannot be used.
public struct TLSError: Error, Equatable, CustomStringConvertible {
    /// The file that it is about; empty when it is about none.
    public let file: String
    /// What OpenSSL says.
    public let reason: String

    public var description: String { file.isEmpty ? "TLS: \(reason)" : "TLS: \(file): \(reason)" }
}

/// The certificate that a client showed, whose signature and validity were checked.
public struct ClientCertificate: Sendable, Equatable {
    /// RFC 2253: `CN=shop,O=Example`.
    public let subject: String
    /// SHA-256 of the certificate, in lower-case hexadecimal digits.
    public let fingerprint: String
}
