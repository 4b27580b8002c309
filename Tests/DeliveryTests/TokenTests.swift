import Model
import Testing

@testable import Delivery

@Suite struct `The token` {
    private static let settings = DestinationSettings.generous.with {
        $0.canRenewToken = true
        $0.tokenFingerprint = "f"
    }
    private let renewing = DeliveryEngine.renewalSetting(destination: "sprinklr")
    private let stored = DeliveryEngine.tokenSetting(destination: "sprinklr")

    private func life(_ bench: Workbench, _ lifetime: Duration) -> TokenLife {
        TokenLife(obtained: bench.now, lifetime: lifetime)
    }

    @Test func `is renewed for the last tenth of its life, at most five minutes ahead`() {
        let now = Timestamp(milliseconds: 0)
        #expect(TokenLife(obtained: now, lifetime: .seconds(28_799)).renewsAt == now + .seconds(28_499))
        #expect(TokenLife(obtained: now, lifetime: .seconds(600)).renewsAt == now + .seconds(540))
    }

    @Test func `is renewed before it expires, though nothing is to be sent`() {
        var bench = Workbench(Self.settings)
        bench.restart(token: .usable(life(bench, .seconds(3_600))))
        bench.pass(.seconds(3_299))
        #expect(bench.renewals.isEmpty)
        bench.pass(.seconds(2))
        #expect(bench.renewals.count == 1)
        bench.answerToken(.accepted(trackingID: nil), life: life(bench, .seconds(3_600)))
        #expect(bench.usedTokens == bench.renewals)
        bench.pass(.seconds(3_301))
        #expect(bench.renewals.count == 2)
    }

    @Test func `is obtained before the first call where there is none`() {
        var bench = Workbench(Self.settings)
        bench.restart(token: .missing)
        let id = bench.append("Ana")
        #expect(bench.renewals.count == 1)
        #expect(bench.sent.isEmpty)
        bench.answerToken(.accepted(trackingID: nil))
        #expect(bench.sentDeliveries == [id])
    }

