import Model
import Testing

@testable import Sprinklr

/// DESIGN's table of outcomes, and how the API's document words its answers.
@Suite struct `An answer` {
    private let now = Timestamp(milliseconds: 1_700_000_000_000)

    private func judge(
        _ status: Int,
        _ body: String = "",
        _ fields: [Field] = [],
        unknownWhen: SprinklrSettings.UnknownWhen? = SprinklrSettings.UnknownWhen()
    ) -> CallResult {
        let answer = HTTPAnswer(status: status, fields: fields, body: Array(body.utf8))
        return CallResult(of: .answered(answer), unknownWhen: unknownWhen, at: now)
    }

    @Test(arguments: [
        (200, ""), (201, "{}"), (202, "not json"), (204, ""), (200, #"{"errors":[]}"#), (200, #"{"errors":null}"#),
        (200, #"{"data":{"status":"SUCCESS"},"errors":[]}"#), (200, #"{"data":{"status":"success"}}"#),
        (200, #"{"data":"\"Success\""}"#), (200, #"{"success":true}"#), (200, "[]"), (200, "<html>errors</html>"),
        (200, #"{"errors":[{"code":1}"#),
    ])
    func `of 2xx without errors is a success`(status: Int, body: String) {
        #expect(judge(status, body).outcome == .accepted(trackingID: nil))
    }

    @Test func `names the trigger by its tracking id`() {
        let body = #"{"data":{"status":"SUCCESS","message":"Triggered Successfully","trackingId":"a_b_c"},"errors":[]}"#
        let result = judge(200, body)
        #expect(result == CallResult(outcome: .accepted(trackingID: "a_b_c"), status: 200, detail: body))
        #expect(judge(200, #"{"data":{"trackingId":""}}"#).outcome == .accepted(trackingID: nil))
    }

    @Test(arguments: [
        #"{"data":[],"errors":[{"id":"1","code":"X","message":"no"}]}"#, #"{"errors":{"code":"X"}}"#,
        #"{"errors":"no"}"#, #"{"success":false}"#, #"{"data":{"status":"FAILURE"},"errors":[]}"#,
    ])
    func `of 2xx that tells of errors is a refusal`(body: String) {
        let result = judge(200, body)
        #expect(result == CallResult(outcome: .rejected, status: 200, detail: body))
    }

    @Test(arguments: [
        (300, Outcome.rejected), (301, .rejected), (302, .rejected), (307, .rejected), (399, .rejected),
        (400, .rejected), (401, .unauthorized), (402, .rejected), (403, .misconfigured), (404, .unknownProfile),
        (405, .misconfigured), (406, .rejected), (407, .misconfigured), (408, .ambiguous), (409, .conflict),
        (410, .rejected), (411, .misconfigured), (412, .rejected), (413, .rejected), (414, .rejected),
        (415, .misconfigured), (421, .misconfigured), (422, .rejected), (429, .overQuota(.unknown, until: nil)),
        (451, .rejected), (499, .rejected), (500, .unavailable(retryAfter: nil)), (501, .ambiguous),
        (502, .ambiguous), (503, .unavailable(retryAfter: nil)), (504, .ambiguous), (520, .ambiguous),
        (599, .ambiguous), (999, .ambiguous),
    ])
    func `is judged by its status`(status: Int, outcome: Outcome) {
        let result = judge(status)
        #expect(result.outcome == outcome)
        #expect(result.status == status)
    }

    @Test(arguments: [
        (
            [Field("X-Mashery-Error-Code", "ERR_403_DEVELOPER_OVER_QPS"), Field("Retry-After", "1")],
            "<h1>Developer Over Qps</h1>", QuotaScope.second, Int64?(1)
        ),
        (
            [Field("X-Mashery-Error-Code", "ERR_403_DEVELOPER_OVER_RATE"), Field("Retry-After", "1200")],
            "<h1>Developer Over Rate</h1>", .hour, 1_200
        ),
        ([Field("x-mashery-error-code", "ERR_403_SERVICE_OVER_QPS")], "", .second, nil),
        ([Field("X-Error-Detail-Header", "Account Over Queries Per Second Limit")], "", .second, nil),
        ([Field("X-Error-Detail-Header", "Account Over Rate Limit")], "", .hour, nil),
        ([], "Developer Over Rate", .hour, nil), ([], "<h1>DEVELOPER OVER QPS</h1>", .second, nil),
        ([], #"{"message":"Developer Over Rate"}"#, .hour, nil),
        ([Field("Retry-After", "7")], "Forbidden", .unknown, 7),
        ([Field("Retry-After", "Tue, 14 Nov 2023 22:14:20 GMT")], "", .unknown, 60),
        ([Field("X-RateLimit-Remaining", "0"), Field("X-RateLimit-Reset", "1700000090")], "", .unknown, 90),
    ])
    func `of 403 about the quota says which, and until when`(
        fields: [Field],
        body: String,
        scope: QuotaScope,
        seconds: Int64?
    ) {
        #expect(judge(403, body, fields).outcome == .overQuota(scope, until: seconds.map { now + .seconds($0) }))
    }

    @Test(arguments: [
        ([Field("X-Mashery-Error-Code", "ERR_403_DEVELOPER_INACTIVE")], "<h1>Developer Inactive</h1>"),
        ([], "Developer Inactive"), ([], "Forbidden"), ([], ""), ([Field("X-RateLimit-Remaining", "5")], "Forbidden"),
        ([Field("Retry-After", "soon")], "Forbidden"),
    ])
    func `of 403 about permission is not about the quota`(fields: [Field], body: String) {
        #expect(judge(403, body, fields).outcome == .misconfigured)
    }

    @Test(arguments: [
        ([Field("Retry-After", "5")], "", QuotaScope.unknown, Int64?(5)),
        ([Field("X-RateLimit-Reset", "1700000030")], "", .unknown, 30),
        ([Field("Retry-After", "5"), Field("X-RateLimit-Reset", "1700000030")], "", .unknown, 5),
        ([Field("X-RateLimit-Reset", "1700000030000")], "", .unknown, 30),
        ([Field("X-RateLimit-Reset", "30")], "", .unknown, 30),
        ([Field("X-RateLimit-Reset", "1600000000")], "", .unknown, nil),
        ([Field("Retry-After", "-5")], "", .unknown, nil),
        (
            [],
            #"{"success":false,"errors":[{"code":"RATE_LIMIT_EXCEEDED","details":{"limit":1000,"window":"hour","resetAt":1700000100}}]}"#,
            .hour, 100
        ),
        (
            [],
            #"{"success":false,"errors":[{"details":{"window":"1s","resetAt":"2023-11-14T22:13:21Z"}}]}"#,
            .second, 1
        ),
    ])
    func `of 429 says which quota, and until when`(
        fields: [Field],
        body: String,
        scope: QuotaScope,
        seconds: Int64?
    ) {
        #expect(judge(429, body, fields).outcome == .overQuota(scope, until: seconds.map { now + .seconds($0) }))
    }

    @Test(arguments: [200, 403, 404, 500])
    func `reports the quota whatever its outcome`(status: Int) {
        let fields = [
            Field("x-ratelimit-limit", "1000"), Field("X-RateLimit-Remaining", "998"),
            Field("X-RateLimit-Reset", "1700003600"),
        ]
        let report = QuotaReport(limit: 1_000, remaining: 998, resetsAt: now + .seconds(3_600))
        #expect(judge(status, "", fields).quota == report)
        #expect(judge(status).quota == nil)
        #expect(judge(status, "", [Field("X-RateLimit-Limit", "many")]).quota == nil)
    }

    @Test func `of 500 and 503 says when to come again`() {
        let outcome = Outcome.unavailable(retryAfter: .seconds(120))
        #expect(judge(503, "", [Field("Retry-After", "120")]).outcome == outcome)
        #expect(judge(500, "", [Field("Retry-After", "Tue, 14 Nov 2023 22:15:20 GMT")]).outcome == outcome)
        let past = judge(503, "", [Field("Retry-After", "Tue, 14 Nov 2023 22:00:00 GMT")])
        #expect(past.outcome == .unavailable(retryAfter: .zero))
    }

    @Test func `says that a person is unknown as it is told`() {
        let byBody = SprinklrSettings.UnknownWhen(statuses: [200, 400, 404]) { $0.contains("profile not found") }
        #expect(judge(400, "the profile not found", unknownWhen: byBody).outcome == .unknownProfile)
        #expect(judge(200, "the profile not found", unknownWhen: byBody).outcome == .unknownProfile)
        #expect(judge(400, "another fault", unknownWhen: byBody).outcome == .rejected)
        #expect(judge(404, "no such journey", unknownWhen: byBody).outcome == .rejected)
        #expect(judge(422, "profile not found", unknownWhen: byBody).outcome == .rejected)
        let byStatus = SprinklrSettings.UnknownWhen(statuses: [200, 403, 422])
        #expect(judge(422, unknownWhen: byStatus).outcome == .unknownProfile)
        #expect(judge(200, unknownWhen: byStatus).outcome == .accepted(trackingID: nil))
        #expect(judge(403, "Over Rate", unknownWhen: byStatus).outcome == .overQuota(.hour, until: nil))
        #expect(judge(404, unknownWhen: nil).outcome == .rejected)
    }

    @Test func `is kept with its first two kibibytes`() {
        let long = String(repeating: "é", count: 2_000)
        let detail = judge(400, "x" + long).detail
        #expect(detail == "x" + String(repeating: "é", count: 1_023))
        #expect(judge(400, String(repeating: "x", count: 2_048)).detail.utf8.count == 2_048)
        #expect(judge(400, "short").detail == "short")
        let wordless = judge(403, "", [Field("X-Mashery-Error-Code", "ERR_403_NOT_AUTHORIZED")])
        #expect(wordless.detail == "X-Mashery-Error-Code: ERR_403_NOT_AUTHORIZED")
    }

    @Test func `that is a redirect says whither, and that it is not followed`() {
        let moved = judge(302, "<p>Found</p>", [Field("Location", "https://login.example.com/")])
        #expect(moved.outcome == .rejected)
        #expect(moved.detail == "redirected to https://login.example.com/, which is not followed\n<p>Found</p>")
        #expect(judge(301, "", [Field("Location", "/x")]).detail == "redirected to /x, which is not followed")
        #expect(judge(304).detail == "")
    }

    @Test(arguments: HTTPFailure.Written.allCases)
    func `that did not come is judged by what was written`(written: HTTPFailure.Written) {
        for reason in HTTPFailure.Reason.allCases where reason != .invalid {
            let failure = HTTPFailure(reason, written: written, status: 401, "it broke")
            let result = CallResult(of: .failed(failure), unknownWhen: nil, at: now)
            #expect(result.outcome == (written == .nothing || reason == .tls ? .unsent : .ambiguous))
            #expect(result.status == nil)
            #expect(result.detail.hasPrefix("\(reason.rawValue): it broke ("))
        }
        let invalid = HTTPFailure(.invalid, written: written, "it broke")
        #expect(CallResult(of: .failed(invalid), unknownWhen: nil, at: now).outcome == .misconfigured)
    }
}

@Suite struct `Retry-After` {
    private let now = Timestamp(milliseconds: 784_111_777_000)  // Sun, 06 Nov 1994 08:49:37 GMT

    @Test(
        arguments: [
            ("0", 0), ("120", 120), ("00120", 120), ("99999999999999999999", 1_000_000_000),
            ("Sun, 06 Nov 1994 08:49:37 GMT", 0), ("Sun, 06 Nov 1994 08:50:37 GMT", 60),
            ("Sunday, 06-Nov-94 09:49:37 GMT", 3_600), ("Sun Nov  6 08:49:38 1994", 1),
            ("Mon Nov 14 08:49:37 1994", 691_200),
            ("Sun, 06 Nov 1993 08:49:37 GMT", 0), ("Thu, 29 Feb 1996 00:00:00 GMT", 41_440_223),
        ] as [(String, Int64)]
    )
    func `is a number of seconds or a date`(text: String, seconds: Int64) {
        #expect(RetryAfter(text, at: now)?.wait == .seconds(seconds))
    }

    @Test(arguments: [
        "", " ", "-1", "+1", "1.5", "1s", "soon", "Sun, 06 Nov 1994 08:49:37", "Sun, 06 Nov 1994 08:49:37 CET",
        "Sun, 31 Feb 1994 08:49:37 GMT", "Sun, 06 Nov 1994 24:49:37 GMT", "Sun, 06 Nov 1994 08:49 GMT",
        "Sun, 06 Nov 1994 8:49:37 GMT", "Sun, 06 Nov 19945 08:49:37 GMT", "Sun, 06 Foo 1994 08:49:37 GMT", "GMT",
        "Sun Nov  6 08:49:37 1994 GMT", "06 Nov 1994",
    ])
    func `is nothing else`(text: String) {
        #expect(RetryAfter(text, at: now) == nil)
    }
}
