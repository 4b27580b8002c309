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

    fileprivate static let root = String(#filePath.dropLast("/Tests/GatewayTests/ConfigFileTests.swift".count))
    private static let path = root + "/Config/gateway.yaml"
}

@Suite struct `The reference of the config` {
    private let path = `The config of the demonstration`.root + "/Config/reference.yaml"

    @Test func `is a config without a mistake`() throws {
        let environment = ConfigEnvironment(variable: { _ in "value" }, file: ConfigEnvironment.process.file)
        let config = try GatewayConfig.load(path, environment: environment)
        #expect(config.warnings.map(\.description) == [])
    }

    @Test func `names every key that there is`() throws {
        let text = String(decoding: try ConfigEnvironment.process.file(path), as: UTF8.self)
        let names = Set(ConfigDescriptions.sentences.keys.compactMap { $0.split(separator: ".").last })
        let keys = names.filter { $0 != "*" }.map { $0.hasSuffix("[]") ? $0.dropLast(2) : $0[...] }
        #expect(keys.filter { !text.contains("\($0):") }.sorted() == [])
    }
}

extension ConfigEnvironment {
    /// The files of this machine, and no environment variable.
    static let files = ConfigEnvironment(variable: { _ in nil }, file: ConfigEnvironment.process.file)
}
