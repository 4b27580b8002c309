import Model
import Testing

@testable import Delivery

@Suite struct `What people ask of the engine` {
    private let request = RequestID(1)

    @Test func `is answered once it is durable, with what did change`() {
        var bench = Workbench()
        bench.step(.control(.pause(.destination)))
        let ids = bench.append(["Ana", "Ben"])
        bench.storeRefuses = true
        bench.step(.control(.move(Move([ids[0]], from: [.ready], to: .held)), request: request))
        #expect(bench.done[request] == nil)
        bench.storeRefuses = false
        bench.pass(.seconds(10))
        #expect(bench.done[request]?.map(\.id) == [ids[0]])
        #expect(bench.done[request]?.map(\.state) == [.held])
        bench.step(.control(.resume(.destination)))
        #expect(bench.sentDeliveries == [ids[1]])
    }

    @Test func `is answered at once where nothing has to be done`() {
        var bench = Workbench()
        bench.step(.control(.resume(.destination), request: request))
        #expect(bench.done[request] == [])
        bench.step(.control(.pause(.queue("default")), request: RequestID(2)))
        #expect(bench.done[RequestID(2)] == [])
        bench.restart()
        bench.append("Ana")
        #expect(bench.sent.isEmpty)
    }

    @Test func `gives deliveries to another queue, also one that is retrying, and lets its lane go on`() {
        var bench = Workbench()
        let ids = bench.append(["Ana", "Ana"])
        bench.answer(ids[0], .unavailable(retryAfter: .seconds(60)))
        bench.step(.control(.transfer(Transfer([ids[0]], queue: "campaigns", destination: nil)), request: request))
        #expect(bench.done[request]?.map(\.queue) == ["campaigns"])
        // Both go out: they are of different lanes now.
        #expect(Set(bench.sentDeliveries) == Set(ids))
        #expect(bench.sent.last(where: { $0.delivery.id == ids[0] })?.delivery.queue == "campaigns")
        for id in ids { bench.answer(id, .accepted(trackingID: nil)) }
        #expect(ids.allSatisfy { bench.state($0) == .delivered })
        #expect(bench.engine.lanes.count == 0)
        #expect(bench.engine.lines.allSatisfy { $0.unsettled == 0 })
    }

    @Test func `leaves deliveries alone that are in that queue already`() {
        var bench = Workbench()
        bench.step(.control(.pause(.destination)))
        let id = bench.append("Ana")
        let late = bench.append("Ben")
        bench.step(.control(.transfer(Transfer([id, late], queue: "default", destination: nil)), request: request))
        #expect(bench.done[request] == [])
        bench.step(.control(.resume(.destination)))
        #expect(bench.sentDeliveries == [id, late])
    }

    @Test func `gives deliveries to another destination, and forgets them`() {
        var bench = Workbench()
        bench.step(.control(.pause(.destination)))
        let id = bench.append("Ana")
        bench.step(.control(.transfer(Transfer([id], queue: nil, destination: "eu"))))
        bench.step(.control(.resume(.destination)))
        bench.pass(.seconds(60))
        #expect(bench.sent.isEmpty)
        #expect(bench[id]?.destination == "eu")
    }

    @Test func `and what the store has called off by itself is not sent`() {
        var bench = Workbench()
        bench.step(.control(.pause(.destination)))
        let waiting = bench.append("Ana", policies: DeliveryPolicies(cancelKey: "cart"))
        bench.receive(Mapping(cancellations: [Cancellation(rule: "rule", key: "cart", remembered: .zero)]))
        bench.step(.control(.resume(.destination)))
        #expect(bench.sent.isEmpty)
        #expect(bench.state(waiting) == .cancelled)
    }

