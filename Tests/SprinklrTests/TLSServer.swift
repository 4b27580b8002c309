import Glibc

/// The `openssl` command, which makes certificates and serves TLS.
enum OpenSSL {
    static let path = "/usr/bin/openssl"
    static let isAvailable = access(path, X_OK) == 0

    struct Failure: Error {
        let step: String
    }

    /// Starts it, with its standard output going to a descriptor, and its messages nowhere.
    static func start(_ arguments: [String], output: Int32? = nil) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for descriptor in [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO] {
            posix_spawn_file_actions_addopen(&actions, descriptor, "/dev/null", O_RDWR, 0)
        }
        if let output { posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO) }
        let copies = ([path] + arguments).map { strdup($0) }
        defer { for copy in copies { free(copy) } }
        var process: pid_t = 0
        guard posix_spawn(&process, path, &actions, nil, copies + [nil], environ) == 0 else {
            throw Failure(step: "posix_spawn")
        }
        return process
    }

    static func run(_ arguments: [String]) throws {
        let process = try start(arguments)
        var status: Int32 = 0
        guard waitpid(process, &status, 0) == process, status == 0 else { throw Failure(step: arguments[0]) }
    }
}

/// Certificates made for one test, in a folder of their own.
final class Certificates {
    struct Pair {
        let certificate: String
        let key: String
    }

    private let folder = "/tmp/journey-gateway-tls-\(UInt64.random(in: 0 ... .max))"
    private var files: [String] = []

    init() throws {
        guard mkdir(folder, 0o700) == 0 else { throw OpenSSL.Failure(step: "mkdir") }
    }

    deinit {
        for file in files { unlink(file) }
        rmdir(folder)
    }

    /// Makes a self-signed certificate, which is its own authority.
    func make(_ name: String, for host: String = "127.0.0.1") throws -> Pair {
        let pair = Pair(certificate: "\(folder)/\(name).pem", key: "\(folder)/\(name).key")
        files += [pair.certificate, pair.key]
        let isAddress = host.first?.isNumber == true
        try OpenSSL.run([
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
            "-subj", "/CN=\(name)", "-addext", "subjectAltName=\(isAddress ? "IP" : "DNS"):\(host)",
            "-out", pair.certificate, "-keyout", pair.key,
        ])
        return pair
    }
}

/// `openssl s_server -www`: answers every GET with a page about the connection.
final class TLSServer {
    let port: Int
    private let process: pid_t

    init(_ pair: Certificates.Pair, _ arguments: [String] = []) throws {
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else { throw OpenSSL.Failure(step: "pipe") }
        defer { close(ends[0]) }
        let own = ["s_server", "-accept", "127.0.0.1:0", "-cert", pair.certificate, "-key", pair.key, "-www"]
        process = try OpenSSL.start(own + arguments, output: ends[1])
        close(ends[1])
        // Among its first lines is `ACCEPT 127.0.0.1:PORT`.
        var line = ""
        repeat {
            line = try Self.line(from: ends[0])
        } while !line.hasPrefix("ACCEPT")
        guard let port = line.split(separator: ":").last.flatMap({ Int($0) }) else {
            throw OpenSSL.Failure(step: "s_server")
        }
        self.port = port
    }

    deinit {
        kill(process, SIGKILL)
        waitpid(process, nil, 0)
    }

    private static func line(from descriptor: Int32) throws -> String {
        var line: [UInt8] = []
        var byte: UInt8 = 0
        while read(descriptor, &byte, 1) == 1 {
            if byte == UInt8(ascii: "\n") { return String(decoding: line, as: UTF8.self) }
            line.append(byte)
        }
        throw OpenSSL.Failure(step: "s_server")
    }
}
