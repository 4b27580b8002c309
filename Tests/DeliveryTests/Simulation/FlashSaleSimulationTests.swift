import Glibc
import Model
import Testing

@testable import Delivery

/// Hours of virtual time in seconds of a build for speed: `make simulate` runs it.
@Suite(.enabled(if: getenv("COUNT") != nil)) struct `A whole flash sale under simulation` {
    @Test func `uses what the shares allow, exceeds nothing, and is over when the forecast said`() throws {
        var sale = FlashSale(bulk: 1, seed: 1)
        var forecasts: [(at: Timestamp, clearsAt: Timestamp)] = []
        // The first minute after the last has come, and every hour from then on.
        var nextForecast = Scenario.start + FlashSale.length + .seconds(60)
        while !sale.isOver {
            sale.advance()
            guard sale.bench.now >= nextForecast, sale.bench.store.owed > 1_000 else { continue }
            forecasts.append((sale.bench.now, try #require(sale.clearsAt)))
            nextForecast = sale.bench.now + .seconds(3_600)
        }
        #expect(sale.destination.overruns.isEmpty)
        #expect(sale.sent.count == FlashSale.normal + FlashSale.high)
        let end = try #require(sale.sent.last?.at)
        let hours = end.since(Scenario.start).milliseconds / 3_600_000
        let inWholeHours = sale.calls.count { $0 < Scenario.start + .seconds(hours * 3_600) }
        #expect(Double(inWholeHours) >= 0.98 * 900 * Double(hours))
        for (at, clearsAt) in forecasts {
            let error = abs(Double(clearsAt.since(end).milliseconds)) / Double(end.since(at).milliseconds)
            #expect(error < 0.05, "forecast at \(at)")
        }
        #expect(forecasts.count > 15)
        // From half of their share on, which is all of the hour's calls, they go one after 7.2 s at the latest; the k-th
        // that waits so goes within k times that.
        for sent in sale.sent where sent.delivery.queue == "transactional" {
            #expect(sent.at.since(sent.delivery.due) <= .milliseconds(Int64(sent.place) * 7_200 + 1_000))
        }
        print(
            "flash sale: \(sale.calls.count) calls in \(end.since(Scenario.start)), \(inWholeHours) in \(hours) hours"
        )

        var packed = FlashSale(bulk: 20, seed: 1)
        while !packed.isOver { packed.advance() }
        #expect(packed.destination.overruns.isEmpty)
        let packedEnd = try #require(packed.sent.last?.at)
        #expect(packedEnd.since(Scenario.start) * 15 <= end.since(Scenario.start))
        print("packed: \(packed.calls.count) calls in \(packedEnd.since(Scenario.start))")
    }
}
