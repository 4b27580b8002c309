import Model
import Testing

@testable import Delivery

@Suite struct `A restart` {
    @Test func `finds an attempt without an end ambiguous, and follows its policy`() {
        var bench = Workbench()
        let retried = bench.append("Ana")
        let held = bench.append("Ben", onUnknownOutcome: .hold)
        bench.restart(after: .seconds(1))
        #expect(bench.state(retried) == .retrying)
        #expect(bench[retried]?.attempts == 1)
        #expect(bench.state(held) == .held)
        #expect(bench.store.attempts(of: held).map(\.outcome) == ["ambiguous"])
        bench.pass(.seconds(10))
        #expect(bench.sentDeliveries == [retried, held, retried])
        #expect(bench.store.faults.isEmpty)
    }

    @Test func `goes on with what was to be retried, in its lane's order`() {
        var bench = Workbench()
        let ana = bench.append(["Ana", "Ana"])
        let ben = bench.append("Ben")
        bench.answer(ben, .accepted(trackingID: nil))
        bench.answer(ana[0], .unavailable(retryAfter: .seconds(60)))
        bench.restart(after: .seconds(10))
        let third = bench.append("Ana")
        bench.pass(.seconds(40))
        #expect(bench.sent.count == 2)
        bench.pass(.seconds(10))
        for id in [ana[0], ana[1], third] { bench.answer(id, .accepted(trackingID: nil)) }
        #expect(bench.sentDeliveries == [ana[0], ben, ana[0], ana[1], third])
    }

    @Test func `remembers the quota that was used`() {
        var bench = Workbench(.generous.with { $0.quota = Quota(perSecond: 10, perHour: 5, reserve: 0) })
        _ = bench.append((0..<20).map { "a\($0)" })
        for minute in 0..<59 {
            if minute % 10 == 5 { bench.restart(after: .seconds(1)) }
            bench.pass(.seconds(60))
            for id in bench.sentDeliveries { bench.answer(id, .accepted(trackingID: nil)) }
        }
        #expect((4...5).contains(bench.sent.count))
    }

    @Test func `keeps a pause, and ends one of ours when the credentials change`() {
        var bench = Workbench(.generous.with { $0.credentialsFingerprint = "old" })
        let id = bench.append("Ana")
        bench.answer(id, .unauthorized)
        bench.restart(after: .seconds(60))
        #expect(bench.sent.count == 1)
        bench.restart(after: .seconds(60), with: bench.settings.with { $0.credentialsFingerprint = "new" })
        #expect(bench.sentDeliveries == [id, id])
        #expect(bench.alerts.last == .resumed(.destination))
    }

    @Test func `keeps a pause that somebody wanted, whatever the credentials`() {
        var bench = Workbench(.generous.with { $0.credentialsFingerprint = "old" })
        bench.step(.control(.pause(.destination)))
        bench.append("Ana")
        bench.restart(after: .seconds(60), with: bench.settings.with { $0.credentialsFingerprint = "new" })
        #expect(bench.sent.isEmpty)
        bench.step(.control(.resume(.destination)))
        #expect(bench.sent.count == 1)
    }

    @Test func `after a drain finds nothing ambiguous`() {
        var bench = Workbench(.generous.with { $0.quota = Quota(perSecond: 2, perHour: 1_000, reserve: 0) })
        let ids = bench.append((0..<5).map { "a\($0)" })
        bench.step(.control(.drain))
        #expect(!bench.engine.isIdle)
        for id in ids.prefix(2) { bench.answer(id, .accepted(trackingID: nil)) }
        #expect(bench.engine.isIdle)
        bench.pass(.seconds(60))
        #expect(bench.sent.count == 2)
        bench.restart(after: .seconds(1))
        bench.pass(.seconds(2))
        for id in ids[2...3] { bench.answer(id, .accepted(trackingID: nil)) }
        bench.pass(.seconds(2))
        #expect(bench.sentDeliveries == ids)
    }
}

@Suite struct `A store that refuses` {
    @Test func `takes back what had not started, and loses no outcome`() {
        var bench = Workbench()
        let ana = bench.append("Ana")
        bench.storeRefuses = true
        bench.answer(ana, .accepted(trackingID: nil))
        let ben = bench.append("Ben")
        bench.pass(.seconds(30))
        #expect(bench.sentDeliveries == [ana])
        #expect(bench.state(ana) == .attempting)
        #expect(bench.state(ben) == .ready)
        bench.storeRefuses = false
        bench.pass(.seconds(10))
        #expect(bench.state(ana) == .delivered)
        #expect(bench.sentDeliveries == [ana, ben])
        #expect(bench.alerts == [.storeRefuses, .storeTakes])
    }

    @Test func `that takes longer for a start than a call may take lets the delivery wait for another turn`() {
        var bench = Workbench()
        bench.storeIsSlow = true
        let id = bench.append("Ana")
        bench.pass(.seconds(16))
        bench.letStoreCatchUp()
        #expect(bench.store.attempts(of: id).first?.outcome == "unsent")
        #expect(bench.sentDeliveries == [id])
        #expect(bench[id]?.attempts == 0)
    }

    @Test func `is tried again though only starts were refused`() {
        var bench = Workbench()
        bench.storeRefuses = true
        let ids = bench.append(["Ana", "Ben"])
        bench.pass(.seconds(30))
        #expect(bench.sent.isEmpty)
        bench.storeRefuses = false
        bench.pass(.seconds(10))
        #expect(bench.sentDeliveries.sorted() == ids)
        #expect(bench.store.faults.isEmpty)
    }

    @Test func `costs a retry neither its place nor its count`() {
        var bench = Workbench()
        let ana = bench.append(["Ana", "Ana"])
        bench.answer(ana[0], .unavailable(retryAfter: .seconds(20)))
        bench.storeRefuses = true
        bench.pass(.seconds(40))
        bench.storeRefuses = false
        bench.pass(.seconds(10))
        #expect(bench.sentDeliveries == [ana[0], ana[0]])
        bench.answer(ana[0], .accepted(trackingID: nil))
        #expect(bench.sentDeliveries == [ana[0], ana[0], ana[1]])
        #expect(bench[ana[0]]?.attempts == 2)
    }
}
