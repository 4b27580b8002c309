import Testing

/// Many kills: `make crash-soak COUNT=100`, `make crash-soak SEED=17`.
@Suite(.enabled(if: Trial.isWanted("crash-soak"))) struct `A gateway that is killed while it delivers` {
    @Test func `loses nothing, keeps the order, and marks what it may have sent twice`() throws {
        let count = Trial.figure("COUNT", default: 100)
        let gateway = try CrashingGateway(seed: UInt64(Trial.figure("SEED", default: 1)))
        for _ in 0..<count { try gateway.crash() }
        let aftermath = try gateway.finish()
        Trial.report("\(count) kills, \(aftermath.marked.count) deliveries, \(aftermath.callCount) calls")
        Trial.report("\(aftermath.duplicateCount) duplicates; \(aftermath.markedCount) attempts marked as ambiguous")
    }
}
