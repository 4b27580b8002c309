import JSON
import SeededRandom
import Testing

@testable import Sandbox

/// The API as its document has it, without a socket: requests in, answers out, time as an argument.
@Suite struct `The sandbox` {
    private let subject: Subject

    init() { subject = Subject(SandboxSettings()) }

    private init(_ change: (inout SandboxSettings) -> Void) {
        var settings = SandboxSettings()
        change(&settings)
        subject = Subject(settings)
    }

    private static let body = #"{"snType":"EMAIL","snId":"ana@example.com","journeyId":"j","contextParams":{"a":"b"}}"#
    private static let profile =
        #"{"journeyId":"j","unifiedProfile":{"profiles":[{"channelType":"EMAIL","channelId":"ana@example.com"}]}}"#

    private func send(
        _ body: String = Self.body,
        to path: String = "/api/marketing-journey/trigger",
        method: String = "POST",
        fields: [String: String?] = [:],
        at milliseconds: Int64 = 0
    ) -> SandboxAnswer? {
        var all: [String: String?] = [
            "key": "k", "authorization": "Bearer t", "content-type": "application/json",
            "content-length": String(body.utf8.count),
        ]
        all.merge(fields) { $1 }
        let request = SandboxRequest(
            method: method,
            path: path,
            query: "",
            fields: all.compactMap { name, value in value.map { (name, $0) } },
            body: Array(body.utf8)
        )
        guard case .answer(let answer) = subject.state.receive(request, at: .milliseconds(milliseconds)).form else {
            return nil
        }
        return answer
    }

    // MARK: - Paths, header fields, bodies

    @Test(arguments: [
        "/api/marketing-journey/trigger", "/api/v1/marketing-journey/trigger", "/api/v2/marketing-journey/trigger",
        "/prod2/api/marketing-journey/trigger", "/prod2/api/v1/marketing-journey/trigger",
    ])
    func `takes a trigger at each documented path`(path: String) {
        #expect(send(to: path) == .noContent)
        #expect(subject.state.log.calls.map(\.kind) == [.trigger])
    }

