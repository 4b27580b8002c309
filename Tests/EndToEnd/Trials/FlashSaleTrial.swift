import Foundation
import JSON
import Testing

/// Far more deliveries than the quota of an hour, at the real pace, with an hour of a minute: `make flash-sale`.
@Suite(.enabled(if: Trial.isWanted("flash-sale"))) struct `A flash sale at the sandbox` {
    private static let perHour = 1_000
    private static let hour = 60.0
    private static let reserve = 0.1
    /// What is promised of a delivery of high priority here: the reserve leaves a call every 0.6 s.
    private static let highBound = 3.0

    @Test func `uses its quota, exceeds it never, and lets those of high priority through`() throws {
        let normal = Trial.figure("NORMAL", default: 20_000)
        let high = Trial.figure("HIGH", default: 200)
        let isPacked = Trial.figure("BULK", default: 1) > 1
        let product = try RunningProduct(
            sandbox: ["--per-second", "50", "--per-hour", "\(Self.perHour)", "--hour", "60s"]
        ) { sandbox in
            let api = isPacked ? "v2\n  bulk: \(Trial.figure("BULK", default: 1))" : "v1"
            return Trial.config(
                sandbox: sandbox,
                destination: "  api: \(api)\n  quota: { perSecond: 50, perHour: 1000, hour: 60s, reserve: 10% }"
            )
        }
        let door = try HTTPConnection(product.address)
        let start = Date()
        for first in stride(from: 0, to: normal, by: 1_000) {
            #expect(try door.post(Trial.path, Trial.order("normal", first..<min(normal, first + 1_000))).status == 202)
        }
        // As long as the sale lasts by the quota's arithmetic, evenly.
        let expected = Double(normal) / (Double(Self.perHour) * (1 - Self.reserve)) * Self.hour
        var posted: [String: Date] = [:]
        var record = SaleRecord()
        var forecast: Double?
        while record.people < normal + high {
            try product.await(seconds: 0.2)
            let elapsed = Date().timeIntervalSince(start)
            while posted.count < high, elapsed >= Double(posted.count) * expected / Double(high) * 0.95 {
                let person = posted.count
                posted["high\(person)"] = Date()
                #expect(try door.post(Trial.path, Trial.order("high", person..<person + 1)).status == 202)
            }
            record.add(try product.calls(after: record.lastCall))
            if forecast == nil, elapsed > Self.hour {
                forecast = try product.metric("journey_gateway_queue_clear_seconds{", "queue=\"default\"")
            }
            guard elapsed < 3 * expected + 120 else { throw GaveUpWaiting(description: "the end of the sale") }
        }
        let statistics = try product.sandboxStatistics()
        let lasted = record.lastNormal.timeIntervalSince(start)
        let waits = posted.compactMap { person, at in record.sentAt[person].map { $0.timeIntervalSince(at) } }.sorted()
        let share = Double(Self.perHour) * (1 - Self.reserve)
        let used = Double(record.normalCalls) / (lasted / Self.hour * share)
        Trial.report("\(normal) normal and \(high) high deliveries in \(Int(lasted)) s, \(record.lastCall) calls")
        Trial.report("used of the normal share: \(String(format: "%.1f", used * 100))%")
        Trial.report(
            "overruns: \(statistics["overQuota"]?.count ?? -1), peak per hour: \(statistics["peakPerHour"]?.count ?? -1)"
        )
        Trial.report("high priority: median \(waits.middle) s, longest \(String(format: "%.2f", waits.last ?? -1)) s")
        #expect(statistics["overQuota"]?.count == 0)
        #expect(waits.count == high && waits.allSatisfy { $0 <= Self.highBound })
        #expect(used >= 0.98)
        // Packed, it is over before there is a first minute to forecast from.
        guard !isPacked else { return #expect(lasted * 15 <= expected) }
        let told = try #require(forecast, "there was no forecast after the first minute")
        let left = record.lastNormal.timeIntervalSince1970 - start.timeIntervalSince1970 - Self.hour
        let error = abs(told - record.lastNormal.timeIntervalSince1970) / max(left, 1)
        Trial.report("forecast error: \(String(format: "%.2f", error * 100))%")
        #expect(error < 0.05)
    }
}

/// The calls of a sale as the sandbox saw them.
private struct SaleRecord {
    var lastCall = 0
    var normalCalls = 0
    var lastNormal = Date.distantPast
    var sentAt: [String: Date] = [:]
    var people: Int { sentAt.count }

    mutating func add(_ calls: [JSONValue]) {
        for call in calls {
            lastCall = call["number"]?.count ?? lastCall
            guard call["tookEffect"]?.boolValue == true, let body = call["body"] else { continue }
            let time = Date(timeIntervalSince1970: Double(call["time"]?.count ?? 0) / 1_000)
            let single = body["snId"]?.stringValue.map { [$0] }
            let profiles = body["journeyProfiles"]?.elements ?? [body]
            let people =
                single
                ?? profiles.compactMap { profile in
                    profile["unifiedProfile"]?["profiles"]?[0]?["channelId"]?.stringValue
                }
            for person in people where sentAt[person] == nil { sentAt[person] = time }
            if people.contains(where: { $0.hasPrefix("normal") }) {
                normalCalls += 1
                lastNormal = max(lastNormal, time)
            }
        }
    }
}

extension RunningProduct {
    /// Lets the sale go on for a moment.
    fileprivate func await(seconds: Double) throws {
        guard gateway.process.isRunning else { throw GaveUpWaiting(description: gateway.errorText) }
        Thread.sleep(forTimeInterval: seconds)
    }
}

extension [TimeInterval] {
    fileprivate var middle: String { isEmpty ? "-" : String(format: "%.2f", self[count / 2]) }
}
