import Foundation
import Glibc
import JSON
import Testing

/// `check --live`, against the sandbox and against nobody.
@Suite struct `A live check` {
    private static let journey = "64ad5aaeda4f3f1b3fea3eda"

    private func check(_ product: RunningProduct) throws -> (status: Int32?, lines: [String]) {
        let result = try product.command("check", "--live")
        return (result.status, result.output.split(separator: "\n").dropFirst().map(String.init))
    }

    private func stopped(sandbox options: [String] = []) throws -> RunningProduct {
        let product = try RunningProduct(
            sandbox: ["--per-second", "1000", "--per-hour", "1000"] + options,
            config: Plain.config
        )
        product.gateway.signal(SIGTERM)
        #expect(product.gateway.waitForExit() == 0)
        return product
    }

    @Test func `finds disk, name, clock, credentials and journeys in order`() throws {
        let product = try stopped(sandbox: ["--journey", Self.journey])
        let (status, lines) = try check(product)
        #expect(status == 0, "\(lines)")
        #expect(lines[0].hasPrefix("ok      disk: "))
        #expect(
            Array(lines.dropFirst()) == [
                "ok      sprinklr name and connection: 127.0.0.1", "ok      sprinklr clock: as the destination's",
                "ok      sprinklr credentials: accepted",
                "ok      sprinklr journey \(Self.journey) of rule plain: \(Self.journey), ACTIVE",
            ]
        )
        #expect(try product.calls().map { $0["kind"]?.stringValue } == ["search"])
    }

    @Test func `names the journey that is not there`() throws {
        let product = try stopped(sandbox: ["--journey", "64ad5aaeda4f3f1b3fea3edf"])
        let (status, lines) = try check(product)
        #expect(status == 1)
        #expect(
            lines.last
                == "FAILED  sprinklr journey \(Self.journey) of rule plain: there is none, or this user may not see it"
        )
    }

    @Test func `says that credentials are refused`() throws {
        let product = try stopped()
        _ = try HTTPConnection(product.sandboxAddress).post("/sandbox/faults", #"{"status":401,"body":"expired"}"#)
        let (status, lines) = try check(product)
        #expect(status == 1)
        #expect(lines.last == "FAILED  sprinklr credentials: 401 expired")
    }

    @Test func `says that nobody is there`() throws {
        let product = try stopped()
        product.sandbox.signal(SIGKILL)
        product.sandbox.waitForExit()
        let (status, lines) = try check(product)
        #expect(status == 1)
        #expect(lines.last?.hasPrefix("FAILED  sprinklr connection: 127.0.0.1: ") == true, "\(lines)")
    }

    @Test func `asks the gateway that runs, and spends none of its quota`() throws {
        let product = try RunningProduct(config: Plain.config)
        let (status, lines) = try check(product)
        #expect(status == 0)
        #expect(lines.last?.hasPrefix("ok      sprinklr credentials: a gateway runs and calls with them") == true)
        #expect(try product.calls().isEmpty)
    }
}