    @Test(arguments: [
        "/api/marketing-journey/triggerWithNewProfile", "/api/v1/marketing-journey/triggerWithNewProfile",
        "/prod2/api/v2/marketing-journey/triggerWithNewProfile", "/prod2/api/v2/marketing-journey/triggerJourney",
    ])
    func `takes a new profile, and answers with a tracking id`(path: String) throws {
        let answer = try #require(send(Self.profile, to: path))
        #expect(answer.status == 200)
        let id = "000000000000000000000001"
        #expect(
            try JSONValue.parse(answer.body) == [
                "data": [
                    "status": "SUCCESS", "message": "Triggered Successfully",
                    "trackingId": .string("\(id)_\(id)_\(id)"),
                ],
                "errors": [],
            ]
        )
        #expect(subject.state.log.calls.map(\.kind) == [.newProfile])
    }

    @Test(arguments: [
        "/", "/api", "/api/v3/marketing-journey/trigger", "/api/marketing-journey/triggerJourney",
        "/api/v1/marketing-journey/bulk-trigger", "/a/b/api/marketing-journey/trigger",
        "//api/marketing-journey/trigger",
        "/api/marketing-journey/trigger/", "/oauth/other", "api/marketing-journey/trigger",
    ])
    func `knows no other path`(path: String) {
        #expect(send(to: path)?.status == 404)
        #expect(subject.state.log.calls.isEmpty)
    }

    @Test(
        arguments: [
            (["content-length": nil], 411), (["key": nil], 403), (["key": ""], 403), (["authorization": nil], 401),
            (["authorization": "Bearer "], 401), (["authorization": "t"], 401), (["content-type": nil], 415),
            (["content-type": "text/plain"], 415), (["content-type": "application/json; charset=utf-8"], 204),
            (["content-type": "Application/JSON"], 204),
        ] as [([String: String?], Int)]
    )
    func `checks the header`(fields: [String: String?], status: Int) {
        #expect(send(fields: fields)?.status == status)
    }

    @Test func `says what a missing key is`() throws {
        let answer = try #require(send(fields: ["key": nil]))
        #expect(String(decoding: answer.body, as: UTF8.self) == "<h1>Developer Inactive</h1>")
        #expect(
            answer.fields.contains { $0.name == "X-Mashery-Error-Code" && $0.value == "ERR_403_DEVELOPER_INACTIVE" }
        )
    }

    @Test(arguments: ["GET", "PUT", "DELETE"])
    func `takes one method`(method: String) throws {
        let answer = try #require(send(method: method))
        #expect(answer.status == 405)
        #expect(answer.fields.contains { $0.name == "Allow" && $0.value == "POST" })
    }

    @Test(arguments: [
        "", "{", "[]", "null", "{}", #"{"snId":"1","journeyId":"j"}"#, #"{"snType":"SMS","journeyId":"j"}"#,
        #"{"snType":"SMS","snId":"1"}"#, #"{"snType":"SMS","snId":1,"journeyId":"j"}"#,
        #"{"snType":"SMS","snId":"","journeyId":"j"}"#, #"{"snType":"SMS","snid":"1","journeyId":"j"}"#,
        #"{"snType":"SMS","snId":"1","snID":"1","journeyId":"j"}"#,
        #"{"snType":"SMS","snId":"1","journeyId":"j","journeyID":"j"}"#,
        #"{"snType":"SMS","snId":"1","journeyId":"j","contextParams":[]}"#,
        #"{"snType":"SMS","snId":"1","journeyId":"j","contextParams":{"a":1}}"#,
        #"{"snType":"SMS","snId":"1","journeyId":"j","contextParams":{"a":true}}"#,
        #"{"snType":"SMS","snId":"1","journeyId":"j","contextParams":{"a":null}}"#,
    ])
    func `refuses a trigger that is not as documented`(body: String) throws {
        let answer = try #require(send(body))
        #expect(answer.status == 400)
        let json = try JSONValue.parse(answer.body)
        #expect(json["errors"]?[0]?["code"]?.stringValue == "BAD_REQUEST")
        #expect(json["errors"]?[0]?["message"]?.stringValue?.isEmpty == false)
        #expect(subject.state.log.calls.map(\.tookEffect) == [false])
    }

    @Test(arguments: [
        #"{"snType":"SMS","snID":"1","journeyID":"j"}"#,
        #"{"snType":"SMS","snId":"1","journeyId":"j","contextParams":{"IGNORE_DEDUP":true}}"#,
        #"{"snType":"SMS","snId":"1","journeyId":"j","contextParams":{}}"#,
    ])
    func `takes both spellings, and the one boolean`(body: String) {
        #expect(send(body) == .noContent)
    }

    @Test(arguments: [
        "{}", #"{"journeyId":"j"}"#, #"{"journeyId":"j","unifiedProfile":[]}"#,
        #"{"journeyId":"j","unifiedProfile":{}}"#, #"{"journeyId":"j","unifiedProfile":{"profiles":[]}}"#,
        #"{"journeyId":"j","unifiedProfile":{"profiles":[{"channelType":"SMS"}]}}"#,
        #"{"journeyId":"j","unifiedProfile":{"profiles":[{"channelId":"1"}]}}"#,
        #"{"journeyId":"j","unifiedProfile":{"profiles":[{"channelType":"sms","channelId":"1"}]}}"#,
        #"{"journeyID":"j","unifiedProfile":{"profiles":[{"channelType":"SMS","channelId":"1"}]}}"#,
        #"{"journeyId":"j","unifiedProfile":{"createdTime":"now","profiles":[{"channelType":"SMS","channelId":"1"}]}}"#,
        #"{"journeyId":"j","unifiedProfile":{"contact":"Ana","profiles":[{"channelType":"SMS","channelId":"1"}]}}"#,
    ])
    func `refuses a new profile that is not as documented`(body: String) {
        #expect(send(body, to: "/api/marketing-journey/triggerWithNewProfile")?.status == 400)
    }

    @Test func `takes at most twenty people in bulk`() {
        func body(_ count: Int) -> String {
            let person = #"{"unifiedProfile":{"profiles":[{"channelType":"SMS","channelId":"1"}]},"contextParams":{}}"#
            return
                #"{"journeyId":"j","journeyProfiles":[\#(repeatElement(person, count: count).joined(separator: ","))]}"#
        }
        let path = "/api/v2/marketing-journey/bulk-trigger"
        #expect([0, 1, 20].map { send(body($0), to: path)?.status } == [400, 200, 200])
        #expect(send(body(21), to: path)?.status == 400)
    }

    @Test func `checks key, token, environment and journeys that it is told of`() {
        let sandbox = Self {
            $0.key = "right"
            $0.token = "right"
            $0.environment = "prod2"
            $0.journeys = ["j", "k"]
        }
        let path = "/prod2/api/marketing-journey/trigger"
        let right: [String: String?] = ["key": "right", "authorization": "Bearer right"]
        #expect(sandbox.send(to: path, fields: right)?.status == 204)
        #expect(sandbox.send(to: path, fields: right.merging(["key": "wrong"]) { $1 })?.status == 403)
        #expect(sandbox.send(to: path, fields: right.merging(["authorization": "Bearer wrong"]) { $1 })?.status == 401)
        #expect(sandbox.send(to: "/api/marketing-journey/trigger", fields: right)?.status == 421)
        let other = #"{"snType":"SMS","snId":"1","journeyId":"other"}"#
        #expect(sandbox.send(other, to: path, fields: right)?.status == 404)
    }

    @Test func `lists its journeys in pages`() throws {
        let sandbox = Self { $0.journeys = ["a", "b", "c"] }
        let path = "/api/v2/marketing-journey/search"
        let first = try #require(sandbox.send(#"{"page":{"size":2,"page":0}}"#, to: path))
        let data = try JSONValue.parse(first.body)["data"]
        #expect(data?["data"]?.elements?.map { $0["id"]?.stringValue } == ["a", "b"])
        #expect(data?["hasMore"] == true)
        #expect(data?["count"] == 3)
        let second = try #require(sandbox.send(#"{"page":{"size":2,"page":1}}"#, to: path))
        #expect(try JSONValue.parse(second.body)["data"]?["hasMore"] == false)
        #expect(sandbox.send(#"{"page":{"page":1}}"#, to: path)?.status == 400)
    }

    // MARK: - People

    @Test func `does not know those it is told not to, until a profile is made`() {
        let sandbox = Self { $0.unknownPeople = ["new-*", "ana@*.com", "exact"] }
        func trigger(_ id: String) -> String { #"{"snType":"SMS","snId":"\#(id)","journeyId":"j"}"# }
        for unknown in ["new-1", "new-", "ana@example.com", "exact"] {
            #expect(sandbox.send(trigger(unknown))?.status == 404, "\(unknown)")
        }
        for known in ["old-1", "ana@example.org", "exactly", "anew-1"] {
            #expect(sandbox.send(trigger(known))?.status == 204, "\(known)")
        }
        #expect(
            sandbox.send(Self.profile, to: "/api/marketing-journey/triggerWithNewProfile", at: 2_000)?.status == 200
        )
        #expect(sandbox.send(trigger("ana@example.com"), at: 4_000)?.status == 204)
        #expect(sandbox.send(trigger("new-1"), at: 4_000)?.status == 404)
    }

    @Test(arguments: [
        ("abc", "abc", true), ("abc", "ab", false), ("abc", "*", true), ("", "*", true), ("abc", "a*c", true),
        ("abc", "a*b", false), ("ab", "ab*b", false), ("abab", "*ab*ab", true), ("aXbYc", "a*b*c", true),
        ("aXYc", "a*b*c", false), ("abc", "**b**", true), ("+49*", "+49*", true),
    ])
    func `reads a star as any text`(text: String, pattern: String, isMatch: Bool) {
        #expect(matches(text, pattern) == isMatch)
    }

    // MARK: - Quota

    @Test func `takes so many calls in any second`() throws {
        let sandbox = Self { $0.perSecond = 3 }
        let statuses = [0, 100, 200, 900, 999, 1_000, 1_050, 1_100, 1_200, 1_201].map { sandbox.send(at: $0)?.status }
        #expect(statuses == [204, 204, 204, 403, 403, 204, 403, 204, 204, 403])
        let refusal = try #require(sandbox.send(at: 1_201))
        #expect(
            refusal.fields.map { "\($0.name): \($0.value)" } == [
                "X-Mashery-Error-Code: ERR_403_DEVELOPER_OVER_QPS",
                "X-Error-Detail-Header: Account Over Queries Per Second Limit", "Content-Type: text/xml",
                "Retry-After: 1",
            ]
        )
        #expect(String(decoding: refusal.body, as: UTF8.self) == "<h1>Developer Over Qps</h1>")
        #expect(sandbox.subject.state.statistics.overQuota == 5)
        #expect(sandbox.subject.state.statistics.tookEffect == 6)
        #expect(sandbox.subject.state.statistics.peakPerSecond == 3)
    }

    @Test func `takes so many calls in any hour`() throws {
        let sandbox = Self {
            $0.perHour = 2
            $0.hour = .seconds(60)
        }
        #expect(
            [0, 30_000, 59_999, 60_000, 89_000, 90_000].map { sandbox.send(at: $0)?.status } == [
                204, 204, 403, 204, 403, 204,
            ]
        )
        let refusal = try #require(sandbox.send(at: 90_001))
        #expect(refusal.fields.contains { $0.name == "Retry-After" && $0.value == "30" })
        #expect(String(decoding: refusal.body, as: UTF8.self) == "<h1>Developer Over Rate</h1>")
        // Who waits as told is taken.
        #expect(sandbox.send(at: 120_001)?.status == 204)
    }

    @Test func `says it by 429 when it is told to`() throws {
        let sandbox = Self {
            $0.perSecond = 1
            $0.quotaStyle = .rateLimit
        }
        let first = try #require(sandbox.send())
        #expect(
            first.fields.map { "\($0.name): \($0.value)" } == [
                "X-RateLimit-Limit: 1000", "X-RateLimit-Remaining: 999", "X-RateLimit-Reset: 1",
            ]
        )
        let refusal = try #require(sandbox.send(at: 10))
        #expect(refusal.status == 429)
        #expect(refusal.fields.contains { $0.name == "Retry-After" && $0.value == "1" })
        let error = try JSONValue.parse(refusal.body)["errors"]?[0]
        #expect(error?["code"] == "RATE_LIMIT_EXCEEDED")
        #expect(error?["details"]?["window"] == "second")
    }

    @Test(arguments: [1, 2, 3] as [UInt64])
    func `never takes more than the quota in any window`(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let sandbox = Self {
            $0.perSecond = 5
            $0.perHour = 50
            $0.hour = .seconds(20)
        }
        var now: Int64 = 0
        var taken: [Int64] = []
        for _ in 0..<3_000 {
            if sandbox.send(at: now)?.status == 204 { taken.append(now) }
            now += Int64.random(in: 0...200, using: &random)
        }
        #expect(taken.count > 500)
        for start in taken {
            #expect(taken.count { $0 >= start && $0 < start + 1_000 } <= 5)
            #expect(taken.count { $0 >= start && $0 < start + 20_000 } <= 50)
        }
    }

    // MARK: - Tokens

    private func token(_ form: String, at milliseconds: Int64 = 0) -> (status: Int, pair: (String, String)?) {
        let fields = ["content-type": "application/x-www-form-urlencoded"]
        guard let answer = send(form, to: "/oauth/token", fields: fields, at: milliseconds) else { return (0, nil) }
        let json = try? JSONValue.parse(answer.body)
        guard let access = json?["access_token"]?.stringValue, let refresh = json?["refresh_token"]?.stringValue
        else { return (answer.status, nil) }
        return (answer.status, (access, refresh))
    }

    private static let client = "client_id=k&client_secret=s&redirect_uri=r"

    @Test func `takes a refresh token once`() throws {
        let first = token("\(Self.client)&grant_type=refresh_token&refresh_token=mine%2B1")
        let (access, refresh) = try #require(first.pair)
        #expect(token("\(Self.client)&grant_type=refresh_token&refresh_token=mine%2B1").status == 400)
        #expect(send(fields: ["authorization": "Bearer \(access)"])?.status == 204)
        let second = token("\(Self.client)&grant_type=refresh_token&refresh_token=\(refresh)")
        #expect(second.status == 200)
        // One live pair: the first is dead, both halves.
        #expect(send(fields: ["authorization": "Bearer \(access)"])?.status == 401)
        #expect(token("\(Self.client)&grant_type=refresh_token&refresh_token=\(refresh)").status == 400)
    }

    @Test func `lets access tokens expire`() throws {
        let sandbox = Self { $0.tokenLifetime = .seconds(10) }
        let (access, _) = try #require(sandbox.token("\(Self.client)&grant_type=client_credentials").pair)
        let fields = ["authorization": "Bearer \(access)"]
        #expect(sandbox.send(fields: fields, at: 9_999)?.status == 204)
        #expect(sandbox.send(fields: fields, at: 10_000)?.status == 401)
    }

    @Test func `gives a code to the browser, and tokens for it once`() throws {
        let request = SandboxRequest(
            method: "GET",
            path: "/oauth/authorize",
            query: "client_id=k&response_type=code&redirect_uri=https%3A%2F%2Fx%2Fback&state=1",
            fields: [],
            body: []
        )
        guard case .answer(let answer) = subject.state.receive(request, at: .zero).form else { return }
        #expect(answer.status == 302)
        #expect(answer.fields.map(\.value) == ["https://x/back?code=sandbox-code-1&state=1"])
        #expect(token("\(Self.client)&grant_type=authorization_code&code=wrong").status == 400)
        #expect(token("\(Self.client)&grant_type=authorization_code&code=sandbox-code-1", at: 599_999).status == 200)
        #expect(token("\(Self.client)&grant_type=authorization_code&code=sandbox-code-1", at: 599_999).status == 400)
    }

    @Test func `checks the client`() {
        let sandbox = Self {
            $0.key = "k"
            $0.clientSecret = "s"
            $0.refreshToken = "r"
        }
        #expect(sandbox.token("client_id=x&client_secret=s&grant_type=client_credentials").status == 401)
        #expect(sandbox.token("client_id=k&client_secret=x&grant_type=client_credentials").status == 401)
        #expect(sandbox.token("client_id=k&client_secret=s&grant_type=refresh_token&refresh_token=x").status == 400)
        #expect(sandbox.token("client_id=k&client_secret=s&grant_type=other").status == 400)
        #expect(sandbox.token("client_id=k&client_secret=s&grant_type=refresh_token&refresh_token=r").status == 200)
    }

    @Test func `keeps no secret of a token call`() {
        _ = token("\(Self.client)&grant_type=client_credentials")
        #expect(subject.state.log.calls.map(\.body) == [[]])
        #expect(subject.state.log.calls.map(\.kind) == [.token])
    }
}

/// Holds the state that the tests send their requests to.
final class Subject {
    var state: SandboxState

    init(_ settings: SandboxSettings) {
        state = SandboxState(settings)
    }
}
