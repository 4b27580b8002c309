import Model
import SeededRandom
import Testing

@testable import Delivery

@Suite struct `The circuit breaker` {
    static let settings = DestinationSettings.generous.with {
        $0.breaker = BreakerSettings(failures: 4, window: .seconds(30), probe: .seconds(15))
    }

    @Test func `opens at many bad outcomes that are half of all, and lets one probe through at a time`() {
        var bench = Workbench(Self.settings)
        let ids = bench.append((0..<4).map { "a\($0)" })
        for id in ids { bench.answer(id, .unavailable(retryAfter: nil)) }
        #expect(bench.alerts == [.breakerOpened])
        let fresh = bench.append("Ana")
        bench.pass(.seconds(14))
        #expect(bench.sent.count == 4)
        bench.pass(.seconds(1))
        #expect(bench.sent.count == 5)
        bench.pass(.seconds(60))
        #expect(bench.sent.count == 5)
        bench.answer(bench.sentDeliveries[4], .unavailable(retryAfter: nil))
        bench.pass(.seconds(15))
        #expect(bench.sent.count == 6)
        bench.answer(bench.sentDeliveries[5], .accepted(trackingID: nil))
        #expect(bench.alerts == [.breakerOpened, .breakerClosed])
        bench.pass(.seconds(60))
        #expect(bench.state(fresh) != .ready)
        #expect(bench.sent.count >= 9)
    }

    @Test func `stays closed while most outcomes are good`() {
        var bench = Workbench(Self.settings)
        let ids = bench.append((0..<20).map { "a\($0)" })
        for (index, id) in ids.enumerated() {
            bench.answer(id, index % 3 == 2 ? .unavailable(retryAfter: .seconds(300)) : .accepted(trackingID: nil))
        }
        #expect(bench.alerts.isEmpty)
    }

    @Test func `gives back the attempts that opened it, and burns none while it is open`() {
        var bench = Workbench(Self.settings.with { $0.retry.maxAttempts = 2 })
        let ids = bench.append((0..<4).map { "a\($0)" })
        for id in ids { bench.answer(id, .unavailable(retryAfter: nil)) }
        #expect(bench.alerts == [.breakerOpened])
        // Hours of outage, a probe at a time.
        for _ in 0..<400 {
            bench.pass(.seconds(15))
            guard let probe = bench.sentDeliveries.last, bench.state(probe) == .attempting else { continue }
            bench.answer(probe, .unavailable(retryAfter: nil))
        }
        #expect(bench.sent.count > 100)
        #expect(ids.allSatisfy { bench.state($0) == .retrying })
        bench.pass(.seconds(15))
        if let probe = bench.sentDeliveries.last { bench.answer(probe, .accepted(trackingID: nil)) }
        bench.pass(.seconds(900))
        for id in ids { bench.answer(id, .accepted(trackingID: nil)) }
        #expect(ids.allSatisfy { bench.state($0) == .delivered })
        #expect(ids.allSatisfy { bench[$0]?.attempts == 1 })
    }
}

@Suite struct `The retry policy` {
    @Test func `doubles its longest wait up to the cap`() {
        let policy = RetryPolicy()
        let ceilings = [1: 2, 2: 4, 4: 16, 9: 512, 10: 900, 11: 900, 1_000: 900]
        for (attempts, seconds) in ceilings { #expect(policy.ceiling(after: attempts) == .seconds(seconds)) }
    }

    @Test func `draws evenly from nothing up to the longest wait`() {
        var random = SplitMix64(seed: 7)
        let waits = (0..<2_000).map { _ in RetryPolicy().delay(after: 4, using: &random).milliseconds }
        #expect(waits.allSatisfy { (0...16_000).contains($0) })
        #expect((7_500...8_500).contains(waits.reduce(0, +) / 2_000))
        #expect((waits.min() ?? 1_000) < 200 && (waits.max() ?? 0) > 15_800)
    }
}
