import Glibc

@testable import HTTPServer

/// Certificates for tests, made by the openssl program in a folder that goes with this object.
final class TestCertificates {
    let folder = "/tmp/journey-gateway-tls-\(getpid())-\(UInt32.random(in: 0...9_999_999))"

    /// Whether there is a program to make them with.
    static let canBeMade = system("openssl version > /dev/null 2>&1") == 0

    init() throws {
        guard mkdir(folder, 0o700) == 0 else { throw TestClient.Failure(call: "mkdir") }
        for (name, names) in [("one", "DNS:one.example"), ("two", "DNS:two.example,DNS:*.two.example")] {
            try make(name, names)
        }
        try make("client", "DNS:client.example")
    }

    deinit {
        _ = system("rm -rf '\(folder)'")
    }

    func make(_ name: String, _ names: String) throws {
        try run(
            "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 "
                + "-subj '/O=Example/CN=\(name)' -addext 'subjectAltName=\(names)' "
                + "-keyout \(name).key -out \(name).crt"
        )
    }

    /// The same certificate with its key behind a password.
    func encryptingKey(of name: String) throws -> TLSConfiguration.Certificate {
        try run("openssl ec -in \(name).key -aes128 -passout pass:secret -out \(name).locked.key")
        var certificate = certificate(name)
        certificate.key = "\(folder)/\(name).locked.key"
        return certificate
    }

    /// The same certificate with its issuer's word that it is not revoked; it is its own issuer.
    func addingRevocationStatus(to name: String, minutes: Int = 1_440) throws -> TLSConfiguration.Certificate {
        try run(
            """
            serial=$(openssl x509 -in \(name).crt -noout -serial | cut -d= -f2)
            printf 'V\\t991231235959Z\\t\\t%s\\tunknown\\t/CN=\(name)\\n' "$serial" > \(name).index
            openssl ocsp -issuer \(name).crt -cert \(name).crt -no_nonce -reqout \(name).request
            openssl ocsp -index \(name).index -CA \(name).crt -rsigner \(name).crt -rkey \(name).key -nmin \(minutes) \
                -reqin \(name).request -respout \(name).ocsp
            """
        )
        var certificate = certificate(name)
        certificate.revocationStatus = "\(folder)/\(name).ocsp"
        return certificate
    }

    private func run(_ commands: String) throws {
        let status = system("cd '\(folder)' && exec > /dev/null 2>&1 && set -e\n\(commands)")
        guard status == 0 else { throw TestClient.Failure(call: "openssl", code: status) }
    }

    func certificate(_ name: String) -> TLSConfiguration.Certificate {
        TLSConfiguration.Certificate(chain: "\(folder)/\(name).crt", key: "\(folder)/\(name).key")
    }
}
