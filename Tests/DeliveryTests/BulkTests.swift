import Model
import Testing

@testable import Delivery

@Suite struct `A call for several` {
    private static let settings = DestinationSettings.generous.with { $0.bulk = 20 }

    /// A bench on which all of these are due before the first call is made.
    private func bench(_ settings: DestinationSettings = Self.settings, _ fill: (inout Workbench) -> Void) -> Workbench
    {
        var bench = Workbench(settings)
        bench.step(.control(.pause(.queue("default"))))
        fill(&bench)
        bench.step(.control(.resume(.queue("default"))))
        return bench
    }

    private func people(_ count: Int) -> [String] { (1...count).map { "p\($0)" } }

    /// Answers all calls: the poisoned are refused, and whoever is with them.
    private func answerAll(_ bench: inout Workbench, poisoned: Set<DeliveryID>) {
        var (bulks, singles) = (0, 0)
        while bulks < bench.bulks.count || singles < bench.sent.count {
            if bulks < bench.bulks.count {
                let isPoisoned = bench.bulks[bulks].deliveries.contains { poisoned.contains($0.id) }
                bench.answerBulk(
                    bulks,
                    isPoisoned ? .rejected : .accepted(trackingID: nil),
                    status: isPoisoned ? 400 : 200
                )
                bulks += 1
            } else {
                let id = bench.sent[singles].delivery.id
                bench.answer(id, poisoned.contains(id) ? .rejected : .accepted(trackingID: nil))
                singles += 1
            }
        }
    }

