import Model
import Testing

@testable import Delivery

@Suite struct `Queues` {
    /// One call at a time, so that the order of calls is the order of choice.
    static let oneByOne = DestinationSettings.generous.with { $0.limits.callsUnderWay = 1 }

    /// The queues of the next calls, each answered at once.
    private func serve(_ count: Int, _ bench: inout Workbench) -> [String] {
        (0..<count).compactMap { _ in
            guard let delivery = bench.sent.last?.delivery else { return nil }
            bench.answer(delivery.id, .accepted(trackingID: nil))
            return delivery.queue
        }
    }

    @Test func `of high priority go first`() {
        var bench = Workbench(Self.oneByOne)
        _ = bench.append((0..<5).map { "a\($0)" })
        _ = bench.append((0..<3).map { "b\($0)" }, queue: "transactional")
        #expect(serve(5, &bench) == ["default", "transactional", "transactional", "transactional", "default"])
    }

    @Test func `of one priority share the calls by weight`() {
        var bench = Workbench(Self.oneByOne)
        _ = bench.append((0..<300).map { "a\($0)" })
        _ = bench.append((0..<300).map { "b\($0)" }, queue: "campaigns")
        let served = serve(220, &bench)
        #expect((199...201).contains(served.count { $0 == "default" }))
        #expect((19...21).contains(served.count { $0 == "campaigns" }))
    }

    @Test func `save up nothing while they are empty`() {
        var bench = Workbench(Self.oneByOne)
        _ = bench.append((0..<200).map { "a\($0)" })
        _ = serve(100, &bench)
        _ = bench.append((0..<100).map { "b\($0)" }, queue: "campaigns")
        #expect(serve(55, &bench).count { $0 == "campaigns" } <= 6)
    }

    @Test func `flooded leave the others their share`() {
        var bench = Workbench(Self.oneByOne)
        _ = bench.append((0..<2_000).map { "b\($0)" }, queue: "campaigns")
        let urgent = bench.append("Ana")
        _ = serve(1, &bench)
        #expect(bench.sentDeliveries.last == urgent)
    }

    @Test func `that only fail stop no other one`() {
        var bench = Workbench(
            .generous.with {
                $0.limits.unsettled = 5
                $0.breaker.failures = 1_000_000
            }
        )
        let poisoned = bench.append((0..<20).map { "b\($0)" }, queue: "campaigns")
        for id in poisoned { bench.answer(id, .unavailable(retryAfter: .seconds(900))) }
        #expect(poisoned.count { bench.state($0) == .retrying } == 5)
        #expect(poisoned.count { bench.state($0) == .ready } == 15)
        let id = bench.append("Ana")
        #expect(bench.state(id) == .attempting)
    }

    @Test func `give first attempts and retries turns`() {
        var bench = Workbench(Self.oneByOne.with { $0.breaker.failures = 1_000_000 })
        let ids = bench.append((0..<40).map { "a\($0)" })
        for id in ids.prefix(10) { bench.answer(id, .unavailable(retryAfter: .seconds(60))) }
        bench.step(.control(.pause(.queue("default"))))
        bench.answer(ids[10], .accepted(trackingID: nil))
        bench.pass(.seconds(60))
        bench.step(.control(.resume(.queue("default"))))
        _ = serve(10, &bench)
        let last = bench.sentDeliveries.suffix(11).prefix(10)
        #expect(last.count { ids.prefix(10).contains($0) } == 5)
    }

    @Test func `are not served while paused, and go on where they were`() {
        var bench = Workbench()
        bench.step(.control(.pause(.queue("campaigns"))))
        let paused = bench.append(["Ana", "Ben"], queue: "campaigns")
        let other = bench.append("Cem")
        bench.answer(other, .accepted(trackingID: nil))
        bench.pass(.seconds(60))
        #expect(bench.sentDeliveries == [other])
        bench.restart()
        bench.step(.control(.resume(.queue("campaigns"))))
        #expect(bench.sentDeliveries == [other] + paused)
    }

    @Test func `hold no more than a window of what waits in memory`() {
        var bench = Workbench(
            .generous.with {
                $0.limits = DeliveryLimits(window: 32, unsettled: 100, callsUnderWay: 2)
            }
        )
        var largest = 0
        for number in 0..<3_000 {
            bench.append("a\(number)")
            largest = max(largest, bench.engine.lines.map(\.window.rows.count).max() ?? 0)
        }
        #expect(largest == 32)
        for number in 0..<3_000 {
            bench.answer(DeliveryID(Int64(number + 1)), .accepted(trackingID: nil))
            largest = max(largest, bench.engine.lines.map(\.window.rows.count).max() ?? 0)
        }
        #expect(largest == 32)
        #expect(bench.sentDeliveries == (1...3_000).map { DeliveryID($0) })
    }
}
