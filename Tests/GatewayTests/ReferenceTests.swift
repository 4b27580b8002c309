import Testing

@testable import Gateway

@Suite struct `The pages of documentation` {
    @Test func `on functions are what the table of functions says; make docs writes them anew`() throws {
        let root = #filePath.dropLast("/Tests/GatewayTests/ReferenceTests.swift".count)
        let bytes = try ConfigEnvironment.process.file(root + "/Docs/functions.md")
        #expect(String(decoding: bytes, as: UTF8.self) == Reference.functionsPage() + "\n")
    }
}