    @Test func `takes up to twenty that are due, in the order of their queue`() {
        let ids = (1...45).map { DeliveryID($0) }
        let bench = bench { _ = $0.append(people(45)) }
        #expect(
            bench.bulks.map { $0.deliveries.map(\.id) } == [Array(ids[..<20]), Array(ids[20..<40]), Array(ids[40...])]
        )
        #expect(bench.sent.isEmpty)
        #expect(bench.store.calls.values.allSatisfy { $0.kind == .bulk } && bench.store.calls.count == 3)
        #expect(ids.allSatisfy { bench.store.attempts(of: $0).count == 1 })
    }

    @Test func `is made for one as a call of its own`() {
        let bench = bench { _ = $0.append(["p1"]) }
        #expect(bench.bulks.isEmpty && bench.sentDeliveries == [DeliveryID(1)])
    }

    @Test func `is not made where the destination has none`() {
        let bench = bench(.generous) { _ = $0.append(people(5)) }
        #expect(bench.bulks.isEmpty && bench.sent.count == 5)
    }

    @Test func `takes one of a person at most, and keeps the order of each`() {
        var bench = bench { _ = $0.append(["p1", "p1", "p2", "p1", "p2"]) }
        #expect(bench.bulks[0].deliveries.map(\.id.value) == [1, 3])
        bench.answerBulk(0, .accepted(trackingID: nil))
        #expect(bench.bulks[1].deliveries.map(\.id.value) == [2, 5])
        bench.answerBulk(1, .accepted(trackingID: nil))
        #expect(bench.sentDeliveries.map(\.value) == [4])
    }

    @Test func `takes those of one journey, and none that would overtake another of its person`() {
        let bench = bench { bench in
            bench.append("p1", journey: "a")
            bench.append("p2", journey: "b")
            bench.append("p2", journey: "a")
            bench.append("p3", journey: "a")
        }
        #expect(bench.bulks.map { $0.deliveries.map(\.id.value) } == [[1, 4]])
        #expect(bench.sentDeliveries.map(\.value) == [2])
    }

    @Test func `takes neither what is not due nor what has expired`() {
        let bench = bench { bench in
            bench.append("p1")
            bench.append("p2", delay: .seconds(60))
            bench.append("p3", expiresAfter: .milliseconds(1))
            bench.append("p4")
            bench.pass(.milliseconds(5))
        }
        #expect(bench.bulks.map { $0.deliveries.map(\.id.value) } == [[1, 4]])
        #expect(bench.state(DeliveryID(3)) == .expired)
    }

    @Test(arguments: [1, 7, 20])
    func `is divided when it is refused, so that one bad profile costs itself only`(bad: Int64) {
        var bench = bench { _ = $0.append(people(20)) }
        answerAll(&bench, poisoned: [DeliveryID(bad)])
        for id in (1...20).map({ DeliveryID($0) }) {
            #expect(bench.state(id) == (id.value == bad ? .dead : .delivered))
            #expect(bench[id]?.attempts == 1, "only the call that settled it counts")
        }
        #expect(bench.bulks.count + bench.sent.count <= 12)
    }

    @Test func `settles everybody when all are bad`() {
        var bench = bench { _ = $0.append(people(20)) }
        answerAll(&bench, poisoned: Set((1...20).map { DeliveryID($0) }))
        #expect((1...20).allSatisfy { bench.state(DeliveryID($0)) == .dead })
        #expect(bench.bulks.count + bench.sent.count <= 45)
    }

    @Test func `follows the row of any other answer for all of them`() {
        var bench = bench { _ = $0.append(people(3)) }
        bench.answerBulk(0, .unavailable(retryAfter: nil), status: 503)
        #expect((1...3).allSatisfy { bench.state(DeliveryID($0)) == .retrying })
        #expect((1...3).allSatisfy { bench[DeliveryID($0)]?.attempts == 1 })
        bench.pass(.seconds(2))
        for number in bench.bulks.indices.dropFirst() {
            bench.answerBulk(number, .overQuota(.second, until: nil), status: 403)
        }
        #expect((1...3).allSatisfy { bench[DeliveryID($0)]?.attempts == 1 })
    }

    @Test func `without an answer follows each one's own policy`() {
        var bench = bench { bench in
            bench.append("p1", onUnknownOutcome: .hold)
            bench.append("p2")
        }
        bench.answerBulk(0, .ambiguous)
        #expect(bench.state(DeliveryID(1)) == .held)
        #expect(bench.state(DeliveryID(2)) == .retrying)
    }

    @Test func `that was taken with errors repeats each alone, and holds whom its rule says`() {
        var bench = bench { bench in
            _ = bench.append(people(3))
            bench.append("p4", onUnknownOutcome: .hold)
        }
        bench.answerBulk(0, .partlyRejected, status: 200)
        #expect(bench.state(DeliveryID(4)) == .held)
        bench.pass(.seconds(3))
        #expect(bench.bulks.count == 1)
        #expect(Set(bench.sentDeliveries.map(\.value)) == [1, 2, 3])
    }

    @Test func `that a crash cut off is ambiguous for all of them`() {
        var bench = bench { _ = $0.append(people(3)) }
        bench.restart()
        #expect((1...3).allSatisfy { bench.store.attempts(of: DeliveryID($0))[0].outcome == "ambiguous" })
        #expect((1...3).allSatisfy { bench.state(DeliveryID($0)) == .retrying })
        bench.pass(.seconds(5))
        answerAll(&bench, poisoned: [])
        #expect((1...3).allSatisfy { bench.state(DeliveryID($0)) == .delivered })
    }

    @Test func `clears a flash sale at least fifteen times sooner, as forecast`() throws {
        func clear(_ bulk: Int) throws -> (time: Duration, forecast: Duration) {
            var bench = Workbench(
                .generous.with {
                    $0.quota = Quota(perSecond: 10, perHour: 100, reserve: 0.1)
                    $0.bulk = bulk
                }
            )
            for number in 0..<2_000 { bench.append("p\(number)") }
            var forecast: Duration?
            var (bulks, singles) = (0, 0)
            while bench.store.owed > 0 {
                bench.pass(.seconds(10))
                while bulks < bench.bulks.count || singles < bench.sent.count {
                    if bulks < bench.bulks.count {
                        bench.answerBulk(bulks, .accepted(trackingID: nil))
                        bulks += 1
                    } else {
                        bench.answer(bench.sent[singles].delivery.id, .accepted(trackingID: nil))
                        singles += 1
                    }
                }
                if forecast == nil, bench.now.since(Scenario.start) >= .seconds(60) {
                    let load = QueueLoad(queue: "default", waiting: bench.store.owed)
                    forecast = bench.engine.forecast([load], at: bench.now).first?.clearsAt?.since(Scenario.start)
                }
            }
            return (bench.now.since(Scenario.start), try #require(forecast))
        }
        let single = try clear(1)
        let packed = try clear(20)
        #expect(packed.time * 15 <= single.time, "\(packed.time) instead of \(single.time)")
        #expect(abs((packed.forecast - packed.time).milliseconds) * 20 < packed.time.milliseconds)
    }
}
