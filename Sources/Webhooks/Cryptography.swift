import COpenSSL

/// A hash function of OpenSSL.
enum HashFunction: Sendable {
    case sha1
    case sha256
    case sha512

    private var algorithm: OpaquePointer? {
        switch self {
        case .sha1: EVP_sha1()
        case .sha256: EVP_sha256()
        case .sha512: EVP_sha512()
        }
    }

    fileprivate var name: String {
        switch self {
        case .sha1: "SHA1"
        case .sha256: "SHA256"
        case .sha512: "SHA512"
        }
    }

    func digest(_ bytes: [UInt8]) -> [UInt8] {
        var digest = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
        var count: UInt32 = 0
        let status = EVP_Digest(bytes, bytes.count, &digest, &count, algorithm, nil)
        precondition(status == 1, "OpenSSL has this hash function built in")
        return Array(digest.prefix(Int(count)))
    }
}

/// A key for HMAC (RFC 2104), hashed once: each code begins from a copy of that.
final class AuthenticationKey: @unchecked Sendable {
    // Safe to share: never changed after `init`; to copy a context OpenSSL only reads it.
    private let context: OpaquePointer

    init(_ key: [UInt8], _ hash: HashFunction) {
        guard let context = openssl_hmac(hash.name, key, key.count) else {
            preconditionFailure("OpenSSL has this hash function built in")
        }
        self.context = context
    }

    deinit {
        EVP_MAC_CTX_free(context)
    }

    func code(of message: [UInt8]) -> [UInt8] {
        let copy = EVP_MAC_CTX_dup(context)
        defer { EVP_MAC_CTX_free(copy) }
        var count = EVP_MAC_CTX_get_mac_size(copy)
        var code = [UInt8](repeating: 0, count: count)
        let status = EVP_MAC_update(copy, message, message.count) & EVP_MAC_final(copy, &code, &count, count)
        precondition(status == 1, "nothing but a want of memory keeps OpenSSL from hashing")
        return code
    }
}

/// Whether two byte strings are equal, in a time that does not depend on where they differ. Lengths are no secret.
func isEqualInConstantTime(_ one: [UInt8], _ other: [UInt8]) -> Bool {
    one.count == other.count && CRYPTO_memcmp(one, other, one.count) == 0
}

/// A sender's public key, read once.
final class PublicKey: @unchecked Sendable {
    // Safe to share: set once in `init` and never changed; OpenSSL allows one EVP_PKEY to verify on many threads.
    private let key: OpaquePointer

    private init?(_ key: OpaquePointer?) {
        guard let key else { return nil }
        self.key = key
    }

    deinit {
        EVP_PKEY_free(key)
    }

    /// The 32 bytes of RFC 8032.
    convenience init?(ed25519 bytes: [UInt8]) {
        guard bytes.count == 32 else { return nil }
        self.init(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nil, bytes, bytes.count))
    }

    /// A SubjectPublicKeyInfo in DER (RFC 5280 section 4.1).
    convenience init?(der bytes: [UInt8]) {
        self.init(
            bytes.withUnsafeBufferPointer { buffer in
                var start = buffer.baseAddress
                return d2i_PUBKEY(nil, &start, buffer.count)
            }
        )
    }

    /// A public key or a certificate in PEM. Whether the certificate is still valid is not asked: it is pinned.
    convenience init?(pem text: String) {
        let bytes = Array(text.utf8)
        guard let buffer = BIO_new_mem_buf(bytes, Int32(bytes.count)) else { return nil }
        defer {
            BIO_free(buffer)
            ERR_clear_error()
        }
        if text.contains("BEGIN CERTIFICATE") {
            let certificate = PEM_read_bio_X509(buffer, nil, nil, nil)
            defer { X509_free(certificate) }
            self.init(certificate.flatMap { X509_get_pubkey($0) })
        } else {
            self.init(PEM_read_bio_PUBKEY(buffer, nil, nil, nil))
        }
    }

    /// Whether this key's owner signed the message. `hash` is nil for Ed25519, which has its own.
    func isSignature(_ signature: [UInt8], of message: [UInt8], hash: HashFunction?) -> Bool {
        guard let context = EVP_MD_CTX_new() else { return false }
        defer {
            EVP_MD_CTX_free(context)
            ERR_clear_error()
        }
        let algorithm = hash.flatMap { $0 == .sha256 ? EVP_sha256() : $0 == .sha512 ? EVP_sha512() : EVP_sha1() }
        guard EVP_DigestVerifyInit(context, nil, algorithm, nil, key) == 1 else { return false }
        return EVP_DigestVerify(context, signature, signature.count, message, message.count) == 1
    }

    /// Whether it is a key for this kind of signature.
    func isOf(_ kind: Kind) -> Bool {
        EVP_PKEY_is_a(key, kind.rawValue) == 1
    }

    enum Kind: String, Sendable {
        case ed25519 = "ED25519"
        case ellipticCurve = "EC"
        case rsa = "RSA"
    }
}
