import Delivery
import Testing

@testable import Gateway

@Suite struct `The config of the demonstration` {
    @Test func `is right, and needs nothing from the environment`() throws {
        let config = try GatewayConfig.load(Self.path, environment: .files)
        #expect(config.warnings.map(\.message).allSatisfy { $0.hasPrefix("anybody can send here") })
        #expect(config.store == .sqlite(path: Self.root + "/Data/events.db"))
        #expect(config.destinations.map(\.delivery.isDryRun) == [true])
        #expect(config.queues.map(\.name) == ["transactional", "default"])
    }

    static let root = String(#filePath.dropLast("/Tests/GatewayTests/ConfigFileTests.swift".count))
    static let path = root + "/Config/gateway.yaml"
}

extension ConfigEnvironment {
    /// The files of this machine, and no environment variable.
    static let files = ConfigEnvironment(variable: { _ in nil }, file: ConfigEnvironment.process.file)
}
