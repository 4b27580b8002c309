import Model
import SeededRandom
import Testing

@testable import Delivery

@Suite struct `The pacer` {
    static let start = Timestamp(milliseconds: 1_700_000_000_000)

    private struct Made {
        let start: Timestamp
        /// When the destination counts it: at any moment until it is answered.
        let arrival: Timestamp
    }

    /// Calls whenever the pacer lets one, polled at random moments.
    /// - Parameter latency: The longest time to an answer, in milliseconds.
    private func calls(
        _ quota: Quota,
        for priority: QueuePriority = .normal,
        seed: UInt64,
        during time: Duration,
        longestGap: Int64,
        latency: Int64 = 50
    ) -> [Made] {
        var random = SplitMix64(seed: seed)
        var pacer = Pacer(quota)
        var now = Self.start
        var ends: [Timestamp] = []
        var calls: [Made] = []
        while now < Self.start + time {
            for end in ends where end <= now { pacer.ended(at: end) }
            ends.removeAll { $0 <= now }
            if pacer.admission(for: priority, at: now) == .now {
                pacer.started(at: now)
                let time = Int64.random(in: 1...latency, using: &random)
                let way = Int64.random(in: 0...time, using: &random)
                calls.append(Made(start: now, arrival: now + .milliseconds(way)))
                ends.append(now + .milliseconds(time))
            } else {
                now = now + .milliseconds(Int64.random(in: 1...longestGap, using: &random))
            }
        }
        return calls
    }

    private func most(_ calls: [Made], within span: Duration) -> Int {
        let moments = calls.map(\.arrival).sorted()
        var first = 0
        var most = 0
        for (index, moment) in moments.enumerated() {
            while moments[first] + span <= moment { first += 1 }
            most = max(most, index - first + 1)
        }
        return most
    }

    @Test(arguments: [1, 2, 3, 4, 5] as [UInt64])
    func `never exceeds the hourly quota, and uses all of it`(seed: UInt64) {
        let quota = Quota(perSecond: 10, perHour: 100, reserve: 0)
        let calls = calls(quota, seed: seed, during: .seconds(4 * 3_600), longestGap: 5_000, latency: 1_000)
        #expect(most(calls, within: .seconds(3_600)) <= 100)
        #expect(calls.count >= 392)
    }

    @Test(arguments: [1, 2, 3] as [UInt64])
    func `never exceeds the second's quota, however long calls are on their way`(seed: UInt64) {
        let quota = Quota(perSecond: 7, perHour: 1_000_000, reserve: 0)
        let calls = calls(quota, seed: seed, during: .seconds(300), longestGap: 30, latency: 1_000)
        #expect(most(calls, within: .seconds(1)) <= 7)
        // A call takes its place for the second and the half that it lasts on average.
        #expect(Double(calls.count) >= 300 / 1.5 * 7 * 0.95)
    }

    @Test func `uses the share of the hour also where the second's quota binds for a while`() {
        let quota = Quota(perSecond: 50, perHour: 1_000, reserve: 0.1, hour: .seconds(60))
        let calls = calls(quota, seed: 1, during: .seconds(600), longestGap: 3)
        #expect(most(calls, within: .seconds(1)) <= 50)
        #expect(most(calls, within: .seconds(60)) <= 900)
        #expect(Double(calls.count) >= 0.98 * 9_000)
    }

    @Test func `keeps the reserve for queues of high priority`() {
        let quota = Quota(perSecond: 10, perHour: 100, reserve: 0.25)
        let normal = calls(quota, seed: 1, during: .seconds(7_200), longestGap: 1_000)
        #expect((73...75).contains(most(normal, within: .seconds(3_600))))
        let high = calls(quota, for: .high, seed: 1, during: .seconds(7_200), longestGap: 1_000)
        #expect((98...100).contains(most(high, within: .seconds(3_600))))
    }

    @Test func `goes at full speed through half of the share, and spreads the rest over the hour`() {
        let starts = calls(
            Quota(perSecond: 10, perHour: 1_000, reserve: 0.1),
            seed: 1,
            during: .seconds(3_600),
            longestGap: 5
        ).map(\.start)
        #expect(starts[449].since(starts[0]) < .seconds(50))
        #expect(starts.count >= 898)
        let gaps = zip(starts[451...], starts[452...]).map { $1.since($0) }
        #expect(gaps.allSatisfy { $0 > .seconds(7) && $0 < .seconds(9) })
    }

    @Test func `serves somebody even of the smallest quota`() {
        let calls = calls(
            Quota(perSecond: 1, perHour: 1, reserve: 0.5),
            seed: 1,
            during: .seconds(3 * 3_600),
            longestGap: 1_000
        )
        #expect(calls.count == 3)
    }

    @Test func `counts a call from its start until an hour and a thousandth after its end`() {
        var pacer = Pacer(Quota(perSecond: 10, perHour: 1, reserve: 0))
        pacer.started(at: Self.start)
        #expect(pacer.admission(for: .high, at: Self.start + .seconds(7_200)) == .afterCall)
        let end = Self.start + .seconds(7_200)
        pacer.ended(at: end)
        guard case .at(let next) = pacer.admission(for: .high, at: end) else {
            Issue.record("it does not wait")
            return
        }
        #expect(next >= end + .milliseconds(3_603_600) && next < end + .milliseconds(3_604_600))
    }

