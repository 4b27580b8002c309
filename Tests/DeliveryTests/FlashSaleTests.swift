import Model
import Testing

@testable import Delivery

/// A tenth of the flash sale that the defaults are made for: ten times as many deliveries as an hour allows, at once.
@Suite struct `A flash sale` {
    static let settings = DestinationSettings.generous.with {
        $0.quota = Quota(perSecond: 10, perHour: 200, reserve: 0.1)
        $0.limits.window = 128
    }

    /// Sends all that is there, each call answered a second later; when each went out.
    /// - Parameter answered: the calls that were answered before.
    private func clear(_ bench: inout Workbench, answered: Int = 0, high: [Timestamp] = []) -> [(
        at: Timestamp, delivery: Delivery
    )] {
        var sent: [(at: Timestamp, delivery: Delivery)] = []
        var answered = answered
        var high = high
        var owed = bench.store.owed
        while owed > sent.count {
            if let next = high.first, next <= bench.now {
                high.removeFirst()
                owed += 1
                bench.append("vip\(owed)", queue: "transactional")
            }
            bench.pass(.seconds(1))
            let calls = bench.sent[answered...]
            answered = bench.sent.count
            for call in calls {
                sent.append((bench.now, call.delivery))
                bench.answer(call.delivery.id, .accepted(trackingID: nil))
            }
        }
        return sent
    }

    @Test func `uses what the shares allow, and is over when the forecast said`() throws {
        var bench = Workbench(Self.settings)
        for number in 0..<2_000 { bench.append("a\(number)") }
        bench.pass(.seconds(60))
        let before = bench.sent.count
        for call in bench.sent { bench.answer(call.delivery.id, .accepted(trackingID: nil)) }
        let told = bench.engine.forecast([QueueLoad(queue: "default", waiting: bench.store.owed)], at: bench.now)
        let begun = bench.now
        let sent = clear(&bench, answered: before).map(\.at)
        let end = try #require(sent.last)
        let hours = Double(end.since(Scenario.start).milliseconds) / 3_600_000
        // The last hour may be a part of one.
        #expect(Double(before + sent.count) >= 0.98 * 180 * (hours - 1))
        #expect(hours < 2_000 / 180 + 1)
        let forecast = try #require(told.first?.clearsAt)
        let error = abs(forecast.since(end).milliseconds)
        #expect(Double(error) < 0.05 * Double(end.since(begun).milliseconds))
        for start in sent { #expect(sent.count { $0 >= start && $0 < start + .seconds(3_600) } <= 180) }
    }

    @Test func `lets those of high priority through on the reserve`() throws {
        var bench = Workbench(Self.settings)
        for number in 0..<600 { bench.append("a\(number)") }
        let high = (0..<15).map { Scenario.start + .seconds(Int64(600 * $0 + 300)) }
        let sent = clear(&bench, high: high).filter { $0.delivery.queue == "transactional" }
        #expect(sent.count == 15)
        // Six an hour, and twenty an hour are kept for them.
        for (at, delivery) in sent { #expect(at.since(delivery.due) <= .seconds(180)) }
    }

    @Test func `is forecast by rates when it is too large to be played`() throws {
        let bench = Workbench(Self.settings)
        let load = QueueLoad(queue: "default", waiting: 1_800_000)
        let clearsAt = try #require(bench.engine.forecast([load], at: bench.now).first?.clearsAt)
        let hours = Double(clearsAt.since(bench.now).milliseconds) / 3_600_000
        #expect((9_950...10_050).contains(hours))
    }

    @Test func `never ends where more comes in than goes out, or nothing goes out`() throws {
        var bench = Workbench(Self.settings)
        let loads = [QueueLoad(queue: "default", waiting: 50_000, arrivalsPerHour: 500)]
        #expect(bench.engine.forecast(loads, at: bench.now).first?.clearsAt == nil)
        bench.step(.control(.pause(.destination)))
        let few = [QueueLoad(queue: "default", waiting: 5)]
        #expect(bench.engine.forecast(few, at: bench.now).first?.clearsAt == nil)
    }

    @Test func `tells when deliveries begin to expire`() throws {
        var bench = Workbench(Self.settings)
        for number in 0..<720 { bench.append("a\(number)", expiresAfter: .seconds(7_200)) }
        let load = QueueLoad(queue: "default", waiting: bench.store.owed)
        let forecast = try #require(bench.engine.forecast([load], at: bench.now).first)
        let begins = try #require(forecast.beginsToExpireAt)
        #expect((1.9...2.1).contains(Double(begins.since(bench.now).milliseconds) / 3_600_000))
        let short = [QueueLoad(queue: "default", waiting: 200)]
        #expect(bench.engine.forecast(short, at: bench.now).first?.beginsToExpireAt == nil)
    }
}
