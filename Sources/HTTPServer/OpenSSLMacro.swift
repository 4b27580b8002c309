import COpenSSL

/// What OpenSSL 3 defines by macros that Swift does not import: casts, and macros of macros. All are part of its stable
/// interface.
enum OpenSSLMacro {
    /// `SSL_OP_NO_COMPRESSION`
    static let noCompression = UInt64(1) << 17
    /// `SSL_OP_PRIORITIZE_CHACHA`
    static let prioritizeChaCha = UInt64(1) << 21
    /// `SSL_OP_CIPHER_SERVER_PREFERENCE`
    static let serverPreference = UInt64(1) << 22
    /// `SSL_OP_NO_RENEGOTIATION`
    static let noRenegotiation = UInt64(1) << 30
    /// `BIO_FLAGS_RWS | BIO_FLAGS_SHOULD_RETRY`: what `BIO_clear_retry_flags` clears.
    static let retryFlags = BIO_FLAGS_READ | BIO_FLAGS_WRITE | BIO_FLAGS_IO_SPECIAL | BIO_FLAGS_SHOULD_RETRY
    /// `XN_FLAG_RFC2253`
    static let rfc2253 =
        UInt(ASN1_STRFLGS_ESC_2253 | ASN1_STRFLGS_ESC_CTRL | ASN1_STRFLGS_ESC_MSB | ASN1_STRFLGS_UTF8_CONVERT)
        | UInt(ASN1_STRFLGS_DUMP_UNKNOWN | ASN1_STRFLGS_DUMP_DER)
        | UInt(XN_FLAG_SEP_COMMA_PLUS | XN_FLAG_DN_REV | XN_FLAG_FN_SN | XN_FLAG_DUMP_UNKNOWN_FIELDS)
}
