import Model
import Testing

@testable import Delivery

/// DESIGN.md section 8's table, row by row, on the engine.
@Suite struct `An outcome` {
    struct Row: Sendable, CustomStringConvertible {
        let outcome: Outcome
        let state: DeliveryState
        /// Attempts that count after it.
        let attempts: Int
        var policy = UnknownOutcomePolicy.retry
        var description: String { "\(outcome.name) → \(state)" }
    }

    static let rows: [Row] = [
        Row(outcome: .accepted(trackingID: nil), state: .delivered, attempts: 1),
        Row(outcome: .unknownProfile, state: .dead, attempts: 1),
        Row(outcome: .unauthorized, state: .ready, attempts: 0),
        Row(outcome: .misconfigured, state: .ready, attempts: 0),
        Row(outcome: .overQuota(.second, until: nil), state: .ready, attempts: 0),
        Row(outcome: .overQuota(.hour, until: nil), state: .ready, attempts: 0),
        Row(outcome: .overQuota(.unknown, until: nil), state: .ready, attempts: 0),
        Row(outcome: .conflict, state: .retrying, attempts: 1),
        Row(outcome: .rejected, state: .dead, attempts: 1),
        Row(outcome: .unavailable(retryAfter: nil), state: .retrying, attempts: 1),
        Row(outcome: .unsent, state: .retrying, attempts: 0),
        Row(outcome: .ambiguous, state: .retrying, attempts: 1),
        Row(outcome: .ambiguous, state: .held, attempts: 1, policy: .hold),
    ]

    @Test(arguments: rows)
    func `makes of its delivery what the table says`(row: Row) throws {
        var bench = Workbench()
        let id = bench.append("Ana", onUnknownOutcome: row.policy)
        bench.answer(id, row.outcome)
        let delivery = try #require(bench[id])
        #expect(delivery.state == row.state)
        #expect(delivery.attempts == row.attempts)
        #expect(delivery.attemptsMade == 1)
        #expect((delivery.retryAt != nil) == (row.state == .retrying))
        #expect(bench.store.faults.isEmpty)
    }

    @Test func `of a call to the sandbox ends dry`() {
        var bench = Workbench(.generous.with { $0.isDryRun = true })
        let id = bench.append("Ana")
        bench.answer(id, .accepted(trackingID: nil))
        #expect(bench.state(id) == .dry)
    }

    @Test func `unknown profile leads at once to the call with a new profile, and counts nothing`() throws {
        var bench = Workbench()
        let id = bench.append("Ana", newProfile: .ifMissing)
        let next = bench.append("Ana")
        bench.answer(id, .unknownProfile)
        let delivery = try #require(bench[id])
        #expect(delivery.nextCall == .newProfile)
        #expect(delivery.attempts == 0)
        #expect(bench.sentDeliveries == [id, id])
        #expect(bench.sent.last?.delivery.nextCall == .newProfile)
        bench.answer(id, .unavailable(retryAfter: nil))
        #expect(bench[id]?.nextCall == .newProfile)
        #expect(bench[id]?.attempts == 1)
        bench.pass(.seconds(3))
        bench.answer(id, .unknownProfile)
        #expect(bench.state(id) == .dead)
        #expect(bench.sentDeliveries == [id, id, id, next])
    }

    @Test func `of a rule that always makes a profile is that of this call alone`() {
        var bench = Workbench()
        let id = bench.append("Ana", newProfile: .always)
        #expect(bench.sent.first?.delivery.nextCall == .newProfile)
        bench.answer(id, .unknownProfile)
        #expect(bench.state(id) == .dead)
    }

    @Test func `conflict is tried three times more`() {
        var bench = Workbench()
        let id = bench.append("Ana")
        for _ in 0..<4 {
            #expect(bench.state(id) == .attempting)
            bench.answer(id, .conflict)
            bench.pass(.seconds(60))
        }
        #expect(bench.state(id) == .dead)
        #expect(bench.sent.count == 4)
    }

    @Test func `conflict is counted across answers about quota`() {
        var bench = Workbench()
        let id = bench.append("Ana")
        for _ in 0..<4 {
            bench.answer(id, .conflict)
            bench.pass(.seconds(60))
            bench.answer(id, .overQuota(.second, until: nil))
            bench.pass(.seconds(2))
        }
        #expect(bench.state(id) == .dead)
        #expect(bench.store.attempts(of: id).count { $0.outcome == "conflict" } == 4)
    }

    @Test func `unavailable is retried until the last attempt, and then a dead letter`() {
        var bench = Workbench(.generous.with { $0.retry.maxAttempts = 3 })
        let id = bench.append("Ana")
        for attempt in 1...3 {
            bench.answer(id, .unavailable(retryAfter: nil))
            #expect(bench[id]?.attempts == attempt)
            #expect(bench.state(id) == (attempt < 3 ? .retrying : .dead))
            bench.pass(.seconds(60))
        }
        #expect(bench.sent.count == 3)
    }

    @Test func `unavailable waits as long as the destination asks, up to the longest back-off`() throws {
        var bench = Workbench()
        let id = bench.append("Ana")
        bench.answer(id, .unavailable(retryAfter: .seconds(500)))
        #expect(try #require(bench[id]?.retryAt) == bench.now + .seconds(500))
        bench.pass(.seconds(500))
        bench.answer(id, .unavailable(retryAfter: .seconds(86_400)))
        #expect(try #require(bench[id]?.retryAt) == bench.now + .seconds(900))
    }

