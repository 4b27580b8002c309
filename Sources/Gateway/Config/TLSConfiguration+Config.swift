import HTTPServer

extension TLSConfiguration {
    /// Reads `tls:`. The files are read too: one that is missing, or cannot be used, is a mistake of the config.
    init(_ section: ConfigSection, _ problems: inout [ConfigProblem]) {
        let known = problems.count
        let first = Certificate(section, &problems)
        let others = section.sections(listedIn: "certificates", &problems).map { Certificate($0, &problems) }
        self.init(certificates: [first] + others)
        if let clients = section.section(ifPresent: "clients", &problems) { self.clients = Clients(clients, &problems) }
        guard problems.count == known else { return }
        do throws(TLSError) {
            try check()
        } catch {
            problems.append(section.value.problem("cannot use \(error.file): \(error.reason)"))
        }
    }
}

extension TLSConfiguration.Certificate {
    fileprivate init(_ section: ConfigSection, _ problems: inout [ConfigProblem]) {
        self.init(
            chain: section.requiredFile("certificate", &problems),
            key: section.requiredFile("key", &problems),
            revocationStatus: section.file("ocsp", &problems)
        )
    }
}

extension TLSConfiguration.Clients {
    fileprivate init(_ section: ConfigSection, _ problems: inout [ConfigProblem]) {
        let authorities = section.requiredFile("authorities", &problems)
        let isRequired = section.boolean("required", default: true, &problems)
        self =
            isRequired
            ? .mustShowCertificate(authorities: authorities) : .mayShowCertificate(authorities: authorities)
    }
}

extension ConfigSection {
    /// The path of a file, from the config's folder on, that can be read.
    fileprivate func file(_ key: String, _ problems: inout [ConfigProblem]) -> String? {
        guard let path = text(key, &problems).map(value.context.path(of:)) else { return nil }
        do throws(ConfigEnvironment.FileError) {
            _ = try value.context.environment.file(path)
        } catch {
            problems.append(problem(key, "cannot read \(path): \(error.reason)"))
        }
        return path
    }

    fileprivate func requiredFile(_ key: String, _ problems: inout [ConfigProblem]) -> String {
        let path = file(key, &problems) ?? ""
        require(key, &problems)
        return path
    }
}
