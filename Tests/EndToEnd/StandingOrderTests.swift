import Foundation
import Glibc
import JSON
import Testing

/// What operators order on the command line, and what then becomes of deliveries.
@Suite struct `Orders of an operator` {
    /// The plain rule, and one whose deliveries go through a queue of their own.
    private static let twoQueues: @Sendable (String) -> String = { sandbox in
        Plain.config(sandbox) + """
              - name: express
                source: plain
                when: body.number > `0`
                queue: express
                trigger: { journey: 64ad5aaeda4f3f1b3fea3edb, snType: SMS, snId: "{{ body.person }}" }
            queues: { default: {}, express: {} }

            """
    }

    private func order(_ product: RunningProduct, _ arguments: String...) throws -> String {
        let result = try Program.run(arguments, in: product.folder)
        #expect(result.status == 0, "\(arguments): \(result)")
        return result.output
    }

    private func post(_ number: Int, person: String = "ana", to product: RunningProduct) throws {
        let answer = try HTTPConnection(product.address).post(Plain.path, Plain.event(person: person, number: number))
        #expect(answer.status == 202, "\(answer)")
    }

    private func stop(_ product: RunningProduct) {
        product.gateway.signal(SIGTERM)
        #expect(product.gateway.waitForExit() == 0)
    }

    /// The numbers of the plain rule's calls.
    private func numbers(_ calls: [JSONValue]) -> [String] {
        calls.compactMap { $0["body"]?["contextParams"]?["number"]?.stringValue }
    }

    @Test func `pause one queue and no other, also beyond a restart, until it is resumed`() throws {
        let product = try RunningProduct(config: Self.twoQueues)
        _ = try order(product, "pause", "--queue", "default")
        try post(1, to: product)
        #expect(numbers(try product.awaitAccepted(1)) == [])
        stop(product)
        try product.startGateway()
        try post(2, to: product)
        #expect(numbers(try product.awaitAccepted(2)) == [])
        #expect(try order(product, "show", "status").contains("default"))
        #expect(try product.metric("journey_gateway_deliveries{", #"queue="default",state="ready""#) == 2)
        _ = try order(product, "resume", "--queue", "default")
        #expect(numbers(try product.awaitAccepted(4)) == ["1", "2"])
    }

    @Test func `pause a destination while no gateway runs`() throws {
        let product = try RunningProduct(config: Plain.config)
        stop(product)
        _ = try order(product, "pause")
        try product.startGateway()
        try post(1, to: product)
        #expect(try product.metric("journey_gateway_destination_paused{", #"reason="requested""#) == 1)
        #expect(try product.calls().isEmpty)
        _ = try order(product, "resume")
        #expect(numbers(try product.awaitAccepted(1)) == ["1"])
    }

    @Test func `end what expires while its queue is paused`() throws {
        let product = try RunningProduct { sandbox in
            Plain.config(sandbox)
                .replacingOccurrences(of: "    trigger:\n", with: "    expiresAfter: 1s\n    trigger:\n")
        }
        _ = try order(product, "pause")
        try post(1, to: product)
        _ = try product.eventually("an expired delivery") {
            try product.metric("journey_gateway_deliveries{", #"state="expired""#) == 1 ? true : nil
        }
        #expect(try order(product, "deliveries", "list").contains("delivery 1 expired"))
        _ = try order(product, "resume")
        try post(2, to: product)
        #expect(numbers(try product.awaitAccepted(1)) == ["2"])
    }

    @Test func `suppress a person, whose deliveries end unsent, those that wait as well`() throws {
        let product = try RunningProduct(config: Plain.config)
        _ = try order(product, "pause")
        try post(1, person: "ana", to: product)
        #expect(try order(product, "suppress", "add", "ana") == "ana suppressed\n")
        #expect(try order(product, "suppress", "add", "ana") == "ana was suppressed already\n")
        try post(2, person: "ana", to: product)
        try post(3, person: "ben", to: product)
        _ = try order(product, "resume")
        #expect(numbers(try product.awaitAccepted(1)) == ["3"])
        _ = try product.eventually("suppressed deliveries") {
            try product.metric("journey_gateway_deliveries{", #"state="suppressed""#) == 2 ? true : nil
        }
        #expect(try order(product, "suppress", "list").contains("any channel  ana\n"))
        #expect(try order(product, "suppress", "remove", "ana") == "ana not suppressed any more\n")
        try post(4, person: "ana", to: product)
        #expect(numbers(try product.awaitAccepted(2)) == ["3", "4"])
    }

    @Test func `move what waits, while no gateway runs, to a queue that the config has, and to no other`() throws {
        let product = try RunningProduct(config: Self.twoQueues)
        _ = try order(product, "pause")
        try post(0, to: product)
        stop(product)
        let refused = try product.command("deliveries", "move", "--all", "--to-queue", "expres")
        #expect(refused.status == 1 && refused.errors.contains("There is no queue 'expres'"), "\(refused)")
        let strange = try product.command("pause", "--queue", "expres")
        #expect(strange.status == 1 && strange.errors.contains("There is no queue 'expres'"), "\(strange)")
        _ = try order(product, "deliveries", "move", "--all", "--to-queue", "express")
        #expect(try order(product, "deliveries", "list").contains("queue express"))
        _ = try order(product, "resume")
        _ = try order(product, "pause", "--queue", "default")
        try product.startGateway()
        #expect(numbers(try product.awaitAccepted(1)) == ["0"])
    }
}