    @Test(arguments: [1, 2, 3, 4] as [UInt64])
    func `is after a restart what it was before`(seed: UInt64) {
        let quota = Quota(perSecond: 5, perHour: 60, reserve: 0.1)
        var random = SplitMix64(seed: seed)
        var before = Pacer(quota)
        var calls: [Call] = []
        var now = Self.start
        for number in 1...80 {
            switch before.admission(for: .high, at: now) {
            case .now: break
            case .at(let moment): now = moment
            case .afterCall: Issue.record("no call is under way")
            }
            guard before.admission(for: .high, at: now) == .now else { continue }
            let end = now + .milliseconds(Int64.random(in: 1...3_000, using: &random))
            before.started(at: now)
            before.ended(at: end)
            calls.append(
                Call(
                    id: CallID(destination: "sprinklr", number: Int64(number)),
                    kind: .trigger,
                    started: now,
                    ended: end,
                    status: 204
                )
            )
            now = end
        }
        var after = Pacer(quota)
        after.restore(calls.shuffled(using: &random), timeout: .seconds(15), at: now)
        #expect(after.used(at: now) == before.used(at: now))
        for priority in QueuePriority.allCases {
            #expect(after.admission(for: priority, at: now) == before.admission(for: priority, at: now))
        }
    }

    /// After a restart within the time-out it may have been written until then; after a late one, until a time-out after
    /// its start; and until an earlier restart that has given it up.
    @Test(arguments: [(nil, 2, 17), (nil, 60, 30), (1, 2, 16), (1, 60, 16)] as [(Int64?, Int64, Int64)])
    func `counts a call without an answer as long as it may be on its way`(
        givenUpAfter: Int64?,
        restartAfter: Int64,
        end: Int64
    ) {
        let cut = Call(
            id: CallID(destination: "sprinklr", number: 1),
            kind: .trigger,
            started: Self.start,
            ended: givenUpAfter.map { Self.start + .seconds($0) }
        )
        let now = Self.start + .seconds(restartAfter)
        var pacer = Pacer(Quota(perSecond: 10, perHour: 1, reserve: 0))
        pacer.restore([cut], timeout: .seconds(15), at: now)
        guard case .at(let next) = pacer.admission(for: .high, at: now) else {
            Issue.record("it does not wait")
            return
        }
        #expect(next >= Self.start + .seconds(end) + .milliseconds(3_603_600))
        #expect(next < Self.start + .seconds(end) + .milliseconds(3_605_000))
        var second = Pacer(Quota(perSecond: 1, perHour: 100, reserve: 0))
        second.restore([cut], timeout: .seconds(15), at: now)
        let isPast = end < restartAfter
        #expect(
            second.admission(for: .high, at: now)
                == (isPast ? .now : .at(Self.start + .milliseconds(end * 1_000 + 1_001)))
        )
    }

    @Test func `lowers nothing for one answer over the second's quota, and something for repeated ones`() {
        var pacer = Pacer(Quota(perSecond: 20, perHour: 10_000, reserve: 0))
        var now = Self.start
        // A burst of calls that had all started before the first answer is one event.
        for _ in 0..<5 { pacer.close(.second, until: nil, callStarted: now, at: now + .milliseconds(30)) }
        #expect(pacer.gate == now + .milliseconds(1_030))
        #expect(pacer.secondLimit(at: now + .seconds(2)) == 20)
        for _ in 0..<3 {
            now = now + .seconds(5)
            pacer.close(.second, until: nil, callStarted: now, at: now)
        }
        let lowered = pacer.secondLimit(at: now)
        #expect(lowered < 12)
        #expect(pacer.secondLimit(at: now + .seconds(120)) > lowered)
        #expect(pacer.secondLimit(at: now + .seconds(3_600)) == 20)
    }

    @Test func `believes a lower hourly limit that the headers name, and rises from it slowly`() {
        var pacer = Pacer(Quota(perSecond: 20, perHour: 1_000, reserve: 0))
        let now = Self.start
        pacer.learn(QuotaReport(limit: 400, remaining: 300, resetsAt: now + .seconds(1_800)), at: now)
        #expect(pacer.share(of: .high, at: now) == 400)
        #expect(pacer.share(of: .high, at: now + .seconds(3_600)) == 600)
        // A window of a second says nothing of the hour.
        pacer.learn(QuotaReport(limit: 10, remaining: 3, resetsAt: now + .seconds(1)), at: now)
        #expect(pacer.share(of: .high, at: now) == 400)
    }

    @Test func `does not wait longer than an hour for what an answer says`() {
        var pacer = Pacer(Quota())
        pacer.close(.hour, until: Self.start + .seconds(86_400), callStarted: Self.start, at: Self.start)
        #expect(pacer.gate == Self.start + .seconds(3_600))
    }
}