    @Test func `and one that was called off while it retried lets the next of its lane go on`() {
        var bench = Workbench()
        let first = bench.append("Ana", policies: DeliveryPolicies(cancelKey: "cart"))
        let second = bench.append("Ana")
        bench.answer(first, .unavailable(retryAfter: .seconds(60)))
        #expect(bench.state(second) == .parked)
        bench.receive(Mapping(cancellations: [Cancellation(rule: "rule", key: "cart", remembered: .zero)]))
        #expect(bench.sentDeliveries == [first, second])
        bench.answer(second, .accepted(trackingID: nil))
        #expect(bench.engine.lanes.count == 0)
        #expect(bench.engine.isIdle)
    }
}

@Suite struct `The hours of a person` {
    /// The scenario starts at 22:13:20 UTC.
    private static let hours = OpenHours(from: 480, to: 1_260, timeZone: "UTC")
    private let policies = DeliveryPolicies(hours: hours)

    @Test func `are waited for, and others go meanwhile`() {
        var bench = Workbench()
        let night = bench.append("Ana", policies: policies)
        let other = bench.append("Ana")
        #expect(bench.sentDeliveries == [other])
        #expect(bench.state(night) == .ready)
        bench.answer(other, .accepted(trackingID: nil))
        // Until 08:00: nine hours, forty-six minutes and forty seconds.
        bench.pass(.seconds(35_199))
        #expect(bench.sent.count == 1)
        bench.pass(.seconds(1))
        #expect(bench.sentDeliveries == [other, night])
        #expect(bench.store.faults.isEmpty)
    }

    @Test func `end for a retry as well, which gives its lane free`() {
        var bench = Workbench()
        bench.pass(.seconds(35_200 + 46_790))
        // Ten seconds before 21:00.
        let late = bench.append("Ana", policies: policies)
        let next = bench.append("Ana")
        bench.answer(late, .unavailable(retryAfter: .seconds(20)))
        bench.pass(.seconds(30))
        #expect(bench.sentDeliveries == [late, next])
        #expect(bench.state(late) == .ready)
        bench.answer(next, .accepted(trackingID: nil))
        bench.pass(.seconds(11 * 3_600))
        #expect(bench.sentDeliveries == [late, next, late])
        #expect(bench[late]?.attemptsMade == 2)
    }

    @Test func `are kept after a restart`() {
        var bench = Workbench()
        let night = bench.append("Ana", policies: policies)
        bench.restart()
        bench.pass(.seconds(35_199))
        #expect(bench.sent.isEmpty)
        bench.pass(.seconds(1))
        #expect(bench.sentDeliveries == [night])
    }

    @Test func `do not make a delivery outlive its use`() {
        var bench = Workbench()
        let night = bench.append("Ana", expiresAfter: .seconds(3_600), policies: policies)
        bench.pass(.seconds(36_000))
        #expect(bench.sent.isEmpty)
        #expect(bench.state(night) == .expired)
    }
}

@Suite struct `What is told of a destination` {
    @Test func `names the hourly quota that it has been found to allow`() {
        var bench = Workbench()
        #expect(bench.status.callsPerHour == 1_000_000)
        let report = QuotaReport(limit: 400, remaining: 300, resetsAt: bench.now + .seconds(1_800))
        bench.answer(bench.append("Ana"), .accepted(trackingID: nil), quota: report)
        #expect(bench.status.callsPerHour == 400)
    }
}

@Suite struct `Whom not to message` {
    @Test func `is asked at the last moment, and nothing is charged for it`() {
        var bench = Workbench()
        let limit = DeliveryPolicies(atMost: AtMost(times: 1, per: .seconds(60)))
        let first = bench.append("Ana", policies: limit)
        let second = bench.append("Ana", policies: limit)
        let third = bench.append("Ana")
        bench.answer(first, .accepted(trackingID: nil))
        #expect(bench.state(second) == .suppressed)
        #expect(bench.sentDeliveries == [first, third])
        bench.answer(third, .accepted(trackingID: nil))
        #expect(bench.status.callsInHour == 2)
        #expect(bench.engine.lanes.count == 0)
        #expect(bench.engine.lines.allSatisfy { $0.unsettled == 0 })
    }
}
