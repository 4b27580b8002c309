import Foundation
import Glibc
import JSON
import Testing

/// What a delivery costs while few or many others are due: `make backlog`, `make backlog LARGE=10000000`.
@Suite(.enabled(if: Trial.isWanted("backlog"))) struct `A large backlog` {
    private struct Cost {
        let microseconds: Double
        let megabytes: Double
    }

    @Test func `costs no more for each delivery than a small one`() throws {
        let sizes = (small: Trial.figure("SMALL", default: 1_000), large: Trial.figure("LARGE", default: 1_000_000))
        let large = try measure(sizes.large)
        let small = try measure(sizes.small)
        #expect(large.microseconds <= small.microseconds * 1.25)
        #expect(large.megabytes <= small.megabytes + 100)
    }

    /// Delivers for a while, with so many due all the time: as many are appended as are delivered.
    private func measure(_ backlog: Int) throws -> Cost {
        let count = Trial.figure("COUNT", default: 50_000)
        let chunk = min(1_000, backlog)
        let product = try RunningProduct { sandbox in
            Trial.config(
                sandbox: sandbox,
                destination: "  quota: { perSecond: 1000000, perHour: 1000000000 }\n  breaker: { probe: 200ms }"
            )
        }
        let door = try HTTPConnection(product.address)
        var appended = 0
        func append(upTo wanted: Int) throws {
            while appended < wanted {
                let answer = try door.post(Trial.path, Trial.order("normal", appended..<appended + chunk))
                guard answer.status == 202 else { throw GaveUpWaiting(description: "\(answer)") }
                appended += chunk
            }
        }
        func deliver(_ wanted: Int) throws {
            _ = try product.eventually("\(wanted) deliveries", seconds: 3_600) { () -> Bool? in
                let delivered = try product.sandboxStatistics()["tookEffect"]?.count ?? 0
                try append(upTo: delivered + backlog)
                return delivered >= wanted ? true : nil
            }
        }
        product.sandbox.signal(SIGKILL)
        product.sandbox.waitForExit()
        try append(upTo: backlog)
        try product.startSandbox()
        // What it costs to begin is not asked for.
        try deliver(5_000)
        let before = Usage(of: product.gateway)
        try deliver(5_000 + count)
        let after = Usage(of: product.gateway)
        let cost = Cost(
            microseconds: (after.cpuSeconds - before.cpuSeconds) / Double(count) * 1e6,
            megabytes: after.residentMegabytes
        )
        Trial.report(
            "\(backlog) due: \(Int(cost.microseconds)) µs of CPU for a delivery, its append included; "
                + "\(Int(cost.megabytes)) MB"
        )
        return cost
    }
}
