import JMESPath

/// A signature scheme whose templates and keys are read.
struct CompiledScheme: Sendable {
    let scheme: SignatureScheme
    let templates: [SignedTemplate]
    let keys: [Key]
    /// The expressions of the places in the body, by their text.
    let placeExpressions: [String: Expression]

    init(_ scheme: SignatureScheme, keys: [Key], mistakes: inout [SourceError.Mistake]) {
        self.scheme = scheme
        self.keys = keys
        var templates: [SignedTemplate] = []
        for text in scheme.signed {
            do {
                templates.append(try SignedTemplate(text))
            } catch {
                mistakes.append(SourceError.Mistake(place: "signature.signed", message: error.description))
            }
        }
        self.templates = templates
        var placeExpressions: [String: Expression] = [:]
        for case .body(let text) in [scheme.place, scheme.timestamp] {
            placeExpressions[text] = Expression.compiled(text, place: "signature.field", mistakes: &mistakes)
        }
        self.placeExpressions = placeExpressions
        check(&mistakes)
    }

    /// What cannot be meant.
    private func check(_ mistakes: inout [SourceError.Mistake]) {
        func mistake(_ place: String, _ message: String) {
            mistakes.append(SourceError.Mistake(place: "signature.\(place)", message: message))
        }
        if templates.contains(where: { $0.contains(.timestamp) }) && scheme.timestamp == nil {
            mistake("signed", "{timestamp} is used, but neither timestampHeader nor timestampPair says where it stands")
        }
        if templates.contains(where: { $0.contains(.id) }) && scheme.idHeader == nil {
            mistake("signed", "{id} is used, but idHeader does not say where it stands")
        }
        if scheme.tolerance != nil && scheme.timestamp == nil {
            mistake("tolerance", "without a timestamp there is nothing to tolerate")
        }
        if scheme.tolerance != nil && !templates.isEmpty
            && !templates.contains(where: { $0.contains(.timestamp) || $0.readsDecodedBody })
            && ![.token, .basic].contains(scheme.algorithm)
        {
            mistake("signed", "a tolerance is given, but {timestamp} is not signed: anybody could change it")
        }
        if case .pair = scheme.timestamp, scheme.pair == nil {
            mistake("timestampPair", "the signature is no list of key=value: 'pair' is missing")
        }
        if case .pair = scheme.place { mistake("header", "says nothing about where the signature stands") }
    }

    var readsDecodedBody: Bool { !placeExpressions.isEmpty || templates.contains(where: \.readsDecodedBody) }

    var coversForm: Bool { templates.contains { $0.contains(.form) } }
}

extension CompiledScheme {
    /// A secret in the form that its scheme computes with.
    struct Key: Sendable {
        private enum Material: Sendable {
            case bytes([UInt8])
            case authentication(AuthenticationKey)
            case publicKey(PublicKey)
        }

        /// The secret as it was written, for bare hashes.
        let text: String
        private let material: Material

        struct Unusable: Error, CustomStringConvertible {
            let description: String
        }

        /// Throws what is wrong with it, without showing it.
        init(_ secret: String, for scheme: SignatureScheme) throws(Unusable) {
            text = secret
            if scheme.key == .pem {
                guard let key = PublicKey(pem: secret) else {
                    throw Unusable(description: "it is no public key or certificate in PEM")
                }
                material = .publicKey(try Self.checked(key, for: scheme))
                return
            }
            let bytes = try Self.bytes(of: secret, form: scheme.key)
            guard !bytes.isEmpty else { throw Unusable(description: "it is empty") }
            switch scheme.algorithm {
            case .ed25519 where scheme.key != .der:
                guard let key = PublicKey(ed25519: bytes) else {
                    throw Unusable(description: "an Ed25519 public key has 32 bytes, this has \(bytes.count)")
                }
                material = .publicKey(key)
            case .ed25519, .ecdsaSHA256, .rsaSHA256:
                guard let key = PublicKey(der: bytes) else {
                    throw Unusable(description: "it is no public key in DER")
                }
                material = .publicKey(try Self.checked(key, for: scheme))
            case .hmacSHA1: material = .authentication(AuthenticationKey(bytes, .sha1))
            case .hmacSHA256: material = .authentication(AuthenticationKey(bytes, .sha256))
            case .hmacSHA512: material = .authentication(AuthenticationKey(bytes, .sha512))
            case .sha256, .token, .basic: material = .bytes(bytes)
            }
        }

        private static func bytes(of secret: String, form: SignatureScheme.KeyForm) throws(Unusable) -> [UInt8] {
            let bytes: [UInt8]?
            switch form {
            case .text, .pem: bytes = Array(secret.utf8)
            case .hex: bytes = BinaryText.hex.decoded(secret)
            case .base64, .der: bytes = BinaryText.decodedSecret(secret)
            case .whsec:
                bytes = BinaryText.decodedSecret(secret.hasPrefix("whsec_") ? String(secret.dropFirst(6)) : secret)
            case .whpk: bytes = secret.hasPrefix("whpk_") ? BinaryText.decodedSecret(String(secret.dropFirst(5))) : nil
            }
            guard let bytes else { throw Unusable(description: "it is not written as \(form.rawValue)") }
            return bytes
        }

        private static func checked(_ key: PublicKey, for scheme: SignatureScheme) throws(Unusable) -> PublicKey {
            let kind: PublicKey.Kind? =
                switch scheme.algorithm {
                case .ed25519: .ed25519
                case .ecdsaSHA256: .ellipticCurve
                case .rsaSHA256: .rsa
                default: nil
                }
            guard let kind, key.isOf(kind) else {
                throw Unusable(description: "it is a key of another kind than \(scheme.algorithm.rawValue) needs")
            }
            return key
        }

        /// Whether one of the signatures is that of one of the scheme's templates with this key.
        func matches(_ signatures: [String], _ compiled: CompiledScheme, _ values: SignedTemplate.Values) -> Bool {
            let scheme = compiled.scheme
            let carried = signatures.compactMap { text in
                scheme.encoding.map { $0.decoded(text) } ?? Array(text.utf8)
            }
            guard !carried.isEmpty else { return false }
            if scheme.algorithm == .token || scheme.algorithm == .basic {
                guard case .bytes(let secret) = material else { return false }
                return carried.contains { isEqualInConstantTime($0, secret) }
            }
            return compiled.templates.contains { template in
                guard let message = template.bytes(values) else { return false }
                switch material {
                case .publicKey(let key):
                    let hash: HashFunction? = scheme.algorithm == .ed25519 ? nil : .sha256
                    return carried.contains { key.isSignature($0, of: message, hash: hash) }
                case .authentication(let key):
                    let code = key.code(of: message)
                    return carried.contains { isEqualInConstantTime($0, code) }
                // A bare hash: the secret is part of what is hashed.
                case .bytes:
                    let digest = HashFunction.sha256.digest(message)
                    return carried.contains { isEqualInConstantTime($0, digest) }
                }
            }
        }
    }
}
