import JSON
import Testing

@testable import Sandbox

@Suite struct `A fault of the sandbox` {
    private let subject = Subject(SandboxSettings())

    private func control(_ method: String, _ target: String, _ body: String = "") -> SandboxAnswer? {
        let parts = target.split(separator: "?", maxSplits: 1).map(String.init)
        return subject.state.control(
            SandboxRequest(
                method: method,
                path: parts[0],
                query: parts.count == 2 ? parts[1] : "",
                fields: [],
                body: Array(body.utf8)
            )
        )
    }

    private func trigger(_ id: String = "1", newProfile: Bool = false) -> SandboxReply {
        let body =
            newProfile
            ? #"{"journeyId":"j","unifiedProfile":{"profiles":[{"channelType":"SMS","channelId":"\#(id)"}]}}"#
            : #"{"snType":"SMS","snId":"\#(id)","journeyId":"j"}"#
        let name = newProfile ? "triggerWithNewProfile" : "trigger"
        let request = SandboxRequest(
            method: "POST",
            path: "/api/marketing-journey/\(name)",
            query: "",
            fields: [
                ("Key", "k"), ("Authorization", "Bearer t"), ("Content-Type", "application/json"),
                ("Content-Length", "\(body.utf8.count)"),
            ],
            body: Array(body.utf8)
        )
        // A second later each, so that only the hour's quota counts.
        let now = Duration.seconds(subject.state.log.lastNumber + 1)
        return subject.state.receive(request, at: now)
    }

    private static let taken = SandboxReply(form: .answer(.noContent))