    @Test func `that is renewed is announced on disk before the call, and kept there before its first use`() {
        var bench = Workbench(Self.settings)
        bench.append("Ana")
        bench.answer(DeliveryID(1), .unauthorized)
        #expect(bench.store.settings[renewing] == Array("f".utf8))
        bench.answerToken(.accepted(trackingID: nil))
        #expect(bench.store.settings[renewing] == nil)
        #expect(bench.store.settings[stored] == Array("token of call 2".utf8))
        #expect(
            bench.store.calls.values.map(\.kind).sorted { $0.rawValue < $1.rawValue } == [.token, .trigger, .trigger]
        )
    }

    @Test func `is not used before it is durable, however often the store refuses`() {
        var bench = Workbench(Self.settings)
        let id = bench.append("Ana")
        bench.answer(id, .unauthorized)
        bench.storeRefuses = true
        bench.answerToken(.accepted(trackingID: nil))
        bench.pass(.seconds(60))
        #expect(bench.usedTokens.isEmpty)
        #expect(bench.sent.count == 1)
        bench.storeRefuses = false
        bench.pass(.seconds(60))
        #expect(bench.usedTokens == bench.renewals)
        #expect(bench.sentDeliveries == [id, id])
    }

    @Test func `is not asked for before that is durable`() {
        var bench = Workbench(Self.settings)
        let id = bench.append("Ana")
        bench.storeRefuses = true
        bench.answer(id, .unauthorized)
        bench.pass(.seconds(60))
        #expect(bench.renewals.isEmpty)
        #expect(bench.store.settings[renewing] == nil)
        bench.storeRefuses = false
        bench.pass(.seconds(60))
        #expect(bench.renewals.count == 1)
    }

    @Test(arguments: [
        (Outcome.ambiguous, "authorize again (journey-gateway authorize): the answer to a renewal was lost"),
        (.rejected, "authorize again (journey-gateway authorize): the renewal was refused: 400 as told"),
        (.unauthorized, "the destination refuses the configuration: 400 as told"),
    ])
    func `that cannot be renewed pauses the destination and says why`(outcome: Outcome, reason: String) {
        var bench = Workbench(Self.settings)
        let id = bench.append("Ana")
        bench.answer(id, .unauthorized)
        bench.answerToken(outcome, status: 400)
        bench.pass(.seconds(7_200))
        #expect(bench.renewals.count == 1)
        #expect(bench.state(id) == .ready)
        #expect(bench.status.pause?.description.hasPrefix(reason) == true)
        #expect(bench.store.settings[renewing] == nil)
    }

    @Test(arguments: [Outcome.unavailable(retryAfter: nil), .unsent])
    func `is renewed later when the destination cannot for now, and used until it expires`(outcome: Outcome) {
        var bench = Workbench(Self.settings)
        bench.restart(token: .usable(life(bench, .seconds(600))))
        bench.pass(.seconds(541))
        bench.answerToken(outcome)
        let id = bench.append("Ana")
        #expect(bench.sentDeliveries == [id])
        bench.pass(.seconds(30))
        #expect(bench.renewals.count == 2)
        bench.answerToken(outcome)
        bench.pass(.seconds(30))
        bench.append("Ben")
        #expect(bench.sentDeliveries == [id])
    }

    @Test func `of a process that ended within its renewal has to be authorized again`() {
        var bench = Workbench(Self.settings)
        bench.append("Ana")
        bench.restart(token: .unauthorized(reason: "the process ended"))
        let count = bench.sent.count
        bench.pass(.seconds(3_600))
        #expect(bench.sent.count == count && bench.renewals.isEmpty)
        #expect(bench.status.pause == .authorization(detail: "the process ended"))
        bench.step(.control(.authorize(until: bench.now + .seconds(20))))
        #expect(bench.authorizations.count == 1)
        bench.answerToken(.accepted(trackingID: nil))
        #expect(bench.status.pause == nil)
        #expect(bench.sent.count > count)
    }

    @Test func `that a person authorizes does not end a pause that somebody wanted`() {
        var bench = Workbench(Self.settings)
        bench.step(.control(.pause(.destination)))
        bench.step(.control(.authorize(until: bench.now + .seconds(20))))
        bench.answerToken(.accepted(trackingID: nil))
        #expect(bench.usedTokens == bench.authorizations)
        #expect(bench.status.pause == .requested)
    }

    @Test func `stays what it was when an authorization fails`() {
        var bench = Workbench(Self.settings)
        bench.step(.control(.authorize(until: bench.now + .seconds(20))))
        let id = bench.append("Ana")
        #expect(bench.sent.isEmpty)
        bench.answerToken(.rejected, status: 400)
        #expect(bench.sentDeliveries == [id])
        #expect(bench.status.pause == nil)
    }

    @Test func `is not authorized once the person has stopped waiting`() {
        var bench = Workbench(Self.settings.with { $0.quota = Quota(perSecond: 10, perHour: 1, reserve: 0) })
        let id = bench.append("Ana")
        bench.answer(id, .accepted(trackingID: nil))
        bench.step(.control(.authorize(until: bench.now + .seconds(20))))
        bench.pass(.seconds(7_300))
        #expect(bench.authorizations.isEmpty)
    }

    @Test func `of other credentials takes the place of one that is being renewed`() {
        var bench = Workbench(Self.settings)
        let id = bench.append("Ana")
        bench.answer(id, .unauthorized)
        bench.step(.control(.token(.usable(nil))))
        #expect(bench.sentDeliveries == [id, id])
        bench.answerToken(.accepted(trackingID: nil))
        #expect(bench.usedTokens.isEmpty)
        #expect(bench.store.settings[stored] == nil)
    }

    @Test func `calls draw on the quota`() {
        var bench = Workbench(Self.settings.with { $0.quota = Quota(perSecond: 10, perHour: 4, reserve: 0) })
        let id = bench.append("Ana")
        bench.answer(id, .unauthorized)
        bench.answerToken(.accepted(trackingID: nil))
        bench.pass(.seconds(1_800))
        #expect(bench.sent.count == 1)
        bench.pass(.seconds(10))
        #expect(bench.sent.count == 2)
    }
}
