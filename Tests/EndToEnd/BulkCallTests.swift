import Foundation
import Glibc
import JSON
import Testing

/// `api: v2` with the built binary: calls for several people at once.
@Suite struct `Calls in bulk` {
    private static func config(_ sandbox: String) -> String {
        Plain.config(sandbox)
            .replacingOccurrences(of: "token: demo", with: "token: demo\n  api: v2")
            .replacingOccurrences(of: "channelType: SMS", with: "channelType: \"{{ body.type || 'SMS' }}\"")
    }

    /// Posts while the destination is down, so that all of it waits for the first call.
    private func post(_ count: Int, bad: Int, to product: RunningProduct) throws {
        product.sandbox.signal(SIGKILL)
        product.sandbox.waitForExit()
        let connection = try HTTPConnection(product.address)
        for number in 0..<count {
            let type = number == bad ? #","type":"sms""# : ""
            let event = #"{"person":"p\#(number)","number":\#(number)\#(type)}"#
            #expect(try connection.post(Plain.path, event).status == 202)
        }
        try product.startSandbox()
    }

    @Test func `pack what is due, and one bad profile costs itself only`() throws {
        let product = try RunningProduct(config: Self.config)
        try post(60, bad: 17, to: product)
        let metric = "journey_gateway_deliveries{destination=\"sprinklr\",queue=\"default\",state="
        _ = try product.eventually("all deliveries") { () -> Bool? in
            let metrics = try HTTPConnection(product.adminAddress).get("/metrics").body
            let isDone = metrics.contains(metric + "\"delivered\"} 59\n") && metrics.contains(metric + "\"dead\"} 1\n")
            return isDone ? true : nil
        }
        let calls = try product.calls()
        let people = calls.filter { $0["tookEffect"]?.boolValue == true }.flatMap { call -> [String] in
            let profiles = call["body"]?["journeyProfiles"]?.elements ?? [call["body"] ?? .null]
            return profiles.compactMap { $0["unifiedProfile"]?["profiles"]?[0]?["channelId"]?.stringValue }
        }
        #expect(people.count == 59, "nobody is messaged twice")
        #expect(Set(people) == Set((0..<60).filter { $0 != 17 }.map { "p\($0)" }))
        #expect(calls.contains { $0["kind"] == "bulk" && $0["body"]?["journeyProfiles"]?.elements?.count == 20 })
        let story = try product.command("deliveries", "list", "--state", "dead").output
        #expect(story.contains("p17") || story.contains("400"), "\(story)")
    }
}
