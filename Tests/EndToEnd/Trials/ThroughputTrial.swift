import Foundation
import Glibc
import JSON
import Testing

/// How fast deliveries go out where the quota is no limit: `make throughput COUNT=1000000`.
@Suite(.enabled(if: Trial.isWanted("throughput"))) struct `Throughput` {
    @Test func `of deliveries to a local server, each with its durable outcome`() throws {
        let count = Trial.figure("COUNT", default: 100_000)
        let product = try RunningProduct { sandbox in
            Trial.config(
                sandbox: sandbox,
                destination: "  quota: { perSecond: 1000000, perHour: 1000000000 }\n  breaker: { probe: 200ms }"
            )
        }
        // All of it waits before the first call: the destination is not there yet.
        product.sandbox.signal(SIGKILL)
        product.sandbox.waitForExit()
        let connection = try HTTPConnection(product.address)
        let beginning = Date()
        for start in stride(from: 0, to: count, by: 1_000) {
            let answer = try connection.post(Trial.path, Trial.order("normal", start..<min(count, start + 1_000)))
            #expect(answer.status == 202)
        }
        Trial.report("\(count) deliveries appended in \(seconds(since: beginning)) s, 1,000 a request")
        try product.startSandbox()
        let before = Usage(of: product.gateway)
        let start = Date()
        var peak = before.residentMegabytes
        _ = try product.eventually("all deliveries", seconds: 3_600) {
            peak = max(peak, Usage(of: product.gateway).residentMegabytes)
            return try product.sandboxStatistics()["tookEffect"]?.count ?? 0 >= count ? true : nil
        }
        let sent = Date().timeIntervalSince(start)
        _ = try product.eventually("all outcomes") {
            try product.metric("journey_gateway_deliveries{", "state=\"delivered\"") == Double(count) ? true : nil
        }
        let recorded = Date().timeIntervalSince(start)
        let after = Usage(of: product.gateway)
        let cpu = after.cpuSeconds - before.cpuSeconds
        Trial.report("sent in \(rounded(sent)) s: \(Int(Double(count) / sent)) calls a second")
        Trial.report("recorded in \(rounded(recorded)) s: \(Int(Double(count) / recorded)) outcomes a second")
        Trial.report("gateway: \(rounded(cpu)) s of CPU, \(rounded(cpu / Double(count) * 1e6)) µs a delivery")
        Trial.report(
            "gateway: \(Int(peak)) MB at most; sandbox: \(rounded(Usage(of: product.sandbox).cpuSeconds)) s of CPU"
        )
        #expect(try product.metric("journey_gateway_books_imbalances") == 0)
    }

    private func seconds(since moment: Date) -> String { rounded(Date().timeIntervalSince(moment)) }

    private func rounded(_ number: Double) -> String { String(format: "%.1f", number) }
}
