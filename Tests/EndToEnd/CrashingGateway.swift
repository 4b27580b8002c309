import Foundation
import JSON
import SeededRandom
import Testing

/// A gateway that is killed again and again at moments that a seed draws, most of them while it delivers; and what the
/// sandbox has seen of it in the end.
final class CrashingGateway {
    private static let path = "/hooks/orders"
    private static let people = 40
    private static let ordersAnEvent = 200
    private static let queues = ["default": "64ad5aaeda4f3f1b3fea3eda", "transactional": "64ad5aaeda4f3f1b3fea3edb"]

    private let product: RunningProduct
    private var random: SplitMix64
    private var events: [String] = []
    /// The number of orders that were accepted; the first has number 0.
    private var accepted = 0

    init(seed: UInt64) throws {
        product = try RunningProduct(config: Self.config)
        random = SplitMix64(seed: seed)
        // So that calls are under way whenever the gateway is killed.
        let slow = try HTTPConnection(product.sandboxAddress).post("/sandbox/faults", #"{"calls":"all","latency":3}"#)
        #expect(slow.status < 300, "\(slow)")
    }

    /// More orders for all people, in both queues, while the gateway may have some of them left.
    private func post() throws {
        let orders = (accepted..<accepted + Self.ordersAnEvent).map { number in
            #"{"person":"p\#(number % Self.people)","number":"\#(number)","urgent":\#(Bool.random(using: &random))}"#
        }
        let event = #"{"orders":[\#(orders.joined(separator: ","))]}"#
        let answer = try HTTPConnection(product.address).post(Self.path, event)
        #expect(answer.status == 202, "\(answer)")
        let id = try #require(try JSONValue.parse(answer.body)["events"]?[0]?["id"]?.stringValue)
        events.append(id)
        accepted += Self.ordersAnEvent
    }

    /// Lets it deliver, kills it, and starts it again; one time in five it is killed before it is well up.
    func crash() throws {
        if Int.random(in: 0..<5, using: &random) == 0 {
            product.gateway.signal(SIGKILL)
            product.gateway.waitForExit()
            try product.launchGateway()
            // A moment, not a wait: any is as good as any other.
            usleep(UInt32.random(in: 0..<150_000, using: &random))
        } else {
            try post()
            let wanted = min(try callCount() + Int.random(in: 1...250, using: &random), accepted)
            _ = try product.eventually("\(wanted) calls") { try callCount() >= wanted ? true : nil }
        }
        product.gateway.signal(SIGKILL)
        product.gateway.waitForExit()
        try product.startGateway()
    }

    private func callCount() throws -> Int {
        try product.sandboxStatistics()["calls"]?.count ?? 0
    }

    /// The sandbox shows so many at a time.
    private func allCalls() throws -> [JSONValue] {
        var all: [JSONValue] = []
        while true {
            let next = try product.calls(after: all.last?["number"]?.count ?? 0)
            if next.isEmpty { return all }
            all += next
        }
    }

    /// Waits until all is delivered, and checks what was promised.
    func finish() throws -> Aftermath {
        try post()
        _ = try product.eventually("all deliveries", seconds: 600) {
            try product.metric("journey_gateway_deliveries{", "state=\"delivered\"") == Double(accepted) ? true : nil
        }
        var aftermath = Aftermath()
        var log: [String: [Int]] = [:]
        for call in try allCalls() {
            guard let body = call["body"], let journey = body["journeyId"]?.stringValue,
                let person = body["snId"]?.stringValue, let number = body["contextParams"]?["number"]?.orderNumber
            else { throw GaveUpWaiting(description: "a call that nobody ordered: \(call)") }
            log["\(journey) \(person)", default: []].append(number)
            aftermath.calls[number, default: 0] += 1
        }
        #expect(Set(0..<accepted).symmetricDifference(aftermath.calls.keys) == [], "lost, or never accepted")
        for (lane, numbers) in log { #expect(numbers == numbers.sorted(), "\(lane)") }
        for event in events {
            let story = try HTTPConnection(product.adminAddress)
                .get("/api/events/\(event)", headers: ["Authorization: Bearer secret"])
            for delivery in try JSONValue.parse(story.body)["deliveries"]?.elements ?? [] {
                try aftermath.read(delivery)
            }
        }
        #expect(aftermath.marked.count == accepted)
        #expect(try product.metric("journey_gateway_books_imbalances") == 0)
        if let repeated = aftermath.repeated { try expectMark(inStoryOf: repeated) }
        return aftermath
    }

    /// The story as a person reads it.
    private func expectMark(inStoryOf order: Int) throws {
        let story = try product.command("events", events[order / Self.ordersAnEvent]).output
        #expect(story.contains("ambiguous  the process ended before the answer came"), "\(story)")
    }

    private static func config(_ sandbox: String) -> String {
        let rules = queues.sorted { $0.key < $1.key }.map { queue, journey in
            """
              - name: \(queue)
                source: orders
                each: body.orders[?urgent == `\(queue == "transactional")`]
                queue: \(queue)
                trigger:
                  journey: \(journey)
                  snType: SMS
                  snId: "{{ item.person }}"
                  contextParams: { number: "{{ item.number }}" }

            """
        }
        return """
            listen: 127.0.0.1:0
            admin: { listen: "127.0.0.1:0", token: secret, metrics: open }
            store: sqlite:events.db
            sprinklr:
              baseURL: http://\(sandbox)
              key: demo
              token: demo
              quota: { perSecond: 100000, perHour: 10000000 }
              retry: { firstDelay: 20ms, maxDelay: 100ms, maxAttempts: 1000 }
              breaker: { probe: 100ms }
            queues:
              default: {}
              transactional: { priority: high }
            sources:
              orders: { path: \(path) }
            rules:
            \(rules.joined())
            """
    }
}

/// What a crashing gateway has left behind.
struct Aftermath {
    /// How many calls the sandbox has seen for each order.
    var calls: [Int: Int] = [:]
    /// How many attempts of each order are marked as ambiguous.
    var marked: [Int: Int] = [:]

    var callCount: Int { calls.values.reduce(0, +) }
    /// Calls for what the sandbox had taken before.
    var duplicateCount: Int { callCount - calls.count }
    var markedCount: Int { marked.values.reduce(0, +) }
    /// An order that was called for more than once.
    var repeated: Int? { calls.filter { $0.value > 1 }.keys.min() }

    /// Every attempt but the last is ambiguous, and there is one for each call that was seen.
    mutating func read(_ delivery: JSONValue) throws {
        let order = try #require(delivery["trigger"]?["contextParams"]?["number"]?.orderNumber, "\(delivery)")
        let outcomes = (delivery["attempts"]?.elements ?? []).map { $0["outcome"]?.stringValue }
        #expect(delivery["state"] == "delivered" && outcomes.last == "accepted", "\(delivery)")
        #expect(outcomes.dropLast().allSatisfy { $0 == "ambiguous" }, "\(delivery)")
        #expect(outcomes.count >= calls[order, default: 0], "\(delivery)")
        marked[order] = outcomes.count { $0 == "ambiguous" }
    }
}

extension JSONValue {
    fileprivate var orderNumber: Int? { stringValue.flatMap { Int($0) } }
}
