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
        bench.pass(.seconds(2))
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

    @Test func `is in order also for those who come to it with an earlier place than one that was promoted`() {
        var bench = Workbench(.generous.with { $0.limits.callsUnderWay = 2 })
        let first = bench.append("Ana", queue: "campaigns")
        bench.step(.control(.pause(.queue("default"))))
        let moved = bench.append(["Ana", "Ben", "Ana", "Cleo"])
        let last = bench.append("Ana", queue: "campaigns")
        #expect(bench.state(last) == .parked)
        bench.step(.control(.pause(.queue("campaigns"))))
        bench.answer(first, .accepted(trackingID: nil))
        #expect(bench.state(last) == .ready)
        bench.step(.control(.transfer(Transfer(moved, queue: "campaigns", destination: nil))))
        bench.step(.control(.resume(.queue("campaigns"))))
        for next in [moved[1], moved[0], moved[3], moved[2]] { bench.answer(next, .accepted(trackingID: nil)) }
        #expect(bench.sentDeliveries == [first, moved[0], moved[1], moved[3], moved[2], last])
    }

    @Test func `keeps its order while one that is being called off is read from the disk`() {
        var bench = Workbench()
        let ana = bench.append(["Ana", "Ana", "Ana"])
        bench.step(.control(.pause(.destination)))
        bench.answer(ana[0], .accepted(trackingID: nil))
        let last = bench.append("Ana")
        #expect([ana[1], ana[2], last].map { bench.state($0) } == [.ready, .parked, .ready])
        bench.storeIsSlow = true
        bench.restart()
        bench.step(.control(.resume(.destination)))
        bench.step(.control(.move(Move([ana[1]], from: [.ready], to: .cancelled))))
        bench.letStoreCatchUp()
        #expect(bench.sentDeliveries == [ana[0], ana[2]])
        bench.answer(ana[2], .accepted(trackingID: nil))
        #expect(bench.sentDeliveries == [ana[0], ana[2], last])
    }

    @Test func `is free when all that are on their way out of it have left, in whatever order`() throws {
        var bench = Workbench()
        let ana = bench.append(["Ana", "Ana", "Ana"])
        let (first, second, third) = (
            try #require(bench[ana[0]]), try #require(bench[ana[1]]), try #require(bench[ana[2]])
        )
        var lanes = Lanes()
        lanes.serve(first, .busy)
        #expect(lanes.turn(in: first.lane) == .parks)
        lanes.leave(first)
        lanes.leave(second)
        lanes.leave(third)
        for (number, delivery) in [second, first, third].enumerated() {
            #expect(lanes.turn(in: first.lane) == .waits)
            #expect(lanes.holds(delivery))
            lanes.release(delivery)
            #expect(!lanes.holds(delivery))
            #expect(lanes.count == (number < 2 ? 1 : 0))
        }
        #expect(lanes.turn(in: first.lane) == .starts)
    }

    @Test func `that is one long line is served one by one`() {
        var bench = Workbench(.generous.with { $0.limits = DeliveryLimits(window: 8, unsettled: 4, callsUnderWay: 4) })
        let ids = bench.append(Array(repeating: "Ana", count: 100))
        for id in ids { bench.answer(id, .accepted(trackingID: nil)) }
        #expect(bench.sentDeliveries == ids)
        #expect(bench.store.owed == 0)
    }
}