    @Test func `with a status hits so many calls`() {
        #expect(
            control("POST", "/sandbox/faults", #"{"calls":2,"status":503,"fields":{"Retry-After":"1"},"body":"x"}"#)?
                .status == 204
        )
        let failed = SandboxAnswer(status: 503, body: Array("x".utf8)).with("Retry-After", "1")
        #expect(
            [trigger(), trigger(), trigger()].map(\.form) == [.answer(failed), .answer(failed), .answer(.noContent)]
        )
        #expect(subject.state.log.calls.map(\.status) == [503, 503, 204])
        #expect(subject.state.log.calls.map(\.tookEffect) == [false, false, true])
    }

    @Test func `can take effect although its answer is lost`() {
        _ = control("POST", "/sandbox/faults", #"[{"fail":"drop","takesEffect":true},{"fail":"drop"},{"fail":"cut"}]"#)
        #expect(trigger().form == .drop)
        #expect(trigger().form == .drop)
        guard case .raw(let bytes) = trigger().form else {
            Issue.record("not cut")
            return
        }
        #expect(String(decoding: bytes, as: UTF8.self).contains("Content-Length: 100"))
        #expect(trigger() == Self.taken)
        #expect(subject.state.log.calls.map(\.tookEffect) == [true, false, false, true])
        #expect(subject.state.log.calls.map(\.status) == [nil, nil, nil, 204])
        #expect(subject.state.statistics.byStatus == [0: 3, 204: 1])
    }

    @Test func `of latency alone leaves the answer as it is`() {
        _ = control("POST", "/sandbox/faults", #"{"latency":250}"#)
        #expect(trigger() == SandboxReply(form: .answer(.noContent), delay: .milliseconds(250)))
        #expect(trigger() == Self.taken)
        #expect(subject.state.log.calls.map(\.tookEffect) == [true, true])
    }

    @Test func `of one kind leaves others alone`() {
        _ = control("POST", "/sandbox/faults", #"{"calls":"all","status":500,"kind":"newProfile"}"#)
        #expect(trigger() == Self.taken)
        guard case .answer(let answer) = trigger(newProfile: true).form else { return }
        #expect(answer.status == 500)
    }

    @Test func `with a rate hits that share`() {
        _ = control("POST", "/sandbox/faults", #"{"calls":"all","status":500,"rate":0.25}"#)
        let hits = (1...900).count { _ in trigger() != Self.taken }
        #expect((180...270).contains(hits))
    }

    @Test func `does not get in the way of the quota`() {
        _ = control("POST", "/sandbox/faults", #"{"calls":"all","status":500}"#)
        for _ in 1...1_000 { _ = trigger() }
        guard case .answer(let answer) = trigger().form else { return }
        #expect(answer.status == 403)
        #expect(subject.state.statistics.peakPerHour == 1_000)
        #expect(subject.state.statistics.overQuota == 1)
    }

    @Test func `can be taken back`() {
        _ = control("POST", "/sandbox/faults", #"{"calls":"all","status":500}"#)
        #expect(control("GET", "/sandbox/faults")?.body == Array(#"{"waiting":1}"#.utf8))
        #expect(control("DELETE", "/sandbox/faults")?.status == 204)
        #expect(trigger() == Self.taken)
    }

    @Test(arguments: [
        "", "1", "[1]", #"{"status":99}"#, #"{"status":600}"#, #"{"status":"503"}"#, #"{"fail":"explode"}"#,
        #"{"fail":"drop","status":500}"#, #"{"calls":0}"#, #"{"calls":"some"}"#, #"{"rate":1.5}"#, #"{"rate":-1}"#,
        #"{"kind":"other"}"#, #"{"latency":-1}"#, #"{"latency":"1s"}"#, #"{"statsu":500}"#,
        #"[{"status":500},{"rate":2}]"#,
    ])
    func `that is not understood is refused`(body: String) {
        #expect(control("POST", "/sandbox/faults", body)?.status == 400)
        #expect(trigger() == Self.taken)
    }

    @Test func `is bounded in number`() {
        let many = "[\(repeatElement(#"{"status":500}"#, count: 1_000).joined(separator: ","))]"
        #expect(control("POST", "/sandbox/faults", many)?.status == 204)
        #expect(control("POST", "/sandbox/faults", #"{"status":500}"#)?.status == 400)
    }

    // MARK: - The calls

    @Test func `or not, calls are shown a line each`() throws {
        for id in ["1", "2", "3"] { _ = trigger(id) }
        let all = try #require(control("GET", "/sandbox/calls"))
        let lines = String(decoding: all.body, as: UTF8.self).split(separator: "\n")
        #expect(
            lines.first.map(String.init)
                == #"{"number":1,"time":1000,"kind":"trigger","path":"/api/marketing-journey/trigger","status":204,"#
                + #""tookEffect":true,"body":{"snType":"SMS","snId":"1","journeyId":"j"}}"#
        )
        #expect(lines.count == 3)
        let page = try #require(control("GET", "/sandbox/calls?after=1&limit=1"))
        #expect(try JSONValue.parse(page.body)["number"] == 2)
        #expect(control("GET", "/sandbox/calls?after=x")?.status == 400)
        #expect(control("DELETE", "/sandbox/calls")?.status == 204)
        #expect(control("GET", "/sandbox/calls")?.body.isEmpty == true)
        _ = trigger("4")
        #expect(try JSONValue.parse(control("GET", "/sandbox/calls")?.body ?? [])["number"] == 4)
    }

    @Test func `or not, calls are counted`() throws {
        for newProfile in [false, true, true] { _ = trigger(newProfile: newProfile) }
        let stats = try #require(control("GET", "/sandbox/stats"))
        #expect(
            String(decoding: stats.body, as: UTF8.self)
                == #"{"calls":3,"tookEffect":3,"overQuota":0,"byKind":{"newProfile":2,"trigger":1},"#
                + #""byStatus":{"200":2,"204":1},"peakPerSecond":1,"peakPerHour":3}"#
        )
    }

    @Test(arguments: [
        ("PUT", "/sandbox/calls", 405), ("POST", "/sandbox/stats", 405), ("PUT", "/sandbox/faults", 405),
        ("GET", "/sandbox/other", 404),
    ])
    func `is set at a few paths`(method: String, path: String, status: Int) {
        #expect(control(method, path)?.status == status)
    }

    @Test func `or not, calls are kept within bounds`() {
        var log = CallLog(countLimit: 3, byteLimit: 100)
        for number in 1...5_000 {
            log.append(at: .seconds(number), .trigger, "/", [1], status: 204, tookEffect: true)
        }
        #expect(log.calls.map(\.number) == [4_998, 4_999, 5_000])
        #expect(log.calls(after: 0, atMost: 2).map(\.number) == [4_998, 4_999])
        #expect(log.calls(after: 4_999, atMost: 2).map(\.number) == [5_000])
        #expect(log.calls(after: 9_999, atMost: 2).isEmpty)
        log.append(at: .zero, .trigger, "/", [UInt8](repeating: 0, count: 99), status: 204, tookEffect: true)
        #expect(log.calls.map(\.number) == [5_000, 5_001])
        log.append(at: .zero, .trigger, "/", [UInt8](repeating: 0, count: 101), status: 204, tookEffect: true)
        #expect(log.calls.isEmpty)
        #expect(log.lastNumber == 5_002)
    }
}
