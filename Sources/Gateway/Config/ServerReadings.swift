import HTTPServer

extension ConfigReading where Value == ListenAddress {
    static var listenAddress: Self {
        ConfigReading(kind: .text, expected: "an address such as 127.0.0.1:8080, [::1]:8080 or unix:/run/gateway.sock")
        {
            try? ListenAddress($0)
        } remedy: { text in
            do throws(ListenAddressError) {
                _ = try ListenAddress(text)
                return ""
            } catch {
                return ": \(error.expected)"
            }
        }
    }
}

extension ConfigReading where Value == AddressBlock {
    static var addressBlock: Self {
        let expected = "an address, or a block of them such as 10.0.0.0/8 with no bit set behind the prefix"
        return ConfigReading(kind: .text, expected: expected) { AddressBlock($0) }
    }
}

extension Limits {
    /// Reads `limits:`.
    init(_ section: ConfigSection, _ problems: inout [ConfigProblem]) {
        self.init()
        let bytes = ByteCount(bytes: 1)...ByteCount(bytes: 1 << 40)
        let counts = 1...10_000_000
        section.size("body", &body, in: bytes, &problems)
        section.size("bodiesInFlight", &bodiesInFlight, in: bytes, &problems)
        section.size("target", &target, in: bytes, &problems)
        section.size("header", &header, in: bytes, &problems)
        section.size("field", &field, in: bytes, &problems)
        fieldCount = section.integer("fieldCount", default: fieldCount, in: counts, &problems)
        headerTimeout = section.duration("headerTimeout", default: headerTimeout, &problems)
        bodyTimeout = section.duration("bodyTimeout", default: bodyTimeout, &problems)
        section.size("bodyRate", &bodyRate, in: bytes, &problems)
        requestTimeout = section.duration("requestTimeout", default: requestTimeout, &problems)
        writeTimeout = section.duration("writeTimeout", default: writeTimeout, &problems)
        section.size("writeRate", &writeRate, in: bytes, &problems)
        idleTimeout = section.duration("idle", default: idleTimeout, &problems)
        connections = section.integer("connections", default: connections, in: counts, &problems)
        let perAddress = section.section("perAddress", &problems)
        connectionsPerAddress = perAddress.integer("connections", in: counts, &problems)
        newConnectionsPerAddress = perAddress.integer("newPerSecond", in: counts, &problems)
        if field > header {
            problems.append(
                section.problem("field", "one field of \(ByteCount(bytes: field)) is larger than the header")
            )
        }
    }
}

extension ConfigSection {
    /// A size in bytes, whose default is what it is before.
    fileprivate func size(
        _ key: String,
        _ bytes: inout Int,
        in range: ClosedRange<ByteCount>,
        _ problems: inout [ConfigProblem]
    ) {
        bytes = size(key, default: ByteCount(bytes: bytes), in: range, &problems).bytes
    }
}
