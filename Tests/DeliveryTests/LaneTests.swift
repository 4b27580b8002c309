import Model
import Testing

@testable import Delivery

@Suite struct `A lane` {
    @Test func `keeps its order across retries, and holds nobody else up`() {
        var bench = Workbench()
        let ana = bench.append(["Ana", "Ana", "Ana"])
        let ben = bench.append("Ben")
        bench.answer(ana[0], .unavailable(retryAfter: .seconds(60)))
        bench.answer(ben, .accepted(trackingID: nil))
        #expect(bench.sentDeliveries == [ana[0], ben])
        #expect(bench.state(ana[1]) == .parked)
        bench.pass(.seconds(60))
        bench.answer(ana[0], .accepted(trackingID: nil))
        bench.answer(ana[1], .accepted(trackingID: nil))
        bench.answer(ana[2], .accepted(trackingID: nil))
        #expect(bench.sentDeliveries == [ana[0], ben, ana[0], ana[1], ana[2]])
    }

    @Test func `keeps its order across answers about quota`() {
        var bench = Workbench()
        let ana = bench.append(["Ana", "Ana"])
        bench.answer(ana[0], .overQuota(.second, until: nil))
        bench.pass(.seconds(2))
        bench.answer(ana[0], .accepted(trackingID: nil))
        #expect(bench.sentDeliveries == [ana[0], ana[0], ana[1]])
    }

    @Test func `is free once its delivery is held`() {
        var bench = Workbench()
        let first = bench.append("Ana", onUnknownOutcome: .hold)
        let next = bench.append("Ana")
        bench.answer(first, .ambiguous)
        #expect(bench.sentDeliveries == [first, next])
    }

    @Test func `of one queue is another than the same person's in another queue`() {
        var bench = Workbench()
        let ids = [bench.append("Ana"), bench.append("Ana", queue: "campaigns")]
        #expect(bench.sentDeliveries == ids)
    }

    @Test func `follows due times, not the order of arrival`() {
        var bench = Workbench(.generous.with { $0.quota.perSecond = 1 })
        let late = bench.append("Ana", delay: .seconds(10))
        let early = bench.append("Ana", delay: .seconds(5))
        bench.pass(.seconds(20))
        #expect(bench.sentDeliveries == [early])
        bench.answer(early, .accepted(trackingID: nil))
        #expect(bench.sentDeliveries == [early, late])
    }

    @Test func `goes on when the delivery that it waits for is cancelled`() {
        var bench = Workbench()
        let ana = bench.append(["Ana", "Ana"])
        bench.answer(ana[0], .unavailable(retryAfter: .seconds(60)))
        bench.step(.control(.move(Move([ana[0]], from: [.ready, .retrying, .parked], to: .cancelled))))
        #expect(bench.state(ana[0]) == .cancelled)
        #expect(bench.sentDeliveries == ana)
    }

    @Test func `goes on when a cancel meets the call under way`() {
        var bench = Workbench()
        let ana = bench.append(["Ana", "Ana"])
        bench.step(.control(.move(Move([ana[0]], from: [.ready, .attempting], to: .cancelled))))
        #expect(bench.state(ana[0]) == .attempting)
        bench.answer(ana[0], .unavailable(retryAfter: nil))
        #expect(bench.state(ana[0]) == .cancelled)
        #expect(bench.sentDeliveries == ana)
    }

    @Test func `puts a released delivery at its end`() {
        var bench = Workbench(.generous.with { $0.quota.perSecond = 1 })
        let held = bench.append("Ana", onUnknownOutcome: .hold)
        bench.answer(held, .ambiguous)
        bench.step(.control(.pause(.queue("default"))))
        let next = bench.append("Ana")
        bench.pass(.seconds(5))
        bench.step(.control(.move(Move([held], from: [.held], to: .ready))))
        bench.step(.control(.resume(.queue("default"))))
        bench.answer(next, .accepted(trackingID: nil))
        bench.pass(.seconds(5))
        #expect(bench.sentDeliveries == [held, next, held])
    }

    @Test func `that is one long line is served one by one`() {
        var bench = Workbench(.generous.with { $0.limits = DeliveryLimits(window: 8, unsettled: 4, callsUnderWay: 4) })
        let ids = bench.append(Array(repeating: "Ana", count: 100))
        for id in ids { bench.answer(id, .accepted(trackingID: nil)) }
        #expect(bench.sentDeliveries == ids)
        #expect(bench.store.owed == 0)
    }
}
