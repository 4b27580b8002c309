import HTTPServer
import JSON
import Model
import Sandbox
import Sprinklr
import Synchronization
import Testing

/// The client and the sandbox, which were written from the same document, proved against each other.
@Suite(.timeLimit(.minutes(1))) struct `The client and the sandbox` {
    private let sandbox: Sandbox
    private let address: ListenAddress
    private let http: HTTPClient
    private let time = Time()

    /// A clock that stands still until it is moved.
    private final class Time: Sendable {
        private let milliseconds = Atomic<Int64>(1_700_000_000_000)

        var now: Timestamp { Timestamp(milliseconds: milliseconds.load(ordering: .relaxed)) }

        func advance(by duration: Duration) { milliseconds.add(duration.milliseconds, ordering: .relaxed) }
    }

    init() throws {
        var settings = SandboxSettings()
        settings.perSecond = 5
        settings.perHour = 20
        settings.key = "the-key"
        settings.clientSecret = "the-secret"
        settings.unknownPeople = ["new-*"]
        settings.journeys = ["welcome", "order"]
        sandbox = Sandbox(settings) { [time] in .milliseconds(time.now.milliseconds) }
        address = try sandbox.start(listen: ListenAddress("127.0.0.1:0"))
        var clientSettings = HTTPClientSettings()
        clientSettings.proxy = .none
        http = try HTTPClient(clientSettings)
    }

    private func client(_ api: SprinklrSettings.API = .v1, key: String = "the-key", path: String = "") throws
        -> SprinklrClient
    {
        let base = try BaseURL("http://\(address)\(path)")
        let settings = SprinklrSettings(baseURL: base, api: api, key: key, credentials: .token("t"))
        return SprinklrClient(settings, http: http) { [time] in time.now }
    }

    private func trigger(_ person: String = "1", journey: String = "order", profile: Bool = false) -> Trigger {
        let unified: JSONValue = ["profiles": [["channelType": "SMS", "channelId": .string(person)]]]
        return Trigger(
            snType: "SMS",
            snID: person,
            journeyID: journey,
            contextParams: [ContextParam("total", "19.90")],
            newProfile: profile ? NewProfile(mode: .ifMissing, unifiedProfile: unified) : nil
        )
    }

    @Test(arguments: ["", "/prod2"])
    func `agree on a trigger`(path: String) async throws {
        let result = try await client(path: path).call(.trigger, trigger("33612241964"), token: "t")
        #expect(result == CallResult(outcome: .accepted(trackingID: nil), status: 204))
        let call = try #require(sandbox.calls.first)
        #expect(call.kind == .trigger)
        #expect(call.tookEffect)
        #expect(
            String(decoding: call.body, as: UTF8.self)
                == #"{"snType":"SMS","snId":"33612241964","journeyId":"order","contextParams":{"total":"19.90"}}"#
        )
    }

    @Test func `agree on people who are not known yet`() async throws {
        let client = try client()
        let newcomer = trigger("new-1", profile: true)
        #expect(await client.call(.trigger, newcomer, token: "t").outcome == .unknownProfile)
        let made = await client.call(.newProfile, newcomer, token: "t")
        guard case .accepted(let id) = made.outcome else {
            Issue.record("\(made)")
            return
        }
        #expect(id?.split(separator: "_").map(\.count) == [24, 24, 24])
        #expect(await client.call(.trigger, newcomer, token: "t").outcome == .accepted(trackingID: nil))
        #expect(sandbox.calls.map(\.kind) == [.trigger, .newProfile, .trigger])
        #expect(sandbox.calls.map(\.tookEffect) == [false, true, true])
    }

    @Test func `agree on the second generation`() async throws {
        let client = try client(.v2, path: "/prod4")
        guard case .accepted = await client.call(.trigger, trigger("new-7"), token: "t").outcome,
            case .accepted = await client.bulk([trigger("1"), trigger("new-8", profile: true)], token: "t").outcome
        else {
            Issue.record("not accepted: \(sandbox.calls)")
            return
        }
        #expect(sandbox.calls.map(\.kind) == [.newProfile, .bulk])
        let found = await client.search(size: 1, token: "t")
        #expect(found.journeys.map(\.id) == ["welcome"])
        #expect(found.hasMore)
    }

    @Test func `agree on refusals`() async throws {
        #expect(try await client(key: "wrong").call(.trigger, trigger(), token: "t").outcome == .misconfigured)
        #expect(try await client().call(.trigger, trigger(), token: "").outcome == .unauthorized)
        #expect(try await client(path: "/a/b").call(.newProfile, trigger(), token: "t").outcome == .rejected)
        let unknownJourney = try await client().call(.newProfile, trigger(journey: "none"), token: "t")
        #expect(unknownJourney.outcome == .rejected)
        #expect(unknownJourney.detail.contains("There is no journey none."))
    }

    @Test func `agree on the quota of a second`() async throws {
        let client = try client()
        for _ in 1...5 { #expect(await client.call(.trigger, trigger(), token: "t").status == 204) }
        let refused = await client.call(.trigger, trigger(), token: "t")
        #expect(refused.outcome == .overQuota(.second, until: time.now + .seconds(1)))
        #expect(refused.detail == "<h1>Developer Over Qps</h1>")
        time.advance(by: .seconds(1))
        #expect(await client.call(.trigger, trigger(), token: "t").status == 204)
        #expect(sandbox.statistics.overQuota == 1)
        #expect(sandbox.statistics.peakPerSecond == 5)
    }

    @Test func `agree on the quota of an hour`() async throws {
        let client = try client()
        for _ in 1...20 {
            #expect(await client.call(.trigger, trigger(), token: "t").status == 204)
            time.advance(by: .seconds(1))
        }
        let refused = await client.call(.trigger, trigger(), token: "t")
        #expect(refused.outcome == .overQuota(.hour, until: time.now + .seconds(3_580)))
        time.advance(by: .seconds(3_580))
        #expect(await client.call(.trigger, trigger(), token: "t").status == 204)
    }

    @Test func `agree on tokens`() async throws {
        let client = try client()
        let oauth = OAuthClient(clientSecret: "the-secret", redirectURI: "https://gateway.example.com/callback")
        let first = await client.requestTokens(.refreshToken("a+b/c="), as: oauth)
        let tokens = try #require(first.tokens)
        #expect(first.call.detail == "")
        #expect(tokens.lifetime == .seconds(2_592_000))
        #expect(await client.call(.trigger, trigger(), token: tokens.accessToken).status == 204)
        let again = await client.requestTokens(.refreshToken("a+b/c="), as: oauth)
        #expect(again.tokens == nil)
        #expect(again.call.outcome == .rejected)
        #expect(again.call.detail.contains("Invalid refresh token"))
        let next = await client.requestTokens(.refreshToken(try #require(tokens.refreshToken)), as: oauth)
        #expect(next.tokens != nil)
        #expect(await client.call(.trigger, trigger(), token: tokens.accessToken).outcome == .unauthorized)
        time.advance(by: .seconds(1))
        let stranger = OAuthClient(clientSecret: "wrong", redirectURI: "")
        #expect(await client.requestTokens(.clientCredentials, as: stranger).call.outcome == .unauthorized)
    }

    @Test func `agree on the browser's way to tokens`() async throws {
        let client = try client()
        let oauth = OAuthClient(clientSecret: "the-secret", redirectURI: "https://gateway.example.com/callback")
        let url = client.settings.authorizeURL(for: oauth, state: "s")
        guard case .answered(let answer) = await http.send(HTTPCall("GET", url)) else {
            Issue.record("no answer")
            return
        }
        #expect(answer.field("Location") == "https://gateway.example.com/callback?code=sandbox-code-1&state=s")
        let result = await client.requestTokens(.authorizationCode("sandbox-code-1"), as: oauth)
        #expect(result.tokens?.refreshToken != nil)
    }

    @Test(arguments: [SandboxFault.Failure.drop, .garbage, .cut], [true, false])
    func `agree that a lost answer is ambiguous`(failure: SandboxFault.Failure, takesEffect: Bool) async throws {
        sandbox.fail(SandboxFault(failure, takesEffect: takesEffect))
        let client = try client()
        let lost = await client.call(.trigger, trigger(), token: "t")
        #expect(lost.outcome == .ambiguous)
        #expect(lost.status == nil)
        #expect(sandbox.calls.map(\.tookEffect) == [takesEffect])
        #expect(await client.call(.trigger, trigger(), token: "t").status == 204)
        #expect(sandbox.calls.count == 2)
    }

    @Test func `agree on faults that are set over HTTP`() async throws {
        let faults = #"[{"status":503,"fields":{"Retry-After":"7"},"calls":2},{"status":502},{"latency":1}]"#
        let set = HTTPCall("POST", "http://\(address)/sandbox/faults", body: Array(faults.utf8))
        guard case .answered(let answer) = await http.send(set), answer.status == 204 else {
            Issue.record("not set")
            return
        }
        let client = try client()
        var outcomes: [Outcome] = []
        for _ in 1...4 { outcomes.append(await client.call(.trigger, trigger(), token: "t").outcome) }
        let unavailable = Outcome.unavailable(retryAfter: .seconds(7))
        #expect(outcomes == [unavailable, unavailable, .ambiguous, .accepted(trackingID: nil)])
        guard case .answered(let calls) = await http.send(HTTPCall("GET", "http://\(address)/sandbox/calls?after=3"))
        else {
            Issue.record("no calls")
            return
        }
        let call = try JSONValue.parse(calls.body)
        #expect(call["number"] == 4)
        #expect(call["body"]?["snId"] == "1")
    }

    @Test func `end together`() async throws {
        let client = try client()
        #expect(await client.call(.trigger, trigger(), token: "t").status == 204)
        await sandbox.stop(within: .seconds(5))
        #expect(await client.call(.trigger, trigger(), token: "t").outcome == .unsent)
    }
}
