import Dispatch
import Foundation
import Glibc
import JSON
import Testing

/// The first promise, with the built binary: what was answered 2xx is delivered, whatever happens.
@Suite struct `Nothing accepted is lost` {
    /// Posts events 0..<count over several connections until one fails; tells which were accepted.
    private func post(
        _ count: Int,
        to address: String,
        connections: Int,
        whenAccepted: @escaping @Sendable (Int) -> Void
    ) {
        DispatchQueue.concurrentPerform(iterations: connections) { index in
            guard let connection = try? HTTPConnection(address) else { return }
            for number in stride(from: index, to: count, by: connections) {
                let event = Plain.event(person: "p\(number % 50)", number: number)
                guard let answer = try? connection.post(Plain.path, event) else { return }
                if answer.status == 202 { whenAccepted(number) }
            }
        }
    }

    private func numbers(_ calls: [JSONValue]) -> [Int] {
        calls.compactMap { $0["body"]?["contextParams"]?["number"]?.stringValue.flatMap { Int($0) } }
    }

    @Test(arguments: [300, 900, 1_500])
    func `by kill -9 while 2,000 events are being posted at full speed`(killAfter: Int) throws {
        let product = try RunningProduct(config: Plain.config)
        let accepted = Numbers()
        let process = product.gateway.process.processIdentifier
        post(2_000, to: product.address, connections: 8) { number in
            if accepted.insert(number) == killAfter { kill(process, SIGKILL) }
        }
        product.gateway.waitForExit()
        #expect(accepted.all.count >= killAfter && accepted.all.count < 2_000)

        try product.startGateway()
        let delivered = try product.eventually("all accepted events at the sandbox") { () -> Set<Int>? in
            let delivered = Set(numbers(try product.calls()))
            return accepted.all.isSubset(of: delivered) ? delivered : nil
        }
        #expect(delivered.isSubset(of: Set(0..<2_000)))
        #expect(try booksBalance(product))
    }

    @Test func `by kill -9 while it delivers, and what it may have sent twice is marked`() throws {
        let gateway = try CrashingGateway(seed: 1)
        for _ in 0..<5 { try gateway.crash() }
        #expect(try gateway.finish().callCount > 0)
    }

    @Test func `while the destination is down, and each person's order is kept`() throws {
        let product = try RunningProduct(config: Plain.config)
        product.sandbox.signal(SIGKILL)
        product.sandbox.waitForExit()
        let accepted = Numbers()
        post(200, to: product.address, connections: 1) { accepted.insert($0) }
        #expect(accepted.all.count == 200)
        _ = try product.eventually("calls that fail") {
            product.logLines().count { $0["outcome"] == "unsent" } >= 5 ? true : nil
        }
        try product.startSandbox()
        let delivered = numbers(try product.awaitAccepted(200))
        #expect(Set(delivered) == Set(0..<200))
        let byPerson = Dictionary(grouping: delivered) { $0 % 50 }
        #expect(byPerson.values.allSatisfy { $0 == $0.sorted() })
    }

    @Test(.enabled(if: getuid() == 0, "a disk of its own needs root"))
    func `by a full disk, which refuses events and recovers by itself`() throws {
        let disk = try SmallDisk(megabytes: 6)
        let product = try RunningProduct(storePath: disk.path + "/events.db", config: Plain.config)
        try disk.fill(leaving: 600_000)
        let accepted = Numbers()
        let connection = try HTTPConnection(product.address)
        var refusal: HTTPConnection.Response?
        var number = 0
        while refusal == nil, number < 20_000 {
            let padding = String(repeating: "x", count: 2_000)
            let event = #"{"person":"p\#(number % 50)","number":\#(number),"padding":"\#(padding)"}"#
            let answer = try connection.post(Plain.path, event)
            if answer.status == 202 { accepted.insert(number) } else { refusal = answer }
            number += 1
        }
        let refused = try #require(refusal)
        #expect(refused.status == 503)
        #expect(refused.head.lowercased().contains("\r\nretry-after: "))

        try disk.makeRoom()
        _ = try product.eventually("an accepted event") {
            try connection.post(Plain.path, Plain.event(person: "p0", number: 100_000)).status == 202 ? true : nil
        }
        accepted.insert(100_000)
        _ = try product.eventually("all accepted events at the sandbox") {
            accepted.all.isSubset(of: Set(numbers(try product.calls()))) ? true : nil
        }
        #expect(Set(numbers(try product.calls())) == accepted.all)
        #expect(try booksBalance(product))
    }

    @Test func `by SIGTERM, which ends it with 0 after what is under way`() throws {
        let product = try RunningProduct(config: Plain.config)
        let accepted = Numbers()
        let process = product.gateway.process.processIdentifier
        post(500, to: product.address, connections: 4) { number in
            if accepted.insert(number) == 200 { kill(process, SIGTERM) }
        }
        #expect(product.gateway.waitForExit() == 0)
        try product.startGateway()
        _ = try product.eventually("all accepted events at the sandbox") {
            accepted.all.isSubset(of: Set(numbers(try product.calls()))) ? true : nil
        }
        #expect(numbers(try product.calls()).count == Set(numbers(try product.calls())).count)
    }

    private func booksBalance(_ product: RunningProduct) throws -> Bool {
        try HTTPConnection(product.adminAddress).get("/metrics").body.contains("journey_gateway_books_imbalances 0\n")
    }
}

/// A set that several threads fill.
final class Numbers: @unchecked Sendable {
    // Sendable: `numbers` is touched between lock and unlock only.
    private let lock = NSLock()
    private var numbers: Set<Int> = []

    var all: Set<Int> { lock.withLock { numbers } }

    /// How many there are with this one.
    @discardableResult
    func insert(_ number: Int) -> Int {
        lock.withLock {
            numbers.insert(number)
            return numbers.count
        }
    }
}

/// A file system of few megabytes, mounted for one test.
final class SmallDisk {
    let path: String
    private let folder: TemporaryFolder
    private var filler: String { path + "/filler" }

    init(megabytes: Int) throws {
        folder = try TemporaryFolder()
        path = folder.url.path
        let result = mount("tmpfs", path, "tmpfs", 0, "size=\(megabytes)m")
        guard result == 0 else { throw GaveUpWaiting(description: "mount: errno \(errno)") }
    }

    deinit {
        umount2(path, Int32(MNT_DETACH))
    }

    func fill(leaving bytes: Int) throws {
        var status = statvfs()
        statvfs(path, &status)
        let free = Int(status.f_bavail) * Int(status.f_frsize)
        try Data(repeating: 0, count: max(0, free - bytes)).write(to: URL(fileURLWithPath: filler))
    }

    func makeRoom() throws {
        try FileManager.default.removeItem(atPath: filler)
    }
}