    @Test func `past its expiry ends a delivery before another attempt`() {
        var bench = Workbench()
        let id = bench.append("Ana", expiresAfter: .seconds(10))
        let next = bench.append("Ana")
        bench.answer(id, .unavailable(retryAfter: .seconds(60)))
        bench.pass(.seconds(9))
        #expect(bench.state(id) == .retrying)
        bench.pass(.seconds(1))
        #expect(bench.state(id) == .expired)
        #expect(bench.sentDeliveries == [id, next])
    }

    @Test func `unsent never counts, however often`() {
        var bench = Workbench(.generous.with { $0.retry.maxAttempts = 2 })
        let id = bench.append("Ana")
        for _ in 0..<8 {
            bench.answer(id, .unsent)
            #expect(bench.state(id) == .retrying)
            bench.pass(.seconds(900))
        }
        #expect(bench[id]?.attempts == 0)
        #expect(bench[id]?.attemptsMade == 9)
    }

    @Test func `unauthorized renews the token once and repeats; again, and the destination pauses`() {
        var bench = Workbench(.generous.with { $0.canRenewToken = true })
        let id = bench.append("Ana")
        bench.answer(id, .unauthorized, status: 401)
        #expect(bench.sent.count == 1)
        bench.answerToken(.accepted(trackingID: nil), status: 200)
        #expect(bench.sentDeliveries == [id, id])
        bench.answer(id, .unauthorized, status: 401)
        bench.pass(.seconds(3_600))
        #expect(bench.renewals.count == 1)
        #expect(bench.sent.count == 2)
        #expect(bench.state(id) == .ready)
        #expect(bench.alerts == [.paused(.destination, .token(detail: "401 as told"))])
        bench.step(.control(.resume(.destination)))
        bench.answer(id, .accepted(trackingID: nil))
        #expect(bench.state(id) == .delivered)
        #expect(bench[id]?.attempts == 1)
    }

    @Test func `unauthorized of many calls renews the token once`() {
        var bench = Workbench(.generous.with { $0.canRenewToken = true })
        let ids = bench.append(["Ana", "Ben", "Cem"])
        bench.answer(ids[0], .unauthorized)
        bench.answer(ids[1], .unauthorized)
        bench.answerToken(.accepted(trackingID: nil), status: 200)
        // This one was still made with the old token.
        bench.answer(ids[2], .unauthorized)
        for id in ids { bench.answer(id, .accepted(trackingID: nil)) }
        #expect(bench.renewals.count == 1)
        #expect(ids.allSatisfy { bench.state($0) == .delivered })
    }

    @Test func `unauthorized without a way to renew pauses at once`() {
        var bench = Workbench()
        let ids = bench.append(["Ana", "Ben"])
        bench.answer(ids[0], .unauthorized, status: 401)
        #expect(bench.alerts == [.paused(.destination, .token(detail: "401 as told"))])
        bench.answer(ids[1], .accepted(trackingID: nil))
        bench.append("Cem")
        bench.pass(.seconds(60))
        #expect(bench.sent.count == 2)
    }

    @Test func `misconfigured pauses the destination, and nothing is burnt`() {
        var bench = Workbench()
        let ids = bench.append(["Ana", "Ben"])
        for id in ids { bench.answer(id, .misconfigured, status: 421) }
        bench.pass(.seconds(3_600))
        #expect(bench.sent.count == 2)
        #expect(bench.alerts == [.paused(.destination, .configuration(detail: "421 as told"))])
        #expect(ids.allSatisfy { bench[$0]?.attempts == 0 && bench.state($0) == .ready })
        bench.step(.control(.resume(.destination)))
        #expect(bench.sentDeliveries == ids + ids)
    }

    @Test(arguments: [
        (Outcome.overQuota(.second, until: nil), Duration.seconds(1)),
        (.overQuota(.hour, until: nil), .seconds(60)), (.overQuota(.unknown, until: nil), .seconds(60)),
        (.overQuota(.hour, until: Scenario.start + .seconds(300)), .seconds(300)),
    ])
    func `about quota closes the gate as long as told, for everybody`(outcome: Outcome, wait: Duration) {
        var bench = Workbench()
        let ids = bench.append(["Ana", "Ben"])
        bench.answer(ids[0], outcome)
        bench.answer(ids[1], .accepted(trackingID: nil))
        let later = bench.append("Cem")
        bench.pass(wait - .milliseconds(1))
        #expect(bench.sent.count == 2)
        bench.pass(.milliseconds(1))
        #expect(bench.sentDeliveries == ids + [ids[0], later])
    }

    @Test func `with headers that say that nothing remains closes the gate until the reset`() {
        var bench = Workbench()
        let id = bench.append("Ana")
        let report = QuotaReport(limit: 1_000, remaining: 0, resetsAt: bench.now + .seconds(30))
        bench.answer(id, .accepted(trackingID: nil), quota: report)
        let next = bench.append("Ben")
        bench.pass(.seconds(29))
        #expect(bench.state(next) == .ready)
        bench.pass(.seconds(1))
        #expect(bench.state(next) == .attempting)
    }

    @Test func `dead lets the person's next deliveries go on`() {
        var bench = Workbench()
        let ids = bench.append(["Ana", "Ana"])
        bench.answer(ids[0], .rejected)
        #expect(bench.sentDeliveries == ids)
    }
}
